"""Codecs of others, recognised by their class and held to figures that are derived by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import pytest
import torch

from lrac_audit.design.formats import load_design
from lrac_audit.errors import InputError
from lrac_audit.ledger.row import Row
from lrac_audit.ledger.walk import walk
from lrac_audit.witness import latency, trace
from lrac_audit.witness.codec_catalogue import (
    DAC_16KHZ,
    DAC_24KHZ,
    DAC_44KHZ,
    ENCODEC_48KHZ,
    KNOWN_CODECS,
    NARROW_SNAC,
    SNAC_24KHZ,
    dac,
    encodec,
    snac_24khz,
)
from lrac_audit.witness.factory import as_target
from lrac_audit.witness.target import AuditTarget
from reference_models.nn.absorb import absorb
from tests.lrac_audit.witness.conftest import imported
from tests.lrac_audit.witness.targets import by_hand
from tests.reference_models.nn.filling import filled_codec

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)
Make = Callable[[bool], Any]
DAC_STRIDES = (2, 4, 5, 8)


@cache
def measured(make: Make) -> tuple[AuditTarget, trace.Trace]:
    """Return a wide codec as a target, and its trace at the highest bitrate."""
    target = as_target(make(False), "codec")
    return target, trace.measure(target, target.modes[-1])


def rates(make: Make) -> dict[tuple[str, str], float]:
    """Traced multiply-accumulates per second by side and stage."""
    target, found = measured(make)
    assert not any(row.problem for row in found.rows)
    sums: dict[tuple[str, str], float] = {}
    for row in found.rows:
        key = row.side, row.stage
        frames_per_s = target.sample_rate_hz / target.hop_samples
        sums[key] = sums.get(key, 0) + row.macs_per_frame * frames_per_s
    return sums


def encodec_of_transformers(narrow: bool) -> Any:
    return encodec({}, narrow)


def encodec_of_its_package(narrow: bool) -> Any:
    """Narrow: the same model with other coders and a quantizer of their width."""
    model = imported("encodec").EncodecModel.encodec_model_24khz(pretrained=False)
    if narrow:
        modules, quantization = imported("encodec.modules"), imported("encodec.quantization")
        choices = {"dimension": 16, "n_filters": 2, "causal": True, "norm": "weight_norm"}
        model.encoder = modules.SEANetEncoder(**choices)
        model.decoder = modules.SEANetDecoder(**choices)
        model.quantizer = quantization.ResidualVectorQuantizer(16, n_q=32, bins=1024)
    return model.eval()


def dac_of_transformers(narrow: bool) -> Any:
    return dac(DAC_16KHZ, narrow)


def dac_of_its_package(narrow: bool) -> Any:
    """As ``conf/final/16khz.yml`` of the package."""
    width = {"encoder_dim": 4, "decoder_dim": 64} if narrow else {}
    rates = {"encoder_rates": [2, 4, 5, 8], "decoder_rates": [8, 5, 4, 2]}
    return imported("dac").DAC(**rates, n_codebooks=12, sample_rate=16_000, **width).eval()


encodecs = pytest.mark.parametrize("make", [encodec_of_transformers, encodec_of_its_package])
dacs = pytest.mark.parametrize("make", [dac_of_transformers, dac_of_its_package])


@encodecs
def test_encodec_24khz_by_hand(make: Make) -> None:
    target, _ = measured(make)
    found = rates(make)
    coder = by_hand.encodec_coder()
    assert round(coder / 1e6, 1) == 1489.8
    assert found["transmit", "encoder"] == found["receive", "decoder"] == coder
    # 32 layers search 1024 codewords of width 128, 75 times a second, and project nothing
    assert found["transmit", "rvq"] == 32 * 1024 * 128 * 75
    assert found["receive", "rvq"] == 0
    assert (target.hop_samples, target.sample_rate_hz) == (320, 24_000)
    assert [mode.bitrate_kbps for mode in target.modes] == [1.5, 3, 6, 12, 24]
    assert [mode.active_layers for mode in target.modes] == [2, 4, 8, 16, 32]


@encodecs
def test_the_lstm_of_encodec_is_in_the_count(make: Make) -> None:
    rows = measured(make)[1].rows
    lstm = [row for row in rows if row.op == "lstm" and row.side == "transmit"]
    assert sum(row.macs_per_frame for row in lstm) == 2 * 4 * 512 * (512 + 512)


@encodecs
def test_encodec_24khz_waits_for_its_hop_only(make: Make) -> None:
    target, _ = measured(make)
    found = latency.measure(target, target.modes[0])
    assert (found.total_samples, found.proved) == (320, True)
    narrow = as_target(make(True), "encodec")
    assert latency.measure(narrow, narrow.modes[0]).total_samples == 320


@dacs
def test_dac_16khz_by_hand(make: Make) -> None:
    target, _ = measured(make)
    found = rates(make)
    assert found == {
        ("transmit", "encoder"): by_hand.dac_encoder(16_000, DAC_STRIDES),
        # 12 layers, each projects 1024 to 8, searches 1024 codewords, and projects back
        ("transmit", "rvq"): 12 * (1024 * 8 + 1024 * 8 + 8 * 1024) * 50,
        ("receive", "rvq"): 12 * 8 * 1024 * 50,
        ("receive", "decoder"): by_hand.dac_decoder(50, DAC_STRIDES[::-1]),
    }
    assert [mode.bitrate_kbps for mode in target.modes] == [0.5 * (i + 1) for i in range(12)]


@dacs
def test_dac_16khz_looks_ahead_as_far_as_its_padding(make: Make) -> None:
    target = as_target(make(True), "dac")
    found = latency.measure(target, target.modes[0])
    encoder, decoder = by_hand.dac_look_ahead(DAC_STRIDES)
    assert (encoder, decoder) == (2493, 3141)
    assert found.transmit.look_ahead_samples == encoder
    assert found.receive is not None
    assert found.receive.look_ahead_samples == decoder
    assert found.total_samples == 320 + encoder + decoder


def dac_24khz_of_transformers(narrow: bool) -> Any:
    return dac(DAC_24KHZ, narrow)


def dac_44khz_of_transformers(narrow: bool) -> Any:
    return dac(DAC_44KHZ, narrow)


@pytest.mark.parametrize(
    ("preset", "make"),
    [
        ("encodec-24khz", encodec_of_transformers),
        ("dac-16khz", dac_of_transformers),
        pytest.param("dac-24khz", dac_24khz_of_transformers, marks=pytest.mark.sweep),
        pytest.param("dac-44khz", dac_44khz_of_transformers, marks=pytest.mark.sweep),
        ("snac-24khz", snac_24khz),
    ],
)
def test_a_preset_is_the_codec_that_the_package_makes(preset: str, make: Make) -> None:
    """In the rate and in the work and stored values of each layer, in the order of the signal."""
    target, found = measured(make)
    design = load_design(preset).design
    assert (design.sample_rate_hz, design.hop_samples) == (
        target.sample_rate_hz,
        target.hop_samples,
    )
    expected = walk(design, "projected", design.quantizer.layers)
    assert by_layer(found.rows) == by_layer(expected.rows)


Layers = dict[tuple[str, str], list[tuple[int, int]]]


def by_layer(rows: Iterable[Row]) -> Layers:
    """Return multiply-accumulates and stored values of the layers that have any, by stage.

    LSTM layers behind each other are one, as they are one module of the packages.
    """
    found: Layers = {}
    was_lstm = False
    for row in rows:
        layers = found.setdefault((row.side, row.stage), [])
        figures = row.macs_per_frame, row.stored_values
        if row.op == "lstm" and was_lstm:
            figures = tuple(map(sum, zip(layers.pop(), figures, strict=True)))
        was_lstm = row.op == "lstm"
        if any(figures):
            layers.append(figures)
    return found


def test_snac_24khz_by_hand() -> None:
    target, _ = measured(snac_24khz)
    found = rates(snac_24khz)
    per_index = 768 * 8 + 4096 * 8 + 8 * 768
    indices_per_s = 24_000 / 512 * (1 / 4 + 1 / 2 + 1)
    assert found == pytest.approx(
        {
            ("transmit", "encoder"): by_hand.snac_encoder(),
            ("transmit", "rvq"): per_index * indices_per_s,
            ("receive", "rvq"): 8 * 768 * indices_per_s,
            ("receive", "decoder"): by_hand.snac_decoder(),
        },
        rel=1e-12,
    )
    assert target.hop_samples == 4 * 512
    assert target.modes[0].bitrate_kbps == pytest.approx(12 * indices_per_s / 1000)


def test_the_published_size_of_snac() -> None:
    model = snac_24khz(False)
    assert round(sum(value.numel() for value in model.parameters()) / 1e6, 1) == 19.8


@pytest.mark.parametrize("codec", KNOWN_CODECS, ids=lambda codec: codec.name)
def test_all_parts_of_a_known_codec_fit_together(codec: Any) -> None:
    target = as_target(codec.make(True), codec.name)
    hops = 16
    audio = 0.1 * torch.randn(1, target.audio_channels, hops * target.hop_samples)
    with torch.no_grad():
        latent = target.transmit(audio)
        for mode in (target.modes[0], target.modes[-1]):
            decoded = mode.dequantise(mode.quantise(latent))
            assert decoded.shape == latent.shape
        assert target.receive is not None
        missing = hops * target.hop_samples - target.receive(decoded).shape[2]
    assert abs(missing) < target.hop_samples
    assert [mode.bitrate_kbps for mode in target.modes] == sorted(
        mode.bitrate_kbps for mode in target.modes
    )


def quantises_alike(model: Any, own: Callable[[torch.Tensor], Any]) -> bool:
    """Whether the target gives the codes that the quantizer of ``model`` itself gives, and any."""
    target = as_target(model, "x")
    with torch.no_grad():
        latent = target.transmit(torch.randn(1, 1, 16 * target.hop_samples))
        mine, theirs = target.modes[-1].quantise(latent), own(latent)
    pairs = list(zip(mine, theirs, strict=True))
    return bool(pairs) and all(a.numel() and torch.equal(a, b) for a, b in pairs)


def test_the_quantizer_of_snac_is_as_its_authors_wrote_it() -> None:
    torch.manual_seed(0)
    model = snac_24khz(True)
    assert quantises_alike(model, lambda latent: model.quantizer(latent)[1])


@pytest.mark.parametrize(
    ("make", "codes"),
    [
        (dac_of_transformers, lambda model, latent: model.quantizer(latent)[1]),
        (dac_of_its_package, lambda model, latent: model.quantizer(latent)[1]),
    ],
)
def test_the_quantizer_of_dac_is_as_its_authors_wrote_it(make: Make, codes: Any) -> None:
    torch.manual_seed(0)
    model = make(True)
    assert quantises_alike(model, lambda latent: codes(model, latent))


@pytest.mark.parametrize(
    ("make", "first_codebook"),
    [
        (encodec_of_transformers, lambda model: model.quantizer.layers[0].codebook.embed),
        (encodec_of_its_package, lambda model: model.quantizer.vq.layers[0].codebook),
    ],
)
def test_an_empty_codebook_is_filled_and_said(make: Make, first_codebook: Any) -> None:
    model = make(True)
    assert not first_codebook(model).any()
    assert "codebooks are empty" in as_target(model, "encodec").notes[0]
    assert first_codebook(model).any()
    assert as_target(model, "encodec").notes == ()


def test_codewords_of_mimi_follow_from_what_it_was_filled_with() -> None:
    """It keeps the codewords that it made when it first ran, here of empty sums."""
    (codec,) = (codec for codec in KNOWN_CODECS if codec.name == "Mimi")
    model = codec.make(True)
    codebook = model.quantizer.acoustic_residual_vector_quantizer.layers[0].codebook
    assert not codebook.embed.any()
    assert "codebooks are empty" in as_target(model, codec.name).notes[0]
    assert codebook.embed.std() > 0.5


def test_the_hop_of_snac_is_a_whole_number_of_all_its_steps() -> None:
    """Layers that take 3 and 2 steps together, and attention over windows of 4, repeat after 12."""
    from snac import SNAC

    choices = {**SNAC_24KHZ, **NARROW_SNAC, "vq_strides": [3, 2, 1], "attn_window_size": 4}
    target = as_target(SNAC(**choices).eval(), "snac")
    assert target.hop_samples == 12 * 512
    assert target.modes[0].bitrate_kbps == pytest.approx(
        12 * 24_000 / 512 * (1 / 3 + 1 / 2 + 1) / 1000
    )


def row_names(rows: tuple[Row, ...]) -> set[str]:
    return {row.name for row in rows if row.macs_per_frame}


def test_codecs_of_this_project_are_recognised() -> None:
    codec = filled_codec(load_design("track1").design, seed=0)
    trained = as_target(codec, "codec")
    names = row_names(trace.measure(trained, trained.modes[-1]).rows)
    assert {"encoder.input", "quantizer.layers.5.project_out", "decoder.output"} <= names
    pair = as_target(absorb(codec), "pair")
    names = row_names(trace.measure(pair, pair.modes[-1]).rows)
    assert "quantizer.layers.5.search" in names
    assert not any("project_out" in name for name in names)


def test_half_of_an_absorbed_codec_is_no_target() -> None:
    pair = absorb(filled_codec(load_design("track1").design, seed=0))
    with pytest.raises(InputError, match="one side of an absorbed codec; allowed: both"):
        as_target(pair.transmit, "half")


def test_the_scale_of_encodec_48khz_is_recognised() -> None:
    target = as_target(encodec(ENCODEC_48KHZ, True), "encodec")
    assert "scaled by its loudness over the whole clip" in target.notes[0]
    audio = torch.randn(1, 2, 6400, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        quiet, loud = (target.transmit(scale * audio) for scale in (1, 3))
        assert torch.allclose(quiet, loud, atol=1e-4)
        quiet, loud = (target.root.get_submodule("encoder")(scale * audio) for scale in (1, 3))
        assert not torch.allclose(quiet, loud, atol=1e-2)
    found = latency.measure(target, target.modes[0])
    assert found.total_samples is None
    assert any("over time" in sentence for sentence in found.transmit.whole_clip)
