"""Printed figures held to limits: a verdict may turn on a way of counting."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.conftest import Result

Run = Callable[..., Result]


@pytest.mark.parametrize(
    ("stage", "published", "convention", "printed", "complete", "turns"),
    [
        # the receive side of Track 2 as trained, its output projections left out: 603.264 - 9.216
        ("receive", "594.048", "lrac-2025", 594.048, 603.264, True),
        ("receive", "297.024", "macs", 594.048, 603.264, True),
        ("receive", "603.264", "lrac-2025", 603.264, 603.264, False),
        # 1944.192 + 47.9232 + 9.216 + 594.048 in all
        ("overall", "2546.2", "lrac-2025", 2546.2, 2595.3792, False),
    ],
)
def test_a_figure_as_printed_and_as_recomputed(
    run: Run,
    stage: str,
    published: str,
    convention: str,
    printed: float,
    complete: float,
    turns: bool,
) -> None:
    arguments = ("reconcile", "track2", "--rvq", "projected", "--limits", "lrac-2025-track2")
    arguments += ("--stage", stage, "--published", published, "--convention", convention)
    (found,) = json.loads(run(*arguments, "-f", "json").out)["limits"]
    assert found["printed"] == pytest.approx(printed)
    assert found["complete"] == pytest.approx(complete)
    assert found["verdict_turns"] is turns
    assert ("the verdict turns" in " ".join(run(*arguments).out.split())) is turns


def test_a_stage_without_a_limit_is_held_to_none(run: Run) -> None:
    arguments = ("reconcile", "track2", "--stage", "decoder", "--published", "563.3")
    assert json.loads(run(*arguments, "-f", "json").out)["limits"] == []
    limits = ("--limits", "lrac-2025-track2")
    document = json.loads(run(*arguments, *limits, "-f", "json").out)
    assert document["limits"] == []
    remark = "lrac-2025-track2 has no limit on the cost of decoder"
    assert document["remarks"] == [remark]
    assert run(*arguments, *limits).out.endswith(f"- {remark}\n")
