"""Formulas of operators that other devices, other settings or odd shapes bring about."""

import pytest
import torch

from lrac_audit.ledger.row import Kind
from lrac_audit.witness.trace.attention_masks import share_of_fused
from lrac_audit.witness.trace.formulas import FORMULAS
from lrac_audit.witness.trace.formulas.formula_table import Shape, ShapedCall
from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.provenance import Provenances, distinct_values
from tests.lrac_audit.witness.torch_features import feature


def work(operator, given, out):
    """Lists of numbers are shapes."""
    args = tuple(Shape(each) if isinstance(each, list) else each for each in given)
    return FORMULAS[f"aten.{operator}"](ShapedCall(args, (Shape(out),))).by_kind


def test_attention_whose_values_have_another_width_than_the_keys():
    """7 queries, 3 keys of width 16, values of width 5, in 4 heads."""
    query, key, value = [1, 4, 7, 16], [1, 4, 3, 16], [1, 4, 3, 5]
    found = work("_scaled_dot_product_efficient_attention", (query, key, value), [1, 4, 7, 5])
    assert found[Kind.LINEAR] == 4 * 7 * 3 * (16 + 5)
    assert found[Kind.TRANSCENDENTAL] == 4 * 7 * 3


def test_causal_attention_with_more_queries_than_keys():
    """Of 3 keys, query 1 sees one, query 2 two, the other three all."""
    attend = feature("ops.aten._scaled_dot_product_flash_attention_for_cpu.default")
    query, keys = (torch.empty(1, 1, steps, 8, device="meta") for steps in (5, 3))
    operation = OperatorCall.of(attend, (query, keys, keys, 0.0, True), {}, Provenances({}))
    assert share_of_fused(operation) == (1 + 2 + 3 + 3 + 3, 5 * 3)


def test_a_layer_of_an_lstm_taken_as_a_whole():
    """Input, forget and output gate are sigmoids; the candidate and the cell pass a tanh each."""
    found = work("mkldnn_rnn_layer", ([9, 2, 3], [4 * 5, 3], [4 * 5, 5]), [9, 2, 5])
    assert found[Kind.LINEAR] == 9 * 2 * 4 * 5 * (3 + 5)
    assert (found["sigmoid"], found["tanh"]) == (9 * 2 * 3 * 5, 9 * 2 * 2 * 5)
    # f * c, i * g, their sum, o * tanh(c)
    assert found[Kind.GATE_ARITHMETIC] == 9 * 2 * 4 * 5


def test_polar_numbers_cost_what_their_parts_cost():
    """A cosine, a sine and a product with each; back, one arc tangent."""
    assert work("polar", ([3, 4], [3, 4]), [3, 4]) == {
        Kind.TRANSCENDENTAL: 2 * 12,
        Kind.POINTWISE: 2 * 12,
    }
    assert work("angle", ([3, 4],), [3, 4]) == {Kind.TRANSCENDENTAL: 12}


def test_of_a_transform_along_two_axes_one_is_real():
    """16 real transforms of 8 values, 8 / 4 * 3 each; they give 5 frequencies.

    For each of these a complex one of 16 values, 16 / 2 * 4 each. Back, the same.
    """
    both = {Kind.BUTTERFLY: 16 * 6 + 5 * 32}
    assert work("_fft_r2c", ([16, 8], (0, 1), 0, True), [16, 5]) == both
    assert work("_fft_c2r", ([16, 5], (0, 1), 0, 8), [16, 8]) == both


def test_a_group_norm_has_statistics_of_each_group_of_each_clip():
    """Clips ``[2, 6, 10]`` in 3 groups, with a learned weight: subtract, scale, and scale again."""
    found = work("native_group_norm", ([2, 6, 10], [6], None, 2, 6, 10, 3, 1e-5), [2, 6, 10])
    assert (found[Kind.SQUARE_ROOT], found[Kind.DIVISION]) == (2 * 3, 2 * 3)
    assert (found[Kind.REDUCE], found[Kind.POINTWISE]) == (2 * 120, (3 + 1) * 120)


# A norm: the sum for the mean, and of squares for the variance; subtract and scale, which with the
# squares is 3; a learned weight and a learned bias. A root and a quotient for each mean.
UNITS = {
    "a difference, a product, a sum": (
        ("upsample_linear1d", ([1, 2, 5], [10], False, None), [1, 2, 10]),
        {Kind.POINTWISE: 3 * 20},
    ),
    "x x": (("pow", ([3, 4], 2), [3, 4]), {Kind.POINTWISE: 12}),
    "x x x": (("pow", ([3, 4], 3), [3, 4]), {Kind.POINTWISE: 2 * 12}),
    "the square of x x": (("pow", ([3, 4], 4), [3, 4]), {Kind.POINTWISE: 2 * 12}),
    "a root of another order": (("pow", ([3, 4], 0.3), [3, 4]), {Kind.TRANSCENDENTAL: 12}),
    "1 / root": (("rsqrt", ([6],), [6]), {Kind.SQUARE_ROOT: 6, Kind.DIVISION: 6}),
    "a single value added to all": (("add", ([3, 3], [1], 1), [3, 3]), {Kind.POINTWISE: 9}),
    "sums of 4": (("avg_pool1d", ([1, 2, 12], [4], [4]), [1, 2, 3]), {Kind.REDUCE: 4 * 6}),
    "difference, magnitude, sum": (
        ("smooth_l1_loss", ([3, 4], [3, 4]), []),
        {Kind.POINTWISE: 2 * 12, Kind.REDUCE: 12},
    ),
    "the mean, x - mean, its square, the sum": (
        ("var", ([6, 4], [1]), [6]),
        {Kind.REDUCE: 2 * 24, Kind.POINTWISE: 2 * 24},
    ),
    "largest, difference, exponential, sum, quotient": (
        ("_softmax", ([5, 7], 1, False), [5, 7]),
        {Kind.REDUCE: 70, Kind.POINTWISE: 35, Kind.TRANSCENDENTAL: 35, Kind.DIVISION: 35},
    ),
    "layer norm": (
        ("native_layer_norm", ([2, 5, 8], [8], [8], [8], 1e-5), [2, 5, 8]),
        {Kind.REDUCE: 160, Kind.POINTWISE: 5 * 80, Kind.SQUARE_ROOT: 10, Kind.DIVISION: 10},
    ),
    "no mean": (
        ("_fused_rms_norm", ([2, 5, 8], [8], [8], 1e-5), [2, 5, 8]),
        {Kind.REDUCE: 80, Kind.POINTWISE: 3 * 80, Kind.SQUARE_ROOT: 10, Kind.DIVISION: 10},
    ),
    "a batch norm that has its statistics": (
        ("native_batch_norm", ([2, 5, 8], [5], [5], [5], [5], False, 0.1, 1e-5), [2, 5, 8]),
        {Kind.POINTWISE: 2 * 80},
    ),
    "one that takes them": (
        ("native_batch_norm", ([2, 5, 8], [5], [5], [5], [5], True, 0.1, 1e-5), [2, 5, 8]),
        {Kind.REDUCE: 160, Kind.POINTWISE: 5 * 80, Kind.SQUARE_ROOT: 5, Kind.DIVISION: 5},
    ),
}


@pytest.mark.parametrize("name", UNITS)
def test_units_of_work_that_are_no_products(name):
    call, expected = UNITS[name]
    assert work(*call) == expected


def test_two_tensors_that_are_spread_against_each_other_are_no_two_paths():
    assert work("add", ([3, 1], [1, 3], 1), [3, 3]) == {Kind.BIAS: 9}
    assert work("add", ([3, 3], [3, 3], 1), [3, 3]) == {Kind.RESIDUAL_ADD: 9}


def test_values_that_are_read_several_times_are_there_once():
    assert distinct_values(torch.ones(4, 3)[:1].expand(5, 3)) == 3
    assert distinct_values(torch.ones(4).as_strided((3, 2), (1, 1))) == 4
