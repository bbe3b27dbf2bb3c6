"""Weights in 8 bits: rounding by channel, biases corrected by calibration, and the report."""

from dataclasses import replace

import numpy as np
import pytest

from tests.reference_models.export.interpreter import Interpreter
from tests.reference_models.export.listed_designs import listed_design
from tests.reference_models.export.small_codec import FRAMES, audio, small_codec

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from reference_models.export.codec import programs_of
from reference_models.export.exporters import load_int8_exporter
from reference_models.export.int8_report import changed, snr_db
from reference_models.export.onnx.calibration import means_of
from reference_models.export.onnx.engine import GraphStream, open_graph
from reference_models.export.onnx.sides import graphs_of
from reference_models.export.operations.convolutions import Convolve
from reference_models.export.quantization import quantize
from tests.reference_models.nn.filling import filled_codec


@pytest.fixture(scope="module")
def codec():
    return small_codec()


def test_weights_are_whole_multiples_of_the_scale_of_their_channel():
    # By hand: the largest of each column becomes 127, a column of zeros stays so.
    weights = np.array([[1.27, 0.0, -2.54], [-0.5, 0.0, 1.0]], np.float32)
    whole, scale = quantize(weights, axis=1)
    assert whole.dtype == np.int8
    np.testing.assert_array_equal(whole, [[127, 0, -127], [-50, 0, 50]])
    np.testing.assert_allclose(scale, [0.01, 1, 0.02], rtol=1e-6)


def mean_latent_error(codec, means):
    """Return how far the means of the latent are off, by a graph whose result is the latent."""
    program = programs_of(codec).transmit
    plain, rounded = (means_of(program, audio(), each) for each in (None, means))
    read_by_projection = next(op for op in program.operations if "project_in" in op.row).reads[0]
    return np.abs(plain[read_by_projection] - rounded[read_by_projection]).max()


def test_calibration_keeps_the_means_of_what_layers_give(codec):
    program = programs_of(codec).transmit
    means = means_of(program, audio())
    none = {name: np.zeros_like(mean) for name, mean in means.items()}
    # Not nothing: the zeros before a clip are in the means of some taps and not of others.
    assert mean_latent_error(codec, means) < 0.2 * mean_latent_error(codec, none)


def test_means_are_those_of_the_audio(codec):
    program = programs_of(codec).transmit
    means = means_of(program, audio())
    window = program.operations[0].writes  # the audio behind the 6 samples before it
    frames = np.concatenate([np.zeros(6), audio().ravel()])
    each = [frames[at : at + 246].mean() for at in range(0, FRAMES * 240, 240)]
    np.testing.assert_allclose(means[window], [np.mean(each)], rtol=1e-5)


@pytest.mark.parametrize("side", ["transmit", "receive"])
def test_means_behind_attention_and_noise(side):
    """Without edges; rotary positions matter only relative to each other."""
    codec = filled_codec(listed_design(), seed=1)
    program = getattr(programs_of(codec), side)
    random = np.random.default_rng(0)
    frames = audio() if side == "transmit" else random.integers(0, 16, (FRAMES, 2, 1, 1))
    value = [op.reads[0] for op in program.operations if isinstance(op, Convolve)][-1]
    exact, found = Interpreter(replace(program, outputs=(value,))), means_of(program, frames)
    exact.frame = 1000
    inputs = frames[:, 0].transpose(0, 2, 1) if side == "transmit" else frames
    given = [[each] if side == "transmit" else list(each) for each in inputs]
    expected = np.mean([exact.run(each)[0].mean(0) for each in given], 0)
    np.testing.assert_allclose(found[value], expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_files_are_smaller_and_the_report_says_by_how_much(codec, tmp_path):
    clip = audio().reshape(1, -1)
    sides = ("receive",)
    write_int8 = load_int8_exporter("onnx")
    paths, report = write_int8(codec, 2, tmp_path, clip, sides, lambda *_: 2.5)
    sizes = {path.relative_to(tmp_path).as_posix(): path.stat().st_size for path in paths}
    float_models = [graphs_of(codec, program) for program in programs_of(codec)]
    assert report.bytes_before == float_models[1].midst.ByteSize()
    assert report.bytes_after == sizes["receive.onnx"]
    # By hand: 3 of 4 bytes of 6 x 960 weights, less a scale of 4 bytes for each of 960 channels.
    saved = report.bytes_before - report.bytes_after
    assert saved == pytest.approx(3 * 5760 - 4 * 960, rel=0.05)
    assert sizes["transmit.onnx"] == float_models[0].midst.ByteSize()  # is not in 8 bits
    assert report.changed_codes == (0, 0) and report.pesq == (2.5, 2.5)
    assert report.seconds == FRAMES / 2 * 240 / 24_000
    assert 30 < report.snr_db < 70  # 8 bits are 48 dB for values that use all of them
    stream = GraphStream(*(open_graph(each) for each in paths[2:4]))
    assert np.abs(stream.run(np.zeros((2, 1, 1), np.int64), 1)).max() > 0


def test_figures_of_the_report_by_hand():
    assert snr_db(np.ones((1, 2)), np.array([[1.0, 0.0]])) == pytest.approx(3.0103, abs=1e-4)
    codes = np.array([[1, 2, 3, 4], [5, 6, 7, 8]])
    assert changed(codes, np.array([[1, 2, 3, 0], [0, 0, 7, 8]])) == (0.25, 0.5)
