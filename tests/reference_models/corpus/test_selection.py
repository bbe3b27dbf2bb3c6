"""Selection by thresholds and strata, and thresholds that are found again from what they kept."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from lrac_audit.errors import InputError
from reference_models.cli.selection_options import DEFAULTS
from reference_models.corpus.fitting import fit_thresholds
from reference_models.corpus.measurement import Measurement
from reference_models.corpus.selection import load_speakers, select
from reference_models.corpus.selection_picture import draw_selection, selection_figure
from reference_models.corpus.selection_report import FileReasons, SelectionReport
from reference_models.corpus.strata import Strata
from reference_models.corpus.thresholds import (
    DEFAULT_THRESHOLDS,
    Threshold,
    requested_options,
    requested_thresholds,
)
from reference_models.data.manifest import Entry, Labels, Manifest

GOOD = Measurement(
    "",
    60.0,
    24_000,
    clipped_share=0.0,
    active_share=0.8,
    snr_db=40.0,
    srmr=5.0,
    decay_s=0.3,
    bandwidth_hz=11_000,
    gender="m",
    gender_confidence=0.99,
)
SNR = Threshold("snr_db", "min", 20)
DECAY = Threshold("decay_s", "max", 0.6)


def files(**speakers: list[dict]) -> tuple[Manifest, dict]:
    """One-minute files of each speaker, good but for the measures that are given."""
    entries, rows = [], {}
    for speaker, own in speakers.items():
        for number, measures in enumerate(own):
            uid = f"{speaker}{number}"
            minutes = measures.pop("minutes", 1)
            entries.append(Entry(uid, Path("x"), speaker, 60.0 * minutes, 24_000))
            rows[uid] = GOOD._replace(uid=uid, duration_s=60.0 * minutes, **measures)
    return Manifest("m", tuple(entries)), rows


def several(count: int, **measures) -> list[dict]:
    return [dict(measures) for _ in range(count)]


def kept_by_speaker(selection) -> dict[str, float]:
    minutes = defaultdict(float)
    for entry in selection.kept:
        minutes[entry.speaker] += entry.duration_s / 60
    return dict(minutes)


def test_every_broken_threshold_is_a_reason():
    manifest, rows = files(
        a=[{}, {"snr_db": 19.9}, {"snr_db": 3, "decay_s": 0.9}, {"error": "damaged"}],
        b=[{"snr_db": None}, {"decay_s": None}, {"snr_db": 20, "decay_s": 0.6}],
    )
    found = select(manifest, rows, [SNR, DECAY], Strata(), {})
    assert [entry.uid for entry in found.kept] == ["a0", "b1", "b2"]
    assert found.reasons == {
        "a1": ("snr_db >= 20",),
        "a2": ("snr_db >= 20", "decay_s <= 0.6"),
        "a3": ("cannot be read",),
        "b0": ("snr_db >= 20",),
    }
    rows = [(*record.values(),) for record in SelectionReport(found).records()]
    minute = 1 / 60
    assert rows == [
        ("kept", 3, pytest.approx(3 * minute), 3),
        ("cannot be read", 1, pytest.approx(minute), 1),
        ("decay_s <= 0.6", 1, pytest.approx(minute), 0),
        ("snr_db >= 20", 3, pytest.approx(3 * minute), 2),
    ]
    listed = {record["uid"]: record["reasons"] for record in FileReasons(found).records()}
    assert listed["a0"] == "" and listed["a2"] == "snr_db >= 20; decay_s <= 0.6"


def test_speakers_are_excluded_capped_and_left_out():
    manifest, rows = files(test=several(3), long=several(9), short=several(1), fine=several(3))
    strata = Strata(frozenset({"test"}), min_speaker_minutes=2, max_speaker_minutes=4)
    found = select(manifest, rows, [], strata, {})
    assert kept_by_speaker(found) == {"long": 4, "fine": 3}
    assert {found.reasons[f"test{i}"] for i in range(3)} == {("speaker is excluded",)}
    assert found.reasons["short0"] == ("too little of the speaker",)
    assert list(found.reasons.values()).count(("enough of the speaker",)) == 5


def test_a_file_that_exceeds_the_cap_is_left_out():
    manifest, rows = files(a=[{"minutes": 5}, *several(3)])
    found = select(manifest, rows, [], Strata(max_speaker_minutes=4), {})
    assert kept_by_speaker(found) == {"a": 3}
    assert found.reasons == {"a0": ("enough of the speaker",)}


def test_a_target_is_drawn_evenly_over_speakers():
    """Of 12 minutes, 2 are all there is of one; the other two share the rest."""
    manifest, rows = files(a=several(20), b=several(2), c=several(20))
    found = select(manifest, rows, [], Strata(hours=12 / 60), {})
    assert kept_by_speaker(found) == {"a": 5, "b": 2, "c": 5}


def test_a_long_file_gives_way_to_shorter_ones():
    manifest, rows = files(a=[{"minutes": 10}], b=several(3))
    found = select(manifest, rows, [], Strata(hours=4 / 60), {})
    assert kept_by_speaker(found) == {"b": 3}


def test_genders_are_balanced_by_annotation_and_pitch():
    """Of a, the annotation counts; b and c are told by pitch; d by neither."""
    woman = {"gender": "f", "gender_confidence": 0.95}
    unsure = {"gender": "f", "gender_confidence": 0.6}
    manifest, rows = files(
        a=several(2), b=several(6), c=several(1, **woman), d=several(4, **unsure)
    )
    found = select(manifest, rows, [], Strata(balance_genders=True), {"a": "f"})
    assert found.genders == {"a": "f", "b": "m", "c": "f", "d": "unknown"}
    assert kept_by_speaker(found) == {"a": 2, "b": 3, "c": 1}
    assert found.reasons["d0"] == ("enough of gender unknown",)
    hours = {one["gender"]: one["kept_hours"] for one in SelectionReport(found).genders()}
    assert hours == {"f": pytest.approx(3 / 60), "m": pytest.approx(3 / 60), "unknown": 0}
    less = select(manifest, rows, [], Strata(balance_genders=True, hours=4 / 60), {"a": "f"})
    assert sum(kept_by_speaker(less).values()) == 4 and kept_by_speaker(less)["b"] == 2


def test_labels_of_the_manifest_count_before_the_pitch_and_after_annotations():
    manifest, rows = files(a=several(1), b=several(1), c=several(1))
    labelled = (entry._replace(labels=Labels(gender="f")) for entry in manifest.entries[:2])
    found = select(Manifest("m", (*labelled, manifest.entries[2])), rows, [], Strata(), {"a": "m"})
    assert found.genders == {"a": "m", "b": "f", "c": "m"}


def test_the_seed_alone_decides():
    manifest, rows = files(a=several(20), b=several(20))
    backwards = Manifest("m", manifest.entries[::-1])
    draws = [
        {e.uid for e in select(one, rows, [], Strata(hours=0.1, seed=seed), {}).kept}
        for one, seed in ((manifest, 1), (backwards, 1), (manifest, 2))
    ]
    assert draws[0] == draws[1] != draws[2] and len(draws[0]) == len(draws[2]) == 6


def test_files_without_a_speaker_are_speakers_of_their_own():
    manifest, rows = files(a=several(3))
    nameless = Manifest("m", tuple(entry._replace(speaker=None) for entry in manifest.entries))
    assert len(select(nameless, rows, [], Strata(max_speaker_minutes=1), {}).kept) == 3


def test_wrong_measurements_and_nothing_kept_are_one_message():
    manifest, rows = files(a=[{}, {"snr_db": 1}])
    changed = {**rows, "a1": rows["a1"]._replace(duration_s=59)}
    with pytest.raises(InputError, match="uid 'a1': given no measurement of this length"):
        select(manifest, changed, [], Strata(), {})
    with pytest.raises(InputError, match="they go 2 for `snr_db >= 50`; allowed: looser"):
        select(manifest, rows, [Threshold("snr_db", "min", 50)], Strata(), {})


def test_requests_replace_defaults():
    found = requested_thresholds(["snr_db=15", "bandwidth_hz=none"], ["srmr=9"])
    assert found == [
        Threshold("snr_db", "min", 15),
        *(one for one in DEFAULT_THRESHOLDS[1:] if one.measure != "bandwidth_hz"),
        Threshold("srmr", "max", 9),
    ]
    options = [option.split(" ") for option in requested_options(found)]
    by_kind = [[text for name, text in options if name == kind] for kind in ("--min", "--max")]
    assert set(requested_thresholds(*by_kind)) == set(found)
    for wrong in ("snr=3", "snr_db", "snr_db=x", "snr_db=nan", "snr_db=inf"):
        with pytest.raises(InputError, match="--min: given"):
            requested_thresholds([wrong], [])
    with pytest.raises(InputError, match="snr_db twice"):
        requested_thresholds(["snr_db=3", "snr_db=4"], [])


def test_lists_of_speakers(tmp_path):
    (tmp_path / "s.csv").write_text("uid,speaker\na,x\nb,\nc,y\n")
    (tmp_path / "s.txt").write_text("x m\n\ny f\n")
    assert load_speakers(tmp_path / "s.csv") == load_speakers(tmp_path / "s.txt") == {"x", "y"}
    (tmp_path / "s.txt").write_text("\n")
    with pytest.raises(InputError, match="no speakers"):
        load_speakers(tmp_path / "s.txt")


def corpus(count: int, seed: int) -> list[Measurement]:
    """Files of measures that do not depend on each other; some have no decay."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        rows.append(
            GOOD._replace(
                uid=str(number),
                snr_db=random.normal(25, 12),
                decay_s=random.uniform(0.2, 1.2) if random.random() < 0.9 else None,
                bandwidth_hz=125.0 * random.integers(24, 97),
                srmr=random.uniform(2, 12),
            )
        )
    return rows


def test_thresholds_are_found_again_from_what_they_kept():
    """Between the nearest value that they kept and the nearest that they did not."""
    truth = {"snr_db": 22.0, "decay_s": 0.7, "bandwidth_hz": 7000.0}
    wanted = [Threshold(m, "max" if m == "decay_s" else "min", v) for m, v in truth.items()]
    rows = corpus(2000, 1)
    fit = fit_thresholds(rows, [all(one.is_kept_by(row) for one in wanted) for row in rows])
    assert (fit.precision, fit.recall) == (1, 1)
    assert {one.measure: one.kind for one in fit.thresholds} == {
        one.measure: one.kind for one in wanted
    }
    for one in fit.thresholds:
        width = {"snr_db": 0.2, "decay_s": 0.01, "bandwidth_hz": 125}[one.measure]
        assert one.value == pytest.approx(truth[one.measure], abs=width)


def test_a_threshold_that_is_good_alone_does_not_hide_the_right_one():
    """Of ten listed files at 20 to 29 dB, six are above 200 others, so that a ratio of 24 dB has an
    F1 of 12 / 16, which no second threshold improves; a modulation ratio of 6 alone has 1."""
    listed = [GOOD._replace(snr_db=20 + i, srmr=8) for i in range(10)]
    others = [GOOD._replace(snr_db=20 + 3.5 * i / 200, srmr=4) for i in range(200)]
    fit = fit_thresholds([*listed, *others], 10 * [True] + 200 * [False])
    assert fit.f1 == 1 and [one.measure for one in fit.thresholds] == ["srmr"]


def test_a_threshold_that_another_makes_needless_is_dropped():
    """24 dB keeps all that is listed and half of the others; once a modulation ratio of 6 has gone
    in between, which one listed file breaks, it does nothing."""
    listed = [GOOD._replace(snr_db=24 + i / 4, srmr=8) for i in range(20)]
    wrong = GOOD._replace(snr_db=29, srmr=2)
    others = [GOOD._replace(snr_db=20 + 8 * i / 200, srmr=4) for i in range(200)]
    fit = fit_thresholds([*listed, wrong, *others], 21 * [True] + 200 * [False])
    assert [str(one) for one in fit.thresholds] == ["srmr >= 6"]
    assert (fit.kept, fit.both, fit.listed) == (20, 20, 21)


def test_a_list_with_errors_still_gives_its_thresholds():
    """A tenth of the list is missing and as many others are on it: precision and recall of 0.9
    are what the true thresholds reach."""
    random = np.random.default_rng(3)
    rows = corpus(3000, 2)
    true = [SNR.is_kept_by(row) and DECAY.is_kept_by(row) for row in rows]
    share = 0.1 * sum(true) / (len(rows) - sum(true))
    listed = [bool(random.random() > 0.1 if one else random.random() < share) for one in true]
    fit = fit_thresholds(rows, listed)
    assert fit.precision == pytest.approx(0.9, abs=0.03)
    assert fit.recall == pytest.approx(0.9, abs=0.03)
    found = {one.measure: one.value for one in fit.thresholds}
    assert found["snr_db"] == pytest.approx(20, abs=1.5)
    assert found["decay_s"] == pytest.approx(0.6, abs=0.03)


def test_a_list_of_everything_needs_no_threshold():
    rows = corpus(50, 4)
    fit = fit_thresholds(rows, [True] * 50)
    assert fit.thresholds == () and (fit.precision, fit.recall, fit.f1) == (1, 1, 1)


def test_help_and_page_state_the_defaults():
    page = (Path(__file__).parents[3] / "docs" / "data.md").read_text()
    for threshold, option in zip(
        DEFAULT_THRESHOLDS, requested_options(DEFAULT_THRESHOLDS), strict=True
    ):
        assert option in DEFAULTS
        kind = "least" if threshold.kind == "min" else "most"
        wanted = f"`{threshold.measure}` at {kind} {threshold.value:g}"
        assert wanted in " ".join(page.split())


def test_the_picture_has_every_file_and_threshold():
    """Bars are stacked, the files that went on those that were kept; a missing value has none."""
    manifest, rows = files(a=[{"snr_db": 30}, {"snr_db": 40}, {"snr_db": 10}, {"snr_db": None}])
    found = select(manifest, rows, [SNR], Strata(), {})
    figure = selection_figure(found, rows, [SNR])
    axes = {one.get_xlabel(): one for one in figure.axes}
    heights = [sum(bar.get_height() for bar in bars) for bars in axes["snr_db"].containers]
    assert heights == [2, 1]
    assert [line.get_xdata()[0] for line in axes["snr_db"].lines] == [20]
    bars = [sum(bar.get_height() for bar in bars) for bars in axes["decay_s"].containers]
    assert bars == [2, 2] and not axes["decay_s"].lines
    assert axes["level_dbfs"].containers == []


def test_the_picture_is_a_png(tmp_path):
    manifest, rows = files(a=[{}, {"snr_db": 10}])
    found = select(manifest, rows, [SNR], Strata(), {})
    draw_selection(found, rows, [SNR], tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes()[:8] == bytes.fromhex("89504e470d0a1a0a")
