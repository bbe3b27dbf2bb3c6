"""Convolutions with gradients of their own, against torch's convolution and its gradients."""

from contextlib import nullcontext

import pytest
import torch
from torch.nn import functional

from lrac_audit.witness.isolation import onednn_off
from reference_models.nn import conv
from reference_models.nn.conv import StreamingConv1d
from reference_models.nn.training_convolution import convolved

CASES = [(3, 5, 7, 1), (3, 5, 7, 9), (4, 1, 21, 1), (1, 1, 5, 1), (2, 1, 3, 4), (6, 2, 1, 1)]
"""Input and output channels, kernel, dilation."""


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def with_gradients(function, inputs, gradient):
    inputs = [x.detach().requires_grad_() for x in inputs]
    y = function(*inputs)
    return y.detach(), *torch.autograd.grad(y, inputs, gradient)


@pytest.mark.parametrize("has_bias", [True, False])
@pytest.mark.parametrize("steps", [1, 8, 13])
@pytest.mark.parametrize(("channels_in", "channels_out", "kernel", "dilation"), CASES)
def test_values_and_gradients_are_torchs(
    channels_in, channels_out, kernel, dilation, steps, has_bias
):
    x = noise(2, channels_in, steps + (kernel - 1) * dilation)
    inputs = [x, noise(channels_out, channels_in, kernel, seed=1), noise(channels_out, seed=2)]
    inputs = inputs if has_bias else inputs[:2]
    gradient = noise(2, channels_out, steps, seed=3)

    def quick(x, weight, bias=None):
        return convolved(x, weight, bias, dilation)

    def torchs(x, weight, bias=None):
        return functional.conv1d(x, weight, bias, 1, 0, dilation)

    found = with_gradients(quick, inputs, gradient)
    expected = with_gradients(torchs, inputs, gradient)
    assert len(found) == len(inputs) + 1
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


TRAINED = {"kernel": 7}


@pytest.mark.parametrize(
    ("layer", "training", "needs_gradient", "onednn", "is_quick"),
    [
        (TRAINED, True, True, True, True),
        (TRAINED, False, True, True, False),
        (TRAINED, True, False, True, False),
        (TRAINED, True, True, False, False),
        ({"kernel": 1}, True, True, True, False),
        ({"kernel": 4, "stride": 2}, True, True, True, False),
        ({"kernel": 7, "groups": 4}, True, True, True, False),
    ],
)
def test_a_layer_has_gradients_of_its_own_only_where_they_are_quicker(
    layer, training, needs_gradient, onednn, is_quick, monkeypatch
):
    calls = []
    monkeypatch.setattr(
        conv, "convolved", lambda *given: calls.append(convolved(*given)) or calls[0]
    )
    module = StreamingConv1d(4, 4, **layer).train(training)
    with nullcontext() if onednn else onednn_off():
        y = module(torch.ones(1, 4, 16, requires_grad=needs_gradient))
    assert y.shape == (1, 4, 16 // module.stride[0])
    assert len(calls) == is_quick


def test_a_layer_learns_as_it_would_by_torchs_gradients():
    x = noise(2, 8, 300).float()
    found = []
    for onednn in (True, False):
        torch.manual_seed(0)
        layer = StreamingConv1d(8, 8, 5, dilation=3)
        with nullcontext() if onednn else onednn_off():
            found.append(with_gradients(layer, [x], torch.ones(2, 8, 300)))
            layer(x.requires_grad_()).square().sum().backward()
        found[-1] += tuple(p.grad for p in layer.parameters())
    assert len(found[0]) == 4
    torch.testing.assert_close(*found, rtol=1e-5, atol=1e-4)
