"""Products that are summed and searches, whatever operators they are written in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from tests.lrac_audit.witness.onnx.graphs import INT, ints, node, ones, records, total

CODEWORDS, WIDTH, FRAMES = 32, 6, 2
CODES = {"codes": ([FRAMES], INT)}
LATENT = {"x": [FRAMES, WIDTH]}
BOOK = {"book": ones(CODEWORDS, WIDTH)}
SEARCH_MACS = FRAMES * CODEWORDS * WIDTH
DISTANCES: dict[str, list[Any]] = {
    "square": [node("Mul", ["d", "d"], ["q"]), node("ReduceSum", ["q", "last"], ["s"], keepdims=0)],
    "power": [
        node("Pow", ["d", "two"], ["q"]),
        node("ReduceMean", ["q", "last"], ["s"], keepdims=0),
    ],
    "sum of squares": [node("ReduceSumSquare", ["d", "last"], ["s"], keepdims=0)],
    "norm": [node("ReduceL2", ["d", "last"], ["s"], keepdims=0)],
}


@pytest.mark.parametrize("kind", DISTANCES)
def test_distances_are_a_search(kind: str, tmp_path: Path) -> None:
    """Each of 2 vectors meets each of 32 codewords in 6 values; 32 distances are compared."""
    nodes = [
        node("Unsqueeze", ["x", "middle"], ["one"]),
        node("Sub", ["one", "book"], ["d"]),
        *DISTANCES[kind],
        node("ArgMin", ["s"], ["codes"], axis=1, keepdims=0),
    ]
    weights = {**BOOK, "middle": ints(1), "last": ints(2), "two": 2 * ones()}
    work = total(records(tmp_path, nodes, LATENT, CODES, weights))
    assert work == {"codebook_search": SEARCH_MACS, "search_compare": FRAMES * CODEWORDS}


def test_products_with_energies_are_a_search(tmp_path: Path) -> None:
    nodes = [
        node("MatMul", ["x", "book"], ["p"]),
        node("Sub", ["energies", "p"], ["s"], "compared"),
        node("ArgMin", ["s"], ["codes"], axis=1, keepdims=0),
    ]
    weights = {"book": ones(WIDTH, CODEWORDS), "energies": ones(CODEWORDS)}
    found = records(tmp_path, nodes, LATENT, CODES, weights)
    assert total(found) == {
        "codebook_search": SEARCH_MACS,
        "search_norm": FRAMES * CODEWORDS,
        "search_compare": FRAMES * CODEWORDS,
    }
    assert {record.row for record in found} == {"MatMul_0"}


@pytest.mark.parametrize(
    ("table", "kind"),
    [(ones(CODEWORDS, 9), "codebook_search"), (ones(5, 9), "linear")],
    ids=["of vectors", "of something else"],
)
def test_a_choice_inside_is_a_search_if_its_codewords_are_read(
    table: Any, kind: str, tmp_path: Path
) -> None:
    """The residual of a codeword is taken from a table with a row for each candidate."""
    nodes = [
        node("MatMul", ["x", "book"], ["p"]),
        node("ArgMax", ["p"], ["i"], axis=1, keepdims=0),
        node("Gather", ["table", "i"], ["y"]),
    ]
    weights = {"book": ones(WIDTH, CODEWORDS), "table": table}
    work = total(records(tmp_path, nodes, LATENT, {"y": [FRAMES, 9]}, weights))
    assert work[kind] == SEARCH_MACS


def test_a_maximum_is_no_search(tmp_path: Path) -> None:
    nodes = [node("MatMul", ["x", "book"], ["p"]), node("ReduceMax", ["p"], ["y"], keepdims=0)]
    work = total(records(tmp_path, nodes, LATENT, {"y": []}, {"book": ones(WIDTH, CODEWORDS)}))
    assert work == {"linear": SEARCH_MACS, "reduce": FRAMES * CODEWORDS}


def test_products_that_are_summed_are_a_product_of_matrices(tmp_path: Path) -> None:
    """A filter of 8 taps, written as a product and a sum."""
    nodes = [
        node("Mul", ["x", "taps"], ["p"]),
        node("Transpose", ["p"], ["t"], perm=[1, 0]),
        node("ReduceSum", ["t", "first"], ["y"], keepdims=0),
    ]
    weights = {"taps": ones(8), "first": ints(0)}
    found = records(tmp_path, nodes, {"x": [5, 8]}, {"y": [5]}, weights)
    assert total(found) == {"linear": 5 * 8}
    assert [list(record.weights) for record in found if record.work] == [["taps"]]


def test_an_energy_is_no_product_of_matrices(tmp_path: Path) -> None:
    nodes = [node("Mul", ["x", "x"], ["p"]), node("ReduceSum", ["p", "last"], ["y"], keepdims=0)]
    work = total(records(tmp_path, nodes, {"x": [5, 8]}, {"y": [5]}, {"last": ints(1)}))
    assert work == {"pointwise": 40, "reduce": 40}


def test_a_gain_before_a_mean_is_none_either(tmp_path: Path) -> None:
    nodes = [node("Mul", ["x", "gain"], ["p"]), node("ReduceMean", ["p"], ["y"], keepdims=0)]
    work = total(records(tmp_path, nodes, {"x": [5, 8]}, {"y": []}, {"gain": ones()}))
    assert work == {"pointwise": 40, "reduce": 40}
