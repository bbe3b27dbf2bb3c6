"""Explorations: the same result for any number of processes, interruptions, objectives, errors."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from lrac_audit import audit
from lrac_audit.auditing.exploring import contexts, pieces
from lrac_audit.auditing.exploring.contexts import RATE_FIELDS, Contexts
from lrac_audit.auditing.exploring.exploration import Exploration
from lrac_audit.auditing.exploring.explore import Wishes, audit_terms, bounds_of, explore
from lrac_audit.auditing.exploring.figures import limit_sums
from lrac_audit.auditing.exploring.objectives import FIGURES, parse_objectives, rank_of
from lrac_audit.auditing.exploring.parallel import parted
from lrac_audit.auditing.exploring.ranking import ObjectiveRanking
from lrac_audit.auditing.exploring.space import parse_space
from lrac_audit.auditing.exploring.sums import Summand, Summing, plus
from lrac_audit.design.addresses import address_text, field_values
from lrac_audit.design.formats import load_design
from lrac_audit.errors import InputError
from lrac_audit.limits.limit_set import LimitSet
from lrac_audit.presets import PRESETS
from lrac_audit.report.exploration_report import ExplorationReport

TRACK1 = audit("track1")
KEPT = ("stored", "state")
BYTES = [
    f"{side}{kind}_bytes" for side in ("", "transmit_", "receive_") for kind in ("stored", "state")
]
KERNELS = "encoder.blocks.3.residual.*.convs.0.kernel=3,5,7"
OBJECTIVES = ("receptive_field", "-overall_mflops")


def settings(found: Exploration) -> list[tuple[Any, ...]]:
    return [design.values for design in found.designs]


def test_the_sums_of_a_search_are_the_figures_of_the_audits() -> None:
    """Every objective that is a sum, on every design of a space."""
    names = [name for name in FIGURES if "scratch" not in name]
    objectives = parse_objectives(names)
    vary = ["decoder.blocks.0.up.channels=32,64", "encoder.blocks.1.down.kernel=4,8"]
    space = parse_space(load_design("track1").design, [*vary, "quantizer.codebook_dim=8,12"])
    terms = audit_terms(TRACK1, None)
    ranking = ObjectiveRanking(terms, bounds_of(TRACK1), objectives)
    found = Contexts(space, terms, ranking.summing, is_limited=True)
    assert found.order.first == (2,)
    assert found.order.along == (1, 0)
    for dim in (8, 12):
        context = found.open((dim,))
        assert context is not None
        assert context.chain.start is not None
        start = plus(ranking.summing.constants(context.ledger), context.chain.start.sums)
        down, up = context.chain.stages
        for kernel, width in product((4, 8), (32, 64)):
            one = next(
                o
                for (options,) in [down.options.values()]
                for o in options
                if o.values == (kernel,)
            )
            other = next(o for o in up.options[one.channels, ()] if o.values == (width,))
            rank = ranking.rank(context.ledger, plus(start, plus(one.sums, other.sums)))
            assert rank == rank_of(terms.audit(space.design((width, kernel, dim))), objectives)


LIMITED = ("overall_mmacs_per_s", "parameters_millions", *BYTES)
"""The limits on sums, beside the three of the challenge."""


@pytest.mark.parametrize("preset", ["track1", "mimi-24khz"])
def test_the_sums_that_are_limited_are_the_values_of_the_checks(preset: str) -> None:
    bounds = dict.fromkeys(("overall_mflops", "receive_mflops", "total_latency_ms", *LIMITED), 1e12)
    types = {"stored_dtype": "int8", "signal_dtype": "float16"}
    limits = LimitSet(name="all", convention="lrac-2025", **types, **bounds)  # type: ignore[arg-type]
    found = audit(preset, limits=limits)
    sums = limit_sums(limits)
    assert sums.keys() == bounds.keys()
    summing = Summing([Summand(each) for each in sums.values()], found.convention)
    totals = plus(summing.constants(found.ledger), summing.of_rows(found.ledger.rows))
    values = {
        name: each.unit(found.ledger, n)
        for (name, each), n in zip(sums.items(), totals, strict=True)
    }
    assert values == {check.id: check.value for check in found.verdict.checks}


@pytest.mark.parametrize("preset", PRESETS)
def test_no_other_field_of_a_layer_changes_the_rates(preset: str) -> None:
    """The search along the path relies on it: such a field is set before."""
    design = load_design(preset).design
    before = design.encoder.rate_change, design.decoder.rate_change
    for address, value in field_values(design).items():
        if address[0] in ("encoder", "decoder") and not isinstance(value, bool):
            changed = contexts.draft(design, {address: value + 1})
            after = changed.encoder.rate_change, changed.decoder.rate_change
            assert after == before or address[-1] in RATE_FIELDS, address_text(address)


def test_any_number_of_processes_finds_the_same() -> None:
    vary = [f"each {KERNELS}", "encoder.blocks.0.down.stride=3", "quantizer.codebook_dim=10,12"]
    one, two = (explore(TRACK1, Wishes(vary, OBJECTIVES, jobs=jobs)) for jobs in (1, 2))
    assert len(one.designs) > 5
    assert settings(one) == settings(two)
    assert one.decided == two.decided == one.space.size == 54


def test_parts_of_a_space_are_in_the_order_of_one_search() -> None:
    vary = ["decoder.output.kernel=3,5", "encoder.input.kernel=3,5", "quantizer.layers=4,6"]
    parts = parted(parse_space(load_design("track1").design, vary), 1)
    found = [tuple(knob.values[0] for knob in part.knobs) for part in parts]
    assert found == [(d, e, q) for q in (4, 6) for e in (3, 5) for d in (3, 5)]
    assert all(part.size == 1 for part in parts)


def test_of_equal_designs_the_first_along_the_path_is_found() -> None:
    """Two units of one block have equal kernels, and only their sum counts for the cost."""
    vary = ["each encoder.blocks.3.residual.*.convs.0.kernel=3,5"]
    found = explore(TRACK1, Wishes(vary, ["-overall_mflops", "-transmit_state_bytes"]))
    assert settings(found) == [(3, 3, 3)]
    (objective,) = parse_objectives(["-overall_mflops"])
    bound = objective.measure(found.designs[0].audit)
    assert bound == min(
        audit(found.space.design(v)).ledger.millions_per_second(
            audit(found.space.design(v)).totals.cost("overall", TRACK1.convention).price_per_frame
        )
        for v in product((3, 5), repeat=3)
    )


def test_an_interruption_keeps_what_was_found() -> None:
    """At the first telling of the progress, long before the end of the space."""

    def advance(done: int) -> None:
        raise KeyboardInterrupt

    vary = ["each encoder.blocks.*.residual.*.convs.0.kernel=3,5,7"]
    found = explore(TRACK1, Wishes(vary, OBJECTIVES), advance)
    assert found.is_interrupted
    assert not found.is_exact
    assert 0 < found.decided < found.space.size == 3**12
    assert found.designs
    assert all(design.audit.verdict.status == "pass" for design in found.designs)
    assert "interrupted when" in ExplorationReport(found).screen_sections()[-1][0].lines[0]  # type: ignore[union-attr]


def test_a_rule_that_no_piece_tells_is_kept_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no piece knew that a kernel of 2 does not reach its stride of 3."""
    monkeypatch.setattr(pieces, "_breaks_rule", lambda piece: iter(()))
    found = explore(TRACK1, Wishes(["encoder.blocks.0.down.kernel=2,3,6"], ["-overall_mflops"]))
    assert settings(found) == [(3,)]
    assert found.is_exact


def test_limits_on_peaks_are_kept(tmp_path: Path) -> None:
    """A peak is no sum: such a space is audited design by design."""
    file = tmp_path / "limits.yaml"
    peak = TRACK1.document()["memory"]["receive"]["scratch_bytes"]["float32"]
    file.write_text(f"{{name: peak, convention: lrac-2025, receive_scratch_bytes: {peak}}}")
    vary = ["decoder.blocks.3.up.channels=4,8,12,16"]
    found = explore(audit("track1", limits=file), Wishes(vary, ["parameters"]))
    assert settings(found) == [(8,)]


def own_objective(audit: Any) -> int:
    """Count the rows that wait."""
    print("told to standard error")  # noqa: T201
    return sum(1 for row in audit.ledger.rows if row.delay_samples)


def failing(audit: Any) -> int:
    raise RuntimeError("no wish")


def text(audit: Any) -> str:
    return "much"


def huge(audit: Any) -> int:
    return 10**400


def test_an_objective_of_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    vary = ["encoder.blocks.2.residual.0.convs.0.causal=true,false", "encoder.input.kernel=5,7"]
    own = f"-python:{__name__}:own_objective"
    found = explore(TRACK1, Wishes(vary, [own, "receptive_field"]))
    assert settings(found) == [
        (True, 7),
    ]
    assert found.designs[0].figures[0] == own_objective(found.designs[0].audit)
    printed = capsys.readouterr()
    assert "told" in printed.err


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("failing", "the objective: failed with RuntimeError: no wish"),
        ("text", "given 'much'; allowed: a number for every audit"),
        ("huge", "0...; allowed: a number for every audit"),
        ("missing", "missing: given no such function; allowed: a function or class of"),
    ],
)
def test_an_objective_of_the_user_that_fails(name: str, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        explore(TRACK1, Wishes(["encoder.input.kernel=5"], [f"python:{__name__}:{name}"]))


@pytest.mark.parametrize(
    ("objectives", "said"),
    [
        (["overall_mflop"], "did you mean overall_mflops"),
        (["overall_mflops", "-overall_mflops"], "one objective on overall_mflops"),
        ([], "allowed: at least one: one of overall_mflops"),
    ],
)
def test_problems_of_objectives(objectives: list[str], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        explore(TRACK1, Wishes([KERNELS], objectives))


def test_broken_limits_of_several_values_are_told_in_words() -> None:
    """Track 1 runs at 24 kHz, and none of its modes is within 0.5 kbps."""
    limits = LimitSet(
        name="low", convention="lrac-2025", sample_rates_hz=(8000, 16000), bitrates_kbps=(0.5,)
    )
    with pytest.raises(InputError) as error:
        explore(
            audit("track1", limits=limits), Wishes(["encoder.input.kernel=5"], ["receptive_field"])
        )
    told = "breaks sample_rates_hz: 24000 for 8000 / 16000 Hz; bitrates_kbps: none for 0.5 kbps"
    assert str(error.value).endswith(told)


def test_problems_of_both_are_told_at_once() -> None:
    with pytest.raises(InputError) as error:
        explore(TRACK1, Wishes(["encoder.kernel=3"], ["cost"]))
    assert [problem.field for problem in error.value.problems] == ["--vary", "--objective"]


def test_limits_that_no_design_keeps() -> None:
    """By hand: a tap of the last layer costs 2 x 8 x 24,000 operations a second, 0.384 MFLOPS."""
    vary = ["decoder.output.kernel=61,101"]
    with pytest.raises(InputError) as error:
        explore(TRACK1, Wishes(vary, ["parameters"]))
    overall = 691.3536 + 40 * 0.384
    assert "none of the 2 designs keeps" in str(error.value)
    assert f"with decoder.output.kernel=61, breaks overall_mflops by {overall - 700:.6g}" in str(
        error.value
    )


def test_values_that_never_fit_together() -> None:
    with pytest.raises(InputError, match="each of 2 designs breaks a rule") as error:
        explore(TRACK1, Wishes(["encoder.blocks.0.down.stride=2,5"], ["parameters"]))
    assert "strides that multiply to" in str(error.value)
