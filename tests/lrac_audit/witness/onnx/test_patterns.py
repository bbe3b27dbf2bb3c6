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


def test_codewords_that_are_a_part_of_a_table(tmp_path: Path) -> None:
    """The second of three codebooks that lie in one table, of 32 codewords each."""
    nodes = [
        node("Slice", ["table", "start", "end", "first"], ["book"]),
        node("Gemm", ["x", "book"], ["p"], transB=1),
        node("ArgMin", ["p"], ["i"], axis=1, keepdims=0),
        node("Add", ["i", "start"], ["place"]),
        node("Gather", ["table", "place"], ["y"]),
    ]
    limits = {"start": ints(CODEWORDS), "end": ints(2 * CODEWORDS), "first": ints(0)}
    weights = {"table": ones(3 * CODEWORDS, WIDTH), **limits}
    work = total(records(tmp_path, nodes, LATENT, {"y": [FRAMES, WIDTH]}, weights))
    assert work["codebook_search"] == SEARCH_MACS


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


def test_an_index_of_digits_is_no_signal(tmp_path: Path) -> None:
    """Levels of a scalar quantizer, put together to one whole number."""
    nodes = [
        node("Cast", ["x"], ["levels"], to=INT),
        node("Mul", ["levels", "units"], ["p"]),
        node("ReduceSum", ["p", "last"], ["codes"], keepdims=0),
    ]
    weights = {"units": ints(1, 3, 9, 27, 81, 243), "last": ints(1)}
    work = total(records(tmp_path, nodes, LATENT, CODES, weights))
    assert work == {"pointwise": 12, "reduce": 12}


def test_a_gain_before_a_mean_is_none_either(tmp_path: Path) -> None:
    nodes = [node("Mul", ["x", "gain"], ["p"]), node("ReduceMean", ["p"], ["y"], keepdims=0)]
    work = total(records(tmp_path, nodes, {"x": [5, 8]}, {"y": []}, {"gain": ones()}))
    assert work == {"pointwise": 40, "reduce": 40}


def taps(*sources: str) -> list[Any]:
    """Return a filter: two values of each source from its own place on, times a number, added."""
    nodes = []
    for at, source in enumerate(sources):
        nodes += [
            node("Slice", [source, f"from{at}", f"to{at}", "time"], [f"s{at}"]),
            node("Mul", [f"s{at}", f"w{at}"], [f"p{at}"]),
        ]
        if at:
            nodes.append(node("Add", [f"sum{at - 1}" if at > 1 else "p0", f"p{at}"], [f"sum{at}"]))
    nodes[-1].output[0] = "y"
    return nodes


def tap_weights(count: int) -> dict[str, Any]:
    found: dict[str, Any] = {"time": ints(1)}
    for at in range(count):
        found |= {f"w{at}": ones(1), f"from{at}": ints(at), f"to{at}": ints(at + 6)}
    return found


def test_a_filter_tap_by_tap_is_linear(tmp_path: Path) -> None:
    """Four taps for each of six values; the state and the audio are one window."""
    inputs = {"state.x": [1, 3], "x": [1, 6]}
    nodes = [node("Concat", ["state.x", "x"], ["w"], axis=1), *taps("w", "w", "w", "w")]
    found = records(tmp_path, nodes, inputs, {"y": [1, 6]}, tap_weights(4))
    assert total(found) == {"linear": 4 * 6}


@pytest.mark.parametrize(
    "sources", [("x", "x"), ("x", "z", "v")], ids=["two halves", "a mix of three signals"]
)
def test_other_sums_of_products_are_pointwise(sources: tuple[str, ...], tmp_path: Path) -> None:
    inputs = {name: [1, 9] for name in dict.fromkeys(sources)}
    count = len(sources)
    found = records(tmp_path, taps(*sources), inputs, {"y": [1, 6]}, tap_weights(count))
    assert total(found) == {"pointwise": count * 6, "residual_add": (count - 1) * 6}
