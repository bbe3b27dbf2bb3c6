"""Sources whose codecs are built with torch: the 3GPP documents, and public codecs.

Expected costs are sums over the layers, written out here; nothing in them uses the code under test.
"""

from __future__ import annotations

from functools import cache
from math import ceil

import pytest

from lrac_audit.published.comparison import Comparison, compare
from lrac_audit.published.sources import load_source

pytest.importorskip("transformers")
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)
MAC_FRAME = "MACs printed as FLOPs, one frame of 320 samples, without the search"
ONCE = "the quantizer run once, as in one forward pass"


def convolution(steps: int, channels_in: int, channels_out: int, kernel: int) -> tuple[int, int]:
    """Multiply-accumulates and biases of a convolution with so many output steps."""
    return steps * channels_in * channels_out * kernel, steps * channels_out


def dac_encoder(width: int, samples: int, strides: tuple[int, ...]) -> tuple[int, int]:
    """MACs and biases of a Descript encoder on a clip."""
    steps, parts = samples, [convolution(samples, 1, width, 7)]
    for stride in strides:
        unit = [convolution(steps, width, width, 7), convolution(steps, width, width, 1)]
        parts += 3 * unit
        steps = (steps + 2 * ceil(stride / 2) - 2 * stride) // stride + 1
        parts.append(convolution(steps, width, 2 * width, 2 * stride))
        width *= 2
    parts.append(convolution(steps, width, width, 3))
    return sum(macs for macs, _ in parts), sum(biases for _, biases in parts)


def dac_decoder(width: int, latent: int, steps: int, strides: tuple[int, ...]) -> tuple[int, int]:
    """MACs and biases of a Descript decoder, whose layers of odd stride lose a step."""
    parts = [convolution(steps, latent, width, 7)]
    for stride in strides:
        longer = (steps - 1) * stride - 2 * ceil(stride / 2) + 2 * stride
        parts.append((steps * width * (width // 2) * 2 * stride, longer * (width // 2)))
        steps, width = longer, width // 2
        parts += 3 * [convolution(steps, width, width, 7), convolution(steps, width, width, 1)]
    parts.append(convolution(steps, width, 1, 7))
    return sum(macs for macs, _ in parts), sum(biases for _, biases in parts)


def published_frame(encoder: int, decoder: int, projections: int) -> float:
    """MMAC/s of S4-260158, from one frame: ``projections`` of the quantizer, 50 times a second."""
    latent = 16 * encoder
    macs = dac_encoder(encoder, 320, (2, 4, 5, 8))[0]
    macs += dac_decoder(decoder, latent, 1, (8, 5, 4, 2))[0]
    return (macs + projections * 8 * latent) * 50 / 1e6


@pytest.mark.parametrize(
    ("encoder", "decoder", "rate_hz", "text"),
    [
        (32, 768, 8000, "4955.9"),
        (32, 768, 16_000, "9972.6"),
        (32, 768, 32_000, "20006.1"),
        (12, 288, 32_000, "2821.0"),
    ],
)
def test_the_sums_of_s4_260155_by_hand(encoder: int, decoder: int, rate_hz: int, text: str) -> None:
    """MMAC/s from packets of 40 ms, 25 a second, with 36 projections a frame."""
    samples, latent = rate_hz // 25, 16 * encoder
    macs = dac_encoder(encoder, samples, (2, 4, 5, 8))[0]
    macs += dac_decoder(decoder, latent, samples // 320, (8, 5, 4, 2))[0]
    macs += samples // 320 * 36 * 8 * latent
    assert f"{macs * 25 / 1e6:.1f}" == text


@cache
def compared(name: str) -> Comparison:
    """Return the comparison of a source."""
    return compare(load_source(name))


@pytest.mark.parametrize(
    ("encoder", "decoder", "text"),
    [(8, 144, "437.09"), (12, 288, "1397.63"), (24, 576, "5578.38")],
)
def test_the_sums_of_s4_260158_by_hand(encoder: int, decoder: int, text: str) -> None:
    """Either 12 codebooks, in, out and out again, or 18, in and out: 36 projections."""
    assert f"{published_frame(encoder, decoder, 36):.2f}" == text


@pytest.mark.sweep
def test_all_figures_of_s4_260158_are_explained_by_themselves() -> None:
    """The first three figures are about 12 codebooks, the next three about 18."""
    search = compared("s4-260158").conventions
    assert search is not None
    found = {one.explained: str(one) for one in search.explanations}
    assert found == {
        frozenset({0, 1, 2}): MAC_FRAME,
        frozenset({3, 4, 5}): f"{MAC_FRAME}, {ONCE}",
    }
    assert search.tried > 200


@pytest.mark.sweep
def test_the_parameters_of_s4_260158_fit_24_codebooks() -> None:
    cells = [cell for table in compared("s4-260158").tables for cell in table.cells]
    parameters = [cell for cell in cells if cell.title == "parameters, M"]
    assert [cell.status for cell in parameters] == ["equal"] * 3


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("table", "latent", "steady_mmacs"),
    [(3, 128, 441.392), (4, 192, 1414.7904), (5, 384, 5646.912)],
)
def test_the_steady_state_of_s4_260158_is_another_figure(
    table: int, latent: int, steady_mmacs: float
) -> None:
    """These are of 18 codebooks run once, without the search; a ledger has both on top."""
    mflops = compared("s4-260158").tables[table].cells[0].recomputed
    assert mflops is not None
    search, again = 18 * 1024 * 8 * 50, 18 * 8 * latent * 50
    assert float(mflops) == pytest.approx(2 * (steady_mmacs + (search + again) / 1e6))


@pytest.mark.sweep
def test_both_codecs_of_s4_260209_are_explained_together() -> None:
    """Both share one way of counting; their quantizers are not explained by any."""
    found = compared("s4-260209")
    assert found.conventions is not None
    (best,) = found.conventions.explanations
    assert str(best) == "with biases, a clip of 1 s"
    assert best.explained == {0, 2, 3, 5}
    for rate, strides, hop, encoder, decoder in (
        (16_000, (2, 4, 5, 8), 320, "436.30", "984.50"),
        (32_000, (4, 4, 8, 10), 1280, "461.92", "1037.12"),
    ):
        one = sum(dac_encoder(12, rate, strides))
        other = sum(dac_decoder(288, 192, rate // hop, strides[::-1]))
        assert (f"{one / 1e6:.2f}", f"{other / 1e6:.2f}") == (encoder, decoder)


@pytest.mark.sweep
def test_s4_260155_counts_packets_of_40_ms() -> None:
    """One way of counting explains three sample rates, and a figure quoted elsewhere."""
    found = compared("s4-260155")
    assert found.conventions is not None
    (best,) = found.conventions.explanations
    assert str(best) == "MACs printed as FLOPs, a clip of 40 ms, without the search"
    assert best.explained == {0, 1, 2, 3}
    assert found.tables[-1].cells[0].status == "equal"


@pytest.mark.sweep
def test_public_codecs_have_their_figures_to_the_printed_digit() -> None:
    cells = [
        (table.title, cell.title, cell.published.text, cell.status)
        for table in compared("public-codecs").tables
        for cell in table.cells
    ]
    assert len(cells) == 17
    assert [cell for cell in cells if cell[-1] != "equal"] == []
