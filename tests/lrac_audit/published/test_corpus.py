"""The corpus of published figures: what is equal, what differs, and what explains it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

import lrac_audit
from lrac_audit import InputError
from lrac_audit.auditing.readings import value
from lrac_audit.limits.limit_set import LIMIT_SETS
from lrac_audit.published.comparison import Comparison, compare
from lrac_audit.published.formula import evaluate
from lrac_audit.published.quantities import QUANTITIES
from lrac_audit.published.rebuilding import KINDS
from lrac_audit.published.sources import TAGS, load_source, source_names
from tests.conftest import Result

Run = Callable[..., Result]
NAMES = source_names()
PACKAGE = Path(lrac_audit.__file__).parent
DOCUMENTS = ("s4-260155", "s4-260158", "s4-260209")


@pytest.mark.parametrize("name", NAMES)
def test_every_source_says_where_its_figures_are_from_and_how_its_codec_is_built(name: str) -> None:
    source = load_source(name)
    assert source.title and source.reference and source.tag in TAGS
    assert source.limits in ("", *LIMIT_SETS)
    titles = [table.title for table in source.tables]
    assert len(set(titles)) == len(titles)
    for table in source.tables:
        assert table.figures and table.figures.keys() <= QUANTITIES.keys()
        assert table.formulas.keys() <= table.figures.keys()
        assert table.codec is None or set(table.codec) <= KINDS.keys()
        assert table.part_of in ("", *titles)


def test_the_corpus_holds_what_was_published() -> None:
    assert set(NAMES) == {
        *("lrac-2025", "vocodec", "phoenixcodec", "led-vocodec", "kd-vocodec", "public-codecs"),
        *DOCUMENTS,
    }
    assert NAMES[0] == "lrac-2025"


def test_no_file_says_what_explains_a_figure() -> None:
    """The data have no field for it, and no name of a source stands in the code."""
    for name in NAMES:
        for table in load_source(name).tables:
            assert set(table._fields) == {"title", "codec", "figures", "formulas", "part_of"}
    code = [*(PACKAGE / "published").glob("*.py"), *(PACKAGE / "auditing").glob("*.py")]
    constants = {
        node.value
        for path in code
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
    }
    assert constants & set(NAMES) == {"lrac-2025"}  # the default, and a convention of that name


def test_a_source_that_is_not_there() -> None:
    with pytest.raises(InputError, match=r"no such source: 'vocode'; allowed: .*mean vocodec"):
        load_source("vocode")


@pytest.mark.parametrize(
    ("formula", "expected"),
    [("2 * 3 + 4", 10), ("0.1 + 0.2", Fraction(3, 10)), ("6 * (192 * 8 + 8) / 2 - 1", 4631)],
)
def test_a_sum_by_hand_is_exact(formula: str, expected: Fraction | int) -> None:
    assert evaluate(formula) == expected


@pytest.mark.parametrize("formula", ["x + 1", "2 ** 3", "f(2)", "'a'", "True + 1"])
def test_a_sum_by_hand_holds_only_numbers(formula: str) -> None:
    with pytest.raises(ValueError, match="no sum of numbers"):
        evaluate(formula)


def statuses(found: Comparison) -> dict[tuple[str, str], str]:
    return {
        (table.title, cell.title): cell.status for table in found.tables for cell in table.cells
    }


def test_the_baselines_differ_in_two_cells_that_one_layer_explains() -> None:
    found = compare(load_source("lrac-2025"))
    different = [key[1] for key, status in statuses(found).items() if status == "different"]
    assert different == ["decoder, MFLOPS", "overall, absorbed, MFLOPS"]
    assert found.conventions is not None and found.conventions.best is None
    edits = [{(e.row.name, e.kernel) for e in one.found.singles} for one in found.layers]
    assert edits[0] & edits[1] == {("decoder.blocks.0.up", 0)}


def test_vocodec_leaves_the_search_out_and_the_verdict_turns_with_it() -> None:
    found = compare(load_source("vocodec"))
    assert found.conventions is not None
    assert [str(one) for one in found.conventions.explanations] == [
        "with biases, without the search"
    ]
    best = found.conventions.explanations[0]
    assert best.explained == {0, 1}
    without_biases = replace(best.reading, toggle_biases=False)
    # 6 layers, in and out, 192 x 8, 100 times a second
    assert value(found.conventions.figures[0], without_biases) == Fraction("1.8432")
    (limit,) = found.limits
    # 2 * 349.29, and 2 * 6 layers of 1,024 codewords of width 8, 100 times a second
    assert limit.printed == Fraction("698.58") <= 700
    assert limit.complete == Fraction("698.58") + Fraction(2 * 6 * 1024 * 8 * 100, 1_000_000)
    assert limit.turns
    assert float(limit.complete) == pytest.approx(708.41, abs=0.005)


@pytest.mark.parametrize(("name", "mflops"), [("led-vocodec", 2508.8), ("kd-vocodec", 2560)])
def test_codecs_that_are_not_rebuilt_are_held_to_their_limits_as_printed(
    name: str, mflops: float
) -> None:
    found = compare(load_source(name))
    assert set(statuses(found).values()) == {"not rebuilt"}
    (limit,) = found.limits
    assert (limit.limit, float(limit.printed), limit.turns) == (2600, mflops, False)


def test_the_command_prints_any_of_them(run: Run) -> None:
    found = run("paper", "vocodec")
    assert found.code == 0
    text = " ".join(found.out.split())
    assert "explained by the way of counting: with biases, without the search" in text
    assert "with what was left out, 708.4104 MFLOPS, it breaks it: the verdict turns" in text
    assert text.endswith("5 cells, 2 equal, 2 different, 1 not rebuilt")
    document = json.loads(run("paper", "vocodec", "-f", "json").out)
    assert document["limits"][0]["verdict_turns"] is True
    assert document["conventions"]["explanations"][0]["departures"] == [
        *("with biases", "without the search"),
    ]
    assert document["tag"] == "read"


def test_a_source_without_a_codec_is_still_printed(run: Run) -> None:
    found = run("paper", "phoenixcodec")
    assert (found.code, found.err) == (0, "")
    assert found.out.endswith("0 cells, 0 equal, 0 different\n")


def test_the_closed_form_alone_compares_what_needs_no_model() -> None:
    script = (
        "import sys\n"
        "from lrac_audit.published.comparison import compare\n"
        "from lrac_audit.published.sources import load_source\n"
        "for name in ('lrac-2025', 'vocodec', 'led-vocodec'):\n"
        "    compare(load_source(name))\n"
        "print([m for m in ('torch', 'pandas', 'openpyxl') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")
