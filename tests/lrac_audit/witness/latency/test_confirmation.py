import torch

from lrac_audit.witness.latency.confirmation import confirmed
from lrac_audit.witness.latency.side import Clip
from lrac_audit.witness.latency.sides import sides_of
from tests.lrac_audit.witness.latency.toys import Codec, decoder, divided, encoder


def test_a_look_ahead_that_is_understated_is_not_confirmed():
    """Cuts are at whole hops of 4, so on the transmit side a look-ahead shows to a hop."""
    target = divided(Codec(encoder(right=4), decoder(right=5)))
    target.root.double()
    with torch.no_grad():
        sides = sides_of(target, None, torch.float64)
        for side, true, less in ((sides.transmit, 4, 0), (sides.receive, 5, 4)):
            clip = Clip(side, 64, 0)
            assert confirmed(clip, true, 48)
            assert not confirmed(clip, less, 48)
