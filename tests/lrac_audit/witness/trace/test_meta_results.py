"""Quick answers are what torch gives: the same shape, layout and type."""

import subprocess
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lrac_audit.witness.trace.meta_results import quick_meta_result
from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.provenance import Provenances
from tests.lrac_audit.witness.torch_features import feature

aten = torch.ops.aten
SMALL = st.integers(1, 3)


def on_meta(value):
    if isinstance(value, torch.Tensor):
        return torch.empty_strided(value.shape, value.stride(), dtype=value.dtype, device="meta")
    return [on_meta(item) for item in value] if isinstance(value, list) else value


def quick(func, *args):
    return quick_meta_result(OperatorCall.of(func, tuple(map(on_meta, args)), {}, Provenances({})))


def layout(x):
    """How far apart the steps of an axis are matters where it has several."""
    strides = [s for s, size in zip(x.stride(), x.shape, strict=True) if size > 1]
    return x.shape, strides if x.numel() else [], x.dtype


def check(func, *args):
    assert layout(quick(func, *args)) == layout(func(*args))


@given(
    transposed=st.booleans(),
    batch=SMALL,
    channels=st.tuples(SMALL, SMALL),
    groups=SMALL,
    kernel=st.integers(1, 5),
    stride=SMALL,
    padding=st.integers(-1, 2),
    dilation=SMALL,
    more=st.integers(0, 2),
    steps=st.integers(1, 30),
    wrong=st.sampled_from(["nothing", "input", "bias", "type"]),
)
def test_convolutions(
    transposed, batch, channels, groups, kernel, stride, padding, dilation, more, steps, wrong
):
    into, out = channels
    x = torch.ones(batch, into * groups + (wrong == "input"), steps)
    weight = torch.ones(*((into * groups, out) if transposed else (out * groups, into)), kernel)
    bias = torch.ones(out * groups + (wrong == "bias"))
    if wrong == "type":
        weight, bias = weight.double(), bias.double()
    ways = [stride], [padding], [dilation], transposed, [more if transposed else 0], groups
    try:
        expected = aten.convolution.default(x, weight, bias, *ways)
    except RuntimeError:  # such as a kernel that is longer than the clip
        with pytest.raises(RuntimeError):
            quick(aten.convolution.default, x, weight, bias, *ways)
        return
    assert wrong == "nothing"
    assert layout(quick(aten.convolution.default, x, weight, bias, *ways)) == layout(expected)


def test_a_convolution_of_pictures_is_left_to_torch_if_it_fits():
    ways = [1, 1], [0, 0], [1, 1], False, [0, 0], 1
    picture, weight = torch.ones(1, 2, 8, 8), torch.ones(4, 2, 3, 3)
    assert quick(aten.convolution.default, picture, weight, None, *ways) is None
    with pytest.raises(RuntimeError, match=r"an input of shape \[1, 2, 8, 8\] for a weight that"):
        quick(aten.convolution.default, picture, torch.ones(4, 3, 3, 3), None, *ways)


@pytest.mark.parametrize(
    ("func", "args"),
    [
        (aten.addmm.default, (torch.ones(5), torch.ones(2, 3), torch.ones(3, 4))),
        (aten.addmm.default, (torch.ones(3, 4), torch.ones(2, 3), torch.ones(3, 4))),
        (aten.embedding.default, (torch.ones(5, 7), torch.ones(3))),
        (aten.stack.default, ([torch.ones(2), torch.ones(2)], 2)),
        (aten.stack.default, ([torch.ones(2), torch.ones(2)], -3)),
        (aten.argmin.default, (torch.ones(2, 3, dtype=torch.complex64), 1)),
    ],
)
def test_what_torch_refuses_has_no_quick_answer(func, args):
    with pytest.raises((RuntimeError, IndexError, TypeError)):
        func(*args)
    assert quick(func, *args) is None


def test_weight_norm():
    direction = torch.ones(4, 3, 2)
    for axis, length in ((0, torch.ones(4, 1, 1)), (2, torch.ones(1, 1, 2))):
        found = quick(aten._weight_norm_interface.default, direction, length, axis)
        expected = aten._weight_norm_interface.default(direction, length, axis)
        assert [layout(x) for x in found] == [layout(x) for x in expected]
    assert quick(aten._weight_norm_interface.default, direction, torch.ones(3, 1, 1), 0) is None


@given(st.integers(2, 3), st.integers(-3, 2), st.lists(st.integers(0, 4), min_size=1, max_size=4))
def test_joined(axes, axis, lengths):
    axis = max(min(axis, axes - 1), -axes)
    shapes = [[2, 3, 4][:axes] for _ in lengths]
    for shape, length in zip(shapes, lengths, strict=True):
        shape[axis] = length
    check(aten.cat.default, [torch.ones(shape) for shape in shapes], axis)
    check(
        aten.cat.default,
        [torch.ones(shape[::-1]).permute(*range(axes)[::-1]) for shape in shapes],
        axis,
    )


@given(st.integers(0, 2), st.integers(-3, 2), SMALL)
def test_stacked(axes, axis, count):
    axis = max(min(axis, axes), -axes - 1)
    check(aten.stack.default, [torch.ones([3, 4][:axes]) for _ in range(count)], axis)


def test_what_is_not_alike_is_left_to_torch():
    one, other = torch.ones(2, 3), torch.ones(2, 3, dtype=torch.float64)
    assert quick(aten.cat.default, [one, other], 0) is None
    assert quick(aten.cat.default, [one, torch.ones(0)], 0) is None
    assert quick(aten.cat.default, [one, torch.ones(2, 4)], 0) is None
    assert quick(aten.stack.default, [one, torch.ones(2, 4)], 0) is None
    assert quick(aten.add.Tensor, one, other) is None
    assert quick(aten.add.Tensor, one, torch.ones(2, 4)) is None


@given(st.integers(-3, 2))
def test_chosen(axis):
    check(aten.argmin.default, torch.ones(2, 3, 4), axis)
    check(aten.argmax.default, torch.ones(4, 3, 2).permute(2, 1, 0), axis)


@given(st.lists(SMALL, max_size=3))
def test_looked_up(shape):
    check(aten.embedding.default, torch.ones(5, 7), torch.zeros(shape, dtype=torch.int64))


SHAPES = st.lists(st.sampled_from([1, 3]), max_size=3)


@given(SHAPES, SHAPES, st.permutations(range(3)))
def test_of_two(first, second, order):
    check(aten.add.Tensor, torch.ones(first), torch.ones(second))
    check(aten.mul.Tensor, torch.ones(2, 3, 4).permute(order), torch.ones(1))
    check(aten.elu.default, torch.ones(2, 3, 4).permute(order))
    check(aten.elu.default, torch.ones(2, 3, 8).permute(order)[..., ::2])


@pytest.mark.sweep  # in a process of its own
def test_a_trace_of_a_codec_of_this_project_does_without_the_compiler():
    program = """
import sys
import torch
compiler = {"torch._dynamo", "sympy"} - set(sys.modules)  # older torch needs sympy by itself
from lrac_audit.design.formats import load_design
from lrac_audit.witness.trace import measure
from tests.lrac_audit.witness.trace.own_codec import trained_target
target = trained_target(load_design("track1").design, 6)
assert not measure(target, target.modes[0]).problems
print(sorted(compiler & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_norms_along_one_axis(axis, keeps):
    check(aten.linalg_vector_norm.default, torch.ones(2, 3, 4), 2.0, [axis], keeps)


def test_norms_that_are_not_simple_are_left_to_torch():
    assert quick(aten.linalg_vector_norm.default, torch.ones(2, 3), 2.0, [0, 1]) is None
    assert quick(aten.linalg_vector_norm.default, torch.ones(2, 3)) is None


@given(st.lists(SMALL, max_size=2), SMALL, SMALL, SMALL)
def test_distances(batch, first, second, width):
    check(
        aten._euclidean_dist.default,
        torch.ones(*batch, first, width),
        torch.ones(*batch, second, width),
    )


def test_distances_that_do_not_fit_are_left_to_torch():
    first, second = torch.ones(2, 3, 4), torch.ones(1, 3, 4)
    assert quick(aten._euclidean_dist.default, first, second) is None
    assert quick(aten._euclidean_dist.default, first, first.double()) is None
    assert quick(aten._euclidean_dist.default, first, torch.ones(2, 3, 5)) is None


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (0, 2, 1), (2, 1, 0)])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("sizes", [[4], [3, 4], [2, 3, 4]])
def test_layer_norms(sizes, affine, order):
    parameters = [torch.ones(sizes) if affine else None] * 2
    x = torch.ones([(2, 3, 4)[order.index(axis)] for axis in range(3)]).permute(order)
    args = x, sizes, *parameters, 1e-5
    found = quick(aten.native_layer_norm.default, *args)
    expected = aten.native_layer_norm.default(*args)
    assert [layout(x) for x in found] == [layout(x) for x in expected]


def test_layer_norms_that_are_not_simple_are_left_to_torch():
    def norm(x, sizes, weight):
        return quick(aten.native_layer_norm.default, x, sizes, weight, None, 1e-5)

    assert norm(torch.ones(3, 4).double(), [4], None) is None
    assert norm(torch.ones(3, 4), [5], None) is None
    assert norm(torch.ones(3, 4), [4], torch.ones(4).double()) is None


@pytest.mark.parametrize("axis", [0, -1])
def test_softmax(axis):
    softmax = feature("ops.aten._safe_softmax").default
    check(softmax, torch.ones(2, 3, 4), axis)
    turned = torch.ones(2, 3, 4).permute(2, 1, 0)
    assert quick(softmax, turned, axis) is None
    assert quick(softmax, torch.ones(2, 3), axis, torch.float64) is None
