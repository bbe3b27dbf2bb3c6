"""Codecs that keep what they promise, written in many ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from lrac_audit.witness.target import AuditTarget, TargetMode
from tests.lrac_audit.witness.wire.codecs import (
    CHANNELS,
    HONEST,
    Bare,
    Case,
    handing_over,
    kbps,
    target_of,
)


def _same(codes: Any) -> Any:
    return codes


class Pair(NamedTuple):
    first: Any
    second: Any


def _two(codes):
    return [codes[:, :1], codes[:, 1:]]


def _joined(parts):
    return torch.cat(list(parts), 1)


def _packed(codes):
    """Two codes of 4 bits in one of 8."""
    return codes[:, ::2] * 16 + codes[:, 1::2]


def _unpacked(codes):
    return torch.stack([codes // 16, codes % 16], 2).flatten(1, 2)


HONEST_CASES = [
    Case("codes as they are", handing_over(_same, _same), "pass"),
    Case("of int32", handing_over(lambda c: c.int(), _same), "pass"),
    Case("of int16", handing_over(lambda c: c.short(), _same), "pass"),
    Case("of uint8", handing_over(lambda c: c.to(torch.uint8), _same), "pass"),
    Case(
        "frames first",
        handing_over(lambda c: c.permute(2, 0, 1), lambda c: c.permute(1, 2, 0)),
        "pass",
    ),
    Case(
        "frames in the middle",
        handing_over(lambda c: c.transpose(1, 2), lambda c: c.transpose(1, 2)),
        "pass",
    ),
    Case(
        "interleaved along time",
        handing_over(
            lambda c: c.transpose(1, 2).flatten(1),
            lambda c: c.unflatten(1, (-1, CHANNELS)).transpose(1, 2),
        ),
        "pass",
    ),
    Case(
        "flat, a channel after the other",
        handing_over(lambda c: c.flatten(1), lambda c: c.unflatten(1, (CHANNELS, -1))),
        "pass",
    ),
    Case("a list", handing_over(_two, _joined), "pass"),
    Case("a tuple", handing_over(lambda c: tuple(_two(c)), _joined), "pass"),
    Case("a named tuple", handing_over(lambda c: Pair(*_two(c)), _joined), "pass"),
    Case(
        "a dictionary",
        handing_over(
            lambda c: dict(zip("ab", _two(c), strict=True)), lambda d: _joined(d.values())
        ),
        "pass",
    ),
    Case(
        "nested",
        handing_over(
            lambda c: {"codes": [(x,) for x in _two(c)], "none": None},
            lambda d: _joined([x for (x,) in d["codes"]]),
        ),
        "pass",
    ),
    Case(
        "one tensor a frame",
        handing_over(lambda c: list(c.unbind(2)), lambda c: torch.stack(c, 2)),
        "pass",
    ),
    Case("numpy", handing_over(lambda c: c.numpy(), torch.from_numpy), "pass"),
    Case("packed in pairs", handing_over(_packed, _unpacked), "pass"),
    Case(
        "bytes",
        handing_over(
            lambda c: bytes(_packed(c).flatten().tolist()),
            lambda b: _unpacked(torch.tensor(list(b)).view(1, 2, -1)),
        ),
        "pass",
    ),
    Case("shifted below zero", handing_over(lambda c: c - 8, lambda c: c + 8), "pass"),
    Case("even numbers only", handing_over(lambda c: c * 2, lambda c: c // 2), "pass"),
    Case(
        "with the number of frames", handing_over(lambda c: (c, c.shape[2]), lambda p: p[0]), "pass"
    ),
    Case("with a constant scale", handing_over(lambda c: (c, 1.0), lambda p: p[0]), "pass"),
    Case(
        "with a constant tensor",
        handing_over(lambda c: (c, torch.ones(1, 1)), lambda p: p[0] * p[1]),
        "pass",
    ),
    Case(
        "with the name of its mode",
        handing_over(lambda c: {"mode": "high", "c": c}, lambda d: d["c"]),
        "pass",
    ),
    Case(
        "with frame numbers",
        handing_over(lambda c: (c, torch.arange(c.shape[2])), lambda p: p[0]),
        "pass",
    ),
    Case("declared rounded", handing_over(_same, _same, HONEST * 0.998), "pass"),
    Case("declared higher", handing_over(_same, _same, 64.0), "pass"),
]


def _of_levels(*levels: int):
    """FSQ with so many levels a channel, a code for each channel; declared to the bit."""

    def make() -> AuditTarget:
        model, sizes = Bare(), torch.tensor(levels)[None, :, None]

        def quantise(latent):
            return ((latent.tanh() * 0.5 + 0.5) * (sizes - 1)).round().long()

        mode = TargetMode(kbps(*levels), quantise, lambda c: c / (sizes - 1) * 2.0 - 1)
        return target_of(model, mode)

    return make


def _fsq_as_one():
    """FSQ with 8, 5, 5, 5 levels as one index of 1,000 values: 9.966 bits, declared so."""
    model, sizes = Bare(), torch.tensor([8, 5, 5, 5])[None, :, None]
    basis = torch.tensor([1, 8, 40, 200])[None, :, None]

    def quantise(latent):
        return (((latent.tanh() * 0.5 + 0.5) * (sizes - 1)).round().long() * basis).sum(1)

    mode = TargetMode(
        kbps(1000), quantise, lambda c: (c[:, None] // basis % sizes) / (sizes - 1) - 0.5
    )
    return target_of(model, mode)


def _interleaved(*levels: int):
    """The same with one code after the other along time."""

    def make() -> AuditTarget:
        target = _of_levels(*levels)()
        mode = target.modes[0]
        sent = TargetMode(
            mode.bitrate_kbps,
            lambda z: mode.quantise(z).transpose(1, 2).flatten(1),
            lambda c: mode.dequantise(c.unflatten(1, (-1, len(levels))).transpose(1, 2)),
        )
        return target_of(target.root, sent)

    return make


def _one_table():
    """Four codebooks of 16 in one table of 64, each with its offset; the first has none."""
    model = Bare()
    book = torch.randn(64, CHANNELS, generator=torch.Generator().manual_seed(1))

    def dequantise(codes):
        return sum(book[codes[:, i] + 16 * i] for i in range(CHANNELS)).transpose(1, 2)

    return target_of(model, TargetMode(HONEST, model.quantise, dequantise))


def _looked_up_twice(*rows: int):
    """A receiver that has two tables for each code: still 16 levels."""

    def make() -> AuditTarget:
        model = Bare()
        one, other = (torch.linspace(-1, 1, n)[:, None].expand(n, CHANNELS) for n in rows)

        def dequantise(codes):
            return (one[codes] * other[codes]).sum(1).transpose(1, 2)

        return target_of(model, TargetMode(HONEST, model.quantise, dequantise))

    return make


def _signs(of: Callable[[Any], Any], back: Callable[[Any], Any]):
    """A bit for each channel: 4 kbps."""

    def make() -> AuditTarget:
        model = Bare()
        mode = TargetMode(kbps(2, 2, 2, 2), lambda z: of(z > 0), lambda c: back(c).float())
        return target_of(model, mode)

    return make


def several_rates():
    """One code of 16 levels a frame, and one for every two frames: 4 and 2 kbps."""
    model = Bare()

    def quantise(latent):
        codes = model.quantise(latent)
        return [codes[:, 0], codes[:, 1, ::2]]

    def dequantise(codes):
        slow = codes[1].repeat_interleave(2, 1)[:, : codes[0].shape[1]]
        return model.dequantise(torch.stack([codes[0], slow, slow, slow], 1))

    return target_of(model, TargetMode(6.0, quantise, dequantise))


def _residual(layers: int):
    """Two or more codebooks of 32, each on what the ones before left over."""

    def make() -> AuditTarget:
        model = Bare()
        books = torch.randn(layers, 32, CHANNELS, generator=torch.Generator().manual_seed(1)) / 2

        def quantise(latent):
            rest, codes = latent.transpose(1, 2), []
            for book in books:
                codes.append(torch.cdist(rest, book[None]).argmin(2))
                rest = rest - book[codes[-1]]
            return torch.stack(codes, 1)

        def dequantise(codes):
            return sum(book[c] for book, c in zip(books, codes.unbind(1), strict=True)).transpose(
                1, 2
            )

        return target_of(model, TargetMode(kbps(*[32] * layers), quantise, dequantise))

    return make


def _lazy_table():
    """The table of the receiver is made from the weights by whoever comes first."""

    class Lazy(Bare):
        table = None

        def filled(self):
            if self.table is None:
                self.table = torch.linspace(-1, 1, self.levels)
            return self.table

        def quantise(self, latent):
            return (latent[..., None] - self.filled()).abs().argmin(-1)

        def dequantise(self, codes):
            return self.filled()[codes]

    return Lazy().target(HONEST)


def _counting_calls():
    """Each side counts its calls, and nothing depends on that."""

    class Counting(Bare):
        calls = 0

        def transmit(self, audio):
            self.calls += 1
            return super().transmit(audio)

        def receive(self, latent):
            self.calls += 1
            return super().receive(latent)

    return Counting().target(HONEST)


def _dithered(draw: Callable[[Any], Any]):
    """The receiver adds noise, new at each call."""

    def make() -> AuditTarget:
        class Dithered(Bare):
            def receive(self, latent):
                return super().receive(latent) + 0.1 * draw(latent)

        return Dithered().target(HONEST)

    return make


def _numpy_noise(latent):
    import numpy as np

    return float(np.random.standard_normal())


HONEST_CASES += [
    Case("FSQ, a code for each channel", _of_levels(8, 5, 5, 5), "pass"),
    Case("FSQ of unequal levels", _of_levels(32, 2, 3, 7), "pass"),
    Case("FSQ of unequal levels, interleaved", _interleaved(32, 2, 3, 7), "pass"),
    Case("one table for four codebooks", _one_table, "pass"),
    Case("looked up twice", _looked_up_twice(16, 16), "pass"),
    Case("looked up in tables of two sizes", _looked_up_twice(16, 20), "pass"),
    Case("FSQ as one index", _fsq_as_one, "pass"),
    Case("bits as bool", _signs(lambda b: b, lambda b: b), "pass"),
    Case("bits as 0 and 1", _signs(lambda b: b.long(), lambda b: b), "pass"),
    Case("bits as -1 and 1", _signs(lambda b: b.long() * 2 - 1, lambda b: b), "pass"),
    Case("codes of two rates", several_rates, "pass"),
    Case("two codebooks", _residual(2), "pass"),
    Case("five codebooks", _residual(5), "pass"),
    Case("a table made by whoever comes first", _lazy_table, "pass"),
    Case("counted calls", _counting_calls, "pass"),
    Case("dither by torch", _dithered(lambda _: torch.randn(())), "pass"),
    Case("dither by numpy", _dithered(_numpy_noise), "pass"),
]
