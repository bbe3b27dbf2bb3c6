"""The functions of torch that run whole recurrent layers, and their arguments by name."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

RECURRENT_FUNCTIONS = {
    torch.lstm: "lstm",
    torch.gru: "gru",
    torch.rnn_tanh: "rnn_tanh",
    torch.rnn_relu: "rnn_relu",
}


def recurrent_arguments(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a recurrent layer by name, for a padded or a packed sequence."""
    packed = isinstance(args[3] if len(args) > 3 else None, list | tuple)
    names = "input batch_sizes hx params" if packed else "input hx params"
    names += " has_biases num_layers dropout train bidirectional batch_first"
    arguments = {"batch_sizes": None, "batch_first": False, **kwargs}
    arguments |= dict(zip(names.split(), args, strict=False))
    if isinstance(arguments["hx"], Tensor):
        arguments["hx"] = [arguments["hx"]]
    return arguments
