"""The registry of engines, from which ``--engine`` takes its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from lrac_audit.errors import InputError, Problem
from reference_models.streaming.engine import Engine


def _torch() -> Engine:
    from reference_models.streaming.torch_engine import TorchEngine

    return TorchEngine()


def _c() -> Engine:
    from reference_models.export.c.engine import CEngine

    return CEngine()


def _onnx() -> Engine:
    try:
        from reference_models.export.onnx.streams import OnnxEngine
    except ModuleNotFoundError as error:
        given = f"onnx, without the package {error.name}"
        allowed = "an install with its extra, pip install '.[onnx]' in a checkout"
        raise InputError("options", [Problem("--engine", given, allowed)]) from None
    return OnnxEngine()


ENGINES: Mapping[str, Callable[[], Engine]] = MappingProxyType(
    {"torch": _torch, "onnx": _onnx, "c": _c}
)
"""What loads each engine, by name. Its packages are imported when it is asked for."""
DEFAULT_ENGINE = "torch"


def load_engine(name: str) -> Engine:
    """Return the engine called ``name``.

    Raises:
        InputError: there is none of that name, or a package or a program that it needs is missing.
    """
    if name not in ENGINES:
        raise InputError("options", [Problem("--engine", name, ", ".join(ENGINES))])
    return ENGINES[name]()
