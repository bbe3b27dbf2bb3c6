"""The absorbed form against the trained one, on noise and on something like speech."""

import math
from copy import deepcopy

import pytest
import torch

from lrac_audit.design.formats import load_design
from reference_models.nn.absorb import absorb
from reference_models.nn.build import build
from tests.reference_models.nn.filling import filled_codec
from tests.rounding import Reference
from tests.sweeps import slow_in_sweep
from tests.tensors import assert_equal_tensors

RATE, SECONDS = 24_000, 10


def noise():
    generator = torch.Generator().manual_seed(7)
    return 0.3 * torch.randn(1, 1, RATE * SECONDS, generator=generator)


def speech_like():
    """Pulses of a gliding pitch through three resonances, loud and almost silent by turns."""
    time = torch.arange(RATE * SECONDS, dtype=torch.float64) / RATE
    pitch = 120 + 40 * torch.sin(2 * math.pi * 0.7 * time)
    phase = 2 * math.pi * torch.cumsum(pitch, 0) / RATE
    voice = torch.zeros_like(time)
    for harmonic in range(1, 40):
        frequency = harmonic * pitch
        formants = sum(1 / (1 + ((frequency - f) / 120) ** 2) for f in (600, 1400, 2600))
        voice += formants * torch.sin(harmonic * phase)
    syllables = torch.sin(2 * math.pi * 2 * time).clamp(min=0)
    voice = voice * syllables
    return (0.9 * voice / voice.abs().max()).float()[None, None] + 0.01 * noise()


@pytest.fixture(scope="module", params=["track1", pytest.param("track2", marks=pytest.mark.sweep)])
def codec(request):
    return filled_codec(load_design(request.param).design, seed=8)


@pytest.mark.parametrize("signal", slow_in_sweep([noise, speech_like], noise))
def test_ten_seconds_give_the_same_codes_and_the_same_audio(codec, signal):
    halves, audio = absorb(codec), signal()
    codes = codec.encode(audio)
    assert codes.shape == (6, 1, 100 * SECONDS)
    assert min(len(layer.unique()) for layer in codes) > 30
    reference = Reference(codec)
    reference.check_codes(halves.transmit.encode(audio), codes, audio)
    decoded = halves.receive.decode(codes)
    assert decoded.std() > 0.05
    reference.check_audio(decoded, codes)


def test_a_table_is_the_projected_codebook_with_the_bias(codec):
    """Summed in float64 and rounded once: by half a unit in the last place."""
    layer = deepcopy(codec.quantizer.layers[2]).double()
    table = absorb(codec).receive.quantizer.layers[2].lookup.values
    with torch.no_grad():
        expected = layer.search.embed @ layer.project_out.weight.t() + layer.project_out.bias
    assert ((table - expected).abs() <= torch.finfo(torch.float32).eps / 2 * expected.abs()).all()


def test_the_receiver_has_no_projection_and_no_codebook_and_the_transmitter_no_decoder(codec):
    halves = absorb(codec)
    receive = halves.receive.state_dict()
    tables = [name for name in receive if name.startswith("quantizer")]
    assert tables == [f"quantizer.layers.{i}.lookup.values" for i in range(6)]
    assert all(name.startswith(("quantizer", "decoder")) for name in receive)
    assert any(name.startswith("decoder") for name in receive)
    transmit = halves.transmit.state_dict()
    assert any(name.startswith("encoder") for name in transmit)
    assert not any("project_out" in name or name.startswith("decoder") for name in transmit)


def test_a_half_refuses_the_other_s_work_and_to_be_absorbed_again(codec):
    halves = absorb(codec)
    with pytest.raises(ValueError, match="receive side only: it cannot encode"):
        halves.receive.encode(torch.zeros(1, 1, 240))
    with pytest.raises(ValueError, match="transmit side only: it cannot decode"):
        halves.transmit.decode(torch.zeros(6, 1, 1, dtype=torch.int64))
    with pytest.raises(ValueError, match="absorbed-transmit; allowed: trained"):
        absorb(halves.transmit)
    with pytest.raises(ValueError, match="absorbed-transmit cannot be trained"):
        halves.transmit(torch.zeros(1, 1, 240))


def test_absorbing_leaves_the_trained_codec_as_it_was():
    codec = build(load_design("track1").design)
    before = {name: value.clone() for name, value in codec.state_dict().items()}
    halves = absorb(codec)
    with torch.no_grad():
        for half in halves:
            for value in half.state_dict().values():
                value.fill_(1)
    after = codec.state_dict()
    assert_equal_tensors(after, before)
    assert codec.encoder.input.weight.requires_grad
