"""The registry of adapters: those of this package, and those that other packages install.

An adapter turns an object of one class into an :class:`AuditTarget`. It is found by the path of
that class, and imports nothing of the codec's package: where there is an object of a class, the
module of that class has been imported already.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import EntryPoint
from typing import Any, NamedTuple

import torch
from torch import nn

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.witness import extensions
from lrac_audit.witness.adapters import (
    descript,
    encodec,
    moshi,
    snac,
    speech_tokenizer,
    transformers_encodec,
    transformers_mimi,
    whole,
)
from lrac_audit.witness.packages import failure
from lrac_audit.witness.stated_rates import AS_DECLARED, StatedRates
from lrac_audit.witness.target import AuditTarget


class Adapter(NamedTuple):
    """A class of codecs, and the function that takes an object of it apart."""

    distribution: str
    """The distribution that pip installs to have the class, or that declares the adapter."""
    class_path: str
    """Dotted path of the class."""
    adapt: Callable[[Any], AuditTarget]
    narrow: Callable[[Any], Any] | None = None
    """A function that returns the same layers with fewer channels, for the latency witnesses."""

    @property
    def codec_class(self) -> type | None:
        """The class, or None while its module has not been imported."""
        module, _, name = self.class_path.rpartition(".")
        found = getattr(sys.modules.get(module), name, None)
        return found if isinstance(found, type) else None


BUILT_IN = (
    Adapter("encodec", "encodec.model.EncodecModel", encodec.adapt),
    Adapter("descript-audio-codec", "dac.model.dac.DAC", descript.adapt, descript.narrow),
    Adapter("moshi", "moshi.models.compression.MimiModel", moshi.adapt),
    Adapter("snac", "snac.snac.SNAC", snac.adapt, snac.narrow),
    Adapter("speechtokenizer", "speechtokenizer.model.SpeechTokenizer", speech_tokenizer.adapt),
    Adapter(
        "transformers",
        "transformers.models.encodec.modeling_encodec.EncodecModel",
        transformers_encodec.adapt,
        transformers_encodec.narrow,
    ),
    Adapter(
        "transformers",
        "transformers.models.dac.modeling_dac.DacModel",
        descript.adapt_transformers,
        descript.narrow_transformers,
    ),
    Adapter(
        "transformers",
        "transformers.models.mimi.modeling_mimi.MimiModel",
        transformers_mimi.adapt,
        transformers_mimi.narrow,
    ),
)


def adapters() -> tuple[Adapter, ...]:
    """Return every adapter there is, the built-in ones first.

    Raises:
        InputError: two adapters are for one class, or an entry point names no class.
    """
    found = (*BUILT_IN, *map(_installed, extensions.installed(extensions.ADAPTERS)))
    problems = [*_without_class(found), *_duplicates(found)]
    if problems:
        raise InputError(f"entry points {extensions.ADAPTERS}", problems)
    return found


def recognise(made: object, source: str, stated: StatedRates = AS_DECLARED) -> AuditTarget | None:
    """Return the target that ``made`` is, or None where it is neither a codec nor a module.

    Of several adapters the one of the most derived class is taken. Rates that the user states go
    before those of an adapter.

    Raises:
        InputError: it is a module with unknown sample rate or hop, or its adapter fails.
    """
    by_class = {adapter.codec_class: adapter for adapter in adapters()}
    for codec_class in type(made).__mro__:
        if codec_class in by_class:
            return _stated(_adapted(by_class[codec_class], made), stated)
    return whole.adapt(made, source, stated) if isinstance(made, nn.Module) else None


def _adapted(adapter: Adapter, made: Any) -> AuditTarget:
    """Return ``made`` as a target, with its narrow twin where one can be made."""
    target = adapter.adapt(made)
    if adapter.narrow is None:
        return target
    try:
        with torch.random.fork_rng(devices=[]):
            twin = adapter.adapt(adapter.narrow(made))
    except Exception:  # a variant of the codec whose twin its package cannot make
        return target
    return replace(target, narrow=twin)


def _stated(target: AuditTarget, stated: StatedRates) -> AuditTarget:
    """Return ``target`` with the rates that the user states."""
    if target.narrow is not None:
        target = replace(target, narrow=_stated(target.narrow, stated))
    return replace(
        target,
        sample_rate_hz=stated.sample_rate_hz or target.sample_rate_hz,
        hop_samples=stated.hop_samples or target.hop_samples,
    )


def known_distributions() -> str:
    """Return the distributions whose codecs are recognised, as a list for messages."""
    return ", ".join(dict.fromkeys(adapter.distribution for adapter in adapters()))


def _installed(point: EntryPoint) -> Adapter:
    return Adapter(extensions.distribution_of(point), point.name, partial(_adapt_by, point))


def _adapt_by(point: EntryPoint, made: object) -> AuditTarget:
    """Adapt ``made`` by the function of an entry point, which is imported only now."""
    adapt = extensions.load(point)
    try:
        target = adapt(made)
    except InputError:
        raise
    except (Exception, SystemExit) as error:  # whatever the adapter of others raises
        next_step = f"correct the adapter, or uninstall {extensions.distribution_of(point)}"
        problem = failure(point.value, error, next_step)
        raise InputError(extensions.described(point), [problem]) from error
    if isinstance(target, AuditTarget):
        return target
    given = f"a function that returns {shown(target)}"
    raise InputError(extensions.described(point), [Problem(point.value, given, "an AuditTarget")])


def _without_class(found: Sequence[Adapter]) -> list[Problem]:
    allowed = "the dotted path of a class, such as my_codecs.models.MyCodec"
    return [
        Problem(f"{adapter.distribution}: {adapter.class_path}", "no path of a class", allowed)
        for adapter in found
        if not all(part.isidentifier() for part in adapter.class_path.split("."))
        or "." not in adapter.class_path
    ]


def _duplicates(found: Sequence[Adapter]) -> list[Problem]:
    by_path: dict[str, list[str]] = {}
    for adapter in found:
        built_in = " (built in)" if adapter in BUILT_IN else ""
        by_path.setdefault(adapter.class_path, []).append(adapter.distribution + built_in)
    return [
        Problem(path, "an adapter of " + " and one of ".join(owners), "one adapter for each class")
        for path, owners in by_path.items()
        if len(owners) > 1
    ]
