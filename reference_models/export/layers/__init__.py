"""Operations of the kinds of layers: importing this package enters all of them."""

from reference_models.export.layers import composites, convolutions, pointwise, recurrent, sums

__all__ = ["composites", "convolutions", "pointwise", "recurrent", "sums"]
