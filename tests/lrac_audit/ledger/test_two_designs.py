"""Two codecs of unusual shapes, every figure of which was added up by hand.

A convolution of k taps from C to D channels in g groups takes C / g * D * k products per output
step, a transposed one as many per input step, and both hold as many weights and D biases. With
k_eff = (k - 1) * dilation + 1 it keeps (k_eff - stride) * C values, a transposed one
(k - stride) * D. An LSTM layer of width C takes 4 * C * 2C products, holds 8C biases more, and
keeps 2C values.
"""

from __future__ import annotations

from typing import Any

import pytest

from lrac_audit import audit
from lrac_audit.design.parts import (
    Activation,
    CodecDesign,
    Conv,
    Decoder,
    DecoderBlock,
    DownConv,
    EdgeConv,
    Encoder,
    EncoderBlock,
    Quantizer,
    ResidualUnit,
    UpConv,
)

DILATED = CodecDesign(
    name="strides 3, 5, 2, with dilations and an LSTM",
    sample_rate_hz=12_000,  # 400 frames of 30 samples a second
    encoder=Encoder(
        input=EdgeConv(channels=4, kernel=5),
        blocks=(
            EncoderBlock(
                (ResidualUnit((Conv(3, dilation=2, causal=False), Conv(1)), compress=2),),
                DownConv(channels=6, kernel=6, stride=3),
            ),
            EncoderBlock(
                (ResidualUnit((Conv(3, dilation=3, groups=3),), learnable_skip=True),),
                DownConv(channels=8, kernel=7, stride=5, causal=False),
            ),
            EncoderBlock((), DownConv(channels=10, kernel=3, stride=2, dilation=2)),
        ),
        lstm_layers=1,
        output=EdgeConv(channels=12, kernel=2),
    ),
    quantizer=Quantizer(layers=3, codebook_size=64, codebook_dim=4),
    decoder=Decoder(
        input=EdgeConv(channels=9, kernel=3),
        blocks=(
            DecoderBlock(UpConv(channels=6, kernel=8, stride=5, trim_left=1), ()),
            DecoderBlock(
                UpConv(channels=4, kernel=2, stride=2, groups=2),
                (ResidualUnit((Conv(5, dilation=2, causal=False), Conv(3))),),
            ),
            DecoderBlock(UpConv(channels=2, kernel=3, stride=3), ()),
        ),
        output=Conv(4),
        final_activation=Activation("tanh"),
    ),
)

# name: products per frame, parameters, state, audio samples of look-ahead
DILATED_ROWS = {
    "encoder.input": (30 * 1 * 4 * 5, 20 + 4, 4, 0),
    # 4 to 2 channels; k_eff 5 is centred, so that 2 of its 4 steps are look-ahead
    "encoder.blocks.0.residual.0.convs.0": (30 * 4 * 2 * 3, 24 + 2, 4 * 4, 2),
    "encoder.blocks.0.residual.0.convs.1": (30 * 2 * 4 * 1, 8 + 4, 0, 0),
    "encoder.blocks.0.down": (10 * 4 * 6 * 6, 144 + 6, 3 * 4, 0),
    # 3 groups of 2 channels, and k_eff 7
    "encoder.blocks.1.residual.0.convs.0": (10 * 2 * 6 * 3, 36 + 6, 6 * 6, 0),
    "encoder.blocks.1.residual.0.skip": (10 * 6 * 6 * 1, 36 + 6, 0, 0),
    # 7 - 5 = 2 steps are padded, 1 of them ahead, at 3 samples a step
    "encoder.blocks.1.down": (2 * 6 * 8 * 7, 336 + 8, 2 * 6, 3),
    "encoder.blocks.2.down": (1 * 8 * 10 * 3, 240 + 10, 3 * 8, 0),  # k_eff 5
    "encoder.lstm.0": (4 * 10 * 20, 800 + 80, 20, 0),
    "encoder.output": (10 * 12 * 2, 240 + 12, 10, 0),
    "decoder.input": (12 * 9 * 3, 324 + 9, 2 * 12, 0),
    # 1 of 3 surplus steps is trimmed at the start, at 6 samples a step
    "decoder.blocks.0.up": (1 * 9 * 6 * 8, 432 + 6, 3 * 6, 6),
    "decoder.blocks.1.up": (5 * 3 * 4 * 2, 24 + 4, 0, 0),
    # k_eff 9 is centred: 4 steps ahead, at 3 samples a step
    "decoder.blocks.1.residual.0.convs.0": (10 * 4 * 4 * 5, 80 + 4, 8 * 4, 12),
    "decoder.blocks.1.residual.0.convs.1": (10 * 4 * 4 * 3, 48 + 4, 2 * 4, 0),
    "decoder.blocks.2.up": (10 * 4 * 2 * 3, 24 + 2, 0, 0),
    "decoder.output": (30 * 2 * 1 * 4, 8 + 1, 3 * 2, 0),
}

LOPSIDED = CodecDesign(
    name="one block down, two unequal blocks up, in stereo",
    sample_rate_hz=8_000,  # 1,000 frames of 8 samples a second
    audio_channels=2,
    encoder=Encoder(
        activation=Activation("prelu"),
        blocks=(
            EncoderBlock(
                (), DownConv(channels=6, kernel=11, stride=8, dilation=3, groups=2, causal=False)
            ),
        ),
    ),
    quantizer=Quantizer(layers=2, codebook_size=5, modes=(1, 2)),
    decoder=Decoder(
        activation=Activation("snake"),
        lstm_layers=2,
        blocks=(
            DecoderBlock(
                UpConv(channels=4, kernel=5, stride=2),
                (ResidualUnit((Conv(2), Conv(4, dilation=2, causal=False), Conv(1)), compress=4),),
            ),
            DecoderBlock(UpConv(channels=2, kernel=7, stride=4, trim_left=3), ()),
        ),
    ),
)
LOPSIDED_ROWS = {
    "encoder.blocks.0.activation": (0, 1, 0, 0),  # PReLU learns one value for all channels
    # k_eff 31 is centred: of 23 padded samples 11 are ahead
    "encoder.blocks.0.down": (1 * 1 * 6 * 11, 66 + 6, 23 * 2, 11),
    "decoder.lstm.0": (4 * 6 * 12, 288 + 48, 12, 0),
    "decoder.lstm.1": (4 * 6 * 12, 288 + 48, 12, 0),
    "decoder.blocks.0.activation": (0, 6, 0, 0),  # Snake learns one for each channel
    "decoder.blocks.0.up": (1 * 6 * 4 * 5, 120 + 4, 3 * 4, 0),
    "decoder.blocks.0.residual.0.acts.0": (0, 4, 0, 0),
    "decoder.blocks.0.residual.0.convs.0": (2 * 4 * 1 * 2, 8 + 1, 4, 0),
    "decoder.blocks.0.residual.0.acts.1": (0, 1, 0, 0),
    # k_eff 7 is centred: 3 of 6 steps ahead, at 4 samples a step
    "decoder.blocks.0.residual.0.convs.1": (2 * 1 * 1 * 4, 4 + 1, 6, 12),
    "decoder.blocks.0.residual.0.acts.2": (0, 1, 0, 0),
    "decoder.blocks.0.residual.0.convs.2": (2 * 1 * 4 * 1, 4 + 4, 0, 0),
    "decoder.blocks.1.activation": (0, 4, 0, 0),
    "decoder.blocks.1.up": (2 * 4 * 2 * 7, 56 + 2, 3 * 2, 3),
}


@pytest.mark.parametrize(
    ("design", "expected"), [(DILATED, DILATED_ROWS), (LOPSIDED, LOPSIDED_ROWS)]
)
def test_each_row(design: CodecDesign, expected: dict[str, tuple[int, ...]]) -> None:
    found = {
        row.name: (row.macs_per_frame, row.stored_values, row.state_values, row.delay_samples)
        for row in audit(design).ledger.rows
        if row.stage != "rvq" and (row.macs_per_frame or row.stored_values)
    }
    assert found == expected


def memory(design: CodecDesign, rvq: str = "absorbed") -> dict[str, Any]:
    return dict(audit(design, rvq=rvq).document()["memory"])


def mflops(design: CodecDesign, **options: Any) -> dict[str, float]:
    complexity = audit(design, **options).document()["complexity"]
    return {part: cost["mflops"] for part, cost in complexity.items()}


def test_the_totals_of_the_dilated_codec() -> None:
    """5,672 products of the encoder, 144 + 768 of the quantizer, 2,636 of the decoder a frame."""
    sent, received = 5_672 + 912, 2_636
    assert mflops(DILATED) == pytest.approx(
        {
            "encoder": 4.5376,
            "rvq_transmit": 0.7296,
            "rvq_receive": 0,
            "decoder": 2.1088,
            "transmit": sent * 2 * 400 / 1e6,
            "receive": received * 2 * 400 / 1e6,
            "overall": 7.376,
        },
        rel=1e-12,
    )
    projected = mflops(DILATED, rvq="projected")  # 3 * 4 * 12 products more on each side
    assert projected["transmit"] == pytest.approx((sent + 144) * 2 * 400 / 1e6, rel=1e-12)
    assert projected["receive"] == pytest.approx((received + 144) * 2 * 400 / 1e6, rel=1e-12)


def test_the_memory_of_the_dilated_codec() -> None:
    absorbed, projected = memory(DILATED), memory(DILATED, "projected")
    sent, received = absorbed["transmit"], absorbed["receive"]
    assert (sent["stored_values"]["weights"], received["stored_values"]["weights"]) == (2_022, 970)
    assert (sent["state_values"], received["state_values"]) == (134, 88)
    # skip paths wait for 2 steps of 4 channels, and for 4 steps of 4
    assert (sent["held_values"], received["held_values"]) == (8, 16)
    assert sent["stored_values"]["projection_in"] == 3 * (12 * 4 + 4)
    assert sent["stored_values"]["codebook"] == 3 * 64 * 4
    assert sent["stored_values"]["table"] == received["stored_values"]["table"] == 3 * 64 * 12
    stored = projected["receive"]["stored_values"]
    assert stored["projection_out"] == 3 * (4 * 12 + 12)
    assert (stored["codebook"], stored["table"]) == (3 * 64 * 4, 0)


def test_the_delay_of_the_dilated_codec() -> None:
    """2 + 3 samples ahead in the encoder, 6 + 12 in the decoder, and a hop of 30.

    The decoder looks back 2 * 30 + 2 * 6 + 4 * 3 + 2 * 3 + 3 = 93 samples, 3.1 frames.
    """
    document = audit(DILATED).document()
    assert document["latency"]["total_samples"] == 30 + 5 + 18
    assert document["latency"]["transmit"]["algorithmic_ms"] == pytest.approx(5 / 12, rel=1e-12)
    assert document["latency"]["receive"]["algorithmic_ms"] == 1.5
    field = document["receptive_field"]
    assert field["encoder_samples"] is None  # an LSTM sees all of the past
    assert (field["decoder_past_frames"], field["decoder_future_frames"]) == (4, 1)
    assert document["mode"]["bitrate_kbps"] == pytest.approx(3 * 6 * 0.4, rel=1e-12)


def test_the_totals_of_the_lopsided_codec() -> None:
    """66 products of the encoder, 2 * 5 * 6 of the search, 840 of the decoder a frame."""
    expected = {"encoder": 0.132, "rvq_transmit": 0.12, "decoder": 1.68, "overall": 1.932}
    for rvq in ("absorbed", "projected"):  # there is nothing to absorb
        found = mflops(LOPSIDED, rvq=rvq)
        assert {part: found[part] for part in expected} == pytest.approx(expected, rel=1e-12)
        assert found["rvq_receive"] == 0
    assert mflops(LOPSIDED, bitrate_kbps=3)["rvq_transmit"] == pytest.approx(0.06, rel=1e-12)
    without = mflops(LOPSIDED, convention="lrac-2025-no-search")
    assert without["overall"] == pytest.approx(1.812, rel=1e-12)


def test_everything_that_the_lopsided_codec_does() -> None:
    """Beside the products: 6 biases and 16 PReLUs in the encoder. In the decoder 2 * (48 biases,
    30 gate activations, 24 gate products and sums), 6 sums; then 6 Snakes and 8 biases; in the
    unit 2 * (4 + 1 + 1) Snakes, 2 * (1 + 1 + 4) biases, 8 sums; then 8 Snakes and 16 biases.
    """
    found = mflops(LOPSIDED, convention="full")
    assert found["encoder"] == pytest.approx((2 * 66 + 6 + 16) / 1000, rel=1e-12)
    beside = 2 * (48 + 30 + 24) + 6 + 6 + 8 + 12 + 12 + 8 + 8 + 16
    assert found["decoder"] == pytest.approx((2 * 840 + beside) / 1000, rel=1e-12)


def test_the_memory_and_the_delay_of_the_lopsided_codec() -> None:
    document = audit(LOPSIDED).document()
    sent, received = document["memory"]["transmit"], document["memory"]["receive"]
    assert (sent["stored_values"]["weights"], received["stored_values"]["weights"]) == (73, 892)
    assert (sent["state_values"], received["state_values"]) == (46, 52)
    assert (sent["held_values"], received["held_values"]) == (0, 3 * 4)
    assert sent["stored_values"]["codebook"] == received["stored_values"]["codebook"] == 60
    assert document["latency"]["total_samples"] == 8 + 11 + (12 + 3)
    field = document["receptive_field"]
    assert field["encoder_samples"] == 31  # the reach of its one kernel
    assert (field["decoder_past_frames"], field["decoder_future_frames"]) == (None, 2)
    assert document["design"]["bitrates_kbps"] == pytest.approx([3, 6], rel=1e-12)


@pytest.mark.parametrize(
    ("design", "name", "shape"),
    # channels in and out, taps, stride, dilation, groups
    [
        (DILATED, "encoder.blocks.0.down", (4, 6, 6, 3, 1, 1)),
        (DILATED, "encoder.blocks.1.residual.0.convs.0", (6, 6, 3, 1, 3, 3)),
        (DILATED, "decoder.blocks.1.up", (6, 4, 2, 2, 1, 2)),
        (LOPSIDED, "encoder.blocks.0.down", (2, 6, 11, 8, 3, 2)),
    ],
)
def test_the_shapes_of_rows(design: CodecDesign, name: str, shape: tuple[int, ...]) -> None:
    (row,) = [row for row in audit(design).ledger.rows if row.name == name]
    assert row.geometry == shape
