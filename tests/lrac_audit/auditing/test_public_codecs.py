"""The comparison of public codecs, over a catalogue of codecs made here."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import lrac_audit.witness
from lrac_audit.auditing import codec_models, public_codecs
from lrac_audit.auditing.codec_figures import codec_figures, differences
from lrac_audit.auditing.codec_models import compared_kbps
from lrac_audit.auditing.public_codecs import NO_DESIGN, NO_PACKAGE, Missing, compare_codecs
from lrac_audit.errors import InputError, Problem
from lrac_audit.ledger.row import Mode
from lrac_audit.limits.limit_set import LimitSet
from lrac_audit.witness.codec_catalogue import Surplus
from tests.lrac_audit.auditing.test_document import (
    DIFFERS,
    DOWN,
    INPUT,
    LEDGER,
    LOOKUP,
    SEARCH,
    UP,
    Agreement,
    audited,
)

LIMIT_NAMES = ("lrac-2025-track1", "lrac-2025-track2")


def with_modes(*bitrates_kbps: float) -> Any:
    return SimpleNamespace(modes=[SimpleNamespace(bitrate_kbps=rate) for rate in bitrates_kbps])


def limits(*bitrates_kbps: float) -> LimitSet:
    return LimitSet(name="own", convention="macs", bitrates_kbps=bitrates_kbps)


@pytest.mark.parametrize(
    ("bitrates", "expected"),
    [
        ((0.5, 1.5, 6, 12), 6),
        ((7, 12), 7),
        ((6.01, 5.9), 5.9),
        ((12, 9), 9),
        ((2,), 2),
        ((), None),
    ],
)
def test_the_highest_bitrate_that_any_limit_allows(
    bitrates: tuple[float, ...], expected: float | None
) -> None:
    """The limits allow 6 kbps at most; a codec with higher modes alone runs at its lowest."""
    assert compared_kbps(bitrates, (limits(1, 6), limits(3))) == expected


def test_the_figures_of_a_codec_by_hand() -> None:
    """100 frames a second of 1,920 + 5,120 + 128 products to send and 2,560 to receive."""
    figures = codec_figures(audited())
    assert (figures.transmit_mmacs_per_s, figures.transmit_mflops) == (0.7168, 1.4336)
    assert (figures.receive_mmacs_per_s, figures.overall_mmacs_per_s) == (0.256, 0.9728)
    assert figures.transmit_stored_values == 16 + 1288 + 128
    assert figures.receive_stored_values == 128 + 2561
    # 160 samples of the hop, 60 and 32 of look-ahead, at 16 kHz
    assert figures.total_latency_ms == 15.75


def test_layers_that_are_off_are_stored_for_other_bitrates() -> None:
    off = SEARCH._replace(name="rvq.layers.1", work={}, note="a layer that this mode leaves off")
    figures = codec_figures(audited(replace(LEDGER, rows=(*LEDGER.rows, off))))
    assert figures == codec_figures(audited())


def test_two_counts_are_equal_whatever_they_call_a_hop() -> None:
    """One counts frames of 160 samples, the other pairs of them with all that both do."""
    twice = tuple(
        row._replace(work={kind: 2 * count for kind, count in row.work.items()})
        for row in LEDGER.rows
    )
    pairs = replace(LEDGER, hop_samples=320, step_samples=160, rows=twice)
    assert list(differences(codec_figures(audited()), codec_figures(audited(pairs)))) == []


@pytest.mark.parametrize(
    ("row", "change", "expected"),
    [
        (
            UP,
            {"work": {"transposed_conv": 2561}},
            "receive_mflops receive_mmacs_per_s overall_mflops overall_mmacs_per_s",
        ),
        (INPUT, {"stored_values": 17}, "transmit_stored_values"),
        (LOOKUP, {"stored_values": 127}, "receive_stored_values"),
        (DOWN, {"delay_samples": 61}, "total_latency_ms"),
        (DOWN, {"delay_samples": None}, "total_latency_ms"),
    ],
)
def test_a_difference_of_one_is_seen(row: Any, change: dict[str, Any], expected: str) -> None:
    rows = tuple(one._replace(**change) if one is row else one for one in LEDGER.rows)
    found = differences(
        codec_figures(audited()), codec_figures(audited(replace(LEDGER, rows=rows)))
    )
    assert [one.figure for one in found] == expected.split()


@pytest.mark.parametrize(("more", "reason"), [(5, "for training"), (4, ""), (-5, "")])
def test_values_that_a_model_keeps_for_nothing_are_explained_by_their_number(
    more: int, reason: str
) -> None:
    changed = (INPUT._replace(stored_values=16 + more), DOWN, SEARCH, LOOKUP, UP)
    figures = (codec_figures(audited(one)) for one in (LEDGER, replace(LEDGER, rows=changed)))
    (found,) = differences(*figures, Surplus(5, "for training"))
    assert (found.figure, found.explanation) == ("transmit_stored_values", reason)
    assert str(found).endswith(" (for training)") is bool(reason)


def test_nothing_else_is_explained_by_values_that_a_model_keeps() -> None:
    later = replace(LEDGER, rows=(INPUT, DOWN._replace(delay_samples=76), SEARCH, LOOKUP, UP))
    # 16 samples are 1 ms at 16 kHz, and 1 is the number of values
    figures = (codec_figures(audited(one)) for one in (LEDGER, later))
    (found,) = differences(*figures, Surplus(1, "for training"))
    assert (found.figure, found.explanation) == ("total_latency_ms", "")


@pytest.mark.parametrize(
    ("bitrate_kbps", "expected"),
    [(0.4, []), (0.4 * (1 + 1e-12), []), (0.401, ["bitrate_kbps"]), (None, ["bitrate_kbps"])],
)
def test_a_bitrate_may_be_rounded(bitrate_kbps: float | None, expected: list[str]) -> None:
    other = replace(LEDGER, mode=Mode("absorbed", 1, bitrate_kbps))
    found = differences(codec_figures(audited()), codec_figures(audited(other)))
    assert [one.figure for one in found] == expected


def missing_package() -> Any:
    raise ModuleNotFoundError("No module named 'wings'", name="wings")


def missing_other_package() -> Any:
    raise ModuleNotFoundError("No module named 'feathers'", name="feathers")


def own_mistake() -> Any:
    sys.stdout.write("loading\n")
    raise ValueError("too heavy")


CATALOGUE = (
    ("Wings 16 kHz", "wings", lambda: with_modes(0.5, 6, 12)),
    ("Missing", "missing", missing_package),
    ("Feathers", "feathers", missing_other_package),
    ("Heavy", "heavy", own_mistake),
    ("Odd", "odd", lambda: with_modes(7)),
    ("Last", "last", lambda: with_modes(12, 6)),
)
"""Name, preset and maker. Only ``wings`` and ``heavy`` have designs, and ``lonely`` no package."""
PRESETS = ("wings", "heavy", "lonely")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The audits that a comparison asks for; the modules that need torch are replaced."""
    calls: list[Any] = []

    def audit(target: Any, **options: Any) -> Any:
        calls.append((target, options))
        if isinstance(target, str):
            return audited(replace(LEDGER, name=f"design {target}"))
        if target.modes[0].bitrate_kbps == 7:
            raise InputError("model", [Problem("", "nothing that runs", "audio")])
        return audited(agreement=Agreement((DIFFERS,)))

    @contextmanager
    def package_warnings_hidden() -> Any:
        yield

    entries = [
        SimpleNamespace(name=name, package="wings", preset=preset, target=target, surplus=Surplus())
        for name, preset, target in CATALOGUE
    ]
    for name, content in (
        ("codec_catalogue", {"KNOWN_CODECS": entries}),
        ("isolation", {"package_warnings_hidden": package_warnings_hidden}),
    ):
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, f"lrac_audit.witness.{name}", module)
        monkeypatch.setattr(lrac_audit.witness, name, module, raising=False)
    for module in (public_codecs, codec_models):
        monkeypatch.setattr(module, "audit", audit)
    monkeypatch.setattr(public_codecs, "PUBLIC_CODECS", PRESETS)
    monkeypatch.setattr(
        public_codecs,
        "load_design",
        lambda name: SimpleNamespace(
            design=SimpleNamespace(name=f"the {name}", bitrates_kbps=(0.4, 0.8, 8))
        ),
    )
    return calls


def test_the_designs_of_baselines_and_of_public_codecs(asked: list[Any]) -> None:
    """The baselines as they are meant to run, the others as trained, within 6 kbps."""
    comparison = compare_codecs()
    names = [codec.name for codec in comparison.codecs]
    assert names == ["design track1", "design track2", "Wings 16 kHz", "Heavy", "the lonely"]
    assert [target for target, _ in asked] == ["track1", "track2", *PRESETS]
    assert [options.get("rvq") for _, options in asked] == [None] * 2 + ["projected"] * 3
    assert [options.get("bitrate_kbps") for _, options in asked] == [None] * 2 + [0.8] * 3
    assert [one.name for one in comparison.limits] == list(LIMIT_NAMES)
    undesigned = ("Missing", "Feathers", "Odd", "Last")
    assert comparison.missing == tuple(Missing(name, "wings", NO_DESIGN) for name in undesigned)


def test_models_are_measured_on_request_each_at_its_bitrate(asked: list[Any]) -> None:
    steps: list[str] = []
    comparison = compare_codecs(measured=True, progress=steps.append)
    measured = [(target, options) for target, options in asked if not isinstance(target, str)]
    assert [options["bitrate_kbps"] for _, options in measured] == [6, 7, 6]
    assert {options["progress"] for _, options in measured} == {steps.append}
    assert steps == [name for name, *_ in CATALOGUE]
    by_name = {codec.name: codec for codec in comparison.codecs}
    assert list(by_name) == [
        *("design track1", "design track2", "Wings 16 kHz", "Heavy", "Last", "the lonely")
    ]
    last = by_name["Last"]
    assert last.design is None
    assert last.audit is last.trace


def test_a_model_is_measured_at_the_bitrate_of_its_design(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The design's ledger runs at 0.4 kbps; that the model could do 6 kbps is of no matter."""
    entry = sys.modules["lrac_audit.witness.codec_catalogue"].KNOWN_CODECS[0]  # type: ignore[attr-defined]
    monkeypatch.setattr(entry, "target", lambda: with_modes(0.4 * (1 + 1e-12), 6))
    compare_codecs(measured=True)
    (rate, *_) = (options["bitrate_kbps"] for one, options in asked if not isinstance(one, str))
    assert rate == pytest.approx(0.4)


def test_each_codec_is_judged_by_each_limit_set(asked: list[Any]) -> None:
    """The challenge asks for 24 kHz, and the ledger by hand has 16."""
    comparison = compare_codecs(measured=True)
    by_name = {codec.name: codec for codec in comparison.codecs}
    assert by_name["design track1"].verdicts == tuple((name, "fail") for name in LIMIT_NAMES)
    # a doubt of its witnesses leaves every verdict open
    doubted = by_name["Wings 16 kHz"]
    assert doubted.verdicts == tuple((name, "incomplete") for name in LIMIT_NAMES)
    assert doubted.doubts == (str(DIFFERS),)


def test_a_model_that_is_not_as_its_design_is_a_doubt(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    later = replace(LEDGER, rows=(INPUT, DOWN._replace(delay_samples=61), SEARCH, LOOKUP, UP))
    monkeypatch.setattr(codec_models, "audit", lambda target, **_: audited(later))
    (codec,) = (one for one in compare_codecs(measured=True).codecs if one.name == "Wings 16 kHz")
    assert codec.doubts == ("total latency ms: 15.8125 by the trace, 15.75 by the design",)
    assert codec.verdicts == tuple((name, "incomplete") for name in LIMIT_NAMES)


def test_an_explained_difference_is_no_doubt(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = sys.modules["lrac_audit.witness.codec_catalogue"].KNOWN_CODECS[0]  # type: ignore[attr-defined]
    monkeypatch.setattr(entry, "surplus", Surplus(5, "for training"))
    more = (INPUT._replace(stored_values=21), DOWN, SEARCH, LOOKUP, UP)
    monkeypatch.setattr(codec_models, "audit", lambda *_, **__: audited(replace(LEDGER, rows=more)))
    (codec,) = (one for one in compare_codecs(measured=True).codecs if one.name == "Wings 16 kHz")
    assert [one.explanation for one in codec.differences] == ["for training"]
    assert codec.doubts == ()
    assert {status for _, status in codec.verdicts} == {"fail"}


def test_models_that_cannot_be_measured_are_named_with_the_reason(
    asked: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    found = {codec.name: codec for codec in compare_codecs(measured=True).missing}
    assert found["Missing"] == Missing(
        "Missing", "wings", "wings is not installed; pip install wings"
    )
    assert str(found["Missing"]) == "Missing: wings is not installed; pip install wings"
    assert found["Feathers"].reason == "the package 'feathers' missing"
    place = (
        f"tests/lrac_audit/auditing/test_public_codecs.py:{own_mistake.__code__.co_firstlineno + 2}"
    )
    assert found["Heavy"].reason == f"wings cannot make it (ValueError: too heavy, at {place})"
    assert found["Odd"].reason == (
        "it cannot be measured: model: given nothing that runs; allowed: audio"
    )
    assert found["the lonely"] == Missing("the lonely", None, NO_PACKAGE)
    out, err = capsys.readouterr()
    assert (out, err) == ("", "loading\n")  # what a package prints is no part of the report
