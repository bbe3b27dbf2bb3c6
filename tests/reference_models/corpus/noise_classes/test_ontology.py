"""Ontologies are read whole or refused with every problem."""

from __future__ import annotations

import importlib
import tomllib

import pytest
import yaml

from lrac_audit.errors import InputError
from reference_models.corpus.noise_classes.ontology import SHIPPED, load_ontology, ontology_schema
from tests.conftest import ROOT

HEAD = "lrac_noise_classes: 1\nname: mine\n"


def written(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + text)
    return path


def test_the_shipped_ontology_has_noise_and_human_sounds():
    ontology = load_ontology(SHIPPED)
    assert {"speech", "breathing", "music", "wind", "road_traffic", "typing"} <= set(
        ontology.class_names
    )
    sentences = [text for one in ontology.classes for text in ontology.sentences(one)]
    assert "This is a sound of a door closing." in sentences
    assert len(set(sentences)) == len(sentences) > 80


def test_an_edited_ontology(tmp_path):
    text = "template: 'Hear {}'\nclasses: [{name: a, prompts: [x, '{}']}, {name: b, prompts: [y]}]"
    ontology = load_ontology(written(tmp_path, text))
    assert ontology.class_names == ("a", "b")
    assert ontology.sentences(ontology.classes[0]) == ["Hear x", "Hear {}"]


def test_the_schema_accepts_what_ships_and_is_offered():
    jsonschema = pytest.importorskip("jsonschema")
    schema = jsonschema.Draft7Validator(ontology_schema())
    tree = yaml.safe_load(SHIPPED.read_text())
    assert list(schema.iter_errors(tree)) == []
    tree["classes"][0]["prompts"] = []
    tree["classes"][1]["color"] = "red"
    assert len(list(schema.iter_errors(tree))) == 2
    offered = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    module, _, name = offered["lrac_audit.schemas"]["noise-classes"].partition(":")
    assert getattr(importlib.import_module(module), name) is ontology_schema


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("classes: [{name: a, prompts: [x]}]", "classes: given 1 entries; allowed: 2 to 1000"),
        ("classes: [{name: a, prompts: []}, {name: b, prompts: [y]}]", r"prompts: given 0 entries"),
        ("classes: [{name: A b, prompts: [x]}, {name: b, prompts: [y]}]", "given 'A b'; allowed: "
        "small letters"),
        ("classes: [{name: a, prompts: [x]}, {name: a, prompts: [y]}]", r"\[1\].name.*given a 2 "
        "times"),
        ("template: sound\nclasses: [{name: a, prompts: [x]}, {name: b, prompts: [y]}]",
         "template.*given 'sound'; allowed: one {}"),
    ],
)  # fmt: skip
def test_wrong_ontologies_are_refused(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        load_ontology(written(tmp_path, text))
