"""The scores that the paper publishes, against a copy of its tables that others made."""

from pathlib import Path

import pytest

from reference_models.evaluation.published_scores import PAPER_SCORES, load_published, paper_scores

COPY = Path(__file__).parents[4] / "shared" / "facts" / "paper_tables.md"
HEADER = "| track | kbps | condition |"


def test_the_shipped_scores_are_those_of_the_paper():
    if not COPY.exists():
        pytest.skip("the copy of the paper's tables is not here")
    lines = COPY.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(HEADER)) + 2
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[start:]]
    copied = [
        (f"lrac-2025-track{track}", float(kbps), condition, *map(float, scores))
        for track, kbps, condition, *scores in (row for row in cells if len(row) == 8)
    ]
    shipped = [
        (row.limits, row.bitrate_kbps, row.condition, *row.scores.values())
        for row in load_published(PAPER_SCORES)
    ]
    assert shipped == copied and len(copied) == 12


def test_scores_are_those_of_the_track_that_a_design_names():
    (row,) = (r for r in paper_scores("lrac-2025-track2") if r[1:3] == ("noisy", 1.0))
    assert row.scores["scoreq_ref"] == 1.15  # Table 5, second row
    assert paper_scores(None) == paper_scores("another") == ()
