"""Balancing keeps at most so many files of a class, whichever by the seed alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrac_audit.errors import InputError
from reference_models.corpus.noise_classes.balance import balance
from reference_models.corpus.noise_classes.balance_picture import balance_figure, draw_balance
from reference_models.corpus.noise_classes.balance_report import BalanceReport
from reference_models.corpus.noise_classes.classification import Classification
from reference_models.data.manifest import Entry, Manifest


def noises(**counts: int) -> tuple[Manifest, dict]:
    """Files of half an hour in each class; those of ``broken`` cannot be read."""
    entries, rows = [], {}
    for name, count in counts.items():
        for number in range(count):
            uid = f"{name}{number}"
            entries.append(Entry(uid, Path("x"), None, 1800.0, 24_000))
            found = Classification(uid, 1800.0, 24_000)
            rows[uid] = (
                found._replace(error="damaged")
                if name == "broken"
                else found._replace(noise_class=name, confidence=0.5)
            )
    return Manifest("m", tuple(entries)), rows


def kept(found) -> dict[str, int]:
    return {
        name: sum(entry.uid in found.kept for entry in own) for name, own in found.original.items()
    }


def test_the_most_frequent_classes_lose_files_up_to_the_median():
    manifest, rows = noises(wind=9, music=30, alarm=2, speech=12, broken=1)
    found = balance(manifest, rows)
    assert found.max_files == 9  # the lower of the two middle ones of 2, 9, 12, 30
    assert kept(found) == {"alarm": 2, "music": 9, "speech": 9, "wind": 9}
    assert kept(balance(manifest, rows, max_files=3)) == {
        "alarm": 2,
        "music": 3,
        "speech": 3,
        "wind": 3,
    }
    assert "broken0" not in found.kept and len(found.unreadable) == 1


def test_the_seed_and_the_files_of_a_class_alone_decide():
    manifest, rows = noises(wind=40, music=40)
    backwards = Manifest("m", manifest.entries[::-1])
    first = balance(manifest, rows, 10, seed=1).kept
    assert balance(backwards, rows, 10, seed=1).kept == first
    assert balance(manifest, rows, 10, seed=2).kept != first
    more, more_rows = noises(wind=40, music=40, alarm=3)
    wind = {uid for uid in first if uid.startswith("wind")}
    assert {u for u in balance(more, more_rows, 10, seed=1).kept if u.startswith("wind")} == wind
    # no class is drawn by the numbers of another
    assert {uid.removeprefix("wind") for uid in wind} != {
        uid.removeprefix("music") for uid in first - wind
    }


def test_the_report_has_files_and_hours():
    manifest, rows = noises(wind=4, music=8, broken=2)
    report = BalanceReport(balance(manifest, rows, 4))
    assert [tuple(record.values()) for record in report.records()] == [
        ("music", 4, 8, 2.0, 4.0),
        ("wind", 4, 4, 2.0, 2.0),
        ("cannot be read", 0, 2, 0.0, 1.0),
    ]
    table = report.screen_sections()[0][0]
    assert table.rows[-1] == ["total", "8", "14", "4.00", "7.00"]
    assert report.document()["max_files"] == 4


def test_the_picture_has_bars_of_original_and_kept_files(tmp_path):
    manifest, rows = noises(wind=4, music=8, alarm=1)
    found = balance(manifest, rows)
    figure = balance_figure(found)
    (axes,) = figure.axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    bars = [[bar.get_width() for bar in one] for one in axes.containers]
    assert (names, bars) == (["alarm", "wind", "music"], [[1, 4, 8], [1, 4, 4]])
    draw_balance(found, tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes()[:8] == bytes.fromhex("89504e470d0a1a0a")


def test_files_without_a_class_are_one_message():
    manifest, rows = noises(wind=2)
    del rows["wind1"]
    with pytest.raises(InputError, match="'wind1': given no class of this length and rate"):
        balance(manifest, rows)
    manifest, rows = noises(broken=2)
    with pytest.raises(InputError, match="given no file that could be classified"):
        balance(manifest, rows)
