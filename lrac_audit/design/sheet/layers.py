"""The rows of the pages Encoder and Decoder: which inputs each has, and in which order they stand.

Names of rows are those of the ledger, such as ``encoder.blocks.0.residual.1.convs.0``, and fields
those of the native format, such as ``encoder.blocks[0].residual[1].convs[0]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_GEOMETRY = ("dilation", "groups", "causal")
_INPUTS = (
    (r"encoder\.(?:input|output)|decoder\.input", ("channels", "kernel", *_GEOMETRY)),
    (r"decoder\.output", ("kernel", *_GEOMETRY)),
    (r"encoder\.blocks\.\d+\.down", ("channels", "kernel", "stride", *_GEOMETRY)),
    (r"decoder\.blocks\.\d+\.up", ("channels", "kernel", "stride", "groups", "trim")),
    (r".*\.convs\.\d+", ("kernel", *_GEOMETRY)),
)
_PATTERNS = tuple((re.compile(pattern), keys) for pattern, keys in _INPUTS)
_NAME = re.compile(
    r"(?:encoder|decoder)\.(?:input|output|output_activation|final_activation|lstm\.(?:\d{1,2}|add)"
    r"|blocks\.\d{1,2}\.(?:activation|down|up|residual\.\d{1,2}"
    r"\.(?:(?:acts|convs)\.\d{1,2}|skip|add)))"
)


def is_layer_name(name: object) -> bool:
    """Whether a design has layers of such a name."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def input_fields(name: str) -> Mapping[str, str]:
    """The input columns of the row ``name``, each with the field of the design that it holds."""
    for pattern, keys in _PATTERNS:
        if pattern.fullmatch(name):
            part = re.sub(r"\.(\d+)", r"[\1]", name)
            fields = {key: f"{part}.{key}" for key in keys}
            if name.endswith(".convs.0"):
                fields["compress"] = part.replace(".convs[0]", ".compress")
            return fields
    return {}


def plant(tree: dict[str, Any], field: str, value: object) -> None:
    """Put ``value`` at ``field`` into a tree of mappings and lists, growing it as needed.

    A list grows by what lies between, so that a gap leaves empty mappings.
    """
    steps = [
        int(step) if step.isdigit() else step for step in re.findall(r"[a-z_]+|(?<=\[)\d+", field)
    ]
    here: Any = tree
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if isinstance(step, int):
            here.extend({} for _ in range(step + 1 - len(here)))
        if following is None:
            here[step] = value
            return
        fresh: Any = [] if isinstance(following, int) else {}
        if isinstance(step, int):
            here[step] = here[step] or fresh
        else:
            here.setdefault(step, fresh)
        here = here[step]


def expected_names(side: str, coder: Mapping[str, Any]) -> Iterator[str]:
    """The rows of a page in their order, for the coder that ``coder`` describes."""
    blocks = list(enumerate(coder.get("blocks", ())))
    if "input" in coder:
        yield f"{side}.input"
    if side == "decoder":
        yield from _lstm(side, coder)
    for i, block in blocks:
        path = f"{side}.blocks.{i}"
        if side == "encoder":
            yield from _residual(path, block)
            yield from (f"{path}.activation", f"{path}.down")
        else:
            yield from (f"{path}.activation", f"{path}.up")
            yield from _residual(path, block)
    if side == "encoder":
        yield from _lstm(side, coder)
    if "output" in coder:
        yield from (f"{side}.output_activation", f"{side}.output")
    if "final_activation" in coder:
        yield f"{side}.final_activation"


def _lstm(side: str, coder: Mapping[str, Any]) -> Iterator[str]:
    layers = coder.get("lstm_layers", 0)
    yield from (f"{side}.lstm.{i}" for i in range(layers))
    if layers:
        yield f"{side}.lstm.add"


def _residual(path: str, block: Mapping[str, Any]) -> Iterator[str]:
    for i, unit in enumerate(block.get("residual", ())):
        name = f"{path}.residual.{i}"
        for j in range(len(unit.get("convs", ()))):
            yield from (f"{name}.acts.{j}", f"{name}.convs.{j}")
        if unit.get("learnable_skip"):
            yield f"{name}.skip"
        yield f"{name}.add"
