"""Cost formulas for the gradients of activations, norms and pooling, which training a codec needs.

Each counts the derivative and its product with the gradient that comes from behind, per value.
Those of products are beside the products, those that only move values are ignored on purpose.
"""

from __future__ import annotations

from math import prod

from lrac_audit.ledger.row import Kind
from lrac_audit.witness.trace.formulas.formula_table import ShapedCall, Work, counts
from lrac_audit.witness.trace.formulas.pointwise import over_values, per_input, per_value

counts("elu_backward", "leaky_relu_backward", "threshold_backward")(
    per_value("pointwise", pointwise=2)
)
# g (1 - y^2) and g y (1 - y); the mean squared error: a difference and two factors; the mean
# absolute error, smoothed at zero: a difference, its sign and a factor.
counts("tanh_backward", "sigmoid_backward", "mse_loss_backward", "smooth_l1_loss_backward")(
    per_value("pointwise", pointwise=3)
)
# g s (1 + x (1 - s)), with s the sigmoid of x.
counts("silu_backward")(per_value("pointwise", pointwise=5, sigmoid=1))
# g (F(x) + x f(x)): the normal distribution F takes an error function, its density an exponential.
counts("gelu_backward")(per_value("pointwise", pointwise=9, transcendental=2))
# A choice and a factor for the gradient of the input, and as much for that of the slope.
counts("_prelu_kernel_backward")(per_value("pointwise", pointwise=4))
# y (g - sum of g y).
counts("_softmax_backward_data")(per_value("softmax", pointwise=3, reduce=1))
counts("reflection_pad1d_backward")(per_input("pointwise", pointwise=1))
# With z the normalised value and w the learned scale: z again (2), g w (1), g w z (1), and
# (g w - mean - z mean) / deviation (4), for which g w and g w z are summed. For the learned scale
# and shift g z (1) and g are summed.
counts("native_layer_norm_backward", "native_group_norm_backward")(
    per_input("norm", pointwise=9, reduce=4)
)


@counts("avg_pool2d_backward")
def pool_backward(call: ShapedCall) -> Work:
    """Count a sum of ``kernel`` values for each value of the result, as forward."""
    gradient = call.shape(0)
    return over_values("pool", {Kind.REDUCE: prod(call.args[2]) * gradient.values}, gradient)
