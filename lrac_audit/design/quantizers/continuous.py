"""No quantizer: the latent goes to the decoder as it is."""

from __future__ import annotations

from dataclasses import dataclass

from lrac_audit.design.quantizer import QuantizerKind, quantizer_kind


@quantizer_kind("none")
@dataclass(frozen=True, slots=True)
class NoQuantizer(QuantizerKind):
    """The latent stays continuous: the codec has no indices, and so no bitrate."""

    layers = 0
    modes = ()

    def index_sizes(self, active_layers: int) -> tuple[int, ...]:
        """Return no size: there are no indices."""
        return ()

    def code_dim(self, latent_dim: int) -> int:
        """Return the width of the latent."""
        return latent_dim

    def described(self, form: str | None) -> str:
        """Return that there is none."""
        return "no quantizer"
