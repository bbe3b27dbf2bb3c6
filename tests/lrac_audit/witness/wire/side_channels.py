"""Codecs whose receiver knows more than the codes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import torch

from lrac_audit.witness.target import AuditTarget, TargetMode
from tests.lrac_audit.witness.wire.codecs import (
    CHANNELS,
    HONEST,
    Bare,
    Case,
    target_of,
)

STORE: dict[str, Any] = {}


class OfAttribute(Bare):
    """Keeps the latent in an attribute."""

    def transmit(self, audio):
        self.kept = super().transmit(audio)
        return self.kept

    def receive(self, latent):
        return super().receive(self.kept)


class OfDefault(OfAttribute):
    """The same, and falls back to the codes where there is none."""

    kept = None

    def receive(self, latent):
        return Bare.receive(self, latent if self.kept is None else self.kept)


class OfBuffer(Bare):
    """Writes the latent into a buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("memory", torch.zeros(1, CHANNELS, 1))

    def transmit(self, audio):
        latent = super().transmit(audio)
        self.memory = latent
        return latent

    def receive(self, latent):
        return super().receive(latent + self.memory.mean())


class OfParameter(Bare):
    """Writes into a weight of the decoder."""

    def transmit(self, audio):
        latent = super().transmit(audio)
        with torch.no_grad():
            self.decoder.bias.copy_(latent.std().reshape(1))
        return latent


class OfList(Bare):
    """Appends to a list that it holds."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = []

    def quantise(self, latent):
        self.kept.append(latent)
        return super().quantise(latent)

    def dequantise(self, codes):
        return self.kept[-1] if self.kept else super().dequantise(codes)


class OfGlobal(Bare):
    """Keeps the latent in a global of its module."""

    def quantise(self, latent):
        STORE["latent"] = latent
        return super().quantise(latent)

    def dequantise(self, codes):
        return STORE.get("latent", super().dequantise(codes))


class OfClass(Bare):
    """Keeps the latent in an attribute of its class."""

    shared: Any = None

    def quantise(self, latent):
        type(self).shared = latent
        return super().quantise(latent)

    def dequantise(self, codes):
        return super().dequantise(codes) if self.shared is None else self.shared


class OfCache(Bare):
    """Keeps latents by the codes that they became."""

    def __init__(self) -> None:
        super().__init__()
        self.cache = {}

    def quantise(self, latent):
        codes = super().quantise(latent)
        self.cache[codes.numpy().tobytes()] = latent
        return codes

    def dequantise(self, codes):
        return self.cache.get(codes.numpy().tobytes(), super().dequantise(codes))


class OfGlobalCache(Bare):
    """The same in a global."""

    def quantise(self, latent):
        codes = super().quantise(latent)
        STORE[str(codes.tolist())] = latent
        return codes

    def dequantise(self, codes):
        return STORE.get(str(codes.tolist()), super().dequantise(codes))


class OfView(Bare):
    """Hands over codes that are a view of a longer memory."""

    def quantise(self, latent):
        codes = super().quantise(latent)
        secret = (latent * 2**40).long()
        return torch.cat([codes, secret], 1)[:, :CHANNELS]

    def dequantise(self, codes):
        steps = codes.shape[2]
        if codes.untyped_storage().nbytes() < 16 * CHANNELS * steps:
            return super().dequantise(codes)
        whole = codes.as_strided((1, 2 * CHANNELS, steps), (2 * CHANNELS * steps, steps, 1))
        return whole[:, CHANNELS:] / 2.0**40


class Record(NamedTuple):
    codes: Any


@dataclass
class Packet:
    codes: Any


def _in(kind: Callable[[Any], Any]):
    """The same view inside a record."""

    def make() -> AuditTarget:
        model = OfView()
        mode = TargetMode(
            HONEST, lambda z: kind(model.quantise(z)), lambda r: model.dequantise(r.codes)
        )
        return target_of(model, mode)

    return make


def _own_generator():
    """Both sides draw from one generator, so that the receiver's noise depends on the calls."""
    generator = torch.Generator().manual_seed(0)

    class Noisy(Bare):
        def transmit(self, audio):
            torch.randn(1, generator=generator)
            return super().transmit(audio)

        def receive(self, latent):
            return super().receive(latent) + torch.randn(1, generator=generator)

    return Noisy().target(HONEST)


class OfTensorAttribute(Bare):
    """Hangs the latent on the tensor of the codes."""

    def quantise(self, latent):
        codes = super().quantise(latent)
        codes.latent = latent
        return codes

    def dequantise(self, codes):
        return (
            getattr(codes, "latent", None)
            if hasattr(codes, "latent")
            else super().dequantise(codes)
        )


class OfScale(Bare):
    """Divides by the loudness of the clip, and multiplies by it again."""

    def transmit(self, audio):
        self.scale = audio.square().mean().sqrt() + 1e-5
        return super().transmit(audio / self.scale)

    def receive(self, latent):
        return super().receive(latent) * self.scale


class OfLength(Bare):
    """Cuts the output to the length that the input had, which no code tells."""

    def transmit(self, audio):
        self.samples = audio.shape[2] - 3
        return super().transmit(audio)

    def receive(self, latent):
        return super().receive(latent)[..., : getattr(self, "samples", None)]


def _by_closure():
    model, kept = Bare(), []

    def quantise(latent):
        kept[:] = [latent]
        return model.quantise(latent)

    mode = TargetMode(HONEST, quantise, lambda c: kept[0] if kept else model.dequantise(c))
    return target_of(model, mode)


def _by_nonlocal():
    model, kept = Bare(), None

    def transmit(audio):
        nonlocal kept
        kept = model.transmit(audio)
        return kept

    def receive(latent):
        return model.receive(latent if kept is None else kept)

    mode = TargetMode(HONEST, model.quantise, model.dequantise)
    return target_of(model, mode, transmit=transmit, receive=receive)


def _by_default_argument():
    model = Bare()

    def keep(latent, store):
        store["z"] = latent
        return model.quantise(latent)

    store: dict[str, Any] = {}
    mode = TargetMode(
        HONEST, partial(keep, store=store), lambda c: store.get("z", model.dequantise(c))
    )
    return target_of(model, mode)


def _by_hook():
    """A hook of the encoder sets what a hook of the decoder takes."""
    model = Bare()
    kept: dict[str, Any] = {}
    model.encoder.register_forward_hook(lambda _m, _i, out: kept.update(z=out))
    model.decoder.register_forward_pre_hook(lambda _m, given: (kept.get("z", given[0]),))
    return model.target(HONEST)


def _as(kind: type[Bare]):
    def make() -> AuditTarget:
        STORE.clear()
        if kind is OfClass:
            OfClass.shared = None
        return kind().target(HONEST)

    return make


BEYOND = "depends on more than the codes"
HIDDEN = "more of the codes than their values"
SIDE_CHANNELS = [
    Case("an attribute", _as(OfAttribute), "fail", "fails without the transmitter: AttributeError"),
    Case("an attribute with a default", _as(OfDefault), "fail", "OfDefault.kept"),
    Case("a buffer", _as(OfBuffer), "fail", "OfBuffer.memory"),
    Case("a weight", _as(OfParameter), "fail", "decoder.bias"),
    Case("a list", _as(OfList), "fail", "OfList.kept"),
    Case("a global", _as(OfGlobal), "fail", "side_channels.STORE"),
    Case("an attribute of the class", _as(OfClass), "fail", "class OfClass: shared"),
    Case("a cache by codes", _as(OfCache), "fail", "OfCache.cache"),
    Case("a global cache by codes", _as(OfGlobalCache), "fail", "side_channels.STORE"),
    Case("the loudness of the clip", _as(OfScale), "fail", "OfScale.scale"),
    Case("the length of the clip", _as(OfLength), "fail", "OfLength.samples"),
    Case("a closure", _by_closure, "fail", "kept in _by_closure"),
    Case("a nonlocal name", _by_nonlocal, "fail", "kept in _by_nonlocal"),
    Case("a bound argument", _by_default_argument, "fail", BEYOND),
    Case("hooks", _by_hook, "fail", BEYOND),
    Case("the memory behind a view", _as(OfView), "fail", HIDDEN),
    Case("the memory behind a view in a named tuple", _in(Record), "fail", HIDDEN),
    Case("the memory behind a view in a dataclass", _in(Packet), "fail", HIDDEN),
    Case("an attribute of the tensor", _as(OfTensorAttribute), "fail", HIDDEN),
    Case("a generator of both sides", _own_generator, "incomplete", "from call to call"),
]
