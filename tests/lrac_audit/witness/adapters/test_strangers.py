"""Codecs that no adapter knows: found by their halves, held to figures that are derived by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from lrac_audit import audit
from lrac_audit.errors import InputError
from lrac_audit.witness import trace
from lrac_audit.witness.factory import as_target
from lrac_audit.witness.stated_rates import StatedRates
from lrac_audit.witness.target import AuditTarget
from tests.conftest import Result
from tests.lrac_audit.witness.adapters import strangers
from tests.lrac_audit.witness.adapters.strangers import HOP, KBPS, MACS_PER_HOP, RATE_HZ

FACTORIES = "python:tests.lrac_audit.witness.adapters.strangers"
WITH_CODES = [
    strangers.Halves,
    strangers.WithFields,
    strangers.WithKeys,
    strangers.WithoutChannels,
    strangers.WithoutBatches,
    strangers.SeveralCodes,
    strangers.WithLoss,
]


def macs(target: AuditTarget) -> dict[str, int]:
    mode = target.modes[-1] if target.modes else None
    rows = trace.measure(target, mode).rows
    assert not any(row.problem for row in rows)
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.side] = sums.get(row.side, 0) + row.macs_per_frame
    return sums


@pytest.mark.parametrize("codec", WITH_CODES)
def test_both_halves_are_counted_whatever_they_hand_over(codec: type[nn.Module]) -> None:
    target = as_target(codec().eval(), "codec")
    assert (target.sample_rate_hz, target.hop_samples) == (RATE_HZ, HOP)
    assert [mode.bitrate_kbps for mode in target.modes] == [KBPS]
    assert macs(target) == {
        "transmit": MACS_PER_HOP["convolution"] + MACS_PER_HOP["search"],
        "receive": MACS_PER_HOP["transposed"],
    }


def test_a_scale_that_decode_needs_beside_the_codes_breaks_the_promise() -> None:
    found = audit(strangers.WithScale().eval())
    (check,) = (each for each in found.verdict.checks if each.id == "bitstream")
    assert check.status == "fail"
    assert (
        found.totals.cost("decoder", found.convention).macs_per_frame == MACS_PER_HOP["transposed"]
    )


def test_a_codec_without_channels_may_give_back_clips_of_one_length() -> None:
    target = as_target(strangers.OfSixtyHops().eval(), "codec")
    assert target.transmit(torch.zeros(1, 1, 8 * HOP)).shape == (1, 8)


def test_the_search_of_an_encoder_that_quantises_is_a_search() -> None:
    target = as_target(strangers.Halves().eval(), "codec")
    rows = trace.measure(target, target.modes[0]).rows
    searches = [row.macs_per_frame for row in rows if row.op == "search" and row.macs_per_frame]
    assert searches == [MACS_PER_HOP["search"]]


def test_a_codec_without_quantizer_hands_over_its_latent() -> None:
    target = as_target(strangers.Latents().eval(), "codec")
    assert target.modes == ()
    assert not target.transmit_quantises
    assert macs(target) == {
        "transmit": MACS_PER_HOP["convolution"],
        "receive": MACS_PER_HOP["transposed"],
    }


def test_a_codec_without_halves_is_audited_whole() -> None:
    target = as_target(strangers.ForwardOnly().eval(), "codec")
    assert target.receive is None
    assert sum(macs(target).values()) == sum(MACS_PER_HOP.values())


@pytest.mark.parametrize(
    "config",
    [
        {"sampling_rate": RATE_HZ, "hop_length": HOP},
        {"sample_rate": RATE_HZ, "frame_rate": RATE_HZ / HOP},
        {"sampling_rate": float(RATE_HZ), "downsampling_ratios": [2, 2]},
        {"sampling_rate": RATE_HZ, "upsampling_ratios": (4, 1)},
        {"sample_rate_hz": RATE_HZ, "frame_size": HOP},
    ],
    ids=lambda config: ",".join(config),
)
def test_rates_are_read_from_the_configuration(config: dict[str, Any]) -> None:
    target = as_target(strangers.Configured(**config).eval(), "codec")
    assert (target.sample_rate_hz, target.hop_samples) == (RATE_HZ, HOP)
    assert target.modes == ()
    assert "its bitrate is not known" in target.notes[-1]


@pytest.mark.parametrize(
    ("config", "kbps"),
    [
        ({"codebook_size": 8}, KBPS),
        ({"bins": 8}, KBPS),
        ({"levels": [2, 2, 2]}, KBPS),
        ({"codebook_size": 9}, KBPS * 4 / 3),
    ],
)
def test_the_bitrate_follows_from_the_codewords(config: dict[str, Any], kbps: float) -> None:
    made = strangers.Configured(sample_rate=RATE_HZ, hop_length=HOP, **config).eval()
    assert [mode.bitrate_kbps for mode in as_target(made, "codec").modes] == [pytest.approx(kbps)]


def test_stated_rates_go_before_those_of_the_codec() -> None:
    target = as_target(strangers.Halves().eval(), "codec", StatedRates(8000, 8))
    assert (target.sample_rate_hz, target.hop_samples) == (8000, 8)
    assert macs(target)["receive"] == 2 * MACS_PER_HOP["transposed"]


def broken_encode() -> nn.Module:
    made = strangers.Halves()
    made.encode = lambda audio: 1 / 0  # type: ignore[method-assign]
    return made


def broken_pair() -> nn.Module:
    made = strangers.Halves()
    made.encode = lambda audio: "text"  # type: ignore[method-assign]
    return made


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (strangers.silent, "sample_rate_hz: given a Configured that does not say"),
        (strangers.silent, "--sample-rate"),
        (strangers.silent, "--hop"),
        (lambda: strangers.Configured(sample_rate=-1, hop_length=4), "sample_rate: given -1"),
        (broken_encode, "encode and decode: failed with ZeroDivisionError: .*, at tests/"),
        (broken_pair, "encode and decode: failed with TypeError: .*, at tests/"),
        (strangers.WrongWidth, "encode and decode: failed with RuntimeError: .*, at tests/"),
        (strangers.WrongSplit, "encode and decode: failed with RuntimeError: .*, at tests/"),
    ],
)
def test_a_codec_that_cannot_be_adapted_is_refused(
    make: Callable[[], nn.Module], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        as_target(make().eval(), "codec")


def test_the_rates_of_a_silent_codec_come_from_the_command_line(
    run: Callable[..., Result],
) -> None:
    bare = run("audit", f"{FACTORIES}:silent")
    assert bare.code == 2
    assert "--sample-rate" in bare.err
    assert "--hop" in bare.err
    stated = ("--sample-rate", str(RATE_HZ), "--hop", str(HOP), "--format", "json")
    found = run("audit", f"{FACTORIES}:silent", *stated)
    assert '"hop_samples": 4' in found.out


@pytest.mark.parametrize("words", [("--hop", "0"), ("--sample-rate", "-5")])
def test_stated_rates_are_positive(run: Callable[..., Result], words: tuple[str, str]) -> None:
    refused = run("audit", f"{FACTORIES}:halves", *words)
    assert refused.code == 2
    assert f"{words[0]}: given {words[1]}; allowed: a positive whole number" in refused.err


def test_rates_are_only_for_measured_codecs(run: Callable[..., Result]) -> None:
    refused = run("check", "track1", "--hop", "240")
    assert refused.code == 2
    assert "--hop: given 240; allowed: only for a python: target" in refused.err


def test_rates_in_a_mixed_check_concern_the_measured_codec(run: Callable[..., Result]) -> None:
    words = ("--sample-rate", str(RATE_HZ), "--hop", str(HOP))
    assert run("check", "track1", f"{FACTORIES}:halves", *words).code != 2


def test_the_audit_of_a_model_takes_rates_too() -> None:
    found = audit(strangers.silent().eval(), sample_rate_hz=RATE_HZ, hop_samples=HOP)
    assert found.ledger.hop_samples == HOP
