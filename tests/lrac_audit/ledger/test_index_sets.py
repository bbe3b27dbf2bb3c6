"""Delays and receptive fields of random designs, against brute force over sets of indices."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lrac_audit import CodecDesign
from lrac_audit.design.layer import LAYER_KINDS
from lrac_audit.ledger import walk
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.row import Ledger
from tests.index_sets import MODELS, Signal, decoded, encoded, framed, samples
from tests.random_designs import designs
from tests.random_lists import list_designs
from tests.sweeps import some_or_many


def ledger_of(design: CodecDesign) -> Ledger:
    return walk(design, "projected", design.quantizer.layers)


def margins(design: CodecDesign) -> tuple[int, int]:
    """Return the latent steps of a clip, and those at each of its ends that padding may reach.

    They are twice what the closed form needs: a closed form that is too small shows.
    """
    ledger = ledger_of(design)
    seen, delay = context(ledger), latency(ledger).total_samples or 0
    step = design.encoder.rate_change
    past = (seen.encoder_samples or 0) // step + (seen.decoder_past_frames or 0)
    edge = 2 * (delay // step + past) + 4
    frame = design.quantizer.frame_steps
    edge += -edge % frame
    return 2 * edge + 8 * frame, edge


def middle(steps: Signal, first: int, count: int) -> list[tuple[int, int, int]]:
    """Return ``count`` steps from ``first`` on: each with the first and the last that it sees."""
    found = []
    for i in range(first, first + count):
        step = steps[i]
        assert step is not None
        found.append((i, *step))
    return found


def test_every_kind_has_a_model() -> None:
    assert set(MODELS) == set(LAYER_KINDS)


@some_or_many(40, 200)
def test_delays_and_receptive_fields_are_those_of_brute_force(cases: int) -> None:
    @settings(max_examples=cases, derandomize=True, deadline=None)
    @given(st.one_of(list_designs(), designs()))
    def check(design: CodecDesign) -> None:
        step, (steps, edge) = design.encoder.rate_change, margins(design)
        frame = design.quantizer.frame_steps
        sent = framed(encoded(samples(steps * step), design.encoder), frame)
        heard = decoded(samples(steps), design.decoder)
        whole = decoded(sent, design.decoder)
        assert (len(sent), len(heard), len(whole)) == (steps, steps * step, steps * step)

        ledger = ledger_of(design)
        delay, seen = latency(ledger), context(ledger)
        latents = middle(sent, edge, 8 * frame)
        assert delay.transmit_samples == max(b - (step * (i + 1) - 1) for i, _, b in latents)
        outputs = middle(heard, edge * step, 8 * frame * step)
        assert delay.receive_samples == max(step * b - t for t, _, b in outputs)
        total = max(b - t for t, _, b in middle(whole, edge * step, 8 * frame * step))
        assert delay.total_samples == 1 + total

        if seen.encoder_samples is not None:
            assert {b - a + 1 for _, a, b in latents} == {seen.encoder_samples}
        if seen.decoder_past_frames is not None:
            assert seen.decoder_past_frames == max(t // step - a for t, a, _ in outputs)
        assert seen.decoder_future_frames == max(b - t // step for t, _, b in outputs)

    check()
