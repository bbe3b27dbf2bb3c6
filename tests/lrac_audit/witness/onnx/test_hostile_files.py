"""Files that are broken, malicious or merely large: one clear message, and nothing else is read."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

import onnx
from onnx import TensorProto, defs, helper, numpy_helper

from lrac_audit.console.exit_codes import ExitCode
from lrac_audit.errors import InputError
from lrac_audit.witness.onnx import graph_reader, model_file
from lrac_audit.witness.onnx.graph_codec import measure_graphs
from lrac_audit.witness.stated_rates import StatedRates
from tests.conftest import Result
from tests.lrac_audit.witness.onnx import codecs
from tests.lrac_audit.witness.onnx.graphs import ints, model, node, ones

Run = Callable[..., Result]
RATES = StatedRates(24_000)


def refused(folder: Path, made: onnx.ModelProto | bytes) -> str:
    """Return the message about a file that cannot be used."""
    path = folder / "transmit.onnx"
    path.write_bytes(made if isinstance(made, bytes) else made.SerializeToString())
    with pytest.raises(InputError) as error:
        measure_graphs(path, stated=RATES)
    assert str(error.value).startswith(f"{path}: ")
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


@pytest.mark.parametrize("content", [b"", b"no graph", b"\x08\x0a" * 50, bytes(1000)])
def test_what_is_no_graph(content: bytes, tmp_path: Path) -> None:
    assert "allowed: " in refused(tmp_path, content)


def test_a_file_that_ends_too_early(tmp_path: Path) -> None:
    content = codecs.transmit().SerializeToString()
    assert "an ONNX model" in refused(tmp_path, content[: len(content) // 2])


def test_a_path_without_a_file(run: Run, tmp_path: Path) -> None:
    found = run("audit", tmp_path / "none.onnx")
    assert (found.code, found.out) == (ExitCode.BAD_INPUT, "")
    assert "No such file" in found.err


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.onnx"
    os.mkfifo(path)
    with pytest.raises(InputError, match="a device or a pipe; allowed: a regular file"):
        measure_graphs(path)


def test_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = codecs.transmit()
    for module, name, words in (
        (model_file, "MAX_BYTES", "bytes; allowed: at most 3"),
        (model_file, "MAX_NODES", "6 nodes; allowed: at most 3"),
        (graph_reader, "MAX_VALUES", "values; allowed: at most 3 in one call"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, 3)
            assert words in refused(tmp_path, made)


def test_a_huge_result_is_never_made(tmp_path: Path) -> None:
    """A few bytes ask for 2^40 values, which only their shape stands for."""
    nodes = [
        node("Expand", ["one", "huge"], ["many"]),
        node("Add", ["many", "audio"], ["y"]),
    ]
    weights = {"one": ones(1, 1, 1), "huge": ints(1 << 20, 1 << 20, 4)}
    made = model(nodes, {"audio": [1, 1, 4]}, {"y": [1 << 20, 1 << 20, 4]}, weights)
    assert "values; allowed: at most" in refused(tmp_path, made)


def test_a_huge_result_inside_a_branch(tmp_path: Path) -> None:
    nodes = [node("Expand", ["one", "huge"], ["many"]), node("ReduceMax", ["many"], ["e"])]
    out = helper.make_tensor_value_info("e", TensorProto.FLOAT, [1, 1, 1])
    inside = helper.make_graph(nodes, "inside", [], [out])
    branch = node("If", ["on"], ["y"], then_branch=inside, else_branch=inside)
    weights = {"one": ones(1, 1, 1), "huge": ints(1 << 20, 1 << 20, 4), "on": np.array(True)}
    made = model(
        [branch, node("Add", ["y", "audio"], ["z"])],
        {"audio": [1, 1, 4]},
        {"z": [1, 1, 4]},
        weights,
    )
    assert "values; allowed: at most" in refused(tmp_path, made)


def test_values_beside_the_file_are_never_read(tmp_path: Path) -> None:
    """The shape of an external constant is enough; the path that it names is not opened."""
    secret = tmp_path / "pipe"
    os.mkfifo(secret)  # opening it would wait forever
    for location in (str(secret), "../../etc/passwd", "missing.bin"):
        made = codecs.transmit(kernel=codecs.HOP)
        (weight,) = [each for each in made.graph.initializer if each.name == "w"]
        weight.ClearField("raw_data")
        weight.data_location = TensorProto.EXTERNAL
        weight.external_data.add(key="location", value=location)
        folder = tmp_path / "codec"
        folder.mkdir(exist_ok=True)
        ledger, _ = measure_graphs(codecs.save(folder, made, codecs.receive()), stated=RATES)
        (row,) = [row for row in ledger.rows if row.op == "conv"]
        assert (row.macs_per_frame, row.stored_values) == (6 * 4, 6 * 4 + 6)


def test_claims_about_shapes_are_not_believed(tmp_path: Path) -> None:
    """A file that states that its latent is narrower has the cost of what it computes."""
    made = codecs.transmit(kernel=codecs.HOP)
    made.graph.value_info.append(
        helper.make_tensor_value_info("latent", TensorProto.FLOAT, [1, 1, 1])
    )
    made.graph.value_info.append(
        helper.make_tensor_value_info("rows", TensorProto.FLOAT, [1, 1, 1])
    )
    ledger, _ = measure_graphs(codecs.save(tmp_path, made, codecs.receive()), stated=RATES)
    macs = {row.op: row.macs_per_frame for row in ledger.rows if row.side == "transmit"}
    assert (macs["conv"], macs["search"]) == (6 * 4, codecs.SEARCH_MACS)


def test_branches_of_two_sizes_have_none(tmp_path: Path) -> None:
    """A call that may give few samples is not taken to give as many as the file states."""
    infos = [helper.make_tensor_value_info("e", TensorProto.FLOAT, [1, 1, n]) for n in (4, 4000)]
    bodies = [
        helper.make_graph([node("Expand", ["heard", size], ["e"])], "body", [], [info])
        for size, info in zip(("few", "many"), infos, strict=True)
    ]
    made = codecs.receive()
    made.graph.node[-1].output[0] = "heard"
    made.graph.node.append(
        node("If", ["on"], ["audio"], then_branch=bodies[0], else_branch=bodies[1])
    )
    made.graph.input.append(helper.make_tensor_value_info("on", TensorProto.BOOL, []))
    made.graph.output[0].CopyFrom(helper.make_tensor_value_info("audio", 1, [1, 1, 4000]))
    for name, size in (("few", 4), ("many", 4000)):
        made.graph.initializer.append(numpy_helper.from_array(ints(1, 1, size), name))
    (tmp_path / "receive.onnx").write_bytes(made.SerializeToString())
    with pytest.raises(InputError, match="audio: given no fixed shape"):
        measure_graphs(tmp_path / "receive.onnx", stated=RATES)


def test_a_marked_variant_does_not_change_an_operator(tmp_path: Path) -> None:
    made = codecs.transmit(kernel=codecs.HOP)
    made.graph.node[0].overload = "GroupNormalization"
    ledger, _ = measure_graphs(codecs.save(tmp_path, made, codecs.receive()), stated=RATES)
    assert "conv" in {row.op for row in ledger.rows}


def test_attributes_that_contradict_shapes(tmp_path: Path) -> None:
    """No inferred shape, no cost: the operator is uncounted rather than cheap."""
    made = codecs.transmit(kernel=codecs.HOP)
    (strides,) = made.graph.node[0].attribute
    strides.ints[:] = [0, 0, 0]
    ledger, _ = measure_graphs(codecs.save(tmp_path, made, codecs.receive()), stated=RATES)
    assert "Conv without fixed shapes" in {row.problem for row in ledger.rows}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.graph.node.append(node("Elu", ["nowhere"], ["q"])), "nowhere"),
        (lambda m: m.graph.initializer[0].dims.append(7), "allowed: "),
        (
            lambda m: m.graph.initializer[1].dims.__setitem__(0, -6),
            "a size of -6 in the constant b",
        ),
        (lambda m: m.graph.ClearField("input"), "allowed: "),
        (lambda m: m.graph.ClearField("output"), "allowed: "),
        (lambda m: m.metadata_props.add(key="lrac.side", value="both"), "transmit or receive"),
        (lambda m: m.graph.sparse_initializer.add(), "sparse constants"),
    ],
)
def test_broken_models(change: Callable[[Any], None], words: str, tmp_path: Path) -> None:
    made = codecs.transmit()
    change(made)
    assert words in refused(tmp_path, made)


def deep(levels: int) -> onnx.ModelProto:
    """Return branches inside branches."""
    inner = [node("Elu", ["audio"], ["y"])]
    info = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 4])
    for _ in range(levels):
        body = helper.make_graph(inner, "body", [], [info])
        inner = [node("If", ["yes"], ["y"], then_branch=body, else_branch=body)]
    weights = {"yes": np.array(True)}
    return model(inner, {"audio": [1, 1, 4]}, {"y": [1, 1, 4]}, weights)


def test_branches_inside_branches_are_bounded(tmp_path: Path) -> None:
    """Each level doubles the nodes: 15 levels are some 65,000."""
    assert "nodes; allowed: at most" in refused(tmp_path, deep(15))


def damaged(content: bytes, numbers: random.Random) -> bytes:
    """Return ``content`` with a few bytes changed, left out or put in."""
    found = bytearray(content)
    for _ in range(numbers.randint(1, 4)):
        at = numbers.randrange(len(found))
        kind = numbers.randrange(3)
        if kind == 0:
            found[at] = numbers.randrange(256)
        elif kind == 1:
            del found[at : at + numbers.randint(1, 8)]
        else:
            found[at:at] = numbers.randbytes(numbers.randint(1, 4))
    return bytes(found)


OPERATORS = sorted({schema.name for schema in defs.get_all_schemas() if not schema.domain})


def mangled(made: onnx.ModelProto, numbers: random.Random) -> bytes:
    """Return a graph with other operators, sizes, inputs and attributes than it had."""
    for _ in range(numbers.randint(1, 3)):
        changed = numbers.choice(made.graph.node)
        names = [name for each in made.graph.node for name in (*each.input, *each.output)]
        kind = numbers.randrange(4)
        if kind == 0:
            changed.op_type = numbers.choice(OPERATORS)
        elif kind == 1 and changed.input:
            changed.input[numbers.randrange(len(changed.input))] = numbers.choice([*names, ""])
        elif kind == 2 and changed.attribute:
            numbers.choice(changed.attribute).ints[:] = [numbers.randint(-3, 9) for _ in range(3)]
        else:
            dims = numbers.choice(made.graph.initializer).dims
            dims[numbers.randrange(len(dims))] = numbers.choice([-1, 0, 1, 3, 1 << 40])
    return made.SerializeToString()


def survive(folder: Path, seeds: range) -> int:
    """Audit damaged codecs; return how many of them could be audited all the same."""
    audited = 0
    for seed in seeds:
        numbers = random.Random(seed)
        codecs.save(folder, codecs.transmit(), codecs.receive())
        side = numbers.choice([codecs.transmit, codecs.receive])
        change = numbers.choice([mangled, lambda m, n: damaged(m.SerializeToString(), n)])
        (folder / f"{side.__name__}.onnx").write_bytes(change(side(), numbers))
        try:
            measure_graphs(folder, stated=RATES)
            audited += 1
        except InputError:
            pass
    return audited


def test_damaged_files(tmp_path: Path) -> None:
    assert survive(tmp_path, range(40)) > 0


@pytest.mark.sweep
def test_many_damaged_files(tmp_path: Path) -> None:
    assert survive(tmp_path, range(40, 500)) > 0
