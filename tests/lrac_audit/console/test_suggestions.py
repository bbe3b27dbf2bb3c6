"""A name that is mistyped gets the one that was probably meant."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import pytest

from lrac_audit.errors import one_of
from reference_models.cli.main import main as run_codec
from tests.conftest import Result


def test_names_that_are_like_none_get_no_suggestion() -> None:
    assert one_of(["absorbed", "projected"], "x") == "one of absorbed, projected"
    assert one_of(["absorbed", "projected"], 3) == "one of absorbed, projected"


def test_the_most_alike_comes_first() -> None:
    text = one_of(["decoder", "transmit", "encoder"], "encodr", ", or a file")
    expected = "one of decoder, transmit, encoder, or a file; did you mean encoder or decoder?"
    assert text == expected


@pytest.mark.parametrize(
    ("command", "meant"),
    [
        ("audti track1", "Did you mean 'audit'?"),
        ("audit trakc1", "did you mean track1"),
        ("audit track1 --limits lrac-2025-trac1", "did you mean lrac-2025-track1"),
        ("audit track1 --convention lrac2025", "did you mean lrac-2025"),
        ("audit track1 --rvq absorb", "did you mean absorbed?"),
        ("audit track1 --format jsn", "did you mean json?"),
        ("check track1 --format github=x -f junti", "did you mean junit?"),
        ("audit track1 --limts x", "did you mean --limits"),
        ("reconcile track1 --stage decodr --published 1", "did you mean decoder or"),
    ],
)
def test_the_auditor_suggests(run: Callable[..., Result], command: str, meant: str) -> None:
    found = run(*shlex.split(command))
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith("error: ")
    assert meant in found.err.splitlines()[0]


@pytest.mark.parametrize(
    ("command", "meant"),
    [
        ("encod a b", "Did you mean 'encode',"),
        ("init out --design trakc1", "did you mean track1"),
        ("evaluate --clean a a --metric peqs", "did you mean pesq?"),
        ("evaluate --clean a a --format tabel", "did you mean table?"),
        ("stream --simulate a --format jso", "did you mean json?"),
        ("data mainfest x -o y", "Did you mean 'manifest'?"),
    ],
)
def test_the_codec_program_suggests(
    capfd: pytest.CaptureFixture[str], command: str, meant: str
) -> None:
    assert run_codec(shlex.split(command)) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert meant in err.splitlines()[0]
