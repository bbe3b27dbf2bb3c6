"""Codecs whose codes need more bits than they declare."""

from __future__ import annotations

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


LIES = [
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
