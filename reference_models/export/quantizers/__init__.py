"""Operations of the kinds of quantizers: importing this package enters all of them."""

from reference_models.export.quantizers import rvq

__all__ = ["rvq"]
