"""What follows from the fields of a part, by the formulas of its docstring."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lrac_audit.design.parts import Conv, DownConv, EdgeConv, Quantizer, ResidualUnit, UpConv
from tests.lrac_audit.design.sheet_pages import DESIGN


@pytest.mark.parametrize(
    ("kernel", "dilation", "ahead"),
    # the effective kernel is (kernel - 1) x dilation + 1; half of what it pads, rounded down
    [(1, 1, 0), (2, 1, 0), (3, 1, 1), (4, 1, 1), (5, 1, 2), (3, 3, 3), (4, 3, 4), (2, 3, 1)],
)
def test_the_look_ahead_of_a_centred_convolution(kernel: int, dilation: int, ahead: int) -> None:
    assert Conv(kernel, dilation, causal=False).look_ahead_steps == ahead
    assert EdgeConv(8, kernel, dilation, causal=False).look_ahead_steps == ahead
    assert Conv(kernel, dilation).look_ahead_steps == 0
    assert EdgeConv(8, kernel, dilation).look_ahead_steps == 0


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "ahead"),
    # k_eff - stride: 0, 1, 2, 3, then 3 x 2 + 1 - 2 = 5 and 3 x 2 + 1 - 1 = 6
    [(4, 4, 1, 0), (5, 4, 1, 0), (6, 4, 1, 1), (7, 4, 1, 1), (4, 2, 2, 2), (4, 1, 2, 3)],
)
def test_the_look_ahead_of_a_strided_convolution(
    kernel: int, stride: int, dilation: int, ahead: int
) -> None:
    centred = DownConv(8, kernel, stride, dilation, causal=False)
    assert centred.look_ahead_steps == ahead
    assert replace(centred, causal=True).look_ahead_steps == 0


def test_what_a_transposed_convolution_trims() -> None:
    assert UpConv(8, kernel=9, stride=4, trim_left=2).trim_right == 3
    assert UpConv(8, kernel=4, stride=4).trim_right == 0


def test_the_widths_of_a_residual_unit() -> None:
    unit = ResidualUnit((Conv(3), Conv(1), Conv(1)), compress=3)
    assert unit.widths(8) == [8, 2, 2, 8]
    assert ResidualUnit((Conv(3),), compress=3).widths(8) == [8, 8]


@pytest.mark.parametrize(
    ("size", "bits"), [(2, 1), (3, 2), (4, 2), (5, 3), (256, 8), (257, 9), (1024, 10), (1025, 11)]
)
def test_the_bits_of_a_codeword_index(size: int, bits: int) -> None:
    assert Quantizer(1, size).bits_per_frame(1) == bits


def test_the_modes_of_a_quantizer() -> None:
    assert Quantizer(5, 16).mode_layers == (5,)
    assert Quantizer(5, 16, modes=(2, 3)).mode_layers == (2, 3)


def test_the_rates_of_a_design() -> None:
    """16,000 samples a second in hops of 2 x 3; 8 bits for each layer of each frame."""
    assert DESIGN.hop_samples == DESIGN.encoder.rate_change == DESIGN.decoder.rate_change == 6
    assert DESIGN.frame_rate_hz == 16000 / 6
    assert DESIGN.bitrate_kbps(1) == 8 * 16 / 6
    assert DESIGN.bitrate_kbps(3) == 24 * 16 / 6


def test_the_widths_of_a_design() -> None:
    assert (DESIGN.latent_dim, DESIGN.codebook_dim, DESIGN.has_projections) == (10, 5, True)
    quantizer = replace(DESIGN.quantizer, codebook_dim=None)
    plain = replace(DESIGN, quantizer=quantizer, encoder=replace(DESIGN.encoder, output=None))
    assert (plain.latent_dim, plain.codebook_dim, plain.has_projections) == (8, 8, False)
    wide = replace(DESIGN, quantizer=replace(DESIGN.quantizer, codebook_dim=10))
    assert not wide.has_projections
