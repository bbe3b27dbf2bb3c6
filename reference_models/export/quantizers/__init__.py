"""Operations of the kinds of quantizers: importing this package enters all of them."""

from reference_models.export.quantizers import multi_scale, rvq, scalar

__all__ = ["multi_scale", "rvq", "scalar"]
