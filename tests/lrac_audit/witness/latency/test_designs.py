"""The measurement against the closed form, which is tested by itself: by side and by row."""

from dataclasses import replace

import pytest
from hypothesis import strategies as st

from lrac_audit.design.formats import load_design
from lrac_audit.design.parts import Activation
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.walk import walk
from lrac_audit.witness.latency import measure
from lrac_audit.witness.target import AuditTarget
from reference_models.nn.build import build
from tests.random_designs import designs
from tests.reference_models.nn.filling import filled_codec
from tests.sweeps import random_cases


def target_of(codec):
    design = codec.design
    return AuditTarget(
        name=design.name,
        root=codec,
        sample_rate_hz=design.sample_rate_hz,
        hop_samples=design.hop_samples,
        transmit=codec.encoder,
        receive=codec.decoder,
        audio_channels=design.audio_channels,
    )


def by_row(ledger, side):
    return {r.name: r.delay_samples for r in ledger.rows if r.side == side and r.delay_samples}


def by_module(side):
    return {attribution.module: attribution.added_samples for attribution in side.attribution}


@pytest.mark.parametrize(
    ("track", "transmit", "receive", "total", "field"),
    [("track1", 240, 240, 720, 14_085), ("track2", 480, 480, 1200, 17_772)],
)
def test_the_baselines(track, transmit, receive, total, field):
    design = load_design(track).design
    ledger = walk(design, "projected", design.quantizer.layers)
    found = measure(target_of(build(design).eval()))
    assert found.transmit.look_ahead_samples == transmit
    assert found.receive.look_ahead_samples == receive
    assert found.total_samples == total
    assert by_module(found.transmit) == by_row(ledger, "transmit")
    assert by_module(found.receive) == by_row(ledger, "receive")
    assert found.past_samples + 240 + transmit == field
    assert found.proved
    assert found.problems == ()


def alive(design):
    """The design without ReLU: a unit of one channel that never fires is no path to be found."""
    elu = Activation("elu")

    def smooth(coder):
        return replace(coder, activation=elu) if coder.activation.name == "relu" else coder

    decoder = smooth(design.decoder)
    if decoder.final_activation is not None and decoder.final_activation.name == "relu":
        decoder = replace(decoder, final_activation=elu)
    return replace(design, encoder=smooth(design.encoder), decoder=decoder)


@random_cases(st.tuples(designs().map(alive), st.integers(0, 2**31)), 8, 25)
def test_random_designs(drawn):
    design, seed = drawn
    ledger = walk(design, "projected", design.quantizer.layers)
    expected = latency(ledger)
    found = measure(target_of(filled_codec(design, seed)))
    assert found.transmit.look_ahead_samples == expected.transmit_samples
    assert found.receive.look_ahead_samples == expected.receive_samples
    assert found.total_samples == expected.total_samples
    assert by_module(found.transmit) == by_row(ledger, "transmit")
    assert by_module(found.receive) == by_row(ledger, "receive")
    assert found.proved
    field = context(ledger).encoder_samples
    if field is None:
        assert found.past_samples is None
    else:
        assert found.past_samples + design.hop_samples + expected.transmit_samples == field
