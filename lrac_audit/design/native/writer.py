"""Writer of the project's own YAML format: one line per convolution, defaults left out."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import yaml

from lrac_audit.design.layer import LayerList, kind_name
from lrac_audit.design.layers.parallel import Parallel
from lrac_audit.design.layers.residual import Residual
from lrac_audit.design.native.reader import FORMAT
from lrac_audit.design.parts import Activation, CodecDesign, Conv, DownConv, EdgeConv, UpConv
from lrac_audit.design.quantizer import quantizer_name
from lrac_audit.design.trim import TRIM_BOTH, TRIM_LEFT, TRIM_RIGHT, trimmed_left
from lrac_audit.design.yaml_source import EXPONENT, FLOAT_TAG

_ONE_LINE_PARTS = (Conv, EdgeConv, DownConv, UpConv, Activation)
_MAX_LINE_CHARACTERS = 100


class _OneLine(dict[str, Any]):
    """A mapping to be written on one line."""


class _Lines(list[Any]):
    """A list to be written with a line for each entry."""


class _Dumper(yaml.SafeDumper):
    """PyYAML's safe dumper, with lists indented under their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def _one_line_node(dumper: yaml.SafeDumper, mapping: _OneLine) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", mapping, flow_style=True)


def _lines_node(dumper: yaml.SafeDumper, items: _Lines) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=False)


def _list_node(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.Node:
    flat = not any(isinstance(item, dict) and not isinstance(item, _OneLine) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=flat)


# A name such as 1e5, which the reader takes for a number, is quoted.
_Dumper.add_implicit_resolver(FLOAT_TAG, EXPONENT, list("-+.0123456789"))
_Dumper.add_representer(_OneLine, _one_line_node)
_Dumper.add_representer(list, _list_node)
_Dumper.add_representer(_Lines, _lines_node)


def write_design(design: CodecDesign) -> str:
    """Return ``design`` as YAML text, which reads back to an equal design."""
    return yaml.dump(
        design_tree(design),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=_MAX_LINE_CHARACTERS,
    )


def design_tree(design: CodecDesign) -> dict[str, Any]:
    """Return ``design`` as plain data, defaults left out."""
    return {FORMAT.key: FORMAT.version, **_part_tree(design)}


def _part_tree(part: Any) -> Any:
    kind = quantizer_name(part)
    if kind is None:
        return _fields_tree(part)
    content = _others(part)
    return _OneLine({kind: _OneLine(content)}) if content else kind


def _fields_tree(part: Any) -> dict[str, Any]:
    if isinstance(part, LayerList | Residual):
        return {"layers": _layer_lines(part.layers), **_others(part, "layers")}
    if isinstance(part, Parallel):
        branches = _Lines(map(_layer_lines, part.branches))
        return {"branches": branches, **_others(part, "branches")}
    tree = _others(part)
    return _OneLine(tree) if isinstance(part, _ONE_LINE_PARTS) else tree


def _others(part: Any, *left_out: str) -> dict[str, Any]:
    """Return the fields of ``part`` that differ from their defaults, but for those left out."""
    tree = {
        f.name: _value_tree(getattr(part, f.name))
        for f in fields(part)
        if f.name not in (*left_out, "trim_left") and getattr(part, f.name) != f.default
    }
    trim = _trim(part) if hasattr(part, "trim_left") else TRIM_RIGHT
    return tree if trim == TRIM_RIGHT else tree | {"trim": trim}


def _layer_lines(layers: tuple[Any, ...]) -> _Lines:
    return _Lines(map(_layer_tree, layers))


def _layer_tree(layer: Any) -> Any:
    """Return a layer of a list: its kind with its fields, or the kind alone."""
    content = _value_tree(layer)
    if not content:
        return kind_name(layer)
    tree = {kind_name(layer): content}
    return tree if isinstance(layer, Residual | Parallel) else _OneLine(tree)


def _value_tree(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_value_tree(item) for item in value]
    if isinstance(value, Activation):
        return (
            _OneLine(name=value.name, **dict(value.parameters)) if value.parameters else value.name
        )
    return _part_tree(value) if is_dataclass(value) else value


def _trim(up: Any) -> str | int:
    surplus = up.kernel - up.stride
    for word in (TRIM_RIGHT, TRIM_LEFT, TRIM_BOTH):
        if trimmed_left(word, surplus) == up.trim_left:
            return word
    return int(up.trim_left)
