"""Codecs that hand over other things than whole numbers of an integer type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from lrac_audit.witness.target import TargetMode
from tests.lrac_audit.witness.wire.codecs import (
    CHANNELS,
    Bare,
    Case,
    handing_over,
    target_of,
)


def _same(codes: Any) -> Any:
    return codes


def _latent_sent(of: Callable[[Any], Any], back: Callable[[Any], Any] = lambda c: c.float()):
    model = Bare()
    mode = TargetMode(1e6, lambda latent: of(latent), back)
    return target_of(model, mode)


WHOLE = "codes are whole numbers"
KINDS = [
    Case("float codes", lambda: _latent_sent(_same), "fail", "codes is float32, 4,000 a second"),
    Case("float64 codes", lambda: _latent_sent(lambda z: z.double()), "fail", "codes is float64"),
    Case("half codes", lambda: _latent_sent(lambda z: z.half()), "fail", "codes is float16"),
    Case("bfloat16 codes", lambda: _latent_sent(lambda z: z.bfloat16()), "fail", WHOLE),
    Case(
        "complex codes",
        lambda: _latent_sent(lambda z: z * (1 + 1j), lambda c: c.real),
        "fail",
        "complex64",
    ),
    Case(
        "float codes in numpy",
        lambda: _latent_sent(lambda z: z.numpy(), torch.from_numpy),
        "fail",
        WHOLE,
    ),
    Case(
        "float codes in a list of frames",
        lambda: _latent_sent(lambda z: list(z.unbind(2)), lambda c: torch.stack(c, 2)),
        "fail",
        WHOLE,
    ),
    Case(
        "Python floats",
        lambda: _latent_sent(
            lambda z: z.flatten().tolist(), lambda c: torch.tensor(c).view(1, CHANNELS, -1)
        ),
        "fail",
        WHOLE,
    ),
    Case(
        "whole numbers in float32",
        handing_over(lambda c: c.float(), _same),
        "incomplete",
        "of the type float32",
    ),
    Case(
        "codes beside a float scale",
        handing_over(lambda c: (c, c.float().std()), lambda p: p[0]),
        "fail",
        "codes[1] is float32",
    ),
    Case(
        "codes beside a Python float",
        handing_over(lambda c: (c, float(c.float().std())), lambda p: p[0]),
        "fail",
        "codes[1] is float",
    ),
    Case(
        "codes beside a float of each frame",
        handing_over(lambda c: {"c": c, "scale": c.float().std(1)}, lambda d: d["c"]),
        "fail",
        "codes['scale'] is float32, 1,000 a second",
    ),
    Case(
        "text",
        handing_over(
            lambda c: ",".join(map(str, c.flatten().tolist())),
            lambda t: torch.tensor([int(n) for n in t.split(",")]).view(1, CHANNELS, -1),
        ),
        "fail",
        "codes is text",
    ),
    Case(
        "an object",
        handing_over(lambda c: (c, Bare().encoder), lambda p: p[0]),
        "fail",
        "codes[1] is Conv1d",
    ),
    Case(
        "a function that remembers", handing_over(lambda c: lambda: c, lambda f: f()), "fail", WHOLE
    ),
]
