"""Changes that mend a bitrate, for codebooks of several sizes."""

from __future__ import annotations

from lrac_audit import audit
from tests.reference_models.nn.quantizer_designs import design_of


def remedies(quantizer: str) -> list[str]:
    found = audit(design_of(quantizer), limits="lrac-2025-track1")
    check = next(each for each in found.verdict.checks if each.id == "bitrates_kbps")
    return [remedy.text for remedy in found.remedies(check)]


def test_a_mode_of_the_first_layers_has_the_bitrate_of_their_own_sizes() -> None:
    # At 100 frames per second, 64 codewords take 0.6 kbps and 1024 take 1.0 more.
    assert remedies("{layers: 2, codebook_size: [64, 1024]}") == ["add a mode of 1 layer: 0.6 kbps"]


def test_a_first_layer_that_is_too_large_gets_smaller() -> None:
    # 12 bits take 1.2 kbps, 10 bits 1; with the second layer of 2 bits a mode of 1.2 is left.
    assert remedies("{layers: 2, codebook_size: [4096, 4]}")[0] == (
        "quantizer.codebook_size.0 4096 to 1024, and add a mode of 1 layer: 1 kbps"
    )


def test_the_bits_of_a_frame_are_stated_with_and_without_packing() -> None:
    mode = audit(design_of("{fsq: {levels: [5, 5]}}")).document()["mode"]
    # 25 values hold log2(25) bits, and take 5.
    assert round(mode["information_bits_per_frame"], 4) == 4.6439
    assert mode["packed_bits_per_frame"] == 5
