"""Convolutions over frames and bins with a gradient of their own, against torch's."""

from contextlib import nullcontext

import pytest
import torch
from torch import nn

from lrac_audit.witness.isolation import onednn_off
from reference_models.training import convolution_2d
from reference_models.training.convolution_2d import Convolution2d

CASES = [
    (2, 16, (3, 9), (1, 4), 65),
    (2, 3, (3, 9), (1, 4), 64),
    (1, 2, (1, 1), (0, 0), 5),
    (2, 4, (5, 3), (0, 0), 23),
    (2, 4, (3, 4), (2, 3), 9),
]
"""Input and output channels, kernel, padding, bins."""


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def pair(*arguments, **options):
    """A convolution of ours and torch's with the same weights, torch's in float64."""
    torch.manual_seed(0)
    ours = Convolution2d(*arguments, **options)
    torchs = nn.Conv2d(*arguments, **options)
    torchs.load_state_dict(ours.state_dict())
    return ours, torchs.double()


def results(layer, x, dtype):
    """Output of ``layer``, and its gradients, in the form that each turn of training asks for."""
    x = x.to(dtype).requires_grad_()
    y = layer(x)
    wanted = noise(*y.shape, seed=1).to(dtype)
    (of_x,) = torch.autograd.grad(y, x, wanted, retain_graph=True)
    of_weights = torch.autograd.grad(y, list(layer.parameters()), wanted, retain_graph=True)
    of_all = torch.autograd.grad(y, [x, *layer.parameters()], wanted)
    return [each.double() for each in (y.detach(), of_x, *of_weights, *of_all)]


def assert_alike(found, expected):
    """Rounding in float32 is 6e-8 of a value, and of sums of many values some times that."""
    assert [each.shape for each in found] == [each.shape for each in expected]
    for mine, other in zip(found, expected, strict=True):
        assert (mine - other).norm() < 2e-6 * other.norm()


@pytest.mark.parametrize(("channels_in", "channels_out", "kernel", "padding", "bins"), CASES)
def test_values_and_gradients_are_torchs(channels_in, channels_out, kernel, padding, bins):
    ours, torchs = pair(channels_in, channels_out, kernel, padding=padding)
    x = noise(3, channels_in, 12, bins)
    found, expected = results(ours, x, torch.float32), results(torchs, x, torch.float64)
    assert len(found) == 7
    assert_alike(found, expected)


def test_activations_after_it_may_work_in_place():
    ours, torchs = pair(2, 4, (3, 9), padding=(1, 4))
    for layer in (ours, torchs):
        layer.register_forward_hook(lambda *given: nn.functional.leaky_relu_(given[-1], 0.1))
    x = noise(2, 2, 9, 33)
    found, expected = results(ours, x, torch.float32), results(torchs, x, torch.float64)
    assert_alike(found, expected)


PLAIN = {"stride": 1, "dilation": 1, "groups": 1}


@pytest.mark.parametrize(
    ("channels_in", "changed", "onednn", "is_quick"),
    [
        (2, {}, True, True),
        (2, {}, False, False),
        (3, {}, True, False),
        (2, {"stride": (1, 2)}, True, False),
        (2, {"dilation": (2, 1)}, True, False),
        (2, {"groups": 2}, True, False),
    ],
)
def test_the_gradient_is_its_own_only_where_it_is_quicker(
    channels_in, changed, onednn, is_quick, monkeypatch
):
    calls = []
    quick = convolution_2d._gradient_of_input
    monkeypatch.setattr(
        convolution_2d, "_gradient_of_input", lambda *given: calls.append(1) or quick(*given)
    )
    ours, torchs = pair(channels_in, 4, (3, 9), padding=(1, 4), **{**PLAIN, **changed})
    x = noise(1, channels_in, 8, 24)
    with nullcontext() if onednn else onednn_off():
        found = results(ours, x, torch.float32)
    assert_alike(found, results(torchs, x, torch.float64))
    # Asked for twice: alone, and with the weights'; not where only theirs are asked for.
    assert len(calls) == (2 if is_quick else 0)
