"""The codec that published figures are about, counted in every way that can be tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from lrac_audit.auditing.audit import audit
from lrac_audit.auditing.counted_work import CountedWork, counted_work, steady_work
from lrac_audit.auditing.targets import NO_ARGUMENTS, is_measured, measure
from lrac_audit.design.parts import CodecDesign
from lrac_audit.ledger.conventions import Convention, find_convention
from lrac_audit.ledger.row import RVQ_FORMS, Ledger
from lrac_audit.ledger.totals import Totals
from lrac_audit.limits.limit_set import DEFAULT_LIMITS, load_limits
from lrac_audit.progress import Progress
from lrac_audit.witness.garbage import long_lived_made
from lrac_audit.witness.onnx.graph_files import is_graph
from lrac_audit.witness.stated_rates import AS_DECLARED, StatedRates

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.witness.target import AuditTarget

FORM_NAMES = {
    "absorbed": "the quantizer's output projections absorbed",
    "projected": "the quantizer's output projections as trained",
}


class Subject(NamedTuple):
    """A codec, its ledger, and its work in a stream and as print may have counted it."""

    source: str
    ledger: Ledger
    convention: Convention
    works: Mapping[str, CountedWork]
    """By name; the stream first."""
    remarks: tuple[str, ...] = ()

    def counted_by(self, convention: str) -> Subject:
        """Return the same codec, its figures in another convention."""
        return self._replace(convention=find_convention(convention))

    def also_counted(self, works: Mapping[str, CountedWork]) -> Subject:
        """Return the same codec with its work counted in more ways."""
        return self._replace(works={**self.works, **works})

    @property
    def uncounted(self) -> tuple[str, ...]:
        """Why the cost of some operations is not known; empty where all are counted."""
        return Totals(self.ledger).problems


def read_subject(
    target: str,
    *,
    rvq: str = "absorbed",
    bitrate_kbps: float | None = None,
    convention: str | None = None,
    arguments: Mapping[str, object] = NO_ARGUMENTS,
    stated: StatedRates = AS_DECLARED,
    progress: Progress | None = None,
) -> Subject:
    """Return the subject that ``target`` of the command line names.

    Raises:
        InputError: there is no such target, or it cannot be counted.
    """
    if is_graph(target):
        ledger, agreement = measure(target, bitrate_kbps, arguments, progress, stated)
        counted = find_convention(convention or load_limits(DEFAULT_LIMITS).convention)
        work = steady_work(ledger)
        return Subject(target, ledger, counted, {work.name: work}, agreement.remarks)
    if is_measured(target):
        with long_lived_made():
            from lrac_audit.witness.factory import load_python

        made = load_python(target, arguments, stated)
        found = measured_subject(made, target, bitrate_kbps, convention, progress)
        return found.also_counted(on_clips(made, target, bitrate_kbps, progress))
    return design_subject(
        target,
        rvq=rvq,
        bitrate_kbps=bitrate_kbps,
        convention=convention,
        arguments=arguments,
        sample_rate_hz=stated.sample_rate_hz,
        hop_samples=stated.hop_samples,
    )


def design_subject(target: str | CodecDesign, **options: Any) -> Subject:
    """Return a design as a subject; ``options`` are those of :func:`audit`."""
    found = audit(target, **options)
    works = [steady_work(found.ledger), *_other_forms(found)]
    by_name = {work.name: work for work in works}
    return Subject(found.target.source, found.ledger, found.convention, by_name)


def _other_forms(found: Audit) -> list[CountedWork]:
    """Return the work of a design in the other forms of its quantizer, where it has some."""
    mode, design = found.ledger.mode, found.design
    if found.variants is None or design is None or not design.has_absorbed_form:
        return []
    forms = [form for form in RVQ_FORMS if form != mode.rvq]
    layers = mode.active_layers or 0
    return [
        steady_work(found.variants.counted(form, layers).ledger, FORM_NAMES[form]) for form in forms
    ]


def measured_subject(
    target: AuditTarget,
    source: str,
    bitrate_kbps: float | None = None,
    convention: str | None = None,
    progress: Progress | None = None,
) -> Subject:
    """Return a codec that is measured as a subject, its work in a stream alone.

    Raises:
        InputError: it has no such mode, or cannot be run.
    """
    from lrac_audit.witness.cost import count_cost

    counted = find_convention(convention or load_limits(DEFAULT_LIMITS).convention)
    cost = count_cost(target, source, bitrate_kbps, progress)
    work = steady_work(cost.ledger)
    return Subject(source, cost.ledger, counted, {work.name: work}, cost.remarks)


def on_clips(
    target: AuditTarget,
    source: str,
    bitrate_kbps: float | None = None,
    progress: Progress | None = None,
) -> dict[str, CountedWork]:
    """Return the work of ``target`` on one frame and on short clips, by name."""
    from lrac_audit.witness.cost import count_clips

    clips = count_clips(target, source, bitrate_kbps, progress)
    return {clip.name: counted_work(clip.name, clip.rows, clip.seconds) for clip in clips}


def parts_subject(ledger: Ledger, convention: str) -> Subject:
    """Return the parts of a codec that ``ledger`` holds as a subject."""
    work = steady_work(ledger)
    return Subject(ledger.name, ledger, find_convention(convention), {work.name: work})
