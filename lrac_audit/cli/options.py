"""Options of the auditor that several commands take, described once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lrac_audit.cli import names
from lrac_audit.console import options as shared
from lrac_audit.console.completion import complete_from
from lrac_audit.console.written_files import written_pictures
from lrac_audit.errors import InputError, Problem

if TYPE_CHECKING:
    from lrac_audit.auditing.isolated.process_limits import ProcessLimits

MODE_PANEL = "What is audited"
EVIDENCE_PANEL = "Evidence"
BASELINE_PANEL = "Baseline"

TARGET_HELP = (
    "track1, track2, a design in YAML, a recipe's train.yaml, a design sheet (.xlsx), an ONNX "
    "graph (.onnx) or a folder with those of both sides, or python:package.module:factory."
)

Target = Annotated[
    str, typer.Argument(help=TARGET_HELP, autocompletion=complete_from(names.presets))
]
DesignTarget = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help="track1, track2, a design in YAML, a recipe's train.yaml or a design sheet (.xlsx).",
        autocompletion=complete_from(names.presets),
    ),
]
ComparedTargets = Annotated[
    list[str],
    typer.Argument(
        metavar="TARGET...",
        help=TARGET_HELP[:-1] + ", or an audit document (.json). At least two.",
        autocompletion=complete_from(names.presets),
    ),
]
LIMITS_HELP = (
    "Limit set: a name that `lrac-audit limits` lists, or a YAML file of your own. "
    "Default: the one that the design names, else lrac-2025-track1."
)
Limits = Annotated[
    str | None,
    typer.Option(
        "--limits",
        metavar="NAME|FILE",
        help=LIMITS_HELP,
        autocompletion=complete_from(names.limit_sets),
        rich_help_panel=MODE_PANEL,
    ),
]
RVQ_HELP = (
    "The quantizer: absorbed, its output projections folded into tables, or projected, as trained."
)
Rvq = Annotated[
    str,
    typer.Option(
        "--rvq",
        metavar="FORM",
        help=RVQ_HELP,
        show_default=True,
        autocompletion=complete_from(names.rvq_forms),
        rich_help_panel=MODE_PANEL,
    ),
]
BITRATE_HELP = "Which of the codec's modes. Default: the highest, which costs most."
Bitrate = Annotated[
    float | None,
    typer.Option(
        "--bitrate",
        metavar="KBPS",
        help=BITRATE_HELP,
        rich_help_panel=MODE_PANEL,
    ),
]
CONVENTION_HELP = (
    "How operations are counted: a name that `lrac-audit conventions` lists. "
    "Default: the convention that the limits are written in."
)
Convention = Annotated[
    str | None,
    typer.Option(
        "--convention",
        metavar="NAME",
        help=CONVENTION_HELP,
        autocompletion=complete_from(names.conventions),
        rich_help_panel=MODE_PANEL,
    ),
]
Arguments = Annotated[
    list[str] | None,
    typer.Option(
        "--arg",
        metavar="NAME=VALUE",
        help="A keyword argument for the factory of a python: target. May be given several times.",
        rich_help_panel=MODE_PANEL,
    ),
]
SampleRate = Annotated[
    int | None,
    typer.Option(
        "--sample-rate",
        metavar="HZ",
        help="The sample rate of a python: target or an ONNX graph that does not say it.",
        rich_help_panel=MODE_PANEL,
    ),
]
Hop = Annotated[
    int | None,
    typer.Option(
        "--hop",
        metavar="SAMPLES",
        help="The samples in one frame of a python: target that does not say it, or in one call of "
        "an ONNX graph that leaves them open.",
        rich_help_panel=MODE_PANEL,
    ),
]
Verify = Annotated[
    bool,
    typer.Option(
        "--verify",
        help="Build the model of a design and hold every figure to independent witnesses; a "
        "disagreement exits 3. Needs torch.",
        rich_help_panel=EVIDENCE_PANEL,
    ),
]
Baseline = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        metavar="FILE|REVISION",
        help="Also hold each target to an earlier audit: a JSON document of `audit` or `check`, or "
        "its file at a revision of git, such as main.",
        rich_help_panel=BASELINE_PANEL,
    ),
]
MaxIncrease = Annotated[
    list[str] | None,
    typer.Option(
        "--max-increase",
        metavar="NAME=AMOUNT[%]",
        help="How much more than the baseline a figure may be: overall_mflops, total_latency_ms, "
        "or, after transmit_ or receive_, mflops, stored_bytes, state_bytes, scratch_bytes. May be "
        "given several times. Default: those of the project, else of the limit set, else neither "
        "the latency nor the overall or the receive MFLOPS may increase.",
        rich_help_panel=BASELINE_PANEL,
    ),
]
UpdateBaseline = Annotated[
    bool,
    typer.Option(
        "--update-baseline",
        help="Write the audits as the new baseline, a .json file, instead of comparing with it.",
        rich_help_panel=BASELINE_PANEL,
    ),
]
Isolated = Annotated[
    bool,
    typer.Option(
        "--isolated",
        help="Measure a python: target whose code is not trusted in a process of its own, with "
        "no network, no writing of files and the limits below, as far as the system can.",
        rich_help_panel=EVIDENCE_PANEL,
    ),
]
TimeLimit = Annotated[
    float | None,
    typer.Option(
        "--time-limit",
        metavar="SECONDS",
        help="With --isolated: the time after which the process is ended. Default: 600.",
        rich_help_panel=EVIDENCE_PANEL,
    ),
]
MemoryLimit = Annotated[
    float | None,
    typer.Option(
        "--memory-limit",
        metavar="GB",
        help="With --isolated: the memory that the process may take. Default: 8.",
        rich_help_panel=EVIDENCE_PANEL,
    ),
]
Debug = Annotated[
    bool,
    typer.Option(
        "--debug",
        help="Show the traceback of everything that fails in the code of a python: target.",
        rich_help_panel=EVIDENCE_PANEL,
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        help="Also list what was ignored on purpose, each with its reason.",
    ),
]

By = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="PART",
        help="Tables of MACs, cost, parameters and share by block, stage or layer, in place of "
        "the shapes of layers.",
        autocompletion=complete_from(names.groupings),
        rich_help_panel=shared.OUTPUT_PANEL,
    ),
]
Plots = Annotated[
    list[str] | None,
    typer.Option(
        "--plot",
        metavar="PICTURE.svg|PICTURE.pdf",
        callback=written_pictures,
        help="Draw cost, latency or view (the field of view of a frame) into a file of that name, "
        "or PICTURE=FILE. May be given several times. Needs the extra report.",
        rich_help_panel=shared.OUTPUT_PANEL,
    ),
]


def process_limits(
    isolated: bool, time_limit: float | None, memory_limit: float | None, debug: bool
) -> ProcessLimits | None:
    """Return the limits of the process that ``--isolated`` asks for; None where it does not.

    Raises:
        InputError: limits that no codec keeps, or limits without that option.
    """
    from lrac_audit.auditing.isolated.process_limits import ProcessLimits

    given = {"--time-limit": time_limit, "--memory-limit": memory_limit}
    if not isolated:
        problems = [
            Problem(name, f"{value:g}", "only with --isolated")
            for name, value in given.items()
            if value is not None
        ]
        if problems:
            raise InputError("options", problems)
        return None
    limits = ProcessLimits(shows_traceback=debug)
    if time_limit is not None:
        limits = limits._replace(time_s=time_limit)
    if memory_limit is not None:
        limits = limits._replace(memory_gb=memory_limit)
    return limits.checked()
