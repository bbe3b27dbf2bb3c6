"""Links lead somewhere, and files and fields that the pages show are those of the programs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import lrac_audit
from lrac_audit import audit
from lrac_audit.design.native.reader import read_design
from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.limits.limit_set import BOUNDS, parse_limits
from tests.conftest import ROOT
from tests.documents import api
from tests.documents.blocks import PAGES, blocks
from tests.documents.layer_examples import whole_designs

INDEX = ROOT / "docs" / "index.md"


def links(page: Path) -> list[str]:
    """Return the targets of a page's links."""
    return re.findall(r"\]\(([^)\s]+)", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub forms them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_map_leads_to_every_page() -> None:
    linked = {(INDEX.parent / link.partition("#")[0]).resolve() for link in links(INDEX)}
    assert {page for page in PAGES if page != INDEX} <= linked


def test_design_of_the_format_page() -> None:
    design = read_design(parse_yaml(whole_designs()[0], "page"), "page")
    assert (design.hop_samples, design.latent_dim, design.frame_rate_hz) == (240, 48, 100)
    assert audit(design).verdict.limits.name == "lrac-2025-track1"


def test_limits_of_the_page_on_memory() -> None:
    (block,) = blocks("memory.md", "yaml")
    limits = parse_limits(parse_yaml(block.text, "page"), "page")
    found = {check.id: check.status for check in audit("track1", limits=limits).verdict.checks}
    assert found.keys() == {name for name in BOUNDS if getattr(limits, name)}
    assert set(found.values()) == {"pass"}


def test_every_field_of_the_json_document_is_described() -> None:
    page = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    document = audit("track1").document()

    def names(tree: object) -> set[str]:
        if isinstance(tree, dict):
            return set(tree).union(*(names(value) for value in tree.values()))
        return set().union(*(names(item) for item in tree[:1])) if isinstance(tree, list) else set()

    dtypes = {"float32", "float16", "int8"}
    found = names(document) - dtypes - set(document["other_conventions"])
    assert {name for name in found if f"`{name}`" not in page} == set()


def test_the_page_of_the_interface_is_that_of_the_source() -> None:
    assert api.PAGE.read_text(encoding="utf-8") == api.write()


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = {"cff-version", "message", "title", "authors"}  # by schema 1.2.0
    assert required <= set(citation)
    assert citation["title"] == project["name"]
    assert citation["license"] == project["license"]
    assert citation["version"] == lrac_audit.__version__
