"""The lower bound where it is less than the upper one: what is read, and where they part."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from lrac_audit import audit
from lrac_audit.limits import load_limits
from lrac_audit.witness.latency import measure
from lrac_audit.witness.latency.influence import Changes, influencing_steps
from lrac_audit.witness.target import AuditTarget
from tests.lrac_audit.witness.latency.toys import HOP, Codec, Conv, decoder, divided, encoder


class Gate(nn.Module):
    """Looks ahead by three where the signal is louder than any noise here."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.where(x.abs() > 1e9, functional.pad(x[:, :, 3:], (0, 3)), x)


def gated() -> Codec:
    model = Codec(encoder(right=2), decoder())
    model.encoder.insert(0, Gate())
    return model


def test_both_bounds_and_the_place_where_they_part() -> None:
    """The gate stays shut: 4 of the hop and 2 of the convolution are shown, 3 more can be."""
    found = measure(divided(gated()))
    assert (found.total_samples, found.lower_total_samples) == (HOP + 5, HOP + 2)
    assert not found.proved
    assert found.parting == "the encoder, at where in encoder.0"
    assert found.transmit.look_ahead_samples == 5


class Loudness(nn.Module):
    """What nobody uses: a result without axes, then one of one axis."""

    def __init__(self) -> None:
        super().__init__()
        self.whole, self.first = nn.Tanh(), nn.Tanh()

    def forward(self, x: Tensor) -> Tensor:
        self.whole(x.sum())
        self.first(x[0, 0])
        return x


def test_results_of_one_axis_or_of_none_lose_nothing() -> None:
    model = gated()
    model.encoder.insert(0, Loudness())
    found = measure(divided(model))
    assert (found.total_samples, found.lower_total_samples) == (HOP + 5, HOP + 2)
    assert found.parting == "the encoder, at where in encoder.1"


def test_a_limit_between_the_bounds_is_broken_and_the_check_has_both() -> None:
    """Of 8 samples a millisecond, 4 + 2 are shown and 4 + 5 are possible."""
    limits = replace(load_limits("lrac-2025-track1"), total_latency_ms=1)
    (check,) = [
        check
        for check in audit(divided(gated()), limits=limits).verdict.checks
        if check.id == "total_latency_ms"
    ]
    assert (check.at_least, check.value, check.status) == (0.75, 1.125, "fail")


class Deaf(nn.Module):
    """A branch that hears nothing while its weight is zero, which no rule takes for granted."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.full((1,), 0.5))

    def forward(self, x: Tensor) -> Tensor:
        return x * (self.gain - self.gain)


def test_an_effect_that_is_not_there_at_all() -> None:
    model = Codec(nn.Sequential(*encoder(), Deaf()), decoder())
    found = measure(divided(model))
    assert found.lower_total_samples is None or found.lower_total_samples <= HOP


def test_a_gradient_sees_what_a_change_loses_in_rounding() -> None:
    """1 + 1e-20 is 1 in double precision: only the gradient sees the second sample."""

    def run(x: Tensor) -> Tensor:
        return x + 1e-20 * functional.pad(x[..., 1:], (0, 1))

    x = torch.ones(1, 1, 4, dtype=torch.float64)
    assert influencing_steps(run, x, 1).tolist() == [False, True, True, False]
    steps = torch.arange(4)
    assert not Changes(run, x, 1).moved_by(steps == 2)
    assert Changes(run, x, 1).moved_by(steps == 1)


def test_a_change_sees_what_has_no_gradient() -> None:
    x = torch.randn(1, 1, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert not influencing_steps(torch.round, x, 1).any()
    assert Changes(torch.round, x, 1).moved_by(torch.arange(4) == 1)
    assert not Changes(torch.round, x, 1).moved_by(torch.arange(4) == 2)


def test_codes_are_changed_to_other_codes() -> None:
    codes = torch.tensor([[[0, 1, 2, 3, 4, 5]]])
    table = torch.randn(6, generator=torch.Generator().manual_seed(0))
    assert Changes(lambda c: table[c], codes, 2).moved_by(torch.arange(6) == 2)
    assert not Changes(lambda c: table[c], codes, 2).moved_by(torch.arange(6) == 3)


def test_a_transmitter_that_gives_codes() -> None:
    """Nothing is known between encoder and codes, and the codes are whole numbers."""
    coder, player = Conv(1, 6, 0, 2), nn.Embedding(64, 1)
    down = nn.Conv1d(6, 1, HOP, HOP)

    def transmit(audio: Tensor) -> Tensor:
        return (40 * down(coder(audio))).round().long().remainder(64)

    def receive(codes: Tensor) -> Tensor:
        return player(codes[:, 0]).transpose(1, 2).repeat_interleave(HOP, 2)

    root = nn.ModuleList([coder, player, down])
    found = measure(AuditTarget("codes", root, 8000, HOP, transmit, receive))
    assert (found.total_samples, found.proved) == (HOP + 2, True)


def test_a_narrow_model_shows_the_effect_of_a_wide_one() -> None:
    wide, narrow = (divided(Codec(encoder(right=3), decoder())) for _ in range(2))
    runs = []
    watched = narrow.root.encoder.register_forward_hook(lambda *_: runs.append(1))
    target = AuditTarget("wide", wide.root, 8000, HOP, wide.transmit, wide.receive, narrow=narrow)
    found = measure(target)
    watched.remove()
    assert found.proved
    assert found.total_samples == HOP + 3
