"""Comparison of public codecs, each at the highest bitrate that the challenge allows.

Figures are derived from the design of a codec where one ships as a preset, which takes milliseconds
and no torch. The model that a package makes can be measured beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.auditing.audit import Audit, audit
from lrac_audit.auditing.codec_figures import Difference, codec_figures, differences
from lrac_audit.auditing.codec_models import compared_kbps, measure_model
from lrac_audit.design.formats import load_design
from lrac_audit.limits.check import Status
from lrac_audit.limits.limit_set import CHALLENGE_LIMITS, LimitSet, load_limits
from lrac_audit.limits.verdict import judge
from lrac_audit.presets import BASELINES, PUBLIC_CODECS
from lrac_audit.progress import Progress, tell_nobody

if TYPE_CHECKING:
    from lrac_audit.witness.codec_catalogue import KnownCodec, Surplus

NO_DESIGN = "no design of it ships; --measured measures the model of its package"
NO_PACKAGE = "no package is known that makes its model"


class Compared(NamedTuple):
    """One codec of the comparison."""

    name: str
    design: Audit | None
    """What its design gives; None where none ships."""
    trace: Audit | None
    """What the model of its package gives; None where that was not measured."""
    differences: tuple[Difference, ...]
    """Figures of which the two disagree, explained or not; none where one of them is missing."""
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
        return (*map(str, self.unexplained), *of_trace)

    @property
    def unexplained(self) -> list[Difference]:
        """The differences that nothing explains."""
        return [one for one in self.differences if not one.explanation]


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
        measured: Whether to measure the models of packages as well, which needs torch.
        progress: Called with a few words at the start of each step.
    """
    limits = tuple(load_limits(name) for name in CHALLENGE_LIMITS)
    baselines = [audit(name, convention=limits[0].convention) for name in BASELINES]
    found = [_compared(one.ledger.name, one, None, limits) for one in baselines]
    missing = []
    for codec in _public_codecs():
        design = None if codec.preset is None else _of_design(codec.preset, limits)
        trace: Audit | str | None = None if design else NO_DESIGN
        if measured:
            trace = _of_model(codec.known, design, limits, progress or tell_nobody)
        if isinstance(trace, str):
            package = None if codec.known is None else codec.known.package
            missing.append(Missing(codec.name, package, trace))
            trace = None
        if design or trace:
            surplus = None if codec.known is None else codec.known.surplus
            found.append(_compared(codec.name, design, trace, limits, surplus))
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
    rate = compared_kbps(load_design(preset).design.bitrates_kbps, limits)
    convention = limits[0].convention
    return audit(preset, rvq="projected", bitrate_kbps=rate, convention=convention)


def _of_model(
    known: KnownCodec | None, design: Audit | None, limits: Sequence[LimitSet], progress: Progress
) -> Audit | str:
    """Audit the model that a package makes, or say why that cannot be done."""
    if known is None:
        return NO_PACKAGE
    rate = None if design is None else design.ledger.mode.bitrate_kbps
    return measure_model(known, rate, limits, progress)


def _compared(
    name: str,
    design: Audit | None,
    trace: Audit | None,
    limits: Sequence[LimitSet],
    surplus: Surplus | None = None,
) -> Compared:
    """Return a codec with its verdicts, on the trace where there is one: it saw the bitstream."""
    unlike: tuple[Difference, ...] = ()
    if design and trace:
        unlike = tuple(differences(codec_figures(design), codec_figures(trace), surplus))
    found = Compared(name, design, trace, unlike, ())
    judged = trace or found.audit
    verdicts = [
        judge(judged.ledger, judged.totals, one, judged.convention, found.doubts) for one in limits
    ]
    return found._replace(verdicts=tuple((one.limits.name, one.status) for one in verdicts))
