"""The recipe's coders once more, as plain functions of whole clips: pad, convolve, trim.

Nothing here comes from the package under test but the names of the weights.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from lrac_audit.design.parts import Activation, CodecDesign

Weights = Mapping[str, Tensor]


def encode(design: CodecDesign, weights: Weights, x: Tensor) -> Tensor:
    part = design.encoder
    if part.input is not None:
        x = conv(part.input, weights, "encoder.input", x)
    for i, block in enumerate(part.blocks):
        path = f"encoder.blocks.{i}"
        x = residual(block.residual, part.activation, weights, path, x)
        x = act(part.activation, weights, f"{path}.activation", x)
        x = conv(block.down, weights, f"{path}.down", x)
    x = lstm(part.lstm_layers, weights, "encoder.lstm", x)
    if part.output is not None:
        x = act(part.activation, weights, "encoder.output_activation", x)
        x = conv(part.output, weights, "encoder.output", x)
    return x


def decode(design: CodecDesign, weights: Weights, x: Tensor) -> Tensor:
    part = design.decoder
    if part.input is not None:
        x = conv(part.input, weights, "decoder.input", x)
    x = lstm(part.lstm_layers, weights, "decoder.lstm", x)
    for i, block in enumerate(part.blocks):
        path = f"decoder.blocks.{i}"
        x = act(part.activation, weights, f"{path}.activation", x)
        x = transposed(block.up, weights, f"{path}.up", x)
        x = residual(block.residual, part.activation, weights, path, x)
    if part.output is not None:
        x = act(part.activation, weights, "decoder.output_activation", x)
        x = conv(part.output, weights, "decoder.output", x)
    if part.final_activation is not None:
        x = act(part.final_activation, weights, "decoder.final_activation", x)
    return x


def conv(layer, weights: Weights, path: str, x: Tensor) -> Tensor:
    """The recipe's padding formulas, section 1.1 of its facts."""
    stride = getattr(layer, "stride", 1)
    k_eff = (layer.kernel - 1) * layer.dilation + 1
    padding = k_eff - stride
    n = (x.shape[2] - k_eff + padding) / stride + 1
    extra = (math.ceil(n) - 1) * stride + (k_eff - padding) - x.shape[2]
    right = 0 if layer.causal else padding // 2
    x = functional.pad(x, (padding - right, right + extra))
    w, b = weights[f"{path}.weight"], weights[f"{path}.bias"]
    return functional.conv1d(x, w, b, stride, 0, layer.dilation, layer.groups)


def transposed(layer, weights: Weights, path: str, x: Tensor) -> Tensor:
    w, b = weights[f"{path}.weight"], weights[f"{path}.bias"]
    y = functional.conv_transpose1d(x, w, b, layer.stride, groups=layer.groups)
    surplus = layer.kernel - layer.stride
    return y[:, :, layer.trim_left : y.shape[2] - (surplus - layer.trim_left)]


def residual(units, activation: Activation, weights: Weights, path: str, x: Tensor) -> Tensor:
    for i, unit in enumerate(units):
        here, y = f"{path}.residual.{i}", x
        for j, layer in enumerate(unit.convs):
            y = act(activation, weights, f"{here}.activations.{j}", y)
            y = conv(layer, weights, f"{here}.convs.{j}", y)
        if unit.learnable_skip:
            w, b = weights[f"{here}.skip.weight"], weights[f"{here}.skip.bias"]
            x = functional.conv1d(x, w, b)
        x = x + y
    return x


def lstm(layers: int, weights: Weights, path: str, x: Tensor) -> Tensor:
    """Gates in torch's order: input, forget, cell, output."""
    if not layers:
        return x
    steps = list(x.unbind(2))
    for i in range(layers):
        w_in, w_rec, b_in, b_rec = (
            weights[f"{path}.{i}.cell.{name}_l0"]
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        hidden = cell = torch.zeros_like(x[:, :, 0])
        for t, step in enumerate(steps):
            gates = step @ w_in.T + b_in + hidden @ w_rec.T + b_rec
            enter, forget, new, leave = gates.chunk(4, 1)
            cell = forget.sigmoid() * cell + enter.sigmoid() * new.tanh()
            hidden = leave.sigmoid() * cell.tanh()
            steps[t] = hidden
    return x + torch.stack(steps, 2)


def act(activation: Activation, weights: Weights, path: str, x: Tensor) -> Tensor:
    constants = dict(activation.parameters)
    if activation.name == "elu":
        return torch.where(x > 0, x, constants.get("alpha", 1.0) * (x.exp() - 1))
    if activation.name == "leaky_relu":
        return torch.where(x > 0, x, constants.get("negative_slope", 0.01) * x)
    if activation.name == "prelu":
        return torch.where(x > 0, x, weights[f"{path}.weight"] * x)
    if activation.name == "snake":
        alpha = weights[f"{path}.alpha"]
        return x + (alpha * x).sin() ** 2 / (alpha + 1e-9)
    plain = {
        "relu": lambda x: x.clamp(min=0),
        "gelu": lambda x: x * (1 + torch.erf(x / math.sqrt(2))) / 2,
        "silu": lambda x: x / (1 + (-x).exp()),
        "tanh": lambda x: 1 - 2 / ((2 * x).exp() + 1),
        "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    }
    return plain[activation.name](x)
