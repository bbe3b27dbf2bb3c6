"""A toy codec whose every count is derived by hand in the comments."""

from __future__ import annotations

from lrac_audit import CodecDesign, audit
from lrac_audit.design.parts import (
    Activation,
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

# 100 Hz audio, hop 2: 50 frames/s. Latent 4 wide, two RVQ layers of 8 codewords 3 wide.
TOY = CodecDesign(
    name="toy",
    sample_rate_hz=100,
    encoder=Encoder(
        activation=Activation("elu"),
        input=EdgeConv(channels=4, kernel=3),
        blocks=(
            EncoderBlock(
                residual=(
                    ResidualUnit(
                        convs=(Conv(kernel=3, dilation=2, groups=2, causal=False), Conv(kernel=1)),
                        compress=2,
                        learnable_skip=True,
                    ),
                ),
                down=DownConv(channels=4, kernel=5, stride=2),
            ),
        ),
        lstm_layers=1,
    ),
    quantizer=Quantizer(layers=2, codebook_size=8, codebook_dim=3, modes=(1, 2)),
    decoder=Decoder(
        activation=Activation("snake"),
        blocks=(DecoderBlock(UpConv(channels=2, kernel=5, stride=2, trim_left=1), ()),),
        output=Conv(kernel=4, causal=False),
        final_activation=Activation("tanh"),
    ),
)

# name: MACs per frame, everything else that `full` prices per frame, values stored, state, held
EXPECTED = {
    # 2 steps a frame: 1*4*3 products each; 4 biases each
    "encoder.input": (24, 8, 12 + 4, 2 * 1, 0),
    "encoder.blocks.0.residual.0.acts.0": (0, 8, 0, 0, 0),
    # 4 -> 2 channels in 2 groups: 2*2*3 = 12 weights; reach 5, so 4 steps of 4 channels
    "encoder.blocks.0.residual.0.convs.0": (24, 4, 12 + 2, 4 * 4, 0),
    "encoder.blocks.0.residual.0.acts.1": (0, 4, 0, 0, 0),
    "encoder.blocks.0.residual.0.convs.1": (16, 8, 8 + 4, 0, 0),
    "encoder.blocks.0.residual.0.skip": (32, 8, 16 + 4, 0, 0),
    # the skip path waits for 2 steps of look-ahead, 4 channels wide
    "encoder.blocks.0.residual.0.add": (0, 8, 0, 0, 2 * 4),
    "encoder.blocks.0.activation": (0, 8, 0, 0, 0),
    # 1 step a frame: 4*4*5 products; 3 steps of 4 channels are kept
    "encoder.blocks.0.down": (80, 4, 80 + 4, 3 * 4, 0),
    # 4 gates * 4 * (4+4) products; 32 biases, 5*4 gate activations, 4*4 gate products and sums
    "encoder.lstm.0": (128, 32 + 20 + 16, 128 + 32, 8, 0),
    "encoder.lstm.add": (0, 4, 0, 0, 0),
    "quantizer.layers.0.project_in": (12, 3, 15, 0, 0),
    "quantizer.layers.0.search": (24, 8 + 8, 24, 0, 0),
    "quantizer.layers.0.lookup": (0, 0, 0, 0, 0),
    "quantizer.layers.0.project_out": (12, 4, 16, 0, 0),
    "quantizer.layers.0.subtract": (0, 4, 0, 0, 0),
    "quantizer.layers.1.project_in": (12, 3, 15, 0, 0),
    "quantizer.layers.1.search": (24, 8 + 8, 24, 0, 0),
    "quantizer.layers.1.lookup": (0, 0, 0, 0, 0),
    "quantizer.layers.1.project_out": (12, 4, 16, 0, 0),
    "quantizer.layers.1.subtract": (0, 4, 0, 0, 0),
}
EXPECTED_RECEIVE = {
    "quantizer.layers.0.lookup": (0, 0, 24, 0, 0),
    "quantizer.layers.0.project_out": (12, 4, 16, 0, 0),
    "quantizer.layers.1.lookup": (0, 0, 24, 0, 0),
    "quantizer.layers.1.project_out": (12, 4, 16, 0, 0),
    "quantizer.layers.1.add": (0, 4, 0, 0, 0),
    # one learned frequency a channel
    "decoder.blocks.0.activation": (0, 4, 4, 0, 0),
    # per latent frame 4*2*5 products; 2 output samples of 2 biases; 3 samples of 2 channels overlap
    "decoder.blocks.0.up": (40, 4, 40 + 2, 3 * 2, 0),
    "decoder.output_activation": (0, 4, 2, 0, 0),
    "decoder.output": (16, 2, 8 + 1, 3 * 2, 0),
    "decoder.final_activation": (0, 2, 0, 0, 0),
}


def test_every_row_of_the_toy_codec() -> None:
    found = audit(TOY, rvq="projected", convention="full")
    for side, expected in (("transmit", EXPECTED), ("receive", EXPECTED_RECEIVE)):
        rows = {row.name: row for row in found.ledger.rows if row.side == side}
        assert list(rows) == list(expected)
        for name, (macs, others, stored, state, held) in expected.items():
            row = rows[name]
            price = found.convention.price(row.work)
            measured = (row.macs_per_frame, price - 2 * row.macs_per_frame)
            assert (*measured, row.stored_values, row.state_values, row.held_values) == (
                macs,
                others,
                stored,
                state,
                held,
            ), name


def test_delays_of_the_toy_codec() -> None:
    # Encoder: 2 steps of the centred convolution. Decoder: 1 sample trimmed on the left, and half
    # of the output layer's padding of 3, rounded down, which is 1.
    latency = audit(TOY).document()["latency"]
    assert latency["transmit"] == {"buffering_ms": 20.0, "algorithmic_ms": 20.0}
    assert latency["receive"] == {"buffering_ms": 0.0, "algorithmic_ms": 20.0}
    assert latency["total_samples"] == 2 + 2 + 2


def test_absorbing_trades_projections_for_tables() -> None:
    found = audit(TOY, rvq="absorbed").document()
    names = {(layer["side"], layer["name"]) for layer in found["layers"]}
    assert ("receive", "quantizer.layers.0.project_out") not in names
    assert found["complexity"]["rvq_receive"]["macs_per_s"] == 0
    # 50 frames/s of two layers: 4*3 products in, 8*3 in the search
    assert found["complexity"]["rvq_transmit"]["macs_per_s"] == 50 * 2 * (12 + 24)
    assert found["memory"]["receive"]["stored_values"]["table"] == 2 * 8 * 4


def test_layers_that_a_mode_leaves_off_are_stored_but_do_not_work() -> None:
    # 3 bits a frame and layer, 50 frames/s
    low, high = (audit(TOY, bitrate_kbps=kbps).document() for kbps in (0.15, 0.3))
    for side in ("transmit", "receive"):
        for kept in ("stored_values", "state_values", "held_values"):
            assert low["memory"][side][kept] == high["memory"][side][kept]
    assert (
        2 * low["complexity"]["rvq_transmit"]["macs_per_s"]
        == (high["complexity"]["rvq_transmit"]["macs_per_s"])
    )
    off = [layer for layer in low["layers"] if layer["name"] == "quantizer.layers.1.search"]
    assert [(layer["fate"], layer["macs_per_s"]) for layer in off] == [("ignored", 0)]
    assert "leaves off" in off[0]["reason"]


def test_without_projections_absorbing_changes_nothing() -> None:
    design = CodecDesign(
        name="plain",
        sample_rate_hz=100,
        encoder=TOY.encoder,
        quantizer=Quantizer(layers=2, codebook_size=8),
        decoder=TOY.decoder,
    )
    absorbed, projected = (audit(design, rvq=rvq).document() for rvq in ("absorbed", "projected"))
    assert absorbed["complexity"] == projected["complexity"]
    assert absorbed["memory"] == projected["memory"]
    # Both sides keep 2 codebooks of 8 * 4; the search reads the one that the lookup reads.
    stored = absorbed["memory"]["transmit"]["stored_values"]
    assert (stored["codebook"], stored["table"]) == (64, 0)
