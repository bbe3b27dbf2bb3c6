"""Figures of a design in every form and mode, which stand beside the formulas as their values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TypeVar

from lrac_audit.auditing.audit import Audit
from lrac_audit.auditing.variants import CountedLedger
from lrac_audit.design.parts import CodecDesign, Decoder, Encoder, Quantizer, the_rvq
from lrac_audit.design.sheet.layout import BITRATE_SLOTS, MODE_SLOTS, InputsLayout
from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.row import Ledger, Row, RvqForm, Side
from lrac_audit.ledger.scratch import Scratch, scratch
from lrac_audit.ledger.totals import Part
from lrac_audit.limits.limit_set import CHALLENGE_LIMITS, DEFAULT_LIMITS, LimitSet, load_limits
from lrac_audit.limits.verdict import Verdict, judge

Known = TypeVar("Known")


def required(value: Known | None) -> Known:
    """Return ``value``, which every design has; only a measured codec may lack it."""
    assert value is not None
    return value


class Figures:
    """The ledgers of one sheet in every form and mode, each made once."""

    def __init__(self, audit: Audit) -> None:
        self.audit = audit

    @property
    def design(self) -> CodecDesign:
        """The design that the sheet describes."""
        design = self.audit.design
        assert design is not None, "a codec that was measured has a sheet of its own"
        return design

    @property
    def rvq(self) -> Quantizer:
        """The quantizer, which is an RVQ in a sheet that calculates."""
        return the_rvq(self.design, "a sheet that calculates")

    @property
    def codebook_size(self) -> int:
        """The codewords of every layer, which are as many in a sheet that calculates."""
        return self.rvq.index_sizes(1)[0]

    @property
    def coders(self) -> tuple[Encoder, Decoder]:
        """The encoder and the decoder, which are of blocks in a sheet that calculates."""
        encoder, decoder = self.design.encoder, self.design.decoder
        assert isinstance(encoder, Encoder) and isinstance(decoder, Decoder)
        return encoder, decoder

    @property
    def ledger(self) -> Ledger:
        """The ledger of the form and mode that the sheet shows first."""
        return self.audit.ledger

    @cached_property
    def _scratch(self) -> Mapping[Side, Scratch]:
        return scratch(self.ledger)

    def live_values(self, row: Row) -> int:
        """Return the values that live while ``row`` of :attr:`ledger` runs."""
        return self._scratch[row.side].live_values[row.name]

    @property
    def convention(self) -> Convention:
        """The convention that the sheet shows first."""
        return self.audit.convention

    @property
    def form(self) -> RvqForm:
        """The form of the quantizer that the sheet shows first."""
        return required(self.ledger.mode.rvq)

    @property
    def layers_on(self) -> int:
        """The active layers of the mode that the sheet shows first."""
        return required(self.ledger.mode.active_layers)

    @cached_property
    def layout(self) -> InputsLayout:
        """The rows of the page Inputs."""
        return InputsLayout(
            max(MODE_SLOTS, len(self.design.quantizer.modes)),
            max(BITRATE_SLOTS, len(self.audit.verdict.limits.bitrates_kbps)),
        )

    @cached_property
    def named_limits(self) -> LimitSet:
        """The limit set that the design names, or else the default."""
        named = self.design.limits
        return load_limits(named if named in CHALLENGE_LIMITS else DEFAULT_LIMITS)

    def counted(self, form: RvqForm, layers: int) -> CountedLedger:
        """Return the ledger in one form and mode."""
        return required(self.audit.variants).counted(form, layers)

    def per_frame(self, part: Part, form: RvqForm, layers: int) -> int:
        """Return the cost of a part per frame in the convention of the sheet."""
        return self.counted(form, layers).totals.cost(part, self.convention).price_per_frame

    def mflops(self, part: Part, form: RvqForm, layers: int) -> float:
        """Return the cost of a part in millions of the convention's unit per second."""
        return self.ledger.millions_per_second(self.per_frame(part, form, layers))

    def verdict(self, form: RvqForm, layers: int) -> Verdict:
        """Return the verdict on one form and mode, under the limits and convention of the sheet."""
        ledger, totals = self.counted(form, layers)
        return judge(ledger, totals, self.audit.verdict.limits, self.convention)
