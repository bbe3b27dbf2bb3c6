"""Weights in 8 bits in C: what is computed with them, what they are refused by, and the report."""

from dataclasses import replace

import numpy as np
import pytest

from lrac_audit.errors import InputError
from reference_models.export.c.calibration import means_of
from reference_models.export.c.library import SideLibrary
from reference_models.export.codec import programs_of
from reference_models.export.exporters import load_int8_exporter
from reference_models.export.operations.convolutions import Convolve, ConvolveTransposed
from reference_models.export.operations.quantizers import Lookup
from reference_models.export.operations.recurrent import Recur
from reference_models.streaming.file_coding import fingerprints
from tests.random_designs import designs
from tests.reference_models.export.c.running import QUICK, UNDEFINED, Compiled
from tests.reference_models.export.c.test_programs_in_c import check_audio
from tests.reference_models.export.interpreter import decoded, encoded
from tests.reference_models.export.listed_designs import listed_design
from tests.reference_models.export.small_codec import audio, small_codec
from tests.reference_models.nn.filling import filled_codec
from tests.reference_models.nn.test_random_designs import EVERYTHING
from tests.sweeps import random_cases

pytestmark = pytest.mark.usefixtures("c_compiler")

FLAGS = [QUICK, (*QUICK, "-DLRAC_PORTABLE"), pytest.param(UNDEFINED, marks=pytest.mark.sweep)]


def rounded(weight, axes):
    """Return weights as multiples of 1/127 of the largest that is left along ``axes``."""
    scale = np.abs(weight).max(axes, keepdims=True) / 127
    return np.round(weight / scale) * scale


def of_groups(weight, groups):
    """Return a transposed weight ``[C_in, C_out / groups, kernel]`` with an axis of groups."""
    return weight.reshape(groups, -1, *weight.shape[1:])


def response(op, weight, mean):
    """Return what a constant input gives, on average over time, ``[C_out]``."""
    if isinstance(op, Convolve):
        pairs = zip(np.split(weight, op.groups), np.split(mean, op.groups), strict=True)
        return np.concatenate([each.sum(2) @ part for each, part in pairs])
    parts = mean.reshape(op.groups, -1)
    each = np.einsum("gi,giok->gok", parts, of_groups(weight, op.groups))
    return each.sum(2).ravel() / op.stride


def rounded_weight(op, weight):
    """Return weights that share a scale where they add up to one output, or are of one column."""
    if isinstance(op, Convolve):
        return rounded(weight, (1, 2))
    if isinstance(op, ConvolveTransposed):
        return rounded(of_groups(weight, op.groups), 1).reshape(weight.shape)
    return rounded(weight, 1 if isinstance(op, Recur) else 0)


def dequantised(program, means):
    """Return a program whose weights are what 8 bits leave of them, with corrected biases.

    They have names of their own, as a codebook that is also looked up is searched as it is.
    """
    constants = dict(program.constants)
    operations = []
    for op in program.operations:
        if isinstance(op, Convolve | ConvolveTransposed | Lookup | Recur):
            found = list(op.constants)
            weights = [program.constants[name].astype(float) for name in found]
            for i in range(2 if isinstance(op, Recur) else 1):
                found[i] = f"{op.constants[i]} rounded for {op.writes}"
                constants[found[i]] = rounded_weight(op, weights[i])
            if isinstance(op, Convolve | ConvolveTransposed) and len(found) > 1:
                found[1] = f"{op.constants[1]} corrected for {op.writes}"
                error = weights[0] - constants[found[0]]
                constants[found[1]] = weights[1] + response(op, error, means[op.reads[0]])
            op = replace(op, constants=tuple(found))
        operations.append(op)
    return replace(program, constants=constants, operations=tuple(operations))


def some_means(program, random):
    return {
        name: 0.1 * random.standard_normal(value.columns).astype(np.float32)
        for name, value in program.values.items()
    }


def check(design, flags=QUICK):
    """Compare both sides with the rounded weights; return how far audio is from that of floats."""
    random = np.random.default_rng(7)
    codec, layers = filled_codec(design, seed=1), design.quantizer.layers
    programs = programs_of(codec)
    means = {each.side: some_means(each, random) for each in programs}
    compiled = Compiled(codec, flags, means)
    transmit, receive = (dequantised(each, means[each.side]) for each in programs)
    samples = design.audio_channels, 6 * design.hop_samples + 5
    audio = (0.3 * random.standard_normal(samples)).astype(np.float32)
    codes = encoded(transmit, audio, layers)
    np.testing.assert_array_equal(compiled.encode(audio, layers), codes)
    expected = decoded(receive, codes, layers)
    check_audio(compiled.decode(codes), expected)
    return np.abs(expected - decoded(programs.receive, codes, layers)).max()


@pytest.mark.parametrize("flags", FLAGS)
@pytest.mark.parametrize("design", [EVERYTHING, listed_design()], ids=["everything", "lists"])
def test_codecs_are_those_of_the_rounded_weights(design, flags):
    assert check(design, flags) > 1e-3  # that much would be seen if nothing were rounded


def check_random(design):
    check(design)


test_random_designs = random_cases(designs(), 1, 10)(check_random)


def test_weights_of_the_other_precision_are_refused():
    codec = filled_codec(EVERYTHING, seed=1)
    means = some_means(programs_of(codec).receive, np.random.default_rng(0))
    plain, small = Compiled(codec), Compiled(codec, means={"receive": means})
    for library, other in ((plain.library, small), (small.library, plain)):
        transmit, receive = other.parts
        SideLibrary(library, transmit, fingerprints(codec))
        with pytest.raises(ValueError, match="error -5"):
            SideLibrary(library, receive, fingerprints(codec))


def calibrated(side, frames, codes):
    """Return the program of a side of the small codec, and the means of what its products read."""
    codec = small_codec()
    program = getattr(programs_of(codec), side)
    return program, means_of(program, fingerprints(codec), frames, codes)


def test_means_of_a_window_are_those_of_the_audio():
    """By hand: a convolution of 7 reads the 240 samples of a frame and the 6 before them."""
    frames = list(audio()[:, 0])
    program, means = calibrated("transmit", frames, None)
    samples = np.concatenate([np.zeros(6), audio().ravel()])
    each = [samples[at : at + 246].mean() for at in range(0, len(frames) * 240, 240)]
    np.testing.assert_allclose(means[program.operations[0].writes], [np.mean(each)], rtol=1e-5)


def test_means_of_a_latent_are_those_of_the_entries():
    codes = np.random.default_rng(0).integers(0, 16, (2, 40))
    program, means = calibrated("receive", audio()[:40, 0], codes)
    tables = [op.constants[0] for op in program.operations if isinstance(op, Lookup)]
    each = [program.constants[name][of] for name, of in zip(tables, codes, strict=True)]
    (read,) = (op.reads[0] for op in program.operations if isinstance(op, ConvolveTransposed))
    np.testing.assert_allclose(means[read], sum(each).mean(0), rtol=1e-4, atol=1e-6)


def exported(form, folder):
    """Export the small codec with both sides in 8 bits and return the report."""
    write = load_int8_exporter(form)
    codec, clip = small_codec(), audio().reshape(1, -1)
    return write(codec, 2, folder, clip, ("transmit", "receive"), lambda *_: 2.5)[1]


@pytest.mark.sweep
def test_the_report_states_the_size_of_the_files(tmp_path):
    report = exported("c", tmp_path)
    sizes = [(tmp_path / f"{side}.weights").stat().st_size for side in ("transmit", "receive")]
    assert report.bytes_after == sum(sizes)
    # By hand, on the receive side: a transposed convolution of 6 to 4 x 240 and its 4 biases, a
    # convolution of 3 x 4 and its bias, 2 tables of 16 x 6. Scales: 960, 1 and 2 x 6.
    assert sizes[1] == 64 + (5760 + 12 + 192) + 4 * (4 + 1 + 960 + 1 + 12)


def test_the_report_agrees_with_that_of_graphs(tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    in_c, in_onnx = (exported(form, tmp_path / form) for form in ("c", "onnx"))
    assert in_c.changed_codes == in_onnx.changed_codes and max(in_c.changed_codes) > 0
    assert in_c.snr_db == pytest.approx(in_onnx.snr_db, abs=0.5)
    assert (in_c.seconds, in_c.pesq) == (in_onnx.seconds, in_onnx.pesq)


def test_a_form_without_weights_in_8_bits_is_refused():
    with pytest.raises(InputError, match="--int8: given --to coreml; allowed: --to onnx or --to c"):
        load_int8_exporter("coreml")
