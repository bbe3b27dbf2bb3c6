"""Codecs of graphs as targets of the commands, with figures by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx import TensorProto, numpy_helper

from lrac_audit.console.exit_codes import ExitCode
from tests.conftest import Result
from tests.lrac_audit.witness.onnx import codecs
from tests.lrac_audit.witness.onnx.codecs import (
    CONV_MACS,
    DECODER_MACS,
    HOP,
    RATE_HZ,
    SEARCH_MACS,
    loose_limits,
    save,
    stated,
)
from tests.lrac_audit.witness.onnx.graphs import INT, model, node

Run = Callable[..., Result]
RATE = ("--sample-rate", str(RATE_HZ))


def audited(run: Run, *arguments: object) -> dict[str, Any]:
    found = run("audit", *arguments, "--format", "json")
    assert found.err == ""
    document: dict[str, Any] = json.loads(found.out)
    return document


def test_figures(run: Run, tmp_path: Path) -> None:
    found = audited(run, stated(tmp_path, latency_samples="6"))
    macs = {part: found["complexity"][part]["macs_per_frame"] for part in found["complexity"]}
    assert macs == {
        "encoder": CONV_MACS,
        "rvq_transmit": SEARCH_MACS,
        "rvq_receive": 0,
        "decoder": DECODER_MACS,
        "transmit": CONV_MACS + SEARCH_MACS,
        "receive": DECODER_MACS,
        "overall": CONV_MACS + SEARCH_MACS + DECODER_MACS,
    }
    assert found["complexity"]["overall"]["mflops"] == 2 * macs["overall"] * RATE_HZ / HOP / 1e6
    assert found["design"]["hop_samples"] == HOP
    assert found["latency"]["total_samples"] == 6
    memory = found["memory"]["transmit"]
    assert memory["stored_values"]["weights"] == 6 * 8 + 6
    assert memory["stored_values"]["codebook"] == 16 * 6
    assert (memory["state_values"], found["memory"]["receive"]["state_values"]) == (4, 0)
    assert found["receptive_field"]["encoder_samples"] == 8


def test_rows_are_named_by_the_ledger(run: Run, tmp_path: Path) -> None:
    found = audited(run, stated(tmp_path, latency_samples="4"))
    rows = {(row["name"], row["side"], row["stage"], row["op"]) for row in found["layers"]}
    assert rows == {
        ("encoder", "transmit", "encoder", "conv"),
        ("quantizer.search", "transmit", "rvq", "search"),
        ("quantizer.lookup", "receive", "rvq", "lookup"),
        ("decoder", "receive", "decoder", "transposed_conv"),
        ("(past)", "transmit", "encoder", "context"),
        ("(past)", "receive", "decoder", "context"),
    }


def test_foreign_graphs_have_rows_by_node(run: Run, tmp_path: Path) -> None:
    """Without metadata, sides follow from the types, stages from the search and the lookup."""
    folder = save(tmp_path, codecs.transmit(), codecs.receive(), names="one two")
    found = audited(run, folder, *RATE)
    rows = {(row["name"], row["stage"]) for row in found["layers"] if row["op"] != "context"}
    assert rows == {
        ("encoder/conv", "encoder"),
        ("quantizer.search/product", "rvq"),
        ("quantizer.lookup/rows", "rvq"),
        ("decoder/up", "decoder"),
    }
    assert found["memory"]["transmit"]["state_values"] == 4


def test_state_without_a_declared_delay_is_incomplete(run: Run, tmp_path: Path) -> None:
    folder = save(tmp_path, codecs.transmit(), codecs.receive())
    assert audited(run, folder, *RATE)["latency"]["total_samples"] is None
    found = run("check", folder, *RATE, "--limits", loose_limits(tmp_path))
    assert found.code == ExitCode.INCOMPLETE
    assert "lrac.latency_samples" in found.out.replace("\n", " ")


def test_no_state_is_no_look_ahead(run: Run, tmp_path: Path) -> None:
    folder = save(tmp_path, codecs.transmit(kernel=HOP), codecs.receive())
    assert audited(run, folder, *RATE)["latency"]["total_samples"] == HOP


def test_a_call_is_the_least_delay(run: Run, tmp_path: Path) -> None:
    """A graph that declares less than the samples of a call waits for all of them nevertheless."""
    found = audited(run, stated(tmp_path, latency_samples="3"))
    assert found["latency"]["total_samples"] == HOP


def test_each_side_may_say_how_late_it_is(run: Run, tmp_path: Path) -> None:
    """Codes that are two frames late and audio that is three samples late: 4 + 2 x 4 + 3."""
    said = codecs.metadata()
    said["transmit"]["lrac.output_delay_steps"] = "2"
    said["receive"]["lrac.output_delay_steps"] = "3"
    folder = save(tmp_path, codecs.transmit(said["transmit"]), codecs.receive(said["receive"]))
    found = audited(run, folder)["latency"]
    assert found["total_samples"] == 4 + 8 + 3
    seconds = {side: found[side]["algorithmic_ms"] for side in ("transmit", "receive")}
    assert seconds == {"transmit": 8 / 24, "receive": 3 / 24}


def with_silence(calls: int, made: Any, value: str) -> Any:
    """Return a graph in which ``value`` is zero in the first calls."""
    for at, each in enumerate(made.graph.node):
        if value in each.output:
            each.output[0], place = "heard", at + 1
    made.graph.node.insert(place, node("Less", ["frame", "calls"], ["early"], "silence/early"))
    made.graph.node.insert(
        place + 1, node("Where", ["early", "zero", "heard"], [value], "silence/on")
    )
    made.graph.input.append(model([], {"frame": ([], INT)}, {}).graph.input[0])
    for name, array in (("calls", np.array(calls)), ("zero", np.zeros((), np.float32))):
        made.graph.initializer.append(numpy_helper.from_array(array, name))
    return made


@pytest.mark.parametrize(("declared", "code"), [("4", ExitCode.INCOMPLETE), ("24", 0)])
def test_silence_at_the_start_must_be_declared(
    declared: str, code: int, run: Run, tmp_path: Path
) -> None:
    """Two calls without codes and three of silence: 5 x 4 samples beside the call itself."""
    said = codecs.metadata(latency_samples=declared)
    sender = with_silence(2, codecs.transmit(said["transmit"]), "latent")
    receiver = with_silence(3, codecs.receive(said["receive"]), "audio")
    assert audited_code(run, save(tmp_path, sender, receiver)) == (code, 24)


def test_graphs_for_edges_show_the_start(run: Run, tmp_path: Path) -> None:
    """The graphs of the folder ``edges`` are silent in three calls; those beside it are counted."""
    said = codecs.metadata(latency_samples="4")
    folder, edges = tmp_path / "codec", tmp_path / "codec" / "edges"
    edges.mkdir(parents=True)
    save(folder, codecs.transmit(said["transmit"]), codecs.receive(said["receive"]))
    masked = with_silence(3, codecs.receive(said["receive"]), "audio")
    save(edges, codecs.transmit(said["transmit"]), masked)
    assert audited_code(run, folder) == (ExitCode.INCOMPLETE, 16)
    (edges / "transmit.onnx").unlink()
    found = run("audit", folder)
    assert found.code == ExitCode.BAD_INPUT
    assert "given receive; allowed: the sides of the folder around it" in found.err


def audited_code(run: Run, folder: Path) -> tuple[int, int]:
    """Return the exit code of an audit, and the whole delay."""
    found = run("audit", folder, "--format", "json")
    return found.code, json.loads(found.out)["latency"]["total_samples"]


def test_one_side_alone_is_incomplete(run: Run, tmp_path: Path) -> None:
    folder = stated(tmp_path, latency_samples="4")
    for side, macs in (("transmit", CONV_MACS + SEARCH_MACS), ("receive", DECODER_MACS)):
        found = audited(run, folder / f"{side}.onnx", "--limits", loose_limits(tmp_path))
        assert found["complexity"]["overall"]["macs_per_frame"] == macs
        assert found["verdict"] == "incomplete"
        other = "receive" if side == "transmit" else "transmit"
        reasons = [row["reason"] for row in found["layers"] if row["fate"] == "uncounted"]
        assert reasons == [f"there is no graph of the {other} side"]


def test_audio_to_audio_is_audited_whole(run: Run, tmp_path: Path) -> None:
    filtered = model([node("Elu", ["x"], ["y"])], {"x": [1, 1, 8]}, {"y": [1, 1, 8]})
    folder = save(tmp_path, filtered, names="codec")
    found = audited(run, folder, *RATE)
    assert {row["side"] for row in found["layers"]} == {"undivided"}
    assert found["latency"]["total_samples"] == 8


def test_an_unknown_operator_is_incomplete(run: Run, tmp_path: Path) -> None:
    made = codecs.receive()
    made.graph.node.append(node("Foo", ["audio"], ["louder"], domain="com.example"))
    made.graph.output[0].name = "louder"
    folder = save(tmp_path, codecs.transmit(kernel=HOP), made)
    found = run("check", folder, *RATE, "--limits", loose_limits(tmp_path))
    assert found.code == ExitCode.INCOMPLETE
    assert "no cost formula for Foo of the domain com.example" in found.out.replace("\n  ", " ")


def test_a_second_output_may_go_over_the_wire(run: Run, tmp_path: Path) -> None:
    made = codecs.transmit(kernel=HOP)
    made.graph.node.append(node("ReduceMax", ["audio"], ["scale"]))
    made.graph.output.append(model([], {}, {"scale": [1, 1, 1]}).graph.output[0])
    found = audited(run, save(tmp_path, made, codecs.receive()), *RATE)
    (row,) = [row for row in found["layers"] if row["fate"] == "uncounted"]
    assert (row["name"], "may go over the wire" in row["reason"]) == ("scale", True)


def test_modes_come_from_the_metadata(run: Run, tmp_path: Path) -> None:
    said = {"layers": "2", "bitrates_kbps": "1,2.5,4", "latency_samples": "4"}
    folder = stated(tmp_path, **said)
    found = audited(run, folder, "--bitrate", "2.5")
    assert found["mode"]["active_layers"] == 2
    assert found["mode"]["bitrate_kbps"] == 2.5
    assert found["design"]["bitrates_kbps"] == [1, 2.5, 4]
    refused = run("audit", folder, "--bitrate", "4")
    assert refused.code == ExitCode.BAD_INPUT
    assert "given 4; allowed: 2.5, the one mode that the graphs compute" in refused.err


def test_the_bitrate_of_the_codes(run: Run, tmp_path: Path) -> None:
    """One index of 16 for each of 6,000 frames in a second is 24 kbps."""
    found = audited(run, stated(tmp_path, latency_samples="4"))
    assert found["mode"]["bitrate_kbps"] == 24
    for declared, status in (("24", "pass"), ("25", "pass"), ("20", "fail")):
        said = {"layers": "1", "bitrates_kbps": declared, "latency_samples": "4"}
        checks = audited(run, stated(tmp_path, **said))["limits"]["checks"]
        (check,) = [each for each in checks if each["id"] == "bitstream"]
        assert (check["value"], check["limit"], check["status"]) == (24, float(declared), status)


def test_codes_must_be_whole_numbers(run: Run, tmp_path: Path) -> None:
    said = codecs.metadata(layers="1", bitrates_kbps="24", latency_samples="4")
    made = codecs.transmit(said["transmit"])
    made.graph.node[-1].output[0] = "index"
    made.graph.node.append(node("Cast", ["index"], ["codes"], to=TensorProto.FLOAT))
    made.graph.output[0].type.tensor_type.elem_type = TensorProto.FLOAT
    found = audited(run, save(tmp_path, made, codecs.receive(said["receive"])))
    (check,) = [each for each in found["limits"]["checks"] if each["id"] == "bitstream"]
    assert check["status"] == "fail"
    assert "codes are fractions" in found["bitstream"]["broken"][0]


def test_a_subject_of_published_figures(run: Run, tmp_path: Path) -> None:
    folder = stated(tmp_path, latency_samples="4")
    mflops = 2 * DECODER_MACS * RATE_HZ / HOP / 1e6
    found = run("reconcile", folder, "--stage", "decoder", "--published", f"{mflops:g}")
    assert (found.code, found.err) == (0, "")


def test_a_weight_that_is_used_twice_is_stored_once(run: Run, tmp_path: Path) -> None:
    made = model(
        [node("MatMul", ["x", "w"], ["z"]), node("MatMul", ["z", "w"], ["y"])],
        {"x": [1, 1, 8]},
        {"y": [1, 1, 8]},
        {"w": np.ones((8, 8), np.float32)},
    )
    found = audited(run, save(tmp_path, made, names="codec"), *RATE)
    assert found["memory"]["undivided"]["stored_values"]["weights"] == 64
    assert found["complexity"]["overall"]["macs_per_frame"] == 2 * 64


def test_values_that_both_sides_store_are_shared(run: Run, tmp_path: Path) -> None:
    """Both store the codebook; the transmit side, which multiplies by it, has it transposed."""
    made = codecs.transmit(kernel=HOP)
    twin = save(tmp_path, made, codecs.receive())
    assert all(row["shared_values"] == 0 for row in audited(run, twin, *RATE)["layers"])
    same = codecs.receive()
    same.graph.initializer[1].CopyFrom(made.graph.initializer[0])
    same.graph.initializer[1].name = "w"
    found = audited(run, save(tmp_path, made, same), *RATE)
    shared = {(row["name"], row["side"]): row["shared_values"] for row in found["layers"]}
    assert shared["decoder/up", "receive"] == shared["encoder/conv", "transmit"] == 6 * HOP


def test_commands_that_take_several_targets(run: Run, tmp_path: Path) -> None:
    folder = stated(tmp_path, latency_samples="4")
    found = run("check", folder, "track1", "--limits", loose_limits(tmp_path))
    assert found.code == ExitCode.LIMIT_BROKEN  # by the baseline alone, which costs 691 MFLOPS
    assert f"{folder}: pass (loose" in found.out
    compared = run("compare", "track1", folder)
    assert compared.code == 0
    assert "overall" in compared.out


def test_a_folder_of_designs_and_graphs_is_both(run: Run, tmp_path: Path) -> None:
    folder = stated(tmp_path, latency_samples="4")
    run("convert", "track1", tmp_path / "design.yaml")
    found = json.loads(run("check", folder, "--format", "json").out)
    sources = [each["design"]["source"] for each in found["targets"]]
    assert sources == [str(folder), str(tmp_path / "design.yaml")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--arg", "x=1"), "--arg: given x; allowed: only for a python: target"),
        (("--hop", "5"), "--hop: given 5; allowed: 4, the samples of audio in one call of"),
    ],
)
def test_options_that_do_not_fit(
    arguments: tuple[str, ...], words: str, run: Run, tmp_path: Path
) -> None:
    found = run("audit", stated(tmp_path), *arguments)
    assert found.code == ExitCode.BAD_INPUT
    assert words in found.err


def test_a_rate_must_be_known(run: Run, tmp_path: Path) -> None:
    found = run("audit", save(tmp_path, codecs.transmit(), codecs.receive()))
    assert found.code == ExitCode.BAD_INPUT
    assert "lrac.sample_rate_hz: given no sample rate in the metadata" in found.err


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("sample_rate_hz", "fast", "lrac.sample_rate_hz: given 'fast'; allowed: a number"),
        ("latency_samples", "-4", "lrac.latency_samples: given '-4'; allowed: a whole number"),
        ("format_version", "2", "lrac.format_version: given '2'; allowed: 1"),
        ("output_delay_steps", "1.5", "lrac.output_delay_steps: given '1.5'; allowed: a whole"),
        ("bitrates_kbps", "1,two", "lrac.bitrates_kbps: given '1,two'; allowed: positive numbers"),
        ("design", "name: [", "lrac.design"),
        ("design", "hop: 3", "lrac.design"),
    ],
)
def test_metadata_that_cannot_be_read(
    key: str, value: str, words: str, run: Run, tmp_path: Path
) -> None:
    found = run("audit", stated(tmp_path, **{key: value}))
    assert (found.code, found.out) == (ExitCode.BAD_INPUT, "")
    assert words in found.err


DESIGN = """
lrac_audit_design: 1
name: Another codec
sample_rate_hz: 24000
encoder:
  layers:
    - conv: {kernel: 8, stride: 4, channels: 6}
quantizer: {layers: 1, codebook_size: 16}
decoder:
  layers:
    - transposed_conv: {kernel: 4, stride: 4, channels: 1}
"""


def test_a_declared_design_must_be_the_one(run: Run, tmp_path: Path) -> None:
    """The rows of the design have other names; the graphs say nine layers, and it has one."""
    said = {"design": DESIGN, "layers": "9", "latency_samples": "4"}
    found = run("audit", stated(tmp_path, **said), "--format", "json")
    assert found.code == ExitCode.INCOMPLETE
    doubts = json.loads(found.out)["doubts"]
    assert "exported graph: macs_per_frame of encoder.layers.0.conv (transmit) is none" in doubts[0]
    assert not [each for each in doubts if "state" in each or "receptive" in each]


def test_a_folder_of_more_graphs_than_sides(run: Run, tmp_path: Path) -> None:
    made = codecs.transmit()
    found = run("audit", save(tmp_path, made, made, codecs.receive(), names="a b c"), *RATE)
    assert found.code == ExitCode.BAD_INPUT
    assert "given a.onnx, b.onnx, c.onnx; allowed: a graph for each side" in found.err


def test_a_preset_is_a_design_whatever_folder_has_its_name(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "track1").mkdir()
    stated(tmp_path / "track1", latency_samples="4")
    monkeypatch.chdir(tmp_path)
    assert audited(run, "track1")["design"]["hop_samples"] == 240
    assert audited(run, "./track1")["design"]["hop_samples"] == HOP


@pytest.mark.parametrize("name", ["codec.onnx", ""])
def test_a_folder_without_graphs(
    name: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "codec.onnx").mkdir()
    monkeypatch.chdir(tmp_path)
    found = run("audit", name)
    assert (found.code, found.out) == (ExitCode.BAD_INPUT, "")
    assert len(found.err.splitlines()) == 1


def test_graphs_that_contradict_each_other(run: Run, tmp_path: Path) -> None:
    said = codecs.metadata()
    said["transmit"]["lrac.layers"], said["receive"]["lrac.layers"] = "1", "2"
    folder = save(tmp_path, codecs.transmit(said["transmit"]), codecs.receive(said["receive"]))
    found = run("audit", folder)
    assert found.code == ExitCode.BAD_INPUT
    assert "lrac.layers: given '1' and '2'; allowed: the same in the graphs" in found.err


def test_calls_of_two_lengths(run: Run, tmp_path: Path) -> None:
    longer = codecs.receive()
    longer.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 2
    longer.graph.output[0].type.tensor_type.shape.dim[2].dim_value = 2 * HOP
    found = run("audit", save(tmp_path, codecs.transmit(), longer), *RATE)
    assert found.code == ExitCode.BAD_INPUT
    assert "given 4 samples in a call and 8 samples in a call" in found.err


def test_graphs_that_do_not_belong_together(run: Run, tmp_path: Path) -> None:
    twice = save(tmp_path, codecs.transmit(), codecs.transmit(), names="a b")
    found = run("audit", twice, *RATE)
    assert found.code == ExitCode.BAD_INPUT
    assert "given a.onnx (transmit) and b.onnx (transmit)" in found.err
