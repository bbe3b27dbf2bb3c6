import torch
from torch import nn
from torch.nn import functional

from lrac_audit.witness.latency.perturbation import PerturbedClip, is_confirmed
from lrac_audit.witness.latency.sides import sides_of
from tests.lrac_audit.witness.latency.toys import (
    HOP,
    WIDTH,
    Codec,
    decoder,
    divided,
    encoder,
)


def test_a_look_ahead_that_is_understated_is_not_confirmed():
    """Cuts are at whole hops of 4, so on the transmit side a look-ahead shows to a hop."""
    target = divided(Codec(encoder(right=4), decoder(right=5)))
    target.root.double()
    with torch.no_grad():
        sides = sides_of(target, None, torch.float64)
        for side, true, less in ((sides.transmit, 4, 0), (sides.receive, 5, 4)):
            clip = PerturbedClip(side, 64, 0)
            assert is_confirmed(clip, true, 48)
            assert not is_confirmed(clip, less, 48)


class Pairs(nn.Module):
    """Both latent steps of each two hops are made of all of these."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, WIDTH, 2 * HOP, 2 * HOP)

    def forward(self, x):
        steps = x.shape[2] // HOP
        whole = functional.pad(x, (0, steps % 2 * HOP))
        return self.conv(whole).repeat_interleave(2, 2)[:, :, :steps]


def test_what_shows_after_every_other_hop_is_found():
    """The first step of a pair waits for a hop more; a cut between pairs does not show that."""
    target = divided(Codec(Pairs(), decoder()))
    target.root.double()
    with torch.no_grad():
        clip = PerturbedClip(sides_of(target, None, torch.float64).transmit, 64, 0)
        for cut_hops in (47, 48):
            assert is_confirmed(clip, HOP, cut_hops)
            assert not is_confirmed(clip, 0, cut_hops)
