"""The comparison of public codecs, over a catalogue of codecs made here."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import lrac_audit.witness
from lrac_audit.auditing import public_codecs
from lrac_audit.auditing.public_codecs import Missing, bitrate_kbps, compare_codecs
from lrac_audit.limits.limit_set import LimitSet
from tests.lrac_audit.auditing.test_document import DIFFERS, LEDGER, Agreement, audited


def with_modes(*bitrates_kbps: float) -> Any:
    return SimpleNamespace(modes=[SimpleNamespace(bitrate_kbps=rate) for rate in bitrates_kbps])


def limits(*bitrates_kbps: float) -> LimitSet:
    return LimitSet(name="own", convention="macs", bitrates_kbps=bitrates_kbps)


@pytest.mark.parametrize(
    ("bitrates", "expected"),
    [((0.5, 1.5, 6, 12), 6), ((7, 12), 7), ((6.01, 5.9), 5.9), ((12, 9), 9), ((2,), 2)],
)
def test_the_highest_bitrate_that_any_limit_allows(
    bitrates: tuple[float, ...], expected: float
) -> None:
    """The limits allow 6 kbps at most; a codec with higher modes alone runs at its lowest."""
    assert bitrate_kbps(with_modes(*bitrates), (limits(1, 6), limits(3))) == expected


def missing_package() -> Any:
    raise ModuleNotFoundError("No module named 'wings'", name="wings")


def missing_other_package() -> Any:
    raise ModuleNotFoundError("No module named 'feathers'", name="feathers")


def own_mistake() -> Any:
    sys.stdout.write("loading\n")
    raise ValueError("too heavy")


CATALOGUE = (
    ("Wings 16 kHz", lambda: with_modes(0.5, 6, 12)),
    ("Missing", missing_package),
    ("Feathers", missing_other_package),
    ("Heavy", own_mistake),
    ("Last", lambda: with_modes(12)),
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The audits that a comparison asks for; the modules that need torch are replaced."""
    calls: list[Any] = []

    def audit(target: Any, **options: Any) -> Any:
        calls.append((target, options))
        if isinstance(target, str):
            return audited(replace(LEDGER, name=f"baseline {target}"))
        return audited(agreement=Agreement((DIFFERS,)))

    @contextmanager
    def package_warnings_hidden() -> Any:
        yield

    entries = [
        SimpleNamespace(name=name, package="wings", target=target) for name, target in CATALOGUE
    ]
    for name, content in (
        ("codec_catalogue", {"KNOWN_CODECS": entries}),
        ("isolation", {"package_warnings_hidden": package_warnings_hidden}),
    ):
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, f"lrac_audit.witness.{name}", module)
        monkeypatch.setattr(lrac_audit.witness, name, module, raising=False)
    monkeypatch.setattr(public_codecs, "audit", audit)
    return calls


def test_baselines_come_first_and_each_codec_at_its_bitrate(asked: list[Any]) -> None:
    steps: list[str] = []
    comparison = compare_codecs(steps.append)
    assert [codec.name for codec in comparison.codecs] == [
        "baseline track1",
        "baseline track2",
        "Wings 16 kHz",
        "Last",
    ]
    assert [target for target, _ in asked[:2]] == ["track1", "track2"]
    assert [options["bitrate_kbps"] for _, options in asked[2:]] == [6, 12]
    assert [options["progress"] for _, options in asked[2:]] == [steps.append] * 2
    assert steps == [name for name, _ in CATALOGUE]
    assert [one.name for one in comparison.limits] == ["lrac-2025-track1", "lrac-2025-track2"]


def test_each_codec_is_judged_by_each_limit_set(asked: list[Any]) -> None:
    """The challenge asks for 24 kHz, and the ledger by hand has 16."""
    comparison = compare_codecs()
    names = ("lrac-2025-track1", "lrac-2025-track2")
    assert comparison.codecs[0].verdicts == tuple((name, "fail") for name in names)
    # a doubt of its witnesses leaves every verdict open
    assert comparison.codecs[2].verdicts == tuple((name, "incomplete") for name in names)
    assert comparison.codecs[2].audit.verdict.doubts == (str(DIFFERS),)


def test_codecs_that_cannot_be_made_are_named_with_the_reason(
    asked: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    found = {codec.name: codec for codec in compare_codecs().missing}
    assert found["Missing"] == Missing(
        "Missing", "wings", "wings is not installed; pip install wings"
    )
    assert str(found["Missing"]) == "Missing: wings is not installed; pip install wings"
    assert found["Feathers"].reason == "the package 'feathers' missing"
    place = (
        f"tests/lrac_audit/auditing/test_public_codecs.py:{own_mistake.__code__.co_firstlineno + 2}"
    )
    assert found["Heavy"].reason == f"wings cannot make it (ValueError: too heavy, at {place})"
    out, err = capsys.readouterr()
    assert (out, err) == ("", "loading\n")  # what a package prints is no part of the report
