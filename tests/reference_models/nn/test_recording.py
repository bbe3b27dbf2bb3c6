"""Recorded operations, run again with other values, against the same functions called afresh."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from reference_models.nn.buffer_reuse import reuse_buffers
from reference_models.nn.recording import OperationRecorder, memory_of


def noise(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def rerun(function, x, other, changing=(), sharing=True):
    """What the recording of ``function`` at ``x`` gives once ``x`` has the values of ``other``."""
    x = x.clone()
    with torch.inference_mode():
        with OperationRecorder([x, *changing]) as recorder:
            y = function(x)
        if sharing:
            reuse_buffers(recorder.operations, y)
        calls = [operation.again() for operation in recorder.operations]
        x.copy_(other)
        for call in calls:
            call()
    return y, recorder.operations


WEIGHT, BIAS = noise(1, 6, 4), noise(2, 6)
TABLE = noise(3, 10, 5)
KERNEL, MATRIX = noise(4, 3, 4, 2), noise(5, 5, 2)
LSTM = nn.LSTM(5, 3, batch_first=True)


def written_over(x):
    y = x.clone()
    y[:, 1] = x[:, 0]
    y += 1
    return y.mul_(2)


def sequence(x):
    y, (hidden, cell) = LSTM(x)
    return torch.cat((y, hidden, cell), 1)


FUNCTIONS = {
    "views only, then a sum": lambda x: x.transpose(1, 2)[:, 1:].expand(2, -1, -1) + 1,
    "a convolution": lambda x: functional.conv1d(x, KERNEL),
    "products": lambda x: torch.baddbmm(BIAS[:, None], WEIGHT[None], x) @ MATRIX,
    "copies": lambda x: x.transpose(1, 2).contiguous().flatten(1).double().reshape(-1, 2).t(),
    "elu": lambda x: functional.elu(functional.elu(x), alpha=0.5),
    "elu in place": lambda x: functional.elu(x - 1, inplace=True),
    "values written in place": written_over,
    "a padded sequence": lambda x: torch.cat((x, functional.pad(x, (1, 2))), 2).tanh(),
    "several results": sequence,
    "a linear layer and a search": lambda x: functional.linear(x[0].t(), WEIGHT, BIAS).argmin(1),
    "a table": lambda x: functional.embedding(x[0, 0].abs().long() % 10, TABLE),
    "a table for several rows": lambda x: functional.embedding(x.abs().long() % 10, TABLE),
    "a part of a result": lambda x: (x * 2)[:, 2:].sin(),
    "a long chain": lambda x: torch.stack([(x * i).sin() - x for i in range(9)]).sum(0).exp(),
}


@pytest.mark.parametrize("sharing", [False, True])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_recorded_operations_give_what_the_function_gives(name, sharing):
    x, other = noise(6, 1, 4, 5), noise(7, 1, 4, 5)
    with torch.inference_mode():
        expected, before = FUNCTIONS[name](other), FUNCTIONS[name](x)
    assert not torch.equal(expected, before)
    y, _ = rerun(FUNCTIONS[name], x, other, sharing=sharing)
    assert torch.equal(y, expected)


def test_what_changes_besides_the_input_is_read_again():
    memory = noise(8, 1, 4, 5)

    def step(x):
        y = x + 3 * memory
        memory.copy_(y)
        return y

    x = torch.ones(1, 4, 5)
    start = memory.clone()
    y, _ = rerun(step, x, 2 * x, changing=[memory])
    assert torch.allclose(y, 3 * (3 * start + 1) + 2)
    assert torch.equal(memory, y)


def test_what_only_weights_enter_is_computed_once():
    weight = noise(9, 4, 4)
    _, operations = rerun(lambda x: x @ (weight.exp() + 1).t().contiguous(), WEIGHT, WEIGHT)
    assert [operation.function for operation in operations] == [torch.Tensor.matmul]


def test_to_look_at_memory_in_another_way_is_no_operation():
    _, operations = rerun(FUNCTIONS["views only, then a sum"], *2 * [noise(6, 1, 4, 5)])
    assert [operation.function for operation in operations] == [torch.Tensor.add]


def test_results_that_are_no_longer_read_make_room():
    """Of a chain of 20 results two are needed at a time, besides the last, which is kept."""

    def chain(x):
        for _ in range(20):
            x = x.sin()
        return x

    x = noise(10, 1, 4, 5)
    _, operations = rerun(chain, x, x)
    assert len({memory_of(operation.result) for operation in operations}) == 3
    _, operations = rerun(chain, x, x, sharing=False)
    assert len({memory_of(operation.result) for operation in operations}) == 20
