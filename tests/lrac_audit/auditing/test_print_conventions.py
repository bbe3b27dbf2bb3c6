"""Ways of counting met in print, on a codec whose every figure is worked out by hand.

Per frame of 10 ms, in a stream: the encoder 1,000 MACs of convolutions and 30 biases; the
quantizer 200 MACs of projections and 500 of search on the transmit side, 90 on the receive side;
the decoder 2,000 MACs of transposed convolutions and 600 of others, 50 biases. At the output rate
the transposed convolutions would take 8,000. On a single frame the decoder is short of 100 MACs; on
a clip of one second, of 100 in all.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest

from lrac_audit.auditing.counted_work import AT_OUTPUT_RATE, CountedWork
from lrac_audit.auditing.print_conventions import ConventionSearch, explain
from lrac_audit.auditing.printed_figure import PublishedFigure, parse_figure
from lrac_audit.auditing.readings import FigureToExplain, value
from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.totals import Part

FRAME = Fraction(1, 100)


def work(name: str, frames: int, seconds: Fraction, short: int) -> CountedWork:
    stages = {
        "encoder": {"conv": 1000, "bias": 30},
        "rvq_transmit": {"linear": 200, "codebook_search": 500},
        "rvq_receive": {"linear": 90},
        "decoder": {"transposed_conv": 2000, "conv": 600, "bias": 50, AT_OUTPUT_RATE: 8000},
    }
    by_stage = {
        stage: {kind: n * frames for kind, n in kinds.items()} for stage, kinds in stages.items()
    }
    by_stage["decoder"]["conv"] -= short
    return CountedWork(name, seconds, by_stage)


WORKS = {
    one.name: one
    for one in (
        work("", 1, FRAME, 0),
        work("one frame of 240 samples", 1, FRAME, 100),
        work("a clip of 1 s", 100, Fraction(1), 100),
    )
}
WITHOUT_CLIPS = {"": WORKS[""]}


def figure(
    text: str, part: Part = "overall", convention: str = "lrac-2025", clips: bool = True
) -> FigureToExplain:
    published = parse_figure(text, "figure")
    works = WORKS if clips else WITHOUT_CLIPS
    return FigureToExplain(part, part, published, CONVENTIONS[convention], works)


def names(search: ConventionSearch) -> list[str]:
    return [str(one) for one in search.explanations]


# 4,390 MACs a frame in all, 100 frames a second: 0.439 MMAC/s, 0.878 MFLOPS.
ALONE = {
    "as it stands": ("0.878", "lrac-2025"),
    "MACs printed as FLOPs": ("0.439", "lrac-2025"),
    "halved": ("0.2195", "macs"),
    "FLOPs printed as MACs": ("0.878", "macs"),
    "doubled": ("1.756", "lrac-2025"),
    "with biases": ("0.894", "lrac-2025"),  # 80 more, at 2 each
    "one frame of 240 samples": ("0.858", "lrac-2025"),  # 100 fewer
    "a clip of 1 s": ("0.8778", "lrac-2025"),  # one fewer in each of 100 frames
    "without the search": ("0.778", "lrac-2025"),
    "with the search": ("0.878", "lrac-2025-no-search"),
    "the quantizer run once, as in one forward pass": ("0.86", "lrac-2025"),
    "transposed convolutions at the output rate": ("2.078", "lrac-2025"),  # 6,000 more
    "without biases": ("0.878", "full"),  # which prices them at 1 each
}


@pytest.mark.parametrize("departure", ALONE)
def test_each_way_of_counting_is_found_alone(departure: str) -> None:
    text, convention = ALONE[departure]
    search = explain([figure(f"{text}00", convention=convention)])
    assert search.best is not None
    assert str(search.best) == departure


def test_a_pair_is_found() -> None:
    # (1000 + 30 + 200 + 90 + 2600 + 50) * 100 = 397,000 MACs
    search = explain([figure("0.39700")])
    assert names(search) == ["MACs printed as FLOPs, with biases, without the search"]
    assert len(search.explanations[0].departures) == 3
    # 4,390 - 500 of search - 100 of the frame: 3,790, at 2 each
    assert names(explain([figure("0.75800")]))[0] == "one frame of 240 samples, without the search"


DEPARTURES = {
    "half": lambda macs, biases, search, receive: macs / 2,
    "biases": lambda macs, biases, search, receive: macs + biases,
    "search": lambda macs, biases, search, receive: macs - search,
    "once": lambda macs, biases, search, receive: macs - receive,
}
TITLES = {
    "half": "MACs printed as FLOPs",
    "biases": "with biases",
    "search": "without the search",
    "once": "the quantizer run once, as in one forward pass",
}


@pytest.mark.parametrize("pair", list(combinations(DEPARTURES, 2)))
def test_every_pair_of_these_is_the_first_explanation(pair: tuple[str, str]) -> None:
    price = Fraction(878_000)
    for name in sorted(pair, key=lambda one: one == "half"):  # halving comes last
        price = Fraction(DEPARTURES[name](price, 16_000, 100_000, 18_000))
    search = explain([figure(f"{float(price / 1_000_000):.6f}", clips=False)])
    assert search.best is not None
    found = {one.name for one in search.best.departures}
    assert found == {TITLES[name] for name in pair}


def test_a_figure_that_nothing_explains() -> None:
    search = explain([figure("0.50000")])
    assert (search.best, search.groups) == (None, [])
    assert search.nearest is not None
    nearest, gap = search.nearest
    found = value(search.figures[0], nearest.reading)
    assert found is not None
    assert gap == abs(found - Fraction(1, 2)) / Fraction(1, 2)


def test_what_changes_nothing_is_no_part_of_an_explanation() -> None:
    """The encoder has no search, no second quantizer, no transposed convolution, no short clip."""
    search = explain([figure("0.2060", "encoder")])  # (1000 + 30) * 2 * 100
    assert names(search) == ["with biases"]
    assert search.tried == 6  # as it stands, two scales, each with and without biases


def test_one_explanation_for_all_figures_of_a_source() -> None:
    """The encoder alone is explained by biases; with the decoder, by biases on a clip."""
    encoder, decoder = figure("0.20600", "encoder"), figure("0.52980", "decoder")
    # (2000 + 600 + 50) * 2 * 100 - 2 * 100 = 529,800
    assert names(explain([encoder])) == ["with biases"]
    search = explain([encoder, decoder])
    assert names(search) == ["with biases, a clip of 1 s"]
    assert search.explanations[0].explained == {0, 1}


def test_the_explanation_of_most_figures_goes_first() -> None:
    search = explain([figure("0.20600", "encoder"), figure("9.99", "decoder")])
    assert [one.explained for one in search.explanations] == [frozenset({0})]


def test_an_explanation_is_as_unique_as_the_figure_is_precise() -> None:
    """To one digit much fits; every explanation is listed, the simplest first."""
    vague, precise = explain([figure("0.4")]), explain([figure("0.43900")])
    assert len(vague.explanations) > 10 > len(precise.explanations)
    lengths = [len(one.departures) for one in vague.explanations]
    assert lengths == sorted(lengths)
    assert max(lengths) <= 4


def test_a_figure_rounded_to_three_digits() -> None:
    """0.8782 rounds to 0.878, printed with one more place than it has."""
    works = {"": work("", 1, FRAME, -1)}  # 4,391 MACs: 0.8782 MFLOPS
    published = parse_figure("0.8780", "figure")
    one = FigureToExplain("x", "overall", published, CONVENTIONS["lrac-2025"], works)
    assert names(explain([one])) == ["rounded to 3 digits"]


@pytest.mark.parametrize(
    ("text", "half_unit"),
    [
        ("1280", Fraction(5)),
        ("0.8760", Fraction(1, 2000)),
        ("12.30", Fraction(1, 20)),
        ("1284", None),  # four digits
        ("12.3", None),  # three digits, and no more places than they need
        ("0", None),
    ],
)
def test_figures_of_three_digits(text: str, half_unit: Fraction | None) -> None:
    found = parse_figure(text, "figure").to_digits(3)
    assert (None if found is None else found.half_unit) == half_unit
    assert found is None or isinstance(found, PublishedFigure)


def test_a_way_of_counting_that_one_codec_lacks_explains_only_the_others() -> None:
    with_clips, without = figure("0.85800"), figure("0.85800", clips=False)
    best = explain([with_clips, without]).explanations[0]
    assert (str(best), best.explained) == ("one frame of 240 samples", {0})


def test_two_names_of_the_same_work_are_one_way_of_counting() -> None:
    """A clip as long as a frame is no second explanation, unless another codec's frame is not."""
    again = {**WORKS, "a clip of 10 ms": work("a clip of 10 ms", 1, FRAME, 100)}
    one = figure("0.85800")._replace(works=again)
    assert names(explain([one]))[0] == "one frame of 240 samples"
    assert not any("10 ms" in name for name in names(explain([one])))
    longer = work("a clip of 10 ms", 1, FRAME, 90)  # its frames are shorter: 4,300 MACs
    other = figure("0.86000")._replace(works={"": WORKS[""], "a clip of 10 ms": longer})
    (best,) = [each for each in explain([one, other]).explanations if len(each.departures) == 1]
    assert (str(best), best.explained) == ("a clip of 10 ms", {0, 1})
