"""Addresses of fields: they are those of the file, and replacing them changes nothing else."""

from __future__ import annotations

import pytest
import yaml

from lrac_audit.design.addresses import address_text, field_values, with_values
from lrac_audit.design.formats import load_design
from lrac_audit.design.native.writer import write_design
from lrac_audit.errors import InputError
from lrac_audit.presets import PRESETS


def in_file(content: object, address: tuple[str | int, ...]) -> object:
    """Return what the content of a YAML file has at ``address``; None where nothing stands."""
    found = content
    for key in address:
        found = found.get(key) if isinstance(found, dict) else found[key] if found else None
    return found


@pytest.mark.parametrize("preset", PRESETS)
def test_a_file_has_each_value_at_its_address_or_leaves_it_to_its_default(preset: str) -> None:
    design = load_design(preset).design
    values, content = field_values(design), yaml.safe_load(write_design(design))
    found = {at: in_file(content, at) for at in values if at[-1] != "trim"}
    wrong = {
        address_text(at): value
        for at, value in found.items()
        if value is not None and value != values[at]
    }
    assert wrong == {}
    assert sum(value is not None for value in found.values()) > 20


def test_a_value_is_replaced_at_its_address_alone() -> None:
    design = load_design("track1").design
    address = ("encoder", "blocks", 3, "residual", 2, "convs", 0, "kernel")
    changed = with_values(design, {address: 5, ("decoder", "output", "kernel"): 19})
    before, after = field_values(design), field_values(changed)
    assert {at: value for at, value in after.items() if value != before[at]} == {
        address: 5,
        ("decoder", "output", "kernel"): 19,
    }


def test_layers_and_quantizers_that_a_file_names_have_their_kind_in_the_address() -> None:
    assert ("encoder", "layers", 0, "conv", "kernel") in field_values(
        load_design("mimi-24khz").design
    )


def test_a_changed_design_is_checked() -> None:
    with pytest.raises(InputError, match=r"decoder\.blocks\[0\]\.up"):
        with_values(load_design("track1").design, {("decoder", "blocks", 0, "up", "stride"): 7})


def test_an_address_that_the_design_lacks_is_refused() -> None:
    with pytest.raises(KeyError, match=r"encoder\.blocks\.9\.down\.kernel"):
        with_values(load_design("track1").design, {("encoder", "blocks", 9, "down", "kernel"): 7})
