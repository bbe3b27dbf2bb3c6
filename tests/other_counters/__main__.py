"""Print the measured table of ``docs/other-counters.md`` for the packages that are installed."""

from __future__ import annotations

import sys

from tests.other_counters.cases import CASES
from tests.other_counters.counters import COUNTERS, heading, share_of_true


def write_row(cells: list[str]) -> None:
    """Write one row of a Markdown table to standard output."""
    sys.stdout.write(f"| {' | '.join(cells)} |\n")


def main() -> None:
    """Write one row for each case and one column for each counter to standard output."""
    installed = [counter for counter in COUNTERS if counter.installed_version]
    write_row(["Operation", "MACs", *map(heading, installed)])
    write_row(["---", "--:", *["--:"] * len(installed)])
    for case in CASES:
        cells = [share_of_true(counter, case) for counter in installed]
        write_row([case.name, f"{case.macs:,}", *cells])


if __name__ == "__main__":
    main()
