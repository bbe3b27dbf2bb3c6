"""Short-time Fourier transforms and their inverses: by hand, against torch's, and in a stream."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from lrac_audit import audit
from lrac_audit.design.native.reader import read_design
from lrac_audit.errors import InputError
from lrac_audit.ledger.row import Kind
from reference_models.nn.absorb import absorb
from reference_models.nn.build import build_untrained
from reference_models.nn.codec import Transmitter
from tests.reference_models.nn.listed import assert_witnesses_agree
from tests.reference_models.nn.spectral import (
    assert_codec_streams_as_at_once,
    assert_in_pieces_as_at_once,
    assert_saved_and_loaded,
    assert_traced_as_written,
    end_modules,
    ends,
    noise,
    spectral,
    tree,
)

WINDOW, HOP, BINS = 24, 8, 13
OVERLAP = WINDOW - HOP
FRAME = {"window": WINDOW, "hop": HOP}
SPECTRA = ("complex", "polar", "magnitude", "log_magnitude")
HANN = (torch.pi * (torch.arange(WINDOW).double() + 0.5) / WINDOW).sin() ** 2


def design(ahead=0, head_ahead=0, spectrum="complex", head_spectrum="complex"):
    front = {"stft": {**FRAME, "look_ahead": ahead, "spectrum": spectrum}}
    head = {"istft": {**FRAME, "look_ahead": head_ahead, "spectrum": head_spectrum}}
    return spectral(front, head, 2 * BINS)


def test_the_rows_are_those_derived_by_hand():
    front, head = ends(design(ahead=5, head_ahead=11))
    # A real transform of 24 values has 24 / 4 * log2(24) = 27.51 butterflies, so 28; the window
    # multiplies 24 values. Both are no multiply-accumulates.
    for row, op in ((front, "stft"), (head, "istft")):
        assert (row.op, row.runs_per_frame) == (op, 1)
        assert row.work == {Kind.POINTWISE: 24, Kind.BUTTERFLY: 28}
        assert (row.macs_per_frame, row.stored_values) == (0, 24)
        assert row.state_values == OVERLAP
    assert (front.past_samples, front.delay_samples) == (OVERLAP - 5, 5)
    assert (head.past_samples, head.delay_samples) == (OVERLAP - 11, 11)
    assert (front.geometry.channels_in, front.geometry.channels_out) == (1, 26)
    assert (head.geometry.channels_in, head.geometry.channels_out) == (26, 1)


def test_samples_behind_a_layer_are_counted_at_their_own_rate():
    whole = tree({"stft": FRAME}, {"istft": FRAME}, 2 * BINS)
    whole["encoder"]["layers"].insert(0, {"conv": {"kernel": 3, "stride": 3, "channels": 2}})
    whole["decoder"]["layers"] += [{"transposed_conv": {"kernel": 3, "stride": 3}}]
    whole["encoder"]["layers"][1] = {"stft": {**FRAME, "look_ahead": 4}}
    row = read_rows(whole)["encoder.layers.1.stft"]
    # Two channels at a third of the rate: two transforms, and 4 steps of 3 samples each.
    assert row.work == {Kind.POINTWISE: 2 * 24, Kind.BUTTERFLY: 2 * 28}
    assert row.geometry.channels_out == 2 * 2 * BINS
    assert (row.delay_samples, row.past_samples) == (4 * 3, (OVERLAP - 4) * 3)
    assert (row.state_values, row.stored_values) == (2 * OVERLAP, 24)


def read_rows(whole):
    return {row.name: row for row in audit(read_design(whole, "text")).ledger.rows}


# For each of 13 bins: two squares, their sum and a floor; then a root, or a logarithm and its half,
# or that, a zero that is added and an angle. The head: an exponential, a ceiling, a cosine, a sine
# and two products.
@pytest.mark.parametrize(
    ("spectrum", "channels", "more"),
    [
        ("complex", 26, {}),
        ("magnitude", 13, {Kind.POINTWISE: 3, Kind.RESIDUAL_ADD: 1, Kind.SQUARE_ROOT: 1}),
        ("log_magnitude", 13, {Kind.POINTWISE: 4, Kind.RESIDUAL_ADD: 1, Kind.TRANSCENDENTAL: 1}),
        ("polar", 26, {Kind.POINTWISE: 5, Kind.RESIDUAL_ADD: 1, Kind.TRANSCENDENTAL: 2}),
    ],
)
def test_what_a_spectrum_costs(spectrum, channels, more):
    front, _ = ends(design(spectrum=spectrum))
    work = {Kind.BUTTERFLY: 28, **{kind: BINS * count for kind, count in more.items()}}
    assert front.work == work | {Kind.POINTWISE: 24 + BINS * more.get(Kind.POINTWISE, 0)}
    assert front.geometry.channels_out == channels


def test_what_a_spectrum_of_magnitude_and_phase_costs_to_put_together():
    _, head = ends(design(head_spectrum="polar"))
    assert head.work == {
        Kind.BUTTERFLY: 28,
        Kind.POINTWISE: 24 + 3 * BINS,
        Kind.TRANSCENDENTAL: 3 * BINS,
    }


@pytest.mark.parametrize(
    "spectrum",
    [
        "polar",
        *(
            pytest.param(name, marks=pytest.mark.sweep)
            for name in ("complex", "magnitude", "log_magnitude")
        ),
    ],
)
def test_the_trace_counts_what_the_rows_say(spectrum):
    assert_traced_as_written(design(3, 9, spectrum, "polar" if spectrum == "polar" else "complex"))


@pytest.mark.sweep
def test_the_witnesses_agree():
    assert_witnesses_agree(design(5, 11, "complex", "polar"))


def test_a_stream_gives_what_the_whole_gives():
    front, head = end_modules(design(5, 11, "log_magnitude", "polar"))
    assert_in_pieces_as_at_once(front, noise(2, 1, 45), 6)
    assert_in_pieces_as_at_once(head, noise(2, 2 * BINS, 10), 10 * HOP)


def test_a_codec_streams_what_it_gives_at_once():
    assert_codec_streams_as_at_once(design(5, 11, "log_magnitude", "polar"))


def test_a_side_without_parameters_streams():
    whole = tree({"stft": FRAME}, {"istft": FRAME}, 2 * BINS)
    whole["encoder"]["layers"].pop()
    del whole["quantizer"]["codebook_dim"]
    sender = absorb(build_untrained(read_design(whole, "text"), seed=1).double()).transmit
    assert not [*sender.parameters()]
    audio = noise(1, 1, 4 * HOP)
    stream = Transmitter(sender)
    assert stream.footprint().size_bytes == OVERLAP * 8  # in double precision, as its tables are
    codes = stream.push(audio)
    assert torch.equal(codes, sender.encode(audio)) and codes.shape[2] == 4


def test_a_codec_is_saved_and_loaded(tmp_path):
    assert_saved_and_loaded(design(5, 11, "polar", "polar"), tmp_path)


def torch_spectra(x, ahead):
    """The frames of torch, which begin ``OVERLAP - ahead`` samples before those of the input."""
    padded = functional.pad(x, (OVERLAP - ahead, ahead))
    return torch.stft(padded, WINDOW, HOP, window=HANN, center=False, return_complex=True)


def test_it_computes_what_torch_computes():
    x = noise(2, 1, 6 * HOP)
    spectra = torch_spectra(x[:, 0], ahead=5)
    expected = {
        "complex": torch.cat((spectra.real, spectra.imag), 1),
        "magnitude": spectra.abs(),
        "log_magnitude": spectra.abs().log(),
        "polar": torch.cat((spectra.abs().log(), spectra.angle()), 1),
    }
    assert set(expected) == set(SPECTRA)
    for spectrum, values in expected.items():
        front, _ = end_modules(design(5, spectrum=spectrum))
        # The window is stored in single precision.
        assert torch.allclose(front(x), values, rtol=1e-4, atol=1e-4), spectrum


def test_the_inverse_computes_what_torch_computes():
    # torch's centred inverse cuts half a window, 12 samples.
    spectra = noise(1, BINS, 10) + 1j * noise(1, BINS, 10).flip(2)
    expected = torch.istft(spectra, WINDOW, HOP, window=HANN, center=True)
    inside = slice(OVERLAP, expected.shape[1] - OVERLAP)  # where three frames overlap
    values = {
        "complex": torch.cat((spectra.real, spectra.imag), 1),
        "polar": torch.cat((spectra.abs().log(), spectra.angle()), 1),
    }
    for spectrum, given in values.items():
        _, head = end_modules(design(head_ahead=WINDOW // 2, head_spectrum=spectrum))
        assert torch.allclose(head(given)[0, :, inside], expected[:, inside], rtol=0, atol=1e-4)


@pytest.mark.parametrize("window", [3, 5, 8, 12, 320])
def test_the_phase_of_a_negative_number_is_pi_whatever_the_signs_of_zeros(window):
    frame = {"window": window, "hop": window, "spectrum": "polar"}
    bins = window // 2 + 1
    front, _ = end_modules(spectral({"stft": frame}, {"istft": frame}, 2 * bins))
    x = torch.zeros(1, 1, window, dtype=torch.float64)
    assert torch.equal(front(-x)[0, bins:, 0], torch.zeros(bins).double())
    x[..., 0] = -1
    assert torch.allclose(front(x)[0, bins:, 0], torch.full((bins,), torch.pi).double())


@pytest.mark.parametrize("ahead", [0, 6, OVERLAP])
def test_look_aheads_of_the_overlap_together_give_every_sample_at_its_place(ahead):
    x = noise(2, 1, 10 * HOP)
    front, head = end_modules(design(ahead, OVERLAP - ahead))
    y = head(front(x))
    inside = slice(WINDOW, -WINDOW)
    assert torch.allclose(y[:, :, inside], x[:, :, inside], rtol=0, atol=1e-5)


@pytest.mark.parametrize("spectrum", SPECTRA)
def test_silence_has_finite_values_and_slopes(spectrum):
    front, _ = end_modules(design(spectrum=spectrum))
    x = torch.zeros(1, 1, 5 * HOP, dtype=torch.float64, requires_grad=True)
    y = front(x)
    y.sum().backward()
    assert y.isfinite().all() and x.grad is not None and x.grad.isfinite().all()


def test_a_large_logarithm_stands_for_the_largest_magnitude():
    _, head = end_modules(design(head_spectrum="polar"))
    loud = torch.full((1, 2 * BINS, 4), 1000.0, dtype=torch.float64)
    loud[:, BINS:] = 0  # phases
    assert head(loud).isfinite().all()
    limit = torch.cat((torch.full((1, BINS, 4), 100.0).log(), torch.zeros(1, BINS, 4)), 1).double()
    assert torch.allclose(head(loud), head(limit), rtol=1e-5)


FRONT, HEAD = "encoder.layers[0].stft", "decoder.layers[1].istft"


@pytest.mark.parametrize("end", ["stft", "istft"])
@pytest.mark.parametrize(
    ("changed", "field", "given", "allowed"),
    [
        ({"window": 0}, ".window", "0", "a whole number from 1"),
        ({"hop": 0}, ".hop", "0", "a whole number from 1"),
        ({"window": 20}, ".hop", "8", "a divisor of the window, 20 samples"),
        ({"hop": 10}, ".hop", "10", "a divisor of the window, 24 samples"),
        ({"look_ahead": 17}, ".look_ahead", "17", "at most the overlap of frames, 16 samples"),
        ({"spectrum": "mel"}, ".spectrum", "'mel'", "complex"),
    ],
)
def test_bad_input_is_one_problem_with_its_field(end, changed, field, given, allowed):
    whole = tree({"stft": FRAME}, {"istft": FRAME}, 2 * BINS)
    side, place = ("encoder", 0) if end == "stft" else ("decoder", 1)
    whole[side]["layers"][place] = {end: FRAME | changed}
    if changed == {"window": 20} and end == "istft":
        whole["decoder"]["layers"][0]["linear"]["channels"] = 22
    with pytest.raises(InputError) as caught:
        read_design(whole, "text")
    (problem,) = caught.value.problems
    assert problem.field == (FRONT if end == "stft" else HEAD) + field
    assert problem.given == given
    assert allowed in problem.allowed


def test_a_head_on_other_channels_is_one_problem():
    with pytest.raises(InputError) as caught:
        spectral({"stft": FRAME}, {"istft": FRAME}, 25)
    (problem,) = caught.value.problems
    assert problem.field == HEAD
    assert str(problem).endswith(
        "given 25 channels before it; "
        "allowed: a multiple of 26, two values for each of the 13 bins of its window"
    )


def test_a_bad_window_is_no_problem_of_the_channels_behind_it():
    whole = tree({"stft": FRAME | {"window": -1}}, {"istft": FRAME}, 2 * BINS)
    whole["encoder"]["layers"].insert(1, {"conv": {"kernel": 1, "groups": 13, "channels": 13}})
    with pytest.raises(InputError) as caught:
        read_design(whole, "text")
    assert [problem.field for problem in caught.value.problems] == [f"{FRONT}.window"]


def test_ends_of_different_hops_are_one_problem():
    with pytest.raises(InputError) as caught:
        spectral({"stft": FRAME}, {"istft": {"window": 24, "hop": 6}}, 26)
    (problem,) = caught.value.problems
    assert problem.field == "decoder.layers"
    assert problem.allowed == "the encoder's hop, 8 samples"


def test_a_front_end_in_a_decoder_is_one_problem():
    whole = tree({"stft": FRAME}, {"istft": FRAME}, 2 * BINS)
    whole["decoder"]["layers"].insert(0, {"stft": FRAME})
    with pytest.raises(InputError, match="stft, which lowers the rate") as caught:
        read_design(whole, "text")
    assert [problem.field for problem in caught.value.problems] == ["decoder.layers[0]"]
