"""Auditing one codec: from a target and options to its ledger, totals and verdict.

A design is walked; anything else is measured, which needs torch. Behind the ledger both are one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.targets import Target, load_target
from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.ledger.conventions import Convention, find_convention
from lrac_audit.ledger.row import RVQ_FORMS, Ledger, RvqForm
from lrac_audit.ledger.totals import Totals
from lrac_audit.ledger.walk import walk
from lrac_audit.limits.limit_set import (
    DEFAULT_LIMITS,
    LIMIT_SETS,
    LimitSet,
    load_limits,
    parse_limits,
)
from lrac_audit.limits.verdict import Verdict, judge, other_verdicts
from lrac_audit.progress import Progress

if TYPE_CHECKING:
    import pandas as pd
    from torch import nn

    from lrac_audit.witness.agreement import Agreement
    from lrac_audit.witness.target import AuditTarget

BITRATE_TOLERANCE = 1e-4
"""Relative, so that a bitrate can be typed as a report prints it."""
EDITED_LIMITS = "own limits of the sheet"
"""Name of a limit set that a design sheet has edited."""

PYTHON = "python:"
"""What a target begins with that is made by a factory, whose code is then run."""
NO_ARGUMENTS: Mapping[str, object] = MappingProxyType({})


class MeasuredTarget(NamedTuple):
    """A codec that was measured, and where it came from."""

    source: str
    design: None = None
    ignored: tuple[tuple[str, str], ...] = ()
    limit_edits: None = None
    limit_cells: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Audit:
    """The result of an audit. Everything is derived from ``ledger``; nothing is printed."""

    target: Target | MeasuredTarget
    ledger: Ledger
    totals: Totals
    verdict: Verdict
    limits_are_default: bool
    """True where neither the caller nor the design named a limit set."""
    agreement: Agreement | None = None
    """What witnesses say: of every measured codec, and of a design that was verified."""

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
        return other_verdicts(self.ledger, self.totals, self.verdict)

    def document(self) -> dict[str, Any]:
        """The audit as plain data: the versioned JSON document of ``docs/json.md``."""
        from lrac_audit.report.document import audit_document

        return audit_document(self)

    def dataframe(self) -> pd.DataFrame:
        """The ledger as a pandas DataFrame, one row per operation.

        Columns are those of ``layers`` in the JSON document: rates in Hz, ``macs_per_s``,
        ``mflops`` in the audit's convention, contexts in audio samples.
        """
        import pandas as pd

        return pd.DataFrame(self.document()["layers"])


def audit(
    target: str | Path | CodecDesign | AuditTarget | nn.Module,
    *,
    limits: str | Path | LimitSet | None = None,
    rvq: str = "absorbed",
    bitrate_kbps: float | None = None,
    convention: str | None = None,
    verify: bool = False,
    arguments: Mapping[str, object] = NO_ARGUMENTS,
    progress: Progress | None = None,
) -> Audit:
    """Audit a codec: a design, or any PyTorch model.

    Args:
        target: a preset (``track1``, ``track2``), the path of an own YAML file or of a recipe's
            ``train.yaml``, or a :class:`CodecDesign`; or, to be measured, the text
            ``python:package.module:factory``, whose code is then run, an ``AuditTarget``, or a
            model of a known codec.
        limits: name or path of a limit set. Default: the one that the design names, else the
            strictest of the LRAC 2025 sets.
        rvq: ``absorbed`` (output projections folded into tables) or ``projected`` (as trained).
        bitrate_kbps: which of the design's modes; default the highest, which costs most.
        convention: how operations are counted; default the one that the limits are written in.
        verify: builds the model of a design and holds the ledger to what witnesses see of it.
            What is measured is so in any case.
        arguments: keyword arguments of the factory.
        progress: is told what is being done.

    Raises:
        InputError: the target, its file or an option cannot be used; with every problem found.

    Example:
        >>> audit("track1").ledger.hop_samples
        240
    """
    form = _rvq_form(rvq)
    if is_measured(target):
        loaded: Target | MeasuredTarget = MeasuredTarget(_source(target))
    else:
        if arguments:
            problem = Problem("--arg", ", ".join(arguments), f"only for a {PYTHON} target")
            raise InputError("options", [problem])
        loaded = _design(target)
    limit_set = _limit_set(limits, loaded)
    counted = find_convention(limit_set.convention if convention is None else convention)
    agreement = None
    if loaded.design is None:
        ledger, agreement = _measured(target, bitrate_kbps, arguments, progress)
    else:
        ledger = walk(loaded.design, form, active_layers(loaded.design, bitrate_kbps))
        if verify:
            from lrac_audit.witness.verification import verify_design

            agreement = verify_design(loaded.design, ledger, progress)
    totals = Totals(ledger)
    verdict = judge(ledger, totals, limit_set, counted, agreement.doubts if agreement else ())
    named = limits is not None or (loaded.design is not None and loaded.design.limits is not None)
    return Audit(loaded, ledger, totals, verdict, not named, agreement)


def is_measured(target: object) -> bool:
    """Whether ``target`` is to be measured rather than walked."""
    if isinstance(target, str):
        return target.startswith(PYTHON)
    return not isinstance(target, Path | CodecDesign)


def arguments_for(
    target: str, targets: Sequence[str], arguments: Mapping[str, object]
) -> Mapping[str, object]:
    """What of ``arguments`` is for ``target``: all if it is measured, none if another one is.

    Where no target is measured they are for each, which refuses them.
    """
    others = any(map(is_measured, targets)) and not is_measured(target)
    return NO_ARGUMENTS if others else arguments


def _source(target: object) -> str:
    return target if isinstance(target, str) else f"a {type(target).__name__}"


def _design(target: Any) -> Target:
    if isinstance(target, CodecDesign):
        return Target(target, "a CodecDesign")
    return load_target(target)


def _measured(
    target: object,
    bitrate_kbps: float | None,
    arguments: Mapping[str, object],
    progress: Progress | None,
) -> tuple[Ledger, Agreement]:
    from lrac_audit.witness import measuring

    if isinstance(target, str):
        return measuring.measure_python(target, arguments, bitrate_kbps, progress)
    return measuring.measure_object(target, bitrate_kbps, progress)


def _rvq_form(rvq: str) -> RvqForm:
    for form in RVQ_FORMS:
        if rvq == form:
            return form
    raise InputError("options", [Problem("rvq", shown(rvq), one_of(RVQ_FORMS, rvq))])


def _limit_set(limits: str | Path | LimitSet | None, target: Target | MeasuredTarget) -> LimitSet:
    if isinstance(limits, LimitSet):
        return limits
    if limits is not None:
        return load_limits(limits)
    named = None if target.design is None else target.design.limits
    if named is not None and named not in LIMIT_SETS:  # a design must not make us open files
        where = target.limit_cells.get("limits", "limits")
        problem = Problem(where, shown(named), "one of " + ", ".join(LIMIT_SETS))
        raise InputError(target.source, [problem])
    found = load_limits(named or DEFAULT_LIMITS)
    try:
        return edited_limits(found, target.limit_edits, target.source)
    except InputError as error:
        raise error.renamed(target.source, target.limit_cells) from None


def edited_limits(limits: LimitSet, edits: Mapping[str, Any] | None, source: str) -> LimitSet:
    """``limits`` with ``edits``, which a design sheet puts in place of some of its fields."""
    if not edits:
        return limits
    fields = {**limits._asdict(), "name": EDITED_LIMITS, "source": "", **edits}
    tree = {key: list(v) if isinstance(v, tuple) else v for key, v in fields.items()}
    return parse_limits(tree, source)


def active_layers(design: CodecDesign, bitrate_kbps: float | None) -> int:
    """Quantizer layers of the mode that has this bitrate, by default the highest.

    Raises:
        InputError: no mode of the design has it.
    """
    modes = design.quantizer.mode_layers
    if bitrate_kbps is None:
        return modes[-1]
    for layers in modes:
        kbps = design.bitrate_kbps(layers)
        if abs(kbps - bitrate_kbps) <= BITRATE_TOLERANCE * kbps:
            return layers
    allowed = "a mode of the design: " + ", ".join(f"{design.bitrate_kbps(n):g}" for n in modes)
    raise InputError("options", [Problem("bitrate", f"{bitrate_kbps:g} kbps", f"{allowed} kbps")])
