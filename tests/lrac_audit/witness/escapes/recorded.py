"""Work that takes another way than a plain call, and is counted all the same.

``fir`` has 7 taps: 7 x 4 = 28 MACs per hop. ``second`` of the codec has 5: 20 MACs per hop.
"""

from __future__ import annotations

import copy
import functools
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils import checkpoint

from tests.lrac_audit.witness.escapes.shell import Case
from tests.lrac_audit.witness.torch_features import feature

FIR, SECOND = 7 * 4, 5 * 4
TABLE = torch.full((1, 1, 7), 0.1)
TABLE_OF_NUMPY = np.full((1, 1, 7), 0.1, np.float32)


class Fir(nn.Module):
    def __init__(self):
        super().__init__()
        self.filter = nn.Conv1d(1, 1, 7, padding=3)

    def forward(self, x):
        return self.filter(x)


def _fir(x):
    return functional.conv1d(x, TABLE.to(x.device, x.dtype), padding=3)


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    SCRIPT = torch.jit.script(Fir().eval())
    TRACED = torch.jit.trace(Fir().eval(), torch.zeros(1, 1, 16))
    FROZEN = torch.jit.freeze(torch.jit.script(Fir().eval()))

    @torch.jit.script
    def _scripted(x: torch.Tensor, taps: torch.Tensor) -> torch.Tensor:
        return torch.conv1d(x, taps, padding=[3])

    @torch.jit.script
    def _scripted_loop(x: torch.Tensor, taps: torch.Tensor) -> torch.Tensor:
        for _ in range(3):
            x = torch.conv1d(x, taps, padding=[3])
        return x


def scripted_function(codec, x):
    return _scripted(x, TABLE.to(x))


def scripted_loop(codec, x):
    return _scripted_loop(x, TABLE.to(x))


def scripted_module(codec, x):
    return _on(SCRIPT, x)


def traced_module(codec, x):
    return _on(TRACED, x)


def frozen_module(codec, x):
    return FROZEN(x.cpu() if not x.is_meta else x)


def _on(module, x):
    """A module that the codec does not hold, on the device and in the precision of ``x``."""
    return module(x)


def checkpointed(codec, x):
    return checkpoint.checkpoint(_fir, x, use_reentrant=False)


def checkpointed_reentrantly(codec, x):
    return checkpoint.checkpoint(_fir, x, use_reentrant=True)


def checkpointed_in_sequence(codec, x):
    return checkpoint.checkpoint_sequential([_fir, _fir], 2, x, use_reentrant=False)


class _Filter(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return _fir(x)


class _Straight(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return _fir(_fir(x))


def autograd_function(codec, x):
    return _Filter.apply(x)


def autograd_function_twice(codec, x):
    return _Straight.apply(x)


def vmapped(codec, x):
    return torch.vmap(_fir)(x)


def vmapped_by_func(codec, x):
    return torch.func.vmap(lambda y: functional.conv1d(y, TABLE.to(y), padding=3))(x)


def functional_call(codec, x):
    parameters = dict(codec.second.named_parameters())
    return torch.func.functional_call(codec.second, parameters, (x,))


def compiled_function(codec, x):
    return torch.compile(_fir)(x)


@torch.compile(backend="eager")
def _compiled(x):
    return _fir(x)


def compiled_before(codec, x):
    return _compiled(x)


def compiled_module(codec, x):
    return torch.compile(codec.second, backend="eager")(x)


def compiled_by_a_decorator(codec, x):
    @torch.compile(fullgraph=True)
    def run(y):
        return _fir(y)

    return run(x)


def inference_mode(codec, x):
    with torch.inference_mode():
        return _fir(x).clone()


@torch.inference_mode()
def inference_mode_throughout(codec, x):
    return codec.second(x)


def grad_mode(codec, x):
    with torch.enable_grad():
        return codec.second(x).detach()


def cond_dearer_first(codec, x):
    return feature("cond")(x.abs().max() > 5, codec.second, codec.first, (x,))


def cond_dearer_second(codec, x):
    def both(y):
        return codec.first(codec.second(y))

    return feature("cond")(x.abs().max() > 5, codec.first, both, (x,))


def cond_on_a_constant(codec, x):
    return feature("cond")(codec.flag, codec.second, codec.first, (x,))


def parameter_of_the_signal(codec, x):
    return _fir(nn.Parameter(x, requires_grad=False))


def subclass_of_the_signal(codec, x):
    return _fir(torch.Tensor._make_subclass(torch.Tensor, x))


def data_of_the_signal(codec, x):
    return _fir(x.data)


def data_set_to_the_signal(codec, x):
    y = torch.zeros_like(x)
    y.data = x
    return _fir(y)


def deep_copy_of_the_signal(codec, x):
    return _fir(copy.deepcopy(x))


def set_to_the_signal(codec, x):
    y = x.new_empty(0)
    y.set_(x)
    return _fir(y)


def written_into_a_constant(codec, x):
    y = torch.zeros(x.shape, device=x.device)
    y[..., :] = x
    return _fir(y)


def partial_function(codec, x):
    return functools.partial(functional.conv1d, weight=TABLE.to(x), padding=3)(x)


def table_of_the_module(codec, x):
    return functional.conv1d(x, TABLE.to(x), padding=3)


def table_of_numpy(codec, x):
    return functional.conv1d(x, torch.from_numpy(TABLE_OF_NUMPY).to(x), padding=3)


def table_of_a_list(codec, x):
    return functional.conv1d(x, torch.tensor([[[0.1] * 7]]).to(x), padding=3)


def table_of_an_old_constructor(codec, x):
    return functional.conv1d(x, torch.Tensor([[[0.1] * 7]]).to(x), padding=3)


CASES = [
    Case(scripted_function, FIR),
    Case(scripted_loop, 3 * FIR),
    Case(scripted_module, FIR),
    Case(traced_module, FIR),
    Case(frozen_module, FIR),
    Case(checkpointed, FIR),
    Case(checkpointed_reentrantly, FIR),
    Case(checkpointed_in_sequence, 2 * FIR),
    Case(autograd_function, FIR),
    Case(autograd_function_twice, 2 * FIR),
    Case(vmapped, FIR),
    Case(vmapped_by_func, FIR),
    Case(functional_call, SECOND),
    Case(compiled_function, FIR),
    Case(compiled_before, FIR),
    Case(compiled_module, SECOND),
    Case(compiled_by_a_decorator, FIR),
    Case(inference_mode, FIR),
    Case(inference_mode_throughout, SECOND),
    Case(grad_mode, SECOND),
    Case(cond_dearer_first, SECOND),
    Case(cond_dearer_second, SECOND + 12),
    Case(cond_on_a_constant, SECOND),
    Case(parameter_of_the_signal, FIR),
    Case(subclass_of_the_signal, FIR),
    Case(data_of_the_signal, FIR),
    Case(data_set_to_the_signal, FIR),
    Case(deep_copy_of_the_signal, FIR),
    Case(set_to_the_signal, FIR),
    Case(written_into_a_constant, FIR),
    Case(partial_function, FIR),
    Case(table_of_the_module, FIR),
    Case(table_of_numpy, FIR),
    Case(table_of_a_list, FIR),
    Case(table_of_an_old_constructor, FIR),
]
