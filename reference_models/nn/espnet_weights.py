"""Import of the weights of the public recipe's generator, from its state dict or ``.pth`` file.

A weight-normed convolution may come under torch's present names, ``parametrizations.weight
.original0`` and ``original1``, under the older ``weight_g`` and ``weight_v``, or folded, as
``weight``. Prefixes of a whole trainer are removed; its discriminator and losses are left out.
"""

from __future__ import annotations

import pickle
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lrac_audit.design.parts import CodecDesign
from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.files import READABLE, check_regular_file, path_error
from reference_models.nn.build import build
from reference_models.nn.codec import Codec
from reference_models.nn.espnet_names import Place, places

MAX_FILE_BYTES = 1 << 32
"""Larger than any checkpoint of a low-resource codec, its trainer's state included."""

_GENERATOR_KEY = re.compile(
    r"(?:(?:module|model|codec|generator)\.)*((?:encoder\.model|decoder\.model|quantizer\.vq)\..+)"
)
_TRAINER_PART = re.compile(r"(?:^|\.)(?:discriminator|[a-z_]*loss)\.")
_NESTED_UNDER = ("model", "state_dict")
"""Keys under which a trainer's checkpoint keeps the model's state dict."""

_G, _V = "parametrizations.weight.original0", "parametrizations.weight.original1"


def load_checkpoint(path: Path, design: CodecDesign) -> Codec:
    """Return the codec of ``design`` with the weights of the recipe's checkpoint at ``path``.

    Raises:
        InputError: the file is no checkpoint that can be read without running code from it, or
            it does not belong to ``design``; with every key that is missing, unexpected or of
            another shape.
    """
    return load_state_dict(_read(path), design, str(path))


def load_state_dict(state: Mapping[str, Tensor], design: CodecDesign, source: str) -> Codec:
    """Return the codec of ``design`` with the weights in ``state``, called ``source`` in messages.

    Raises:
        InputError: see :func:`load_checkpoint`.
    """
    codec = build(design)
    problems: list[Problem] = []
    given = _generator_keys(state, problems)
    targets = dict(_targets(codec, design))
    _unfold(given, targets)
    for key in targets.keys() - given.keys():
        allowed = f"a tensor of shape {_shape(targets[key])}"
        problems.append(Problem(key, "nothing", allowed))
    for key, value in given.items():
        problems.extend(_misfit(key, value, targets))
    if problems:
        raise InputError(source, sorted(problems))
    with torch.no_grad():
        for key, target in targets.items():
            target.copy_(given[key])
    return codec


def _read(path: Path) -> Mapping[str, Tensor]:
    check_regular_file(path)
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise _refused(path, f"{size} bytes", f"at most {MAX_FILE_BYTES} bytes")
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = torch.load(file, map_location="cpu", weights_only=True)
    except OSError as error:
        raise path_error(path, error, READABLE) from None
    except (pickle.UnpicklingError, RuntimeError, ValueError, EOFError, LookupError) as error:
        given = f"a file that torch refuses ({type(error).__name__})"
        allowed = "a state dict saved by torch, with nothing in it but tensors and plain data"
        raise _refused(path, given, allowed) from None
    return _state_dict(content, path)


def _state_dict(content: Any, path: Path) -> Mapping[str, Tensor]:
    for key in _NESTED_UNDER:
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise _refused(path, f"a {type(content).__name__}", "a state dict, from names to tensors")
    return content


def _refused(path: Path, given: str, allowed: str) -> InputError:
    return InputError(str(path), [Problem("", given, allowed)])


def _generator_keys(state: Mapping[str, Tensor], problems: list[Problem]) -> dict[str, Tensor]:
    """Return the generator's part of ``state``, under present names without prefixes."""
    found: dict[str, Tensor] = {}
    for key, value in state.items():
        match = _GENERATOR_KEY.fullmatch(key)
        if _TRAINER_PART.search(key):
            continue
        if match is None:
            problems.append(Problem(key, "a key", "keys of the recipe's generator"))
            continue
        name = match[1].replace("weight_g", _G).replace("weight_v", _V)
        if name in found:
            problems.append(Problem(key, "a second value for the same layer", "one value"))
        found[name] = value
    return found


def _targets(codec: Codec, design: CodecDesign) -> Iterator[tuple[str, Tensor]]:
    """Yield the recipe's name of every tensor of ``codec``, and the tensor that it is copied to."""
    for place in places(design):
        module = codec.get_submodule(place.ours)
        for name, value in module.state_dict(keep_vars=True).items():
            yield f"{place.theirs}.{_their_name(name, place)}", value


def _their_name(name: str, place: Place) -> str:
    return name if place.lstm_layer is None else name.replace("_l0", f"_l{place.lstm_layer}")


def _unfold(given: dict[str, Tensor], targets: Mapping[str, Tensor]) -> None:
    """Split folded weights into norm and direction, where the codec keeps them split."""
    for key in [key for key in given if key.endswith(".weight")]:
        layer = key.removesuffix("weight")
        if layer + _V in targets and isinstance(given[key], Tensor) and given[key].ndim > 1:
            weight = given.pop(key)
            given[layer + _V] = weight
            given[layer + _G] = weight.flatten(1).norm(dim=1).view(-1, *[1] * (weight.ndim - 1))


def _misfit(key: str, value: object, targets: Mapping[str, Tensor]) -> Iterator[Problem]:
    if key not in targets:
        yield Problem(key, "a key", "the keys of this design's generator")
    elif not isinstance(value, Tensor):
        yield Problem(key, shown(value), f"a tensor of shape {_shape(targets[key])}")
    elif value.shape != targets[key].shape:
        yield Problem(key, f"shape {_shape(value)}", f"shape {_shape(targets[key])}")
    elif not value.is_floating_point() or not value.isfinite().all():
        yield Problem(key, "values that are not finite numbers", "finite floating-point numbers")


def _shape(value: Tensor) -> str:
    return str(list(value.shape))
