"""Rebuild the codec that published figures are about.

The closed form does for a design and for the parts of a codec; the other kinds are built with
torch, with random weights, and measured. Nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lrac_audit.auditing.audit import audit
from lrac_audit.auditing.counted_work import CountedWork
from lrac_audit.auditing.subject import (
    Subject,
    design_subject,
    measured_subject,
    on_clips,
    parts_subject,
)
from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.memory import device_values
from lrac_audit.ledger.quantizers.rows import linear, lookup, search
from lrac_audit.ledger.row import Ledger, Mode, Row
from lrac_audit.progress import Progress

if TYPE_CHECKING:
    from lrac_audit.witness.target import AuditTarget


class Rebuilt:
    """A codec of the corpus, counted when it is asked for."""

    def __init__(self, codec: Mapping[str, Any], progress: Progress | None = None) -> None:
        ((self.kind, self.choices),) = codec.items()
        self.progress = progress

    @property
    def name(self) -> str:
        """A short name of what was rebuilt."""
        return str(self.choices) if isinstance(self.choices, str) else self.kind

    def subject(self, convention: str, form: str = "absorbed") -> Subject:
        """Return what the codec costs, counted by ``convention``."""
        return KINDS[self.kind](self, convention, form)

    @cached_property
    def measured(self) -> Subject:
        """The cost of the codec in a stream, for one that is measured."""
        return measured_subject(self.target, self.name, progress=self.progress)

    @cached_property
    def clips(self) -> Mapping[str, CountedWork]:
        """The work on single clips; none for a codec that the closed form counts."""
        if self.kind not in TARGETS:
            return {}
        return on_clips(self.target, self.name, progress=self.progress)

    @cached_property
    def target(self) -> AuditTarget:
        """The codec as a target to be measured."""
        from lrac_audit.witness.isolation import package_warnings_hidden

        with package_warnings_hidden():
            return TARGETS[self.kind](self.choices)

    @cached_property
    def delay_samples(self) -> int | None:
        """The total latency in audio samples; None where no number bounds it."""
        if self.kind == "design":
            return latency(audit(self.choices).ledger).total_samples
        from lrac_audit.witness.cost import measure_delay

        return measure_delay(self.target, self.name, self.progress).total_samples

    @property
    def parameters(self) -> int:
        """How many parameters the codec has, gains of weight normalisation included."""
        if self.kind == "design":
            return device_values(audit(self.choices, rvq="projected").ledger)
        return sum(values.numel() for values in self.target.root.parameters())


def _design(rebuilt: Rebuilt, convention: str, form: str) -> Subject:
    return design_subject(rebuilt.choices, convention=convention, rvq=form)


def _measured(rebuilt: Rebuilt, convention: str, _: str) -> Subject:
    return rebuilt.measured.counted_by(convention)


def _parts(rebuilt: Rebuilt, convention: str, _: str) -> Subject:
    """Return the parts of a codec that its publication describes well enough."""
    choices = rebuilt.choices
    rows = [*_quantizer(choices["quantizer"])] if "quantizer" in choices else []
    rows += [
        linear(one["name"], "receive", one["channels_in"], one["channels_out"], "weights")._replace(
            stage="decoder"
        )
        for one in choices.get("decoder", ())
    ]
    ledger = Ledger(
        name="parts",
        sample_rate_hz=choices["sample_rate_hz"],
        hop_samples=choices["hop_samples"],
        mode=Mode("projected", None, None),
        bitrates_kbps=(),
        rows=tuple(rows),
    )
    return parts_subject(ledger, convention)


def _quantizer(sizes: Mapping[str, int]) -> list[Row]:
    """Return the rows of a residual quantizer as trained, from its sizes alone."""
    latent, dim, size = sizes["latent_dim"], sizes["codebook_dim"], sizes["codebook_size"]
    rows = []
    for name in (f"quantizer.layers.{i}" for i in range(sizes["layers"])):
        rows += [
            linear(f"{name}.project_in", "transmit", latent, dim, "projection_in"),
            search(f"{name}.search", size, dim),
            linear(f"{name}.project_out", "transmit", dim, latent, "projection_out"),
            lookup(f"{name}.lookup", "receive", dim, size * dim, "codebook"),
            linear(f"{name}.project_out", "receive", dim, latent, "projection_out"),
        ]
    return rows


def _known(name: str) -> AuditTarget:
    from lrac_audit.witness.codec_catalogue import KNOWN_CODECS

    return next(codec for codec in KNOWN_CODECS if codec.name == name).target()


def _dac(choices: Mapping[str, Any]) -> AuditTarget:
    """Return a Descript Audio Codec of other widths, weight-normalised if ``choices`` say so."""
    import torch

    from lrac_audit.witness.codec_catalogue import dac
    from lrac_audit.witness.factory import as_target
    from lrac_audit.witness.packages import hide_broken_packages

    hide_broken_packages()
    config = {name: value for name, value in choices.items() if name != "weight_norm"}
    with torch.device("meta"):  # costs and parameters need no values
        model = dac(config, False)
        if choices.get("weight_norm"):
            model.apply_weight_norm()
    return as_target(model, "DAC")


def _snac(choices: Mapping[str, Any]) -> AuditTarget:
    from snac import SNAC

    from lrac_audit.witness.codec_catalogue import SNAC_24KHZ
    from lrac_audit.witness.factory import as_target

    return as_target(SNAC(**{**SNAC_24KHZ, **choices}).eval(), "SNAC")


KINDS: Mapping[str, Callable[[Rebuilt, str, str], Subject]] = {
    "design": _design,
    "parts": _parts,
    "known": _measured,
    "dac": _measured,
    "snac": _measured,
}
"""How a kind of codec is counted."""
TARGETS: Mapping[str, Callable[[Any], AuditTarget]] = {"known": _known, "dac": _dac, "snac": _snac}
"""How a kind of codec that is measured is built."""
