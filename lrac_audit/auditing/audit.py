"""Audit one codec: from a target and options to its ledger, totals and verdict.

The ledger of a design is derived by walking it; any other codec is measured, which needs torch.
Everything after the ledger is the same for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lrac_audit.auditing.targets import (
    NO_ARGUMENTS,
    MeasuredTarget,
    is_measured,
    measure,
    measured_source,
    read_target,
)
from lrac_audit.auditing.variants import Absorption, CountedLedger, Variants
from lrac_audit.design.formats import DesignFile, LimitEdits, LoadedDesign
from lrac_audit.design.modes import mode_index
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.steps import field_of
from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.ledger.conventions import Convention, find_convention
from lrac_audit.ledger.row import RVQ_FORMS, Ledger, RvqForm
from lrac_audit.ledger.totals import Totals
from lrac_audit.limits.advice import Remedy, shortfalls
from lrac_audit.limits.check import Check, Evidence
from lrac_audit.limits.costliest import costliest_field
from lrac_audit.limits.limit_set import (
    DEFAULT_LIMITS,
    LIMIT_SETS,
    LimitSet,
    edited_limits,
    load_limits,
)
from lrac_audit.limits.verdict import Verdict, judge, other_verdicts
from lrac_audit.progress import Progress
from lrac_audit.witness.stated_rates import StatedRates

if TYPE_CHECKING:
    import pandas as pd
    from torch import nn

    from lrac_audit.auditing.increase import Increase
    from lrac_audit.auditing.isolated.process_limits import ProcessLimits
    from lrac_audit.ledger.agreement import Agreement
    from lrac_audit.witness.target import AuditTarget


@dataclass(frozen=True)
class Audit:
    """The result of an audit. Everything is derived from ``ledger``; nothing is printed."""

    target: LoadedDesign | MeasuredTarget
    ledger: Ledger
    totals: Totals
    verdict: Verdict
    limits_are_default: bool
    """True where neither the caller nor the design named a limit set."""
    agreement: Agreement | None = None
    """Findings of the witnesses, for a measured codec or a verified design; else None."""
    increase: Increase | None = None
    """The checks of budgets over an earlier audit, which the verdict has too; else None."""

    @property
    def design(self) -> CodecDesign | None:
        """The design that was audited; None for a codec that was measured."""
        return self.target.design

    @property
    def convention(self) -> Convention:
        """The counting convention of every figure in MFLOPS."""
        return self.verdict.convention

    @cached_property
    def other_verdicts(self) -> list[Verdict]:
        """The verdicts that differ from this one under another convention."""
        own = () if self.increase is None else self.increase.checks
        checks = tuple(check for check in self.verdict.checks if check not in own)
        return other_verdicts(self.ledger, self.totals, self.verdict._replace(checks=checks))

    @cached_property
    def variants(self) -> Variants | None:
        """The design's ledgers in its other forms and modes; None for a codec that was measured."""
        return None if self.design is None else Variants(self.design)

    @property
    def absorption(self) -> Absorption | None:
        """The trade of the absorbed form against the projected one, in the audited mode.

        None without projections, and for a codec that was measured.
        """
        layers = self.ledger.mode.active_layers
        if self.variants is None or layers is None:
            return None
        return self.variants.absorption(layers, self.convention)

    @property
    def other_modes(self) -> list[CountedLedger]:
        """The design in its other bitrate modes; none for a codec that was measured."""
        design, mode = self.design, self.ledger.mode
        if design is None or self.variants is None or mode.rvq is None:
            return []
        others = (n for n in design.quantizer.mode_layers if n != mode.active_layers)
        return [self.variants.counted(mode.rvq, layers) for layers in others]

    def remedies(self, check: Check) -> list[Remedy]:
        """Return advice on ``check``; empty where it passes.

        For a design these are changes, each of which was audited and keeps all limits, or else how
        much must go. For a measured codec they are always that, and for a budget its causes.
        """
        is_limit = check.status == "fail" and not self._is_budget(check)
        return (self.advice if is_limit else []) or self.shortfalls(check)

    def shortfalls(self, check: Check) -> list[Remedy]:
        """Return how much must go for a broken ``check``; of a budget, what broke it."""
        if check.status != "fail":
            return []
        if self.increase is not None and self._is_budget(check):
            return [Remedy(cause) for cause in self.increase.causes[check.id]]
        return shortfalls(check, self._evidence)

    @property
    def _evidence(self) -> Evidence:
        return Evidence(self.ledger, self.totals, self.verdict.limits, self.convention)

    def _is_budget(self, check: Check) -> bool:
        return self.increase is not None and check.id in self.increase.causes

    @cached_property
    def advice(self) -> list[Remedy]:
        """Changes of a design that breaks limits, each of which alone mends all of them.

        None for a codec that was measured, and where nothing that was tried is enough.
        """
        if self.design is None:
            return []
        from lrac_audit.auditing.changing.advice import remedies
        from lrac_audit.auditing.changing.trial import Trial, terms_of

        base = Trial(self.design, terms_of(self.design, self.ledger, self.verdict))
        return [] if base.passes else remedies(base)

    def costliest_field(self, check: Check) -> str:
        """Return the field that takes most of what ``check`` is about; empty where none does.

        Of a codec that was measured it is the path of a module.
        """
        if self.increase is not None and check in self.increase.checks:
            return field_of(self.increase.first_causes.get(check.id, ""))
        return costliest_field(check.id, self._evidence)

    def document(self) -> dict[str, Any]:
        """Return the audit as plain data: the versioned JSON document of ``docs/json.md``."""
        from lrac_audit.auditing.document import audit_document

        return audit_document(self)

    def dataframe(self) -> pd.DataFrame:
        """Return the ledger as a pandas DataFrame, one row per operation.

        Columns are those of ``layers`` in the JSON document: rates in Hz, ``macs_per_s``,
        ``mflops`` in the audit's convention, contexts in audio samples.
        """
        import pandas as pd

        return pd.DataFrame(self.document()["layers"])


class _Evidence(NamedTuple):
    """The ledger of a target, and the findings of its witnesses."""

    target: LoadedDesign | MeasuredTarget
    ledger: Ledger
    agreement: Agreement | None


def audit(
    target: str | Path | Mapping[str, Any] | CodecDesign | AuditTarget | nn.Module,
    *,
    limits: str | Path | LimitSet | None = None,
    rvq: str = "absorbed",
    bitrate_kbps: float | None = None,
    convention: str | None = None,
    verify: bool = False,
    arguments: Mapping[str, object] = NO_ARGUMENTS,
    sample_rate_hz: int | None = None,
    hop_samples: int | None = None,
    isolated: ProcessLimits | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Audit a codec: a design, or any PyTorch model.

    Args:
        target: a preset (``track1``, ``track2``), the path of an own YAML file, of a recipe's
            ``train.yaml`` or of a design sheet; the YAML text of a design or a recipe, in several
            lines, or a mapping of what it holds; or a :class:`CodecDesign`. To be measured: the
            path of an ONNX graph, or of a folder with those of both sides; the text
            ``python:package.module:factory``, whose code is then run, an ``AuditTarget``, or a
            model of a known codec.
        limits: name or path of a limit set. Default: the one that the design names, else the
            strictest of the LRAC 2025 sets.
        rvq: ``absorbed`` (output projections folded into tables) or ``projected`` (as trained).
        bitrate_kbps: which of the design's modes; default the highest, which costs most.
        convention: how operations are counted; default the one that the limits are written in.
        verify: whether to build the model of a design and compare the ledger with witnesses that
            measure it. A codec without a design is always measured.
        arguments: keyword arguments of the factory.
        sample_rate_hz: the sample rate of a codec to be measured that does not say it.
        hop_samples: likewise its hop, the samples of audio in one frame.
        isolated: limits of a process of its own in which a codec is measured whose code is not
            trusted; None to measure it in this process.
        progress: called with a few words at the start of each step.

    Raises:
        InputError: the target, its file or an option cannot be used; with every problem found.

    Example:
        >>> audit("track1").ledger.hop_samples
        240
    """
    form = rvq_form(rvq)
    stated = StatedRates(sample_rate_hz, hop_samples).checked()
    file = None if is_measured(target) else read_target(target, arguments, stated)
    limit_set = _limit_set(limits, file)
    counted = find_convention(limit_set.convention if convention is None else convention)
    if file is None:
        measured = measure(target, bitrate_kbps, arguments, progress, stated, isolated)
        found = _Evidence(measured_source(target), *measured)
        named = limits is not None
    else:
        found = _walked(file.loaded, form, bitrate_kbps, verify, progress)
        named = limits is not None or file.loaded.design.limits is not None
    totals = Totals(found.ledger)
    doubts = found.agreement.doubts if found.agreement else ()
    verdict = judge(found.ledger, totals, limit_set, counted, doubts)
    return Audit(found.target, found.ledger, totals, verdict, not named, found.agreement)


def _walked(
    loaded: LoadedDesign,
    form: RvqForm,
    bitrate_kbps: float | None,
    verify: bool,
    progress: Progress | None,
) -> _Evidence:
    design = loaded.design
    ledger = Variants(design).counted(form, active_layers(design, bitrate_kbps)).ledger
    if not verify:
        return _Evidence(loaded, ledger, None)
    from lrac_audit.witness.extensions import find_verifier

    return _Evidence(loaded, ledger, find_verifier("design")(design, ledger, progress))


def rvq_form(rvq: str) -> RvqForm:
    """Return the form of a quantizer that ``rvq`` names.

    Raises:
        InputError: there is no such form.
    """
    for form in RVQ_FORMS:
        if rvq == form:
            return form
    raise InputError("options", [Problem("rvq", shown(rvq), one_of(RVQ_FORMS, rvq))])


def _limit_set(limits: str | Path | LimitSet | None, file: DesignFile | None) -> LimitSet:
    if isinstance(limits, LimitSet):
        return limits
    if limits is not None:
        return load_limits(limits)
    if file is None:
        return load_limits(DEFAULT_LIMITS)
    return _limits_of(file.loaded, file.limit_edits)


def _limits_of(loaded: LoadedDesign, edits: LimitEdits) -> LimitSet:
    """Return the limit set that a design names, with what its sheet sets in place of it."""
    named = loaded.design.limits
    if named is not None and named not in LIMIT_SETS:  # a design must not open files by its limits
        where = edits.cells.get("limits", "limits")
        line = loaded.lines.line("limits")
        problem = Problem(where, shown(named), one_of(LIMIT_SETS, named), line=line)
        raise InputError(loaded.source, [problem])
    try:
        return edited_limits(load_limits(named or DEFAULT_LIMITS), edits.values, loaded.source)
    except InputError as error:
        raise error.renamed(loaded.source, edits.cells) from None


def active_layers(design: CodecDesign, bitrate_kbps: float | None) -> int:
    """Return the quantizer layers of the mode with this bitrate, by default of the highest.

    Raises:
        InputError: no mode of the design has it.
    """
    modes = design.quantizer.mode_layers
    return modes[mode_index(design.bitrates_kbps, bitrate_kbps, "the design")]
