"""``lrac-codec export``: the files it writes, what they say, and what it refuses."""

import json
import shutil

import numpy as np
import pytest
import soundfile

from lrac_audit.design.formats import load_design, read_design_data
from reference_models.bitstream.reader import open_bitstream

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from reference_models.export.onnx.engine import GraphStream, open_graph  # noqa: E402

SIDES = ("transmit", "receive")


@pytest.fixture
def exported(run, tiny, tmp_path):
    """The folder with the graphs of the small codec."""
    folder = tmp_path / "some" / "graphs"
    result = run("export", tiny.weights, folder, "--to", "onnx")
    assert (result.code, result.err) == (0, "")
    paths = [place / f"{side}.onnx" for side in SIDES for place in (folder, folder / "edges")]
    paths.append(folder / "codec.json")
    assert result.out == "".join(f"{path}: {path.stat().st_size:,} bytes\n" for path in paths)
    return folder


def graphs_of(folder, side):
    return folder / f"{side}.onnx", folder / "edges" / f"{side}.onnx"


def said(path):
    return {each.key: each.value for each in onnx.load(path).metadata_props}


def test_the_graphs_say_which_codec_they_are_of(exported, tiny):
    stated = [said(exported / f"{side}.onnx") for side in SIDES]
    assert json.loads((exported / "codec.json").read_text()) == dict(
        zip(SIDES, stated, strict=True)
    )
    assert [each["lrac.side"] for each in stated] == ["transmit", "receive"]
    for each in stated:
        design = read_design_data(each["lrac.design"]).design
        assert design == load_design(str(tiny.design)).design
        # By hand: a hop of 15 x 16 samples, 100 frames a second, 10 bits for one of 600 codewords.
        assert each["lrac.sample_rate_hz"] == "24000" and each["lrac.hop_samples"] == "240"
        assert each["lrac.layers"] == "6" and each["lrac.bitrates_kbps"] == "1,2,3,4,5,6"
        assert each["lrac.index_sizes"] == "600,600,600,600,600,600"
        # A hop; the encoder looks 1 sample ahead, the decoder 2.
        assert each["lrac.latency_samples"] == "243"
        assert each["lrac.convention"] == "lrac-2025" and each["lrac.format_version"] == "1"


def test_a_file_is_coded_from_what_the_graphs_say_alone(run, tiny, exported, speech, tmp_path):
    """As a host would do it, without a program or a design, against the program's own files."""
    audio = soundfile.read(speech, dtype="float32")[0]
    transmit, receive = (GraphStream(*map(open_graph, graphs_of(exported, side))) for side in SIDES)
    hop, late = 240, 1  # the look-ahead of a sample costs a frame
    frames = -(-len(audio) // hop)
    codes = []
    for frame in range(frames + late):
        left = len(audio) - frame * hop
        piece = np.zeros(hop, np.float32)
        piece[: max(min(left, hop), 0)] = audio[frame * hop : (frame + 1) * hop]
        codes.append(transmit.run(piece, left))
    codes = codes[late:]
    coded = tmp_path / "a.lrac"
    assert run("encode", speech, coded, "--weights", tiny.weights).code == 0
    written = np.concatenate(list(open_bitstream(coded).chunks([600] * 6, 100)), 1)
    np.testing.assert_array_equal(np.concatenate(codes, 1)[..., 0], written)
    decoded = [receive.run(each, frames - f) for f, each in enumerate([*codes, codes[-1]])]
    assert run("decode", coded, tmp_path / "a.wav", "--weights", tiny.weights).code == 0
    expected = soundfile.read(tmp_path / "a.wav")[0]
    heard = np.concatenate(decoded, 2)[
        0, 0, int(said(exported / "receive.onnx")["lrac.output_delay_steps"]) :
    ]
    np.testing.assert_allclose(heard[: len(audio)], expected, atol=2**-15)


def test_a_lower_mode_computes_fewer_layers(run, tiny, tmp_path):
    assert run("export", tiny.weights, tmp_path, "--to", "onnx", "--bitrate", 1).code == 0
    model = onnx.load(tmp_path / "transmit.onnx")
    assert [each.dim_value for each in model.graph.output[0].type.tensor_type.shape.dim] == [
        1,
        1,
        1,
    ]
    assert said(tmp_path / "transmit.onnx")["lrac.bitrates_kbps"] == "1"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--to", "coreml"], "--to: given coreml; allowed: onnx"),
        (["--to", "onnx", "--int8", "receive"], "--calibrate-on: given nothing; allowed: audio"),
        (["--to", "onnx", "--int8", "codes", "--calibrate-on", "a.wav"], "given codes; allowed"),
        (["--to", "onnx", "--bitrate", 3], "bitrate: given 3 kbps; allowed: a mode of the design"),
    ],
)
def test_refusals(run, tiny, tmp_path, options, message):
    result = run("export", tiny.weights, tmp_path / "out", *options)
    assert result.code == 2 and message in result.err and result.out == ""
    assert not (tmp_path / "out").exists()


def test_halves_cannot_be_exported(run, tiny, speech, tmp_path):
    assert run("absorb", tiny.weights, tmp_path / "t", "--check-on", speech).code == 0
    result = run("export", tmp_path / "t.transmit.safetensors", tmp_path / "out", "--to", "onnx")
    assert result.code == 2 and "given weights of the variant absorbed-transmit" in result.err


def test_a_failure_leaves_old_files_alone(run, tiny, tmp_path):
    (tmp_path / "receive.onnx").mkdir()
    result = run("export", tiny.weights, tmp_path, "--to", "onnx")
    assert result.code == 2 and "receive.onnx" in result.err
    result = run("export", tiny.weights, tiny.weights, "--to", "onnx")
    assert result.code == 2 and "allowed: a folder that can be written" in result.err


IN_C = pytest.param(
    "c",
    "receive.weights",
    marks=[
        pytest.mark.sweep,
        pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler"),
    ],
)


@pytest.mark.parametrize(("to", "name"), [("onnx", "receive.onnx"), IN_C])
def test_weights_in_8_bits_come_with_a_report(run, tiny, speech, tmp_path, to, name):
    folder = tmp_path / "small"
    options = ["--int8", "receive", "--calibrate-on", speech]
    result = run("export", tiny.weights, folder, "--to", to, *options)
    assert (result.code, result.err) == (0, "")
    size = (folder / name).stat().st_size
    assert f"8 bits: {size:,} bytes in place of " in result.out
    # 51 whole frames, of which the second half is judged.
    assert "on 0.3 s of audio that took no part in the calibration" in result.out
    assert "codes changed, by layer: 0.0, 0.0, 0.0, 0.0, 0.0, 0.0 %" in result.out
    assert run("export", tiny.weights, tmp_path / "whole", "--to", to).code == 0
    assert size < 0.5 * (tmp_path / "whole" / name).stat().st_size
