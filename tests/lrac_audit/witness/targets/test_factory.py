"""Factories of users: found, called, and refused in one plain message each."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lrac_audit.errors import InputError
from lrac_audit.witness import packages
from lrac_audit.witness.factory import load_python
from lrac_audit.witness.factory_arguments import parse_arguments
from tests.conftest import Result

TOYS = "python:tests.lrac_audit.witness.targets.toys"
Run = Callable[..., Result]


def test_a_factory_gets_its_arguments() -> None:
    target = load_python(f"{TOYS}:tiny", {"bitrates": 3})
    assert [mode.bitrate_kbps for mode in target.modes] == [12, 24, 36]


def test_arguments_are_scalars_of_yaml() -> None:
    words = ["a=3", "b=0.5", "c=true", "d=null", "e=some text", "f=", "g=1=2"]
    assert parse_arguments(words) == {
        "a": 3,
        "b": 0.5,
        "c": True,
        "d": None,
        "e": "some text",
        "f": None,
        "g": "1=2",
    }


@pytest.mark.parametrize("word", ["a", "=3", "a b=3", "a=[1]", "a={b: 1}"])
def test_what_is_no_argument_is_refused(word: str) -> None:
    with pytest.raises(InputError, match=r"--arg: given .*; allowed: NAME=VALUE"):
        parse_arguments([word])


def test_an_argument_given_twice_is_refused() -> None:
    with pytest.raises(InputError, match="'a' twice"):
        parse_arguments(["a=1", "a=2"])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("python:", "another form of target; allowed: python:package.module:factory"),
        ("python:toys", "another form of target"),
        ("python:os.system('x'):f", "another form of target"),
        ("python:no_such_module:f", "given no module 'no_such_module'; allowed: a module on"),
        ("python:tests.no_such:f", "given no module 'tests.no_such'"),
        (f"{TOYS}:absent", "absent: given no such factory; allowed: a function or class of"),
        (f"{TOYS}:not_callable", "not_callable: given a int, which cannot be called"),
        (
            f"{TOYS}:raises",
            "raises(...): failed with RuntimeError: no weights, at tests/",
        ),
        (f"{TOYS}:leaves", r"leaves(...): failed with SystemExit: 1"),
        (f"{TOYS}:lacks", "given the package 'package_that_is_not_there' missing"),
        (f"{TOYS}:returns_text", "given a factory that returns a str; allowed: an AuditTarget"),
        (
            f"{TOYS}:Nameless",
            "sample_rate_hz: given a Nameless that does not say; allowed: --sample-r",
        ),
        (f"{TOYS}:broken", "failed with ValueError: not with this audio, at tests/"),
    ],
)
def test_a_bad_factory_is_exit_code_2(run: Run, source: str, message: str) -> None:
    for command in ("audit", "check"):
        found = run(command, source)
        assert (found.code, found.out) == (2, "")
        assert message in found.err
        assert "Traceback" not in found.err


def test_all_that_a_module_does_not_say_is_named(run: Run) -> None:
    err = run("audit", f"{TOYS}:Nameless").err
    assert "sample_rate_hz: given" in err
    assert "hop_samples: given" in err


def test_debug_shows_where_it_failed(run: Run) -> None:
    found = run("audit", f"{TOYS}:raises", "--debug")
    assert found.code == 2
    assert "Traceback" in found.err
    assert 'raise RuntimeError("no weights' in found.err
    assert found.err.splitlines()[-1].startswith("error: python:")


def test_debug_shows_where_a_model_refuses_to_run(run: Run) -> None:
    found = run("audit", f"{TOYS}:broken", "--debug")
    assert found.code == 2
    assert 'raise ValueError("not with this audio")' in found.err
    assert found.err.splitlines()[-1].startswith("error: ")


def test_what_is_printed_goes_to_standard_error(run: Run) -> None:
    found = run("audit", f"{TOYS}:chatty", "-f", "json")
    assert found.code == 0
    assert found.out.startswith("{")
    assert "building" in found.err
    assert "running" in found.err


def test_the_current_folder_is_importable(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "from tests.lrac_audit.witness.targets.toys import tiny as make\nprint('imported')\n"
    (tmp_path / "codec_of_a_user.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))  # so that the path is put back afterwards
    found = run("audit", "python:codec_of_a_user:make", "-f", "csv")
    assert found.code == 0
    assert "imported" in found.err
    assert "imported" not in found.out


def test_a_module_with_a_mistake_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mistaken_codec.py").write_text("def f(:\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = run("audit", "python:mistaken_codec:f")
    assert (found.code, found.out) == (2, "")
    assert "importing mistaken_codec: failed with SyntaxError" in found.err
    assert "at mistaken_codec.py:1; next: correct it there" in found.err


BROKEN = "def check():\n    raise RuntimeError('built for another torch\\nreally')\n\ncheck()\n"


@pytest.mark.parametrize(
    ("user", "doing"),
    [
        ("import broken_part\n", "importing user_codec"),
        ("def make():\n    import broken_part\n", "make(...)"),
        ("def __getattr__(name):\n    import broken_part\n", "importing user_codec"),
        (
            "def __getattr__(name):\n"
            "    try:\n"
            "        import broken_part\n"
            "    except RuntimeError as error:\n"
            "        raise ModuleNotFoundError('Could not import it.') from error\n",
            "importing user_codec",
        ),
    ],
)
def test_the_package_that_broke_is_named_with_its_reason(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str, doing: str
) -> None:
    """Also where a package imports its parts when they are asked for, as transformers does."""
    (tmp_path / "broken_part").mkdir()
    (tmp_path / "broken_part" / "__init__.py").write_text("from broken_part import inner\n")
    (tmp_path / "broken_part" / "inner.py").write_text(BROKEN)
    (tmp_path / "user_codec.py").write_text(user)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "user_codec", raising=False)
    found = run("audit", "python:user_codec:make")
    assert (found.code, found.out) == (2, "")
    assert found.err == (
        f"error: python:user_codec:make: {doing}: given the package 'broken_part', which cannot "
        "be imported (RuntimeError: built for another torch, at broken_part/inner.py:2); allowed: "
        "an install in which `import broken_part` works\n"
    )


def test_an_optional_package_that_is_broken_does_not_break_what_needs_it_not(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_part.py").write_text(BROKEN)
    (tmp_path / "user_codec.py").write_text(
        "from importlib.util import find_spec\n"
        "if find_spec('broken_part') is not None:\n"
        "    import broken_part\n"
        "from tests.lrac_audit.witness.targets.toys import tiny as make\n"
        "def needs():\n"
        "    import broken_part\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(packages, "OPTIONAL_PACKAGES", ("broken_part",))
    for name in ("user_codec", "broken_part"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert run("audit", "python:user_codec:make").code == 0
    found = run("audit", "python:user_codec:needs")
    sys.modules.pop("broken_part")
    assert found.code == 2
    assert (
        "needs(...): given the package 'broken_part', which cannot be imported (Runt" in found.err
    )
    assert "missing" not in found.err


def test_a_module_that_lacks_a_package_names_the_package(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lacking_codec.py").write_text("import package_that_is_not_there\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = run("audit", "python:lacking_codec:f")
    assert (found.code, found.out) == (2, "")
    given = "importing lacking_codec: given the package 'package_that_is_not_there' missing"
    assert given in found.err


def test_arguments_are_for_factories_only(run: Run) -> None:
    found = run("audit", "track1", "--arg", "a=1")
    assert (found.code, found.out) == (2, "")
    assert "--arg: given a; allowed: only for a python: target" in found.err


def test_a_mode_that_is_not_there(run: Run) -> None:
    found = run("audit", f"{TOYS}:tiny", "--bitrate", "3")
    assert found.code == 2
    assert "given 3 kbps; allowed: a mode of the codec: 12 kbps" in found.err
