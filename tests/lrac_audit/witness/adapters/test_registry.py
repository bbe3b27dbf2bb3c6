"""Adapters that other packages install: found, named where they fail, refused where they clash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path

import pytest
from torch import nn

from lrac_audit.errors import InputError
from lrac_audit.witness import extensions
from lrac_audit.witness.adapters.registry import adapters, recognise
from lrac_audit.witness.extensions import find_verifier
from lrac_audit.witness.target import AuditTarget
from reference_models.audit.verification import verify_design
from tests.conftest import ROOT, Result
from tests.documents.blocks import blocks
from tests.lrac_audit.witness.targets.toys import HOP, RATE_HZ, Tiny, Whole

HERE = __name__
TOYS = "tests.lrac_audit.witness.targets.toys"


class SubTiny(Tiny):
    """A codec of a class whose base class has an adapter."""


class Named(Distribution):
    """A distribution that is nothing but a name."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def metadata(self):
        return {"Name": self._name}

    def read_text(self, filename: str) -> None:
        return None

    def locate_file(self, path: object) -> Path:
        return Path(str(path))


def target(name: str, codec: Tiny) -> AuditTarget:
    return AuditTarget(name, codec, RATE_HZ, HOP, codec.transmit, codec.receive)


def adapt_tiny(codec: Tiny) -> AuditTarget:
    return target("adapted", codec)


def adapt_sub_tiny(codec: SubTiny) -> AuditTarget:
    return target("adapted as the derived class", codec)


def adapt_to_text(codec: Tiny) -> str:
    return "text"


def adapt_badly(codec: Tiny) -> AuditTarget:
    raise KeyError("no such layer")


def point(name: str, function: str, distribution: str, group: str = extensions.ADAPTERS):
    value = function if ":" in function else f"{HERE}:{function}"
    return EntryPoint(name, value, group)._for(Named(distribution))


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Add entry points to those that are installed."""
    real = extensions.installed

    def declare(*points: EntryPoint) -> None:
        def installed(group: str) -> tuple[EntryPoint, ...]:
            return (*real(group), *(each for each in points if each.group == group))

        monkeypatch.setattr(extensions, "installed", installed)

    return declare


@pytest.fixture(scope="module")
def toy_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package that the documentation shows, as pip installs it."""
    source, site = (tmp_path_factory.mktemp(name) for name in ("toy_codecs", "site"))
    (project,) = blocks("targets.md", "toml")
    (source / "pyproject.toml").write_text(project.text, encoding="utf-8")
    (source / "toy_codecs.py").write_text(blocks("targets.md", "python")[1].text, encoding="utf-8")
    command = "-m pip install -q --no-deps --no-build-isolation --disable-pip-version-check"
    subprocess.run([sys.executable, *command.split(), "--target", site, source], check=True)
    return site


@pytest.mark.sweep  # pip installs it, and a process imports torch
def test_an_installed_adapter_is_found(toy_package: Path, tmp_path: Path) -> None:
    arguments = "audit python:toy_codecs:ToyCodec --arg channels=16 --format json"
    done = subprocess.run(
        [sys.executable, "-m", "lrac_audit", *arguments.split()],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": f"{toy_package}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert document["design"]["name"] == "toy codec"
    # 100 hops a second, each of 16 channels times 240 samples
    assert document["complexity"]["encoder"]["macs_per_s"] == 100 * 16 * 240


def test_the_codecs_of_this_project_come_by_entry_point() -> None:
    own = {each.class_path for each in adapters() if each.distribution == "lrac-audit"}
    assert own == {"reference_models.nn.codec.Codec", "reference_models.nn.absorb.Absorbed"}


def test_an_entry_point_adapts_objects_of_its_class(declare: Callable[..., None]) -> None:
    declare(point(f"{TOYS}.Tiny", "adapt_tiny", "toys"))
    found = recognise(Tiny(), "source")
    assert found is not None
    assert found.name == "adapted"


def test_the_most_derived_class_decides(declare: Callable[..., None]) -> None:
    base = point(f"{TOYS}.Tiny", "adapt_tiny", "toys")
    declare(base, point(f"{HERE}.SubTiny", "adapt_sub_tiny", "toys"))
    found = recognise(SubTiny(), "source")
    assert found is not None
    assert found.name == "adapted as the derived class"
    declare(base)
    found = recognise(SubTiny(), "source")
    assert found is not None
    assert found.name == "adapted"


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("no_such_module:adapt", "ModuleNotFoundError: No module named 'no_such_module'; next: re"),
        ("no_such_function", "AttributeError: module .* has no attribute 'no_such_function'; next"),
        ("TOYS", "given '.*toys'; allowed: a function"),
        (
            "adapt_badly",
            "failed with KeyError: 'no such layer', at tests/.*py:[0-9]+; next: correct the ada",
        ),
        ("adapt_to_text", "given a function that returns 'text'; allowed: an AuditTarget"),
    ],
)
def test_an_adapter_that_fails_is_named_and_disturbs_no_other_target(
    declare: Callable[..., None], function: str, message: str
) -> None:
    declare(point(f"{TOYS}.Tiny", function, "toys"))
    name = rf"lrac_audit.adapters entry point {TOYS}.Tiny of toys: .*{message}"
    with pytest.raises(InputError, match=name):
        recognise(Tiny(), "source")
    other = recognise(Whole(), "source")
    assert other is not None
    assert other.name == "Whole"


@pytest.mark.parametrize(
    ("class_path", "message"),
    [
        (
            "encodec.model.EncodecModel",
            r"an adapter of encodec \(built in\) and one of toys; allowed: one adapter for each",
        ),
        (f"{TOYS}.Tiny", "an adapter of more-toys and one of toys; allowed: one adapter for each"),
    ],
)
def test_two_adapters_for_one_class_are_an_error_that_names_both(
    declare: Callable[..., None], class_path: str, message: str
) -> None:
    first = point(f"{TOYS}.Tiny", "adapt_tiny", "more-toys")
    declare(first, point(class_path, "adapt_tiny", "toys"))
    with pytest.raises(InputError, match=f"{class_path}: given {message}"):
        recognise(nn.Identity(), "source")


@pytest.mark.parametrize("name", ["Tiny", "toys.", "toys.Tiny-2"])
def test_an_adapter_must_name_a_class(declare: Callable[..., None], name: str) -> None:
    declare(point(name, "adapt_tiny", "toys"))
    with pytest.raises(InputError, match=f"toys: {name}: given no path of a class; allowed: the"):
        adapters()


def test_a_duplicate_is_exit_code_2(declare: Callable[..., None], run: Callable[..., Result]):
    declare(*(point(f"{TOYS}.Tiny", "adapt_tiny", name) for name in ("one", "two")))
    found = run("audit", f"python:{TOYS}:Tiny")
    assert (found.code, found.out) == (2, "")
    assert "an adapter of one and one of two" in found.err


def test_the_verifier_of_this_project_is_found() -> None:
    assert find_verifier("design") is verify_design


def test_without_a_verifier_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, run: Callable[..., Result]
) -> None:
    monkeypatch.setattr(extensions, "installed", lambda group: ())
    found = run("audit", "track1", "--verify")
    assert (found.code, found.out) == (2, "")
    assert "--verify: given no installed verifier; allowed: an installed package" in found.err
    assert run("audit", "track1").code == 0


def test_two_verifiers_are_an_error_that_names_both(declare: Callable[..., None]) -> None:
    declare(point("design", "adapt_tiny", "other", extensions.VERIFIERS))
    with pytest.raises(InputError, match="verifiers of lrac-audit and of other; allowed: one"):
        find_verifier("design")
