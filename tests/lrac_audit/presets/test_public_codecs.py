"""The designs of published codecs: their closed form is that of the papers and configurations."""

from __future__ import annotations

import pytest

from lrac_audit import audit
from lrac_audit.ledger.latency import context
from lrac_audit.ledger.memory import device_values
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
    public = {*DAC, "encodec-24khz", "snac-24khz", "mimi-24khz", "vocodec-24khz"}
    assert set(PRESETS) == {*BASELINES, *public}


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


def test_mimi() -> None:
    found = audit("mimi-24khz", rvq="projected", bitrate_kbps=1.1)
    sums = macs_per_s(found.ledger)
    assert sums == {
        ("transmit", "encoder"): by_hand.mimi_encoder(),
        # two projections of 512 to 256; 8 layers search 2048 codewords of width 256
        ("transmit", "rvq"): (2 * 512 * 256 + 8 * 2048 * 256) * 12.5,
        ("receive", "rvq"): 2 * 512 * 256 * 12.5,
        ("receive", "decoder"): by_hand.mimi_decoder(),
    }
    # as published: of the encoder 2658.4 and of the decoder 2691.6 MMAC/s, and 51.2 of attention
    coders = sums["transmit", "encoder"], sums["receive", "decoder"]
    assert [round(each / 1e6 - 51.2, 1) for each in coders] == [2658.4, 2691.6]
    # an index of 2048 codewords has 11 bits, 12.5 times a second
    assert found.ledger.bitrates_kbps == tuple((n + 1) * 11 * 12.5 / 1000 for n in range(32))


def test_the_mode_of_one_codebook_of_mimi_leaves_the_acoustic_part_off() -> None:
    sums = macs_per_s(audit("mimi-24khz", rvq="projected", bitrate_kbps=0.1375).ledger)
    assert sums["transmit", "rvq"] == (512 * 256 + 2048 * 256) * 12.5
    assert sums["receive", "rvq"] == 512 * 256 * 12.5


def test_how_far_mimi_sees() -> None:
    """Eight layers of attention to 249 earlier steps of 40 ms reach back 80 s, in both coders."""
    step, past = 1, 6  # the first convolution has 7 taps
    for stride in (4, 5, 6, 8):
        # 3 taps of the unit; 2 * stride taps of the convolution, less the stride
        past, step = past + 2 * step + stride * step, step * stride
    past += 2 * step + 8 * 249 * step + 2 * step
    found = context(audit("mimi-24khz").ledger)
    assert found.encoder_samples == past + 1920 > 79 * 24_000
    # 4 taps of stride 2 keep 2 steps of 40 ms; then 8 * 249 and 6 steps of 40 ms
    steps = 2 + 8 * 249 + 6
    above, step = 0, 960
    for stride in (8, 6, 5, 4):
        step //= stride
        above += stride * step + 2 * step
    assert found.decoder_past_frames == -(-(steps * 960 + above + 2) // 1920)
    assert found.decoder_future_frames == 0


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


def test_snac() -> None:
    found = audit("snac-24khz", rvq="projected")
    indices_per_s = 24_000 / 512 * (1 / 4 + 1 / 2 + 1)
    # an index takes a projection of 768 to 8, a search among 4096 codewords, and a projection back
    assert macs_per_s(found.ledger) == pytest.approx(
        {
            ("transmit", "encoder"): by_hand.snac_encoder(),
            ("transmit", "rvq"): (768 * 8 + 4096 * 8 + 8 * 768) * indices_per_s,
            ("receive", "rvq"): 8 * 768 * indices_per_s,
            ("receive", "decoder"): by_hand.snac_decoder(),
        },
        rel=1e-12,
    )
    assert found.ledger.hop_samples == 4 * 512
    assert found.ledger.bitrates_kbps == pytest.approx((12 * indices_per_s / 1000,))


def test_the_published_size_of_snac() -> None:
    """19.8 million parameters, of which both sides store the output projections and codewords."""
    ledger = audit("snac-24khz", rvq="projected").ledger
    assert round(device_values(ledger) / 1e6, 1) == 19.8


def test_delays_as_published() -> None:
    """In samples: the padding of DAC and SNAC, the hop of EnCodec, 30 ms of VoCodec."""
    totals = {name: audit(name).document()["latency"]["total_samples"] for name in PRESETS[2:]}
    assert totals == {
        "encodec-24khz": 320,
        "dac-16khz": 5_954,
        "dac-24khz": 5_954,
        "dac-44khz": 9_002,
        "mimi-24khz": 1_920,
        "snac-24khz": 11_562,
        "vocodec-24khz": 720,
    }
