"""Codecs whose codes need more bits than they declare."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch.nn import functional

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
from tests.lrac_audit.witness.wire.honest import several_rates


def _wide(levels: int, declared_kbps: float):
    return lambda: Bare(levels).target(declared_kbps)


def _many(count: int, levels: int, declared_kbps: float):
    """So many codes a frame: the four channels, scaled in as many ways."""

    def make() -> AuditTarget:
        model = Bare(levels)
        gains = torch.linspace(0.5, 1.5, count // CHANNELS)[:, None, None]

        def quantise(latent):
            return torch.cat([model.quantise(latent * gain) for gain in gains], 1)

        mode = TargetMode(declared_kbps, quantise, lambda c: model.dequantise(c[:, :CHANNELS]))
        return target_of(model, mode)

    return make


def _two_rates_lie():
    """Declared as if both codes came every second frame."""
    target = several_rates()
    return target_of(target.root, target.modes[0]._replace(bitrate_kbps=4.0))


def _extra_integers():
    """The latent at 16 bits beside the codes, under another name."""
    model = Bare()

    def quantise(latent):
        return {"codes": model.quantise(latent), "state": (latent * 4000).round().int()}

    mode = TargetMode(HONEST, quantise, lambda d: d["state"] / 4000)
    return target_of(model, mode)


def _sleepy(look_up):
    """A codebook of 1,024, of which only codeword 7 is ever used, declared as 1 kbps."""

    def make() -> AuditTarget:
        model = Bare()
        book = torch.randn(1024, CHANNELS, generator=torch.Generator().manual_seed(1))

        def quantise(latent):
            return torch.full_like(latent[:, 0], 7, dtype=torch.int64)

        mode = TargetMode(1.0, quantise, lambda c: look_up(book, c).transpose(1, 2))
        return target_of(model, mode)

    return make


def _modes(*declared_kbps: float):
    """One mode for each, all with the codes of 16 kbps; the last is the one that is audited."""

    def make() -> AuditTarget:
        target = Bare().target(HONEST)
        modes = (target.modes[0]._replace(bitrate_kbps=kbps) for kbps in declared_kbps)
        return replace(target, modes=tuple(modes))

    return make


LOOKUPS = {
    "embedded": lambda book, codes: functional.embedding(codes, book),
    "indexed": lambda book, codes: book[codes],
    "selected": lambda book, codes: book.index_select(0, codes.flatten()).view(*codes.shape, -1),
    "moved about": lambda book, codes: book[torch.stack([codes.int()]).squeeze(0).contiguous()],
}
LIES = [
    *(
        Case(f"a codebook hardly used, {how}", _sleepy(look_up), "fail", "1 kbps are declared")
        for how, look_up in LOOKUPS.items()
    ),
    Case("a lower mode", _modes(6.0, HONEST), "fail", "the mode of 6 kbps needs"),
    Case("one of many modes", _modes(12.0, 20.0, 24.0, 32.0), "fail", "the mode of 12 kbps needs"),
    Case("32 codes of 16 bits as 6 kbps", _many(32, 65_536, 6.0), "fail", "6 kbps are declared"),
    Case("4 codes of 16 bits as 16 kbps", _wide(65_536, HONEST), "fail", "16 kbps are declared"),
    Case("4 codes of 5 bits as 16 kbps", _wide(32, HONEST), "fail", "16 kbps are declared"),
    Case("4 codes of 17 levels as 16 kbps", _wide(17, HONEST), "fail", "16 kbps are declared"),
    Case("4 codes of 4 bits as 15 kbps", _wide(16, 15.0), "fail", "15 kbps are declared"),
    Case("8 codes as 4", _many(8, 16, HONEST), "fail", "16 kbps are declared"),
    Case("codes of two rates", _two_rates_lie, "fail", "4 kbps are declared"),
    Case("a latent in 16 bits beside", _extra_integers, "fail", "codes['state'] of int32"),
    Case("int32 of full range", _wide(2**24, HONEST), "fail", "declared"),
    Case(
        "one wide code for four, declared as one",
        handing_over(
            lambda c: (c * torch.tensor([1, 16, 256, 4096])[None, :, None]).sum(1),
            lambda c: c[:, None] // torch.tensor([1, 16, 256, 4096])[None, :, None] % 16,
            kbps(16),
        ),
        "fail",
        "4 kbps are declared",
    ),
]
