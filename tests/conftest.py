"""Fixtures that several test folders share."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrac_audit.cli.main import main

# On a machine with a GPU too the suite runs on the CPU, where equal seeds give equal bits. To run
# it on the GPU, name that: CUDA_VISIBLE_DEVICES=0 pytest ...
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
if "PYTEST_XDIST_WORKER" in os.environ:
    # Every core has its worker; threads of torch's own would only wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).parents[1]
RECIPES = ROOT.parent / "shared" / "recipes"

settings.register_profile(
    "project", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")


def _draw_alike_whatever_is_imported() -> None:
    """Let Hypothesis draw no constants of imported modules, as newer versions of it do.

    Which modules are imported depends on the tests that run, and the drawn cases would with them.
    """
    with suppress(ImportError):
        providers = import_module("hypothesis.internal.conjecture.providers")
        providers._get_local_constants = lambda: providers._local_constants


_draw_alike_whatever_is_imported()


@given(st.none())
def _first_example(_: None) -> None:
    """Do nothing."""


@pytest.fixture(scope="session", autouse=True)
def hypothesis_begun() -> None:
    """Let Hypothesis begin before anything is frozen.

    It then looks for what refers to its random generator, and an older one fails if that is frozen.
    """
    _first_example()


@pytest.fixture(scope="module", autouse=True)
def imports_left_out_of_garbage_collection(hypothesis_begun: None) -> Iterator[None]:
    """Take the objects of large imports out of Python's garbage collection.

    torch and transformers make half a million objects that live on; looking through them again
    and again took a fifth of the time of all tests.
    """
    _freeze_after_imports()
    yield
    _freeze_after_imports()


_modules_frozen = 0


def _freeze_after_imports() -> None:
    """Freeze all objects there are, if some large package was imported since the last time."""
    global _modules_frozen
    if len(sys.modules) > _modules_frozen + 100:
        given(st.none())(
            lambda _: None
        )()  # older Hypothesis fails if its generator is frozen first
        gc.collect()
        gc.freeze()
        _modules_frozen = len(sys.modules)


def pytest_sessionfinish() -> None:
    """Let the interpreter free at its end what was frozen, or libraries report leaks."""
    gc.unfreeze()


class Result(NamedTuple):
    """What one run of the program left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Run ``lrac-audit`` in this process, with its output in a pipe of no known width."""
    monkeypatch.delenv("COLUMNS", raising=False)

    def run(*arguments: object) -> Result:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Result(int(code), out, err)

    return run


@pytest.fixture(params=["track1", "track2"])
def public_recipe(request: pytest.FixtureRequest) -> tuple[str, Path]:
    """Name of a baseline and the path of its real public configuration, where that is at hand."""
    path = RECIPES / f"{request.param}_train.yaml"
    if not path.exists():
        pytest.skip("the public recipe files are not at hand")
    return request.param, path


@pytest.fixture(scope="session")
def c_compiler() -> str:
    """The C compiler of this machine."""
    from lrac_audit.errors import InputError
    from reference_models.export.c.compiler import compiler

    try:
        return compiler()
    except InputError as error:
        pytest.skip(str(error))
