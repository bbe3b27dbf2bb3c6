"""Work on values that left torch: a filter of 3 taps, a gain, a sorting, written outside it."""

from __future__ import annotations

import array
import ctypes
import inspect
import io
import math
import pickle
import statistics
import struct

import numpy as np
import torch
import torch.utils.dlpack

TAPS = np.array([0.5, 0.25, 0.125], dtype=np.float32)


def _back(values):
    return torch.as_tensor(np.asarray(values, dtype=np.float32))[None, None]


def _filtered(samples):
    return _back(np.convolve(samples, TAPS, "same"))


def numpy_method(codec, x):
    return _filtered(x.numpy()[0, 0])


def numpy_of_a_copy(codec, x):
    return _filtered(x.detach().cpu().clone().numpy()[0, 0])


def numpy_forced(codec, x):
    return _filtered(x[0, 0].numpy(force=True))


def numpy_asarray(codec, x):
    return _filtered(np.asarray(x)[0, 0])


def numpy_array(codec, x):
    return _filtered(np.array(x[0, 0]))


def numpy_function(codec, x):
    return _back(np.convolve(x[0, 0], TAPS, "same"))


def numpy_universal_function(codec, x):
    return _back(np.multiply(np.float32(0.5), x[0, 0].detach().__array__()))


def numpy_from_dlpack(codec, x):
    return _filtered(np.from_dlpack(x)[0, 0])


def dlpack_method(codec, x):
    class Capsule:
        def __dlpack__(self, **_):
            return x.__dlpack__()

        def __dlpack_device__(self):
            return (1, 0)

    return _filtered(np.from_dlpack(Capsule())[0, 0])


def memory_view(codec, x):
    return _filtered(np.frombuffer(memoryview(x.contiguous().numpy()), np.float32))


def list_comprehension(codec, x):
    y = [0.0, *x.tolist()[0][0], 0.0]
    return _back([0.5 * a + 0.25 * b + 0.125 * c for a, b, c in zip(y, y[1:], y[2:], strict=False)])


def list_of_rows(codec, x):
    return _back([[0.5 * v for v in row] for row in x[0].tolist()])[0]


def list_sorted(codec, x):
    return x * sorted(x.flatten().tolist())[0]


def list_statistics(codec, x):
    return x - statistics.fmean(x[0, 0].tolist())


def list_in_an_array(codec, x):
    return _filtered(np.frombuffer(array.array("f", x[0, 0].tolist()), np.float32))


def list_packed(codec, x):
    samples = x[0, 0].tolist()
    return _filtered(np.frombuffer(struct.pack(f"{len(samples)}f", *samples), np.float32))


def item_of_each(codec, x):
    return _back([0.5 * v.item() for v in x[0, 0]])


def item_by_index(codec, x):
    y = torch.zeros_like(x)
    for i in range(x.shape[-1]):
        y[0, 0, i] = 0.5 * x[0, 0, i].item()
    return y


def item_by_the_class(codec, x):
    return x * torch.Tensor.item(x.abs().max())


def item_by_the_base_class(codec, x):
    return x / torch.Tensor.__base__.item(x.abs().max() + 1)


def float_of_each(codec, x):
    return _back([0.5 * float(v) for v in x[0, 0]])


def float_as_gain(codec, x):
    gain = 1.0 / (1.0 + float(x.abs().max()))
    return x * gain


def float_by_math(codec, x):
    return x / (1 + math.sqrt(x.pow(2).mean()))


def float_of_numpy(codec, x):
    return x * float(np.float32(x.abs().max()))


def int_as_steps(codec, x):
    return x * (int(x.abs().max() * 100) % 7)


def int_by_rounding(codec, x):
    return x * round(x.abs().max().item(), 2)


def complex_number(codec, x):
    return x * abs(complex(x.mean()))


def address(codec, x):
    x = x.contiguous()
    samples = (ctypes.c_float * x.numel()).from_address(x.data_ptr())
    return _filtered(np.array(samples, np.float32))


def address_copied(codec, x):
    x = x.contiguous()
    return _filtered(np.frombuffer(ctypes.string_at(x.data_ptr(), 4 * x.numel()), np.float32))


def storage_bytes(codec, x):
    return _filtered(np.array(x.contiguous().untyped_storage().tolist(), np.uint8).view(np.float32))


def storage_address(codec, x):
    memory = x.contiguous().untyped_storage()
    data = ctypes.string_at(memory.data_ptr(), memory.nbytes())
    return _filtered(np.frombuffer(data, np.float32))


def pickled(codec, x):
    return _filtered(pickle.loads(pickle.dumps(x)).numpy()[0, 0])


def saved(codec, x):
    file = io.BytesIO()
    torch.save(x.clone(), file)
    file.seek(0)
    return 0.5 * torch.load(file)


def printed(codec, x):
    return x * len(repr(x))


def formatted(codec, x):
    return x * float(f"{x.abs().max():.3f}")


def python_function_on_each(codec, x):
    return x.clone().apply_(lambda v: 0.5 * v + 0.25)


def python_function_on_pairs(codec, x):
    return x.clone().map_(x, lambda a, b: 0.5 * a + 0.25 * b)


CASES = [
    work
    for work in list(globals().values())
    if inspect.isfunction(work) and work.__module__ == __name__ and work.__name__[0] != "_"
]
