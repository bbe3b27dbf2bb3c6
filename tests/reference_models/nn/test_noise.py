"""Noise at a learned level, against derivations by hand."""

from __future__ import annotations

import re

import pytest
import torch

from lrac_audit.errors import InputError
from reference_models.nn.build import build_untrained
from reference_models.nn.codec import Receiver
from reference_models.nn.layers.noise import AddedNoise, gaussian
from tests.reference_models.nn.listed import WIDTH, assert_witnesses_agree, listed, rows_of


def test_it_costs_a_linear_map_without_bias_and_two_operations_a_value(tmp_path):
    # 15 steps of 8 channels in a hop before the encoder's last convolution
    design = listed(tmp_path, ["noise"], ["noise"])
    (row,) = rows_of(design, "encoder.layers.1.noise").values()
    assert row.work == {"linear": 15 * WIDTH * WIDTH, "pointwise": 15 * 2 * WIDTH}
    assert (row.stored_values, row.state_values) == (WIDTH * WIDTH, 1)
    assert (row.past_samples, row.delay_samples) == (0, 0)


def test_every_witness_agrees(tmp_path):
    assert_witnesses_agree(listed(tmp_path, ["noise"], [{"activation": "elu"}, "noise"]))


def test_a_value_is_the_input_and_the_noise_times_a_linear_map():
    layer = AddedNoise(2, seed=5).eval()
    x = torch.tensor([[[1.0, 2.0, 3.0], [0.5, 0.0, -1.0]]])
    with torch.no_grad():
        layer.level.weight.copy_(torch.tensor([[1.0, 2.0], [0.0, -1.0]]))
        y = layer(x)
    noise = gaussian(torch.arange(3), 5).float()
    # levels: 1 + 2 * 0.5, 2 + 0 and 3 - 2 in the first channel; -0.5, 0 and 1 in the second
    expected = x + noise * torch.tensor([[2.0, 2.0, 1.0], [-0.5, 0.0, 1.0]])
    assert torch.allclose(y, expected) and (noise.abs() > 0).all()


def test_the_sequence_is_white_and_normal():
    values = gaussian(torch.arange(100_000), seed=1)
    # deviations of a mean, a variance and correlations of 100,000 values: 0.003, 0.0045 and 0.003
    assert abs(values.mean()) < 0.015
    assert abs(values.var() - 1) < 0.02
    for lag in (1, 2, 3, 8, 64):
        assert abs((values[lag:] * values[:-lag]).mean()) < 0.015
    # shares of a normal distribution within one and two deviations
    assert (values.abs() < 1).double().mean() == pytest.approx(0.6827, abs=0.008)
    assert (values.abs() < 2).double().mean() == pytest.approx(0.9545, abs=0.004)


def test_layers_have_sequences_of_their_own():
    one, other = (gaussian(torch.arange(20_000), seed) for seed in (1, 2))
    assert abs((one * other).mean()) < 0.035


@pytest.mark.parametrize("size", [1, 3, 40])
def test_a_stream_gives_what_the_whole_gives(tmp_path, size):
    design = listed(tmp_path, [], [{"linear": {"channels": 4}}, "noise"])
    codec = build_untrained(design, 1)
    codes = torch.randint(16, (2, 2, 40))
    receiver = Receiver(codec, batch_size=2)
    heard = [receiver.push(part) for part in codes.split(size, 2)] + [receiver.flush()]
    whole = codec.decode(codes)
    assert torch.allclose(torch.cat(heard, 2), whole, rtol=0, atol=1e-5)
    assert torch.equal(whole, codec.decode(codes))
    # the same codes at another place have other noise
    assert not torch.allclose(
        codec.decode(codes[:, :, :1].expand(-1, -1, 2))[:, :, :240],
        codec.decode(codes[:, :, :1].expand(-1, -1, 2))[:, :, 240:],
    )


def test_in_training_the_noise_is_drawn_anew():
    layer = AddedNoise(2, seed=5).train()
    x = torch.ones(2, 2, 6)
    assert not torch.equal(layer(x), layer(x))
    assert not torch.equal(layer(x)[0], layer(x)[1])
    layer(x).sum().backward()
    assert layer.level.weight.grad.abs().min() > 0


def test_it_has_no_fields(tmp_path):
    message = "encoder.layers[1].noise.level: given an unknown key; allowed: no keys"
    with pytest.raises(InputError, match=re.escape(message)):
        listed(tmp_path, [{"noise": {"level": 2}}], [])
