"""What is computed forward and backward, against sums by hand and against torch's own counter."""

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from lrac_audit.ledger.row import MAC_KINDS
from lrac_audit.witness.trace.work_sum import WorkSum


def tallied(compute):
    with WorkSum() as work_sum:
        compute()
    return work_sum


def macs(work_sum):
    return sum(n for kind, n in work_sum.work.items() if kind in MAC_KINDS)


# Multiply-accumulates of one pass forward for 2 clips of 20 steps, by hand: C_in / groups x C_out x
# kernel for each step, which of a transposed convolution goes in and of the others comes out.
CONVOLUTIONS = {
    "plain": (lambda: nn.Conv1d(4, 6, 3, padding=1), 4 * 6 * 3 * 20),
    "strided": (lambda: nn.Conv1d(4, 6, 4, stride=2), 4 * 6 * 4 * 9),
    "grouped and dilated": (lambda: nn.Conv1d(4, 6, 3, groups=2, dilation=3), 2 * 6 * 3 * 14),
    "transposed": (lambda: nn.ConvTranspose1d(4, 6, 8, stride=4), 4 * 6 * 8 * 20),
    "transposed, grouped": (
        lambda: nn.ConvTranspose1d(4, 6, 5, stride=3, groups=2),
        4 * 3 * 5 * 20,
    ),
}


@pytest.mark.parametrize("name", CONVOLUTIONS)
@pytest.mark.parametrize("input_learns", [False, True])
def test_a_convolution_forward_and_backward(name, input_learns):
    make, forward = CONVOLUTIONS[name]
    layer, x = make(), torch.randn(2, 4, 20, requires_grad=input_learns)
    y = layer(x)
    work_sum = tallied(lambda: layer(x))
    assert macs(work_sum) == 2 * forward and not work_sum.unknown
    work_sum = tallied(lambda: y.sum().backward())
    assert macs(work_sum) == 2 * forward * (1 + input_learns)
    assert work_sum.work["reduce"] >= y.numel()  # for the bias
    assert not work_sum.unknown


# Operations per value of the gradients of 2 x 4 x 6 values: see the derivatives. A pool of 3 values
# gives 2 x 4 x 2, each of whose gradients is divided and added to 3.
GRADIENTS = {
    "sigmoid": (torch.sigmoid, {"pointwise": 3 * 48}),  # g y (1 - y)
    "silu": (functional.silu, {"sigmoid": 48, "pointwise": 5 * 48}),  # g s (1 + x (1 - s))
    "gelu": (functional.gelu, {"transcendental": 2 * 48, "pointwise": 9 * 48}),  # erf and exp
    "prelu": (  # 2 for each value and 2 for its part of the slope's gradient, which is summed
        lambda x: functional.prelu(x, torch.ones(4, requires_grad=True)),
        {"pointwise": 4 * 48, "reduce": 48},
    ),
    "softmax": (lambda x: x.softmax(2), {"pointwise": 3 * 48, "reduce": 48}),  # y (g - sum g y)
    "layer norm": (lambda x: functional.layer_norm(x, (6,)), {"pointwise": 9 * 48, "reduce": 192}),
    "group norm": (lambda x: functional.group_norm(x, 2), {"pointwise": 9 * 48, "reduce": 192}),
    "pool": (lambda x: functional.avg_pool1d(x, 3), {"reduce": 16 * 3}),
    "absolute error": (  # a difference, its sign, and g times that
        lambda x: functional.smooth_l1_loss(x, torch.zeros(2, 4, 6), reduction="none"),
        {"pointwise": 3 * 48},
    ),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_a_gradient_of_no_product(name):
    apply, expected = GRADIENTS[name]
    y = apply(torch.randn(2, 4, 6, requires_grad=True))
    work_sum = tallied(lambda: y.backward(torch.ones_like(y)))
    assert not work_sum.unknown
    assert dict(work_sum.work) == expected


def test_two_dimensions_agree_with_torch():
    layer = nn.Conv2d(2, 3, (3, 9), (1, 2), (2, 4), (2, 1))
    x = torch.randn(2, 2, 11, 33, requires_grad=True)

    def compute():
        layer(x).square().mean().backward()

    with FlopCounterMode(display=False) as counter:
        compute()
    assert 2 * macs(tallied(compute)) == counter.get_total_flops() > 0


def test_what_has_no_formula_is_named():
    work_sum = tallied(lambda: torch.special.bessel_j0(torch.ones(3)))
    assert work_sum.unknown == {"aten.special_bessel_j0"}
    assert not tallied(lambda: torch.ones(3).view(3, 1).clone()).work
