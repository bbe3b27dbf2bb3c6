"""The figures of the two baselines, from the paper and from measurements of the public models.

None of the expected values was computed by this package: they are the published ones, or stand in
the project's design notes, where they were measured on the public recipe's own modules.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lrac_audit import audit

EXACT = 1e-12
MFLOPS = {
    ("track1", "absorbed", 6): (377.472, 17.0496, 0.0, 296.832, 691.3536),
    ("track1", "absorbed", 1): (377.472, 2.8416, 0.0, 296.832, 677.1456),
    ("track1", "projected", 6): (377.472, 19.3536, 2.304, 296.832, 695.9616),
    ("track2", "absorbed", 6): (1944.192, 38.7072, 0.0, 594.048, 2576.9472),
    ("track2", "absorbed", 1): (1944.192, 6.4512, 0.0, 594.048, 2544.6912),
    ("track2", "projected", 6): (1944.192, 47.9232, 9.216, 594.048, 2595.3792),
}
RECEIVE = {"track1": (296.832, 299.136), "track2": (594.048, 603.264)}
LATENCY_MS = {"track1": (10, 10, 10, 30, 720), "track2": (10, 20, 20, 50, 1200)}
CONTEXT = {"track1": (14_085, 36, 1), "track2": (17_772, 33, 2)}
PARAMETERS = {"track1": (255_392, 160_369), "track2": (1_149_552, 357_453)}
QUANTIZER = {"track1": (11_592, 12_480, 73_728), "track2": (46_224, 48_000, 147_456)}
STATE = {"track1": (23_870, 16_160), "track2": (69_686, 23_504)}
# By hand: the look-ahead of each residual unit in its own steps, times its channels.
HELD = {
    "track1": ((6 + 14) * 32, 5 * 64),
    "track2": ((9 + 27) * 64 + 1 * 128, (5 + 5) * 96),
}
TRACKS = ("track1", "track2")


def documents(target: str | Path, rvq: str = "absorbed", bitrate_kbps: float = 6) -> dict[str, Any]:
    return audit(target, rvq=rvq, bitrate_kbps=bitrate_kbps).document()


@pytest.mark.parametrize(("track", "rvq", "kbps"), MFLOPS)
def test_mflops_of_every_stage(track: str, rvq: str, kbps: int) -> None:
    complexity = documents(track, rvq, kbps)["complexity"]
    parts = ("encoder", "rvq_transmit", "rvq_receive", "decoder", "overall")
    found = [complexity[part]["mflops"] for part in parts]
    assert found == pytest.approx(MFLOPS[track, rvq, kbps], rel=EXACT)
    macs = [complexity[part]["macs_per_s"] for part in parts]
    assert macs == pytest.approx([x * 1e6 / 2 for x in MFLOPS[track, rvq, kbps]], rel=EXACT)


@pytest.mark.parametrize("track", TRACKS)
def test_receive_side_in_both_forms(track: str) -> None:
    found = [
        documents(track, rvq)["complexity"]["receive"]["mflops"]
        for rvq in ("absorbed", "projected")
    ]
    assert found == pytest.approx(RECEIVE[track], rel=EXACT)


@pytest.mark.parametrize("track", TRACKS)
def test_latency(track: str) -> None:
    found = documents(track)["latency"]
    assert (
        found["transmit"]["buffering_ms"],
        found["transmit"]["algorithmic_ms"],
        found["receive"]["algorithmic_ms"],
        found["total_ms"],
        found["total_samples"],
    ) == LATENCY_MS[track]


@pytest.mark.parametrize("track", TRACKS)
def test_receptive_fields(track: str) -> None:
    assert tuple(documents(track)["receptive_field"].values()) == CONTEXT[track]


@pytest.mark.parametrize("track", TRACKS)
def test_parameters_and_state(track: str) -> None:
    found = documents(track, "projected")["memory"]
    stored = [found[side]["stored_values"] for side in ("transmit", "receive")]
    assert (stored[0]["weights"], stored[1]["weights"]) == PARAMETERS[track]
    assert (found["transmit"]["state_values"], found["receive"]["state_values"]) == STATE[track]
    assert (found["transmit"]["held_values"], found["receive"]["held_values"]) == HELD[track]
    keys = ("projection_in", "projection_out", "codebook")
    assert tuple(stored[0][key] for key in keys) == QUANTIZER[track]
    assert tuple(stored[1][key] for key in keys) == (0, *QUANTIZER[track][1:])


@pytest.mark.parametrize(("track", "width"), [("track1", 160), ("track2", 320)])
def test_absorbed_tables_replace_projections(track: str, width: int) -> None:
    found = documents(track)["memory"]
    projections_in, _, codebooks = QUANTIZER[track]
    sent, received = (found[side]["stored_values"] for side in ("transmit", "receive"))
    assert sent["table"] == received["table"] == 6 * 1024 * width
    assert (sent["projection_in"], sent["codebook"]) == (projections_in, codebooks)
    assert received["codebook"] == sent["projection_out"] == received["projection_out"] == 0
    values = PARAMETERS[track][1] + 6 * 1024 * width
    sizes = found["receive"]["stored_bytes"]
    assert sizes == {"float32": 4 * values, "float16": 2 * values, "int8": values}


def test_public_recipe_audits_as_the_preset(public_recipe: tuple[str, Path]) -> None:
    track, path = public_recipe
    for rvq in ("absorbed", "projected"):
        for kbps in (1, 6):
            expected, found = documents(track, rvq, kbps), documents(path, rvq, kbps)
            assert found.pop("design")["source"] == str(path)
            expected.pop("design")
            assert found == expected
