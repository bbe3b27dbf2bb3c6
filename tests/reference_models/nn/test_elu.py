"""The ELU of training, against its definition in float64 and torch's own gradient."""

import pytest
import torch
from torch import nn

from lrac_audit.design.parts import Activation
from reference_models.nn import elu
from reference_models.nn.activations import build_activation

VALUES = [-200.0, -20.0, -3.0, -0.5, -1e-3, -1e-8, -0.0, 0.0, 1e-30, 1e-8, 0.3, 5.0, 1e30]


def with_gradient(module, values, dtype):
    x = torch.tensor(values, dtype=dtype, requires_grad=True)
    y = module(x.unflatten(0, (1, 1, -1)))
    weights = torch.linspace(-1, 2, len(values), dtype=dtype)
    (of_x,) = torch.autograd.grad(y, x, weights.view_as(y))
    return torch.cat([y.detach().flatten(), of_x]).double()


@pytest.mark.parametrize("expm1_is_slow", [True, False])
@pytest.mark.parametrize("alpha", [1.0, 0.5])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_values_and_gradients_in_training(alpha, dtype, expm1_is_slow, monkeypatch):
    monkeypatch.setattr(elu, "EXPM1_IS_SLOW", expm1_is_slow)
    module = build_activation(Activation("elu", (("alpha", alpha),)), channels=1)
    found = with_gradient(module, VALUES, dtype)
    torch.testing.assert_close(
        found, with_gradient(nn.ELU(alpha), VALUES, torch.float64), rtol=1e-6, atol=7e-8
    )


def test_silence_and_no_steps():
    module = build_activation(Activation("elu"), channels=2)
    x = torch.zeros(1, 2, 0, requires_grad=True)
    assert module(x).shape == (1, 2, 0)
    assert not module(torch.zeros(1, 2, 3, requires_grad=True)).any()


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("needs_gradient", [True, False])
def test_torchs_own_keeps_its_input_where_no_layer_learns(training, needs_gradient):
    module = build_activation(Activation("elu"), channels=1).train(training)
    x = torch.tensor([[[-1.0, 2.0]]], requires_grad=needs_gradient)
    y = module(x)
    assert y.tolist()[0][0] == pytest.approx([-0.63212056, 2.0], rel=1e-6)
    name = "_EluBackward" if training else "EluBackward0"
    assert type(y.grad_fn).__name__ == (name if needs_gradient else "NoneType")


def test_it_keeps_no_input():
    """A layer's input is kept by nothing else, so this is memory that training has again."""
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda x: kept.append(x) or x, lambda x: x):
        x = torch.tensor([[[-1.0, 2.0]]], requires_grad=True)
        y = build_activation(Activation("elu"), channels=1)(x)
    assert [each.data_ptr() for each in kept] == [y.data_ptr()]
