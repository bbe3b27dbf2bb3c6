"""Targets of an audit: a design, a file that holds one, or a codec to be measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from lrac_audit.design.field_lines import FieldLines
from lrac_audit.design.formats import (
    Allowed,
    DesignFile,
    LoadedDesign,
    read_design_data,
    read_design_file,
)
from lrac_audit.design.parts import CodecDesign
from lrac_audit.errors import InputError, Problem
from lrac_audit.witness.garbage import long_lived_made
from lrac_audit.witness.onnx.graph_files import is_graph
from lrac_audit.witness.stated_rates import AS_DECLARED, StatedRates

if TYPE_CHECKING:
    from lrac_audit.auditing.isolated.process_limits import ProcessLimits
    from lrac_audit.ledger.agreement import Agreement
    from lrac_audit.ledger.row import Ledger
    from lrac_audit.progress import Progress

PYTHON = "python:"
"""Prefix of a target that names a factory, whose code is then run."""
TARGET = Allowed(
    f"a file, a folder with ONNX graphs, {PYTHON}package.module:factory",
    "a design in YAML, a recipe's train.yaml, a design sheet (.xlsx), an ONNX graph (.onnx) or "
    f"a folder with those of both sides, or {PYTHON}package.module:factory",
)
"""The words for targets of an audit."""
NO_ARGUMENTS: Mapping[str, object] = MappingProxyType({})


class MeasuredTarget(NamedTuple):
    """A codec that was measured, and its source."""

    source: str
    design: None = None
    ignored: tuple[tuple[str, str], ...] = ()
    lines: FieldLines = FieldLines()


def is_measured(target: object) -> bool:
    """Return whether ``target`` is to be measured rather than walked."""
    if isinstance(target, str):
        return target.startswith(PYTHON) or is_graph(target)
    return is_graph(target) or not isinstance(target, Path | CodecDesign | Mapping)


def arguments_for(
    target: str, targets: Sequence[str], arguments: Mapping[str, object]
) -> Mapping[str, object]:
    """Return the factory's ``arguments`` that concern ``target``, one of ``targets``.

    All of them where it is measured, and none where only another target is. Where no target is
    measured each gets them, and refuses them.
    """
    return NO_ARGUMENTS if _only_others_measured(target, targets) else arguments


def rates_for(target: str, targets: Sequence[str], stated: StatedRates) -> StatedRates:
    """Return the rates stated by the user that concern ``target``, by the same rule."""
    return AS_DECLARED if _only_others_measured(target, targets) else stated


def _only_others_measured(target: str, targets: Sequence[str]) -> bool:
    return any(map(is_measured, targets)) and not is_measured(target)


def read_target(
    target: Any, arguments: Mapping[str, object], stated: StatedRates = AS_DECLARED
) -> DesignFile:
    """Return the design that ``target``, which is not to be measured, is or names.

    Raises:
        InputError: it is no valid design, or there are arguments or rates, which only a measured
            codec takes.
    """
    rates = {"--sample-rate": stated.sample_rate_hz, "--hop": stated.hop_samples}
    only = f"only for a {PYTHON} target or an ONNX graph"
    problems = [Problem(name, str(given), only) for name, given in rates.items() if given]
    if arguments or problems:
        raise InputError("options", [*_refused_arguments(arguments), *problems])
    if isinstance(target, CodecDesign):
        return DesignFile(LoadedDesign(target, "a CodecDesign"))
    if isinstance(target, Mapping) or (isinstance(target, str) and "\n" in target):
        return DesignFile(read_design_data(target))
    return read_design_file(target, TARGET)


def _refused_arguments(arguments: Mapping[str, object]) -> list[Problem]:
    if not arguments:
        return []
    return [Problem("--arg", ", ".join(arguments), f"only for a {PYTHON} target")]


def measured_source(target: object) -> MeasuredTarget:
    """Return the description of a codec that is to be measured."""
    is_path = isinstance(target, str | Path)
    return MeasuredTarget(str(target) if is_path else f"a {type(target).__name__}")


def measure(
    target: object,
    bitrate_kbps: float | None,
    arguments: Mapping[str, object],
    progress: Progress | None,
    stated: StatedRates = AS_DECLARED,
    isolated: ProcessLimits | None = None,
) -> tuple[Ledger, Agreement]:
    """Return the ledger of a codec that no design describes, and how far its witnesses agree.

    Raises:
        InputError: it is no codec, has no such mode, or cannot be run.
    """
    if is_graph(target):
        assert isinstance(target, str | Path)
        if arguments:
            raise InputError("options", _refused_arguments(arguments))
        from lrac_audit.witness.onnx.graph_codec import measure_graphs

        return measure_graphs(target, bitrate_kbps, progress, stated)
    if isolated is not None:
        if not isinstance(target, str):
            allowed = f"a {PYTHON} target: an object is in this process already"
            problem = Problem("isolated", f"a {type(target).__name__}", allowed)
            raise InputError("options", [problem])
        from lrac_audit.auditing.isolated.launch import measure_isolated

        return measure_isolated(
            target, arguments, bitrate_kbps, isolated, stated=stated, progress=progress
        )
    with long_lived_made():
        from lrac_audit.witness import measured_codec

    if isinstance(target, str):
        return measured_codec.measure_python(target, arguments, bitrate_kbps, progress, stated)
    return measured_codec.measure_object(target, bitrate_kbps, progress, stated)
