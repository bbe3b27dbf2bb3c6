"""Print the measured table of ``docs/other-counters.md`` for the packages that are installed."""

from __future__ import annotations

from tests.other_counters.cases import CASES
from tests.other_counters.counters import COUNTERS, heading, share_of_true


def main() -> None:
    """Print one row for each case and one column for each counter."""
    installed = [counter for counter in COUNTERS if counter.installed_version]
    print("|", " | ".join(["Operation", "MACs", *map(heading, installed)]), "|")
    print("|", " | ".join(["---", "--:", *("--:" for _ in installed)]), "|")
    for case in CASES:
        cells = [share_of_true(counter, case) for counter in installed]
        print("|", " | ".join([case.name, f"{case.macs:,}", *cells]), "|")


if __name__ == "__main__":
    main()
