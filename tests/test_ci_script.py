"""``.ci/run`` runs every test that needs a package of the extra ``ci``, once it is installed."""

from __future__ import annotations

import re
import tomllib

from tests.conftest import ROOT

EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]
MODULES = {"sarif_tools": "sarif"}
"""The modules of packages that are not called as their package is."""


def required(extra: str) -> set[str]:
    """Return the modules of the packages of an extra, and of the extras that it takes in."""
    found: set[str] = set()
    for line in EXTRAS[extra]:
        within = re.fullmatch(r"lrac-audit\[(.+)\]", line)
        if within:
            found = found.union(*(required(name) for name in within[1].split(",")))
        else:
            name = re.split(r"[\s<>=]", line)[0].replace("-", "_")
            found.add(MODULES.get(name, name))
    return found


def test_tests_that_skip_without_the_extra_ci_run_after_it_is_installed() -> None:
    modules = required("ci") - required("dev")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    after = script.partition("pip install -q -e '.[ci]'")[2]
    run = [ROOT / path for path in re.findall(r"tests/[^\s:]+", after)]
    of_speed = set((ROOT / "tests" / "benchmarks").glob("test_*.py"))  # run by hand
    needing = {
        path
        for path in set((ROOT / "tests").rglob("test_*.py")) - of_speed
        for module in re.findall(r'importorskip\(\s*"(\w+)', path.read_text(encoding="utf-8"))
        if module in modules
    }
    assert len(needing) > 5
    missing = {path for path in needing if not {path, *path.parents} & set(run)}
    assert not missing, "not run by .ci/run"
