"""The options by which a command audits each of its targets."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.console.output import debugging
from lrac_audit.console.progress import progress_steps

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.auditing.isolated.process_limits import ProcessLimits
    from lrac_audit.limits.limit_set import LimitSet
    from lrac_audit.progress import Progress


class AuditRequest(NamedTuple):
    """Options of the command line, which hold for every target that they concern."""

    targets: Sequence[str]
    arguments: Sequence[str]
    """Each ``NAME=VALUE``, for the factories of measured targets."""
    sample_rate_hz: int | None
    hop_samples: int | None
    limits: str | LimitSet | None = None
    rvq: str = "absorbed"
    bitrate_kbps: float | None = None
    convention: str | None = None
    verify: bool = False
    process_limits: ProcessLimits | None = None
    debug: bool = False

    def audit(self, target: str | Path, progress: Progress | None = None) -> Audit:
        """Audit ``target``, one of the targets or a file that stands for one.

        ``progress`` is called with each step; where it is None, a terminal shows the steps.

        Raises:
            InputError: the target, its file or an option cannot be used.
        """
        from lrac_audit.auditing.audit import audit
        from lrac_audit.auditing.targets import arguments_for, rates_for
        from lrac_audit.witness.factory_arguments import parse_arguments
        from lrac_audit.witness.stated_rates import StatedRates

        name, stated = str(target), StatedRates(self.sample_rate_hz, self.hop_samples)
        rates = rates_for(name, self.targets, stated)
        shown = progress_steps() if progress is None else nullcontext(progress)
        with debugging(self.debug), shown as step:
            return audit(
                target,
                limits=self.limits,
                rvq=self.rvq,
                bitrate_kbps=self.bitrate_kbps,
                convention=self.convention,
                verify=self.verify,
                arguments=arguments_for(name, self.targets, parse_arguments(self.arguments)),
                sample_rate_hz=rates.sample_rate_hz,
                hop_samples=rates.hop_samples,
                isolated=self.process_limits,
                progress=step,
            )
