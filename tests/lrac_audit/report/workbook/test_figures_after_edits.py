"""What an edited sheet comes to, against figures that are published or derived by hand.

Each expected value starts from the published table of the baseline and adds what the edit changes,
from the definition of the layer. A spreadsheet engine calculates; the auditor is not asked.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.lrac_audit.report.workbook.conftest import Baseline
from tests.lrac_audit.report.workbook.sheets import Edit

ABSORBED, PROJECTED = 1, 2
"""Columns of the figures; those of the marks are five further."""
MARK = 5


@pytest.mark.parametrize(
    ("track", "expected"),
    [
        (
            "track1",
            {
                "Encoder": (377.472, 377.472),
                "RVQ, transmit": (17.0496, 19.3536),
                "RVQ, receive": (0, 2.304),
                "Decoder": (296.832, 296.832),
                "Receive side": (296.832, 299.136),
                "Overall": (691.3536, 695.9616),
                "Total latency": (30, 30),
            },
        ),
        (
            "track2",
            {
                "Encoder": (1944.192, 1944.192),
                "RVQ, transmit": (38.7072, 47.9232),
                "RVQ, receive": (0, 9.216),
                # The paper's 563.3 and the 30.72 of the layer that its table leaves out.
                "Decoder": (594.048, 594.048),
                "Receive side": (594.048, 603.264),
                "Overall": (2576.9472, 2595.3792),
                "Total latency": (50, 50),
            },
        ),
    ],
)
def test_the_baselines_come_to_the_published_figures(
    track: str, expected: dict[str, Any], baseline: Baseline
) -> None:
    lines = baseline(track).summary()
    for title, values in expected.items():
        assert lines[title][1:3] == pytest.approx(list(values), rel=1e-9), title
    fields = {"track1": 14_085, "track2": 17_772}
    assert lines["Receptive field of a latent frame"][1] == fields[track]
    verdicts = {"track1": ["pass", "pass"], "track2": ["pass", "fail"]}
    assert lines["Verdict"][6:8] == verdicts[track]


def test_a_shorter_kernel_saves_its_taps(baseline: Baseline) -> None:
    kernel = Edit("encoder.blocks.3.residual.1.convs.0", "kernel", 5)
    lines = baseline("track1").summary_after(kernel)
    saved = 2 * 2 * 64 * 64 * 500 / 1e6  # two of 7 taps, 64 to 64 channels at 500 Hz
    assert lines["Encoder"][1:3] == pytest.approx([377.472 - saved] * 2, rel=1e-9)
    assert lines["Overall"][ABSORBED] == pytest.approx(691.3536 - saved, rel=1e-9)
    assert lines["Decoder"][ABSORBED] == pytest.approx(296.832, rel=1e-9)


def test_a_smaller_codebook_takes_fewer_products(baseline: Baseline) -> None:
    codewords = Edit("", "quantizer.codebook_size", 512)
    lines = baseline("track1").summary_after(codewords)
    # 6 layers at 100 frames/s, 160 to 12 values, then 512 codewords of 12 values
    searched = 2 * 6 * 100 * (160 * 12 + 512 * 12) / 1e6
    assert lines["RVQ, transmit"][ABSORBED] == pytest.approx(searched, rel=1e-9)
    back = 2 * 6 * 100 * 12 * 160 / 1e6
    assert lines["RVQ, transmit"][PROJECTED] == pytest.approx(searched + back, rel=1e-9)
    assert lines["Bitrate shown"][0] == pytest.approx(6 * 9 * 100 / 1000)  # 9 bits a layer


def test_causality_takes_its_look_ahead_away(baseline: Baseline) -> None:
    causal = Edit("encoder.blocks.2.residual.1.convs.0", "causal", True)
    lines = baseline("track1").summary_after(causal)
    # Of the encoder's 10 ms of look-ahead, 7 are this layer's.
    assert lines["Look-ahead, transmit side"][ABSORBED] == pytest.approx(3)
    assert lines["Total latency"][1:3] == pytest.approx([23, 23])
    assert lines["Encoder"][ABSORBED] == pytest.approx(377.472, rel=1e-9)


def test_twice_the_rate_is_twice_the_work_in_half_the_time(baseline: Baseline) -> None:
    lines = baseline("track1").summary_after(Edit("", "sample_rate_hz", 48_000))
    assert lines["Overall"][ABSORBED] == pytest.approx(2 * 691.3536, rel=1e-9)
    assert lines["Total latency"][ABSORBED] == pytest.approx(15)
    assert lines["Sample rate"][ABSORBED + MARK] == "fail"  # the challenge asks for 24 kHz
    assert lines["Verdict"][6:8] == ["fail", "fail"]


def test_a_longer_first_transposed_convolution_breaks_the_limit(baseline: Baseline) -> None:
    kernel = Edit("decoder.blocks.0.up", "kernel", 6)
    lines = baseline("track2").summary_after(kernel)
    tap = 2 * 320 * 96 * 100 / 1e6  # 320 to 96 channels, counted at the input's 100 Hz
    assert lines["Decoder"][ABSORBED] == pytest.approx(594.048 + tap, rel=1e-9)
    assert lines["Receive side"][PROJECTED] == pytest.approx(603.264 + tap, rel=1e-9)
    # 594.048 and 6.144 are more than 600: now the absorbed form fails too.
    assert [lines["Receive side"][column + MARK] for column in (ABSORBED, PROJECTED)] == [
        "fail",
        "fail",
    ]
    assert lines["Verdict"][6:8] == ["fail", "fail"]
