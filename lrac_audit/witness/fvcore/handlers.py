"""Handlers for operators that fvcore does not know, and operators that it must leave alone.

A handler gets the inputs and outputs of a node of the graph: values with shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from lrac_audit.witness.fvcore.equations import einsum_macs
from lrac_audit.witness.trace.formulas import NO_PRODUCTS
from lrac_audit.witness.trace.formulas.formula_table import words
from lrac_audit.witness.trace.formulas.ignored import IGNORED

Handler = Callable[[list[Any], list[Any]], int]


def _sizes(value: Any) -> list[int]:
    """Return the shape of a value in the graph."""
    sizes = value.type().sizes()
    if sizes is None:
        raise ValueError("the graph does not say how large a tensor is")
    return list(sizes)


def _weights_in(value: Any) -> int:
    """Return the number of values in the matrices of a list of parameters."""
    shapes = [_sizes(item) for item in value.node().inputs()]
    return sum(prod(shape) for shape in shapes if len(shape) == 2)


def _recurrent(inputs: list[Any], outputs: list[Any]) -> int:
    """Arguments: input ``[T, B, C]``, states, parameters; each matrix is used once a step.

    A packed sequence comes as ``[steps, C]``, with the sizes of its batches in the second place.
    """
    parameters = next(value for value in inputs if _is_list_of_matrices(value))
    return prod(_sizes(inputs[0])[:-1]) * _weights_in(parameters)


def _is_list_of_matrices(value: Any) -> bool:
    """Return whether a value in the graph is the list of parameters of a recurrent layer."""
    if value.node().kind() != "prim::ListConstruct":
        return False
    shapes = [
        item.type().sizes() for item in value.node().inputs() if hasattr(item.type(), "sizes")
    ]
    return any(len(shape or ()) == 2 for shape in shapes)


def _cell(inputs: list[Any], outputs: list[Any]) -> int:
    """Arguments: input ``[B, C]``, states, the two matrices."""
    batch = prod(_sizes(inputs[0])[:-1])
    return batch * (prod(_sizes(inputs[2])) + prod(_sizes(inputs[3])))


def _attention(inputs: list[Any], outputs: list[Any]) -> int:
    query, key, value = (_sizes(item) for item in inputs[:3])
    return prod(query[:-1]) * key[-2] * (query[-1] + value[-1])


def _distances(inputs: list[Any], outputs: list[Any]) -> int:
    return prod(_sizes(outputs[0])) * _sizes(inputs[0])[-1]


def _added_product(inputs: list[Any], outputs: list[Any]) -> int:
    return prod(_sizes(outputs[0])) * _sizes(inputs[1])[-1]


def _product(inputs: list[Any], outputs: list[Any]) -> int:
    return prod(_sizes(outputs[0])) * _sizes(inputs[0])[-1]


def _einsum(inputs: list[Any], outputs: list[Any]) -> int:
    shapes = [_sizes(item) for item in inputs[1].node().inputs()]
    return einsum_macs(inputs[0].toIValue(), shapes)


def _contraction(inputs: list[Any], outputs: list[Any]) -> int:
    """Arguments: two tensors, and the axes of each over which the products are summed."""
    sizes, axes = _sizes(inputs[0]), list[int](inputs[2].toIValue())
    return prod(_sizes(outputs[0])) * prod(sizes[axis] for axis in axes)


def _linear(inputs: list[Any], outputs: list[Any]) -> int:
    return prod(_sizes(outputs[0])) * _sizes(inputs[1])[-1]


def _convolution(inputs: list[Any], outputs: list[Any]) -> int:
    """Arguments: input, weight, bias, stride, padding, dilation, transposed or not."""
    is_transposed = bool(inputs[6].toIValue())
    steps = prod(_sizes(inputs[0] if is_transposed else outputs[0])[2:])
    return _sizes(inputs[0])[0] * steps * prod(_sizes(inputs[1]))


def _convolution_padded_by_name(inputs: list[Any], outputs: list[Any]) -> int:
    """Arguments: input, weight; ``padding`` is ``same`` or ``valid``, and it is not transposed."""
    return _sizes(inputs[0])[0] * prod(_sizes(outputs[0])[2:]) * prod(_sizes(inputs[1]))


def _with_complex(handler: Handler, real_products: int) -> Handler:
    """Return a handler that counts a product of complex numbers as so many of real ones."""

    def count(inputs: list[Any], outputs: list[Any]) -> int:
        is_complex = "Complex" in str(outputs[0].type().scalarType())
        return handler(inputs, outputs) * (real_products if is_complex else 1)

    return count


def _no_products(inputs: list[Any], outputs: list[Any]) -> int:
    """Return 0, for operators that fvcore would count although they multiply nothing."""
    return 0


HANDLERS: dict[str, Handler] = {
    **{
        f"aten::{name}": _no_products
        for name in words(
            "adaptive_avg_pool2d batch_norm grid_sampler group_norm instance_norm layer_norm "
            "upsample_bilinear2d upsample_nearest2d"
        )
    },
    "aten::lstm": _recurrent,
    "aten::gru": _recurrent,
    "aten::rnn_tanh": _recurrent,
    "aten::rnn_relu": _recurrent,
    "aten::lstm_cell": _cell,
    "aten::gru_cell": _cell,
    "aten::rnn_tanh_cell": _cell,
    "aten::rnn_relu_cell": _cell,
    "aten::scaled_dot_product_attention": _attention,
    "aten::cdist": _distances,
    **dict.fromkeys(("aten::_convolution", "aten::convolution"), _with_complex(_convolution, 3)),
    "aten::_convolution_mode": _with_complex(_convolution_padded_by_name, 3),
    "aten::linear": _with_complex(_linear, 4),
    "aten::einsum": _with_complex(_einsum, 4),
    **{f"aten::{name}": _with_complex(_added_product, 4) for name in words("addmm baddbmm addmv")},
    **{
        f"aten::{name}": _with_complex(_product, 4)
        for name in words("matmul mm bmm mv dot vdot inner")
    },
    "aten::tensordot": _with_complex(_contraction, 4),
}
"""Handlers for operators that fvcore does not know, or does not count exactly."""

_COMPOSITE = words("""softmax log_softmax layer_norm group_norm batch_norm instance_norm rms_norm
frobenius_norm cosine_similarity normalize selu celu hardswish prelu adaptive_avg_pool1d
adaptive_avg_pool2d avg_pool1d max_pool1d max_pool2d upsample_nearest1d upsample_nearest2d
upsample_linear1d upsample_bilinear2d grid_sampler stft istft fft_rfft fft_irfft fft_fft fft_ifft
fft_rfft2 fft_irfft2 to type_as pad reflection_pad1d view_as expand_as reshape_as Int Float Bool
ScalarImplicit FloatImplicit IntImplicit len tensor_split numpy_T is_floating_point to_dense
feature_dropout mse_loss broadcast_tensors meshgrid where_self linalg_norm log_sigmoid
pad_sequence device tensor __and__ __or__ __getitem__ list""")

WITHOUT_PRODUCTS = sorted(
    {
        f"aten::{name}{suffix}"
        for name in (*NO_PRODUCTS, *(name.removeprefix("aten.") for name in IGNORED), *_COMPOSITE)
        for suffix in ("", "_")
    }
)
"""Operators in which nothing is multiplied and accumulated, and Fourier transforms."""
