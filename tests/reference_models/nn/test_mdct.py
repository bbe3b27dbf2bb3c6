"""Modified discrete cosine transforms and their inverses: by hand, by definition, in a stream."""

from __future__ import annotations

from math import pi, sqrt

import pytest
import torch
from torch.nn import functional

from lrac_audit.errors import InputError
from lrac_audit.ledger.row import Kind
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
)

HOP = 8


def design(ahead=0, head_ahead=0, hop=HOP, channels=HOP):
    front, head = {"hop": hop, "look_ahead": ahead}, {"hop": hop, "look_ahead": head_ahead}
    return spectral({"mdct": front}, {"imdct": head}, channels)


def test_the_rows_are_those_derived_by_hand():
    front, head = ends(design(ahead=3, head_ahead=5))
    # A window over 16 values; 4 complex values, turned twice; a transform of 4 values has
    # 4 / 2 * log2(4) = 4 butterflies. Folding adds two values for each of 8.
    assert front.work == {Kind.POINTWISE: 16 + 8, Kind.BUTTERFLY: 4, Kind.RESIDUAL_ADD: 8}
    assert head.work == {Kind.POINTWISE: 16 + 8, Kind.BUTTERFLY: 4}
    for row, op, ahead in ((front, "mdct", 3), (head, "imdct", 5)):
        assert (row.op, row.runs_per_frame, row.macs_per_frame) == (op, 1, 0)
        # 16 values of the window, and 4 complex constants.
        assert (row.stored_values, row.state_values) == (24, HOP)
        assert (row.past_samples, row.delay_samples) == (HOP - ahead, ahead)
    assert (front.geometry.channels_out, head.geometry.channels_out) == (HOP, 1)


@pytest.mark.sweep
def test_the_trace_counts_what_the_rows_say():
    assert_traced_as_written(design(3, 5))


@pytest.mark.sweep
def test_the_witnesses_agree_on_a_front_end_before_another_head():
    head = {"istft": {"window": 24, "hop": HOP, "look_ahead": 11, "spectrum": "polar"}}
    assert_witnesses_agree(spectral({"mdct": {"hop": HOP, "look_ahead": 3}}, head, 26))


@pytest.mark.sweep
def test_the_witnesses_agree():
    assert_witnesses_agree(design(3, 5))


def test_a_stream_gives_what_the_whole_gives():
    front, head = end_modules(design(3, 5))
    assert_in_pieces_as_at_once(front, noise(2, 1, 45), 6)
    assert_in_pieces_as_at_once(head, noise(2, HOP, 10), 10 * HOP)


def test_a_codec_streams_what_it_gives_at_once():
    assert_codec_streams_as_at_once(design(3, 5))


def test_a_codec_is_saved_and_loaded(tmp_path):
    assert_saved_and_loaded(design(3, 5), tmp_path)


def definition(hop):
    """``[2 hop, hop]``: window times cosine (Princen and Bradley 1986), of orthonormal scale."""
    n, k = torch.arange(2 * hop).double() + 0.5, torch.arange(hop).double() + 0.5
    window = torch.sin(pi / (2 * hop) * n)
    return sqrt(2 / hop) * window[:, None] * torch.cos(pi / hop * (n[:, None] + hop / 2) * k)


@pytest.mark.parametrize("hop", [4, 6, HOP])
def test_it_computes_its_definition(hop):
    ahead = hop // 2
    front, _ = end_modules(design(ahead, hop=hop, channels=hop))
    x = noise(2, 1, 5 * hop)
    frames = functional.pad(x, (hop - ahead, ahead)).unfold(2, 2 * hop, hop)
    expected = (frames @ definition(hop))[:, 0].transpose(1, 2)
    assert torch.allclose(front(x), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("hop", [4, 6, HOP])
def test_the_inverse_is_the_transpose_of_the_definition(hop):
    _, head = end_modules(design(head_ahead=3, hop=hop, channels=hop))
    spectra = noise(1, hop, 5)
    frames = definition(hop) @ spectra[0]
    sums = torch.zeros(6 * hop, dtype=torch.float64)
    for i, frame in enumerate(frames.T):
        sums[i * hop : (i + 2) * hop] += frame
    begin = head.trim_left
    expected = sums[begin : begin + 5 * hop]
    assert torch.allclose(head(spectra)[0, 0], expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("ahead", [0, 3, HOP])
def test_look_aheads_of_a_hop_together_give_every_sample_at_its_place(ahead):
    x = noise(2, 1, 10 * HOP)
    front, head = end_modules(design(ahead, HOP - ahead))
    inside = slice(HOP, -HOP)
    assert torch.allclose(head(front(x))[:, :, inside], x[:, :, inside], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("front", "head", "channels", "field", "given", "allowed"),
    [
        ({"hop": 0}, {"hop": 8}, 8, "encoder.layers[0].mdct.hop", "0", "a whole number from 4"),
        ({"hop": 7}, {"hop": 8}, 8, "encoder.layers[0].mdct.hop", "7", "an even number"),
        (
            {"hop": 8, "look_ahead": 9},
            {"hop": 8},
            8,
            "encoder.layers[0].mdct.look_ahead",
            "9",
            "at most the overlap of frames, 8 samples",
        ),
        ({"hop": 8}, {"hop": 2}, 8, "decoder.layers[1].imdct.hop", "2", "a whole number from 4"),
        (
            {"hop": 8},
            {"hop": 8},
            9,
            "decoder.layers[1].imdct",
            "9 channels before it",
            "a multiple of 8, the coefficients of a frame",
        ),
    ],
)
def test_bad_input_is_one_problem_with_its_field(front, head, channels, field, given, allowed):
    with pytest.raises(InputError) as caught:
        spectral({"mdct": front}, {"imdct": head}, channels)
    (problem,) = caught.value.problems
    assert (problem.field, problem.given) == (field, given)
    assert allowed in problem.allowed
