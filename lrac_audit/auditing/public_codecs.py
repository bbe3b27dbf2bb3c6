"""Comparison of public codecs, each at the highest bitrate that the challenge allows.

Figures are derived from the design of a codec where one ships as a preset, which takes milliseconds
and no torch. The model that a package makes can be measured beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.auditing.audit import Audit, audit
from lrac_audit.auditing.codec_figures import Difference, codec_figures, differences
from lrac_audit.design.formats import load_design
from lrac_audit.errors import InputError
from lrac_audit.limits.check import Status
from lrac_audit.limits.limit_set import CHALLENGE_LIMITS, LimitSet, load_limits
from lrac_audit.limits.verdict import judge
from lrac_audit.presets import BASELINES, PUBLIC_CODECS
from lrac_audit.progress import Progress, tell_nobody

if TYPE_CHECKING:
    from lrac_audit.witness.codec_catalogue import KnownCodec

NO_DESIGN = "no design of it ships; --measured measures the model of its package"
NO_PACKAGE = "its design alone is known, and no package that makes its model"


class Compared(NamedTuple):
    """One codec of the comparison."""

    name: str
    design: Audit | None
    """What its design gives; None where none ships."""
    trace: Audit | None
    """What the model of its package gives; None where that was not measured."""
    differences: tuple[Difference, ...]
    """Figures of which the two disagree; none where one of them is missing."""
    verdicts: tuple[tuple[str, Status], ...]
    """Its verdict under each limit set, by the set's name."""

    @property
    def audit(self) -> Audit:
        """The audit that stands for the codec: of its design, else of the model."""
        found = self.design or self.trace
        assert found is not None
        return found

    @property
    def doubts(self) -> tuple[str, ...]:
        """Disagreements of design and trace, and of the trace's witnesses among each other."""
        of_trace = () if self.trace is None else self.trace.verdict.doubts
        return (*map(str, self.differences), *of_trace)


class Missing(NamedTuple):
    """A codec that is skipped, or whose model is, because its package cannot be used here."""

    name: str
    distribution: str | None
    """Name of the package that pip installs; None where there is none."""
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


class Comparison(NamedTuple):
    """The audited codecs, those that were skipped, and the limit sets they are judged by."""

    codecs: tuple[Compared, ...]
    missing: tuple[Missing, ...]
    limits: tuple[LimitSet, ...]
    measured: bool = False
    """Whether the models of packages were to be measured beside the designs."""


class _Listed(NamedTuple):
    """A public codec: the preset that is its design, and the model of a package."""

    name: str
    preset: str | None
    known: KnownCodec | None


def compare_codecs(*, measured: bool = False, progress: Progress | None = None) -> Comparison:
    """Compare the two baselines and every public codec.

    Args:
        measured: whether to measure the models of packages as well, which needs torch.
        progress: called with a few words at the start of each step.
    """
    limits = tuple(load_limits(name) for name in CHALLENGE_LIMITS)
    baselines = [audit(name, convention=limits[0].convention) for name in BASELINES]
    found = [_compared(one.ledger.name, one, None, limits) for one in baselines]
    missing = []
    for codec in _public_codecs():
        design = None if codec.preset is None else _of_design(codec.preset, limits)
        trace = _measured(codec, limits, progress or tell_nobody) if measured else None
        if isinstance(trace, Missing):
            missing.append(trace)
            trace = None
        elif not measured and design is None:
            missing.append(_missing(codec, NO_DESIGN))
        if design or trace:
            found.append(_compared(codec.name, design, trace, limits))
    return Comparison(tuple(found), tuple(missing), limits, measured)


def _public_codecs() -> Iterator[_Listed]:
    """Yield every codec that a package makes, then every further preset that is a public codec."""
    from lrac_audit.witness.codec_catalogue import KNOWN_CODECS

    for codec in KNOWN_CODECS:
        preset = codec.preset if codec.preset in PUBLIC_CODECS else None
        yield _Listed(codec.name, preset, codec)
    made = {codec.preset for codec in KNOWN_CODECS}
    for name in PUBLIC_CODECS:
        if name not in made:
            yield _Listed(load_design(name).design.name, name, None)


def _of_design(preset: str, limits: Sequence[LimitSet]) -> Audit:
    """Audit the design of a public codec in the form in which packages run it: as trained."""
    rate = bitrate_kbps(load_design(preset).design.bitrates_kbps, limits)
    convention = limits[0].convention
    return audit(preset, rvq="projected", bitrate_kbps=rate, convention=convention)


def _measured(codec: _Listed, limits: Sequence[LimitSet], progress: Progress) -> Audit | Missing:
    """Measure the model that a package makes of ``codec``, or say why that cannot be done."""
    known = codec.known
    if known is None:
        return _missing(codec, NO_PACKAGE)
    from lrac_audit.witness.isolation import package_warnings_hidden

    progress(codec.name)
    try:
        with package_warnings_hidden(), redirect_stdout(sys.stderr):
            target = known.target()
    except Exception as error:  # whatever the import of somebody else's package raises
        return _missing(codec, _why_skipped(known.package, error))
    rate = bitrate_kbps([mode.bitrate_kbps for mode in target.modes], limits)
    convention = limits[0].convention
    try:
        return audit(target, bitrate_kbps=rate, convention=convention, progress=progress)
    except InputError as error:
        return _missing(codec, f"it cannot be measured: {error}")


def _missing(codec: _Listed, reason: str) -> Missing:
    return Missing(codec.name, None if codec.known is None else codec.known.package, reason)


def _why_skipped(package: str, error: Exception) -> str:
    from lrac_audit.witness.packages import import_failure, raised

    failure = import_failure(error)
    if failure is None:
        return f"{package} cannot make it ({raised(error)})"
    if failure.is_missing and failure.package == package:
        return f"{package} is not installed; pip install {package}"
    return str(failure)


def bitrate_kbps(rates: Sequence[float], limits: Sequence[LimitSet]) -> float | None:
    """Return the highest of a codec's bitrates that the limits allow, else its lowest.

    None for a codec that has no bitrates.
    """
    highest = max(rate for one in limits for rate in one.bitrates_kbps)
    lowest = min(rates, default=None)
    return max((rate for rate in rates if rate <= highest), default=lowest)


def _compared(
    name: str, design: Audit | None, trace: Audit | None, limits: Sequence[LimitSet]
) -> Compared:
    """Return a codec with its verdicts, on the trace where there is one: it saw the bitstream."""
    unlike: tuple[Difference, ...] = ()
    if design and trace:
        unlike = tuple(differences(codec_figures(design), codec_figures(trace)))
    found = Compared(name, design, trace, unlike, ())
    judged = trace or found.audit
    verdicts = [
        judge(judged.ledger, judged.totals, one, judged.convention, found.doubts) for one in limits
    ]
    named = tuple((one.limits.name, one.status) for one in verdicts)
    return found._replace(verdicts=named)
