"""The designs of published codecs: their closed form is that of the papers and configurations."""

from __future__ import annotations

import pytest

from lrac_audit import audit
from lrac_audit.ledger.row import Ledger
from lrac_audit.presets import BASELINES, PRESETS
from tests.lrac_audit.witness.targets import by_hand

DAC = {
    "dac-16khz": (16_000, (2, 4, 5, 8), 12),
    "dac-24khz": (24_000, (2, 4, 5, 8), 32),
    "dac-44khz": (44_100, (2, 4, 8, 8), 9),
}


def macs_per_s(ledger: Ledger) -> dict[tuple[str, str], float]:
    """Return the sums of each side and stage."""
    sums: dict[tuple[str, str], float] = {}
    for row in ledger.rows:
        key = row.side, row.stage
        sums[key] = sums.get(key, 0) + ledger.per_second(row.macs_per_frame)
    return sums


def test_every_codec_is_tested_here() -> None:
    assert set(PRESETS) == {*BASELINES, *DAC, "encodec-24khz", "vocodec-24khz"}


def test_encodec() -> None:
    found = audit("encodec-24khz", rvq="projected", bitrate_kbps=24)
    assert macs_per_s(found.ledger) == {
        ("transmit", "encoder"): by_hand.encodec_coder(),
        # 32 layers search 1024 codewords of width 128, 75 times a second, and project nothing
        ("transmit", "rvq"): 32 * 1024 * 128 * 75,
        ("receive", "rvq"): 0,
        ("receive", "decoder"): by_hand.encodec_coder(),
    }
    assert found.document()["latency"]["total_samples"] == 320
    assert found.ledger.bitrates_kbps == (1.5, 3, 6, 12, 24)


@pytest.mark.parametrize("name", DAC)
def test_dac(name: str) -> None:
    rate_hz, strides, layers = DAC[name]
    hop = strides[0] * strides[1] * strides[2] * strides[3]
    frames_per_s = rate_hz / hop
    found = audit(name, rvq="projected")
    assert macs_per_s(found.ledger) == pytest.approx(
        {
            ("transmit", "encoder"): by_hand.dac_encoder(rate_hz, strides),
            # each layer projects 1024 to 8, searches 1024 codewords, and projects back
            ("transmit", "rvq"): layers * (1024 * 8 + 1024 * 8 + 8 * 1024) * frames_per_s,
            ("receive", "rvq"): layers * 8 * 1024 * frames_per_s,
            ("receive", "decoder"): by_hand.dac_decoder(frames_per_s, strides[::-1]),
        },
        rel=1e-12,
    )
    ahead = by_hand.dac_look_ahead(strides)
    assert found.document()["latency"]["total_samples"] == hop + sum(ahead)
    assert found.ledger.bitrates_kbps == pytest.approx(
        [10 * (i + 1) * frames_per_s / 1000 for i in range(layers)]
    )


def test_delays_as_published() -> None:
    """In samples: the padding of DAC at 16 and 44.1 kHz, the hop of EnCodec, 30 ms of VoCodec."""
    totals = {name: audit(name).document()["latency"]["total_samples"] for name in PRESETS[2:]}
    assert totals == {
        "encodec-24khz": 320,
        "dac-16khz": 5_954,
        "dac-24khz": 5_954,
        "dac-44khz": 9_002,
        "vocodec-24khz": 720,
    }
