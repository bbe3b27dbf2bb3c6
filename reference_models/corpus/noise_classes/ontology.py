"""Ontologies of noise: YAML files of classes and the prompts that describe them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from lrac_audit.design.yaml_source import read_yaml
from lrac_audit.errors import Problem, shown
from lrac_audit.validation.kinds import Text
from lrac_audit.validation.part import rules_of
from lrac_audit.validation.reading import Format, check, read
from lrac_audit.validation.structures import Count

FORMAT = Format("lrac_noise_classes", 1)
SHIPPED = Path(__file__).with_name("noise_classes.yaml")
"""The ontology that comes with the package."""
MAX_CHARACTERS = 200
MAX_CLASSES = 1000
MAX_PROMPTS = 64
PLACE = "{}"
"""The place in a template where a prompt goes."""

Line = Annotated[str, Text(MAX_CHARACTERS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseClass:
    """A class of noise."""

    name: Line
    """A word of small letters, digits and underscores, which names a column of tables."""
    prompts: Annotated[tuple[Line, ...], Count(1, MAX_PROMPTS, distinct=True)]
    """Descriptions of its sounds, such as ``a door closing``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ontology:
    """Classes of noise, of which a classifier chooses one for each file."""

    name: Line
    """For people."""
    template: Line = "This is a sound of {}."
    """The sentence that a prompt becomes a part of, in the place of ``{}``."""
    classes: Annotated[tuple[NoiseClass, ...], Count(2, MAX_CLASSES)]

    def __post_init__(self) -> None:
        check(self, self.name)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes in their order."""
        return tuple(one.name for one in self.classes)

    def sentences(self, noise_class: NoiseClass) -> list[str]:
        """Return the prompts of a class as whole sentences."""
        return [self.template.replace(PLACE, prompt) for prompt in noise_class.prompts]


@rules_of(Ontology)
def _broken_rules(ontology: Ontology, bad_fields: frozenset[str]) -> Iterator[Problem]:
    if bad_fields:
        return
    if ontology.template.count(PLACE) != 1:
        yield Problem("template", shown(ontology.template), f"one {PLACE} where a prompt goes")
    counts = Counter(ontology.class_names)
    for i, name in enumerate(ontology.class_names):
        if not re.fullmatch("[a-z0-9_]+", name):
            allowed = "small letters, digits and underscores"
            yield Problem(f"classes[{i}].name", shown(name), allowed)
        elif counts[name] > 1:
            yield Problem(f"classes[{i}].name", f"{name} {counts[name]} times", "once")


def load_ontology(path: Path) -> Ontology:
    """Return the ontology in the YAML file at ``path``.

    Raises:
        InputError: with every problem of the file.
    """
    return read(Ontology, read_yaml(path), str(path), FORMAT)


def ontology_schema() -> dict[str, Any]:
    """Return the JSON Schema of an ontology."""
    from lrac_audit.validation.json_schema import json_schema

    return json_schema(Ontology, "Classes of noise for zero-shot classification", FORMAT)
