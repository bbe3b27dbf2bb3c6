"""A model that torch refuses on real values gets no figures, even if it runs without values."""

import pytest
import torch
from torch.nn import functional

from lrac_audit.errors import InputError
from tests.lrac_audit.witness.cases.counting import Learned
from tests.lrac_audit.witness.trace.tracing import traced

CHANNELS = 4
"""Of the audio that each function below takes, ``[1, CHANNELS, T]``."""


def learned():
    """Parameters, each of which fits the audio in some place, and in some places does not."""
    return Learned(taps=(6, 4, 3), narrow=(6, 3, 3), back=(4, 6, 3), pair=(3, 4), three=(3,))


MISTAKES = {
    "a convolution takes fewer channels": (
        lambda m, x: functional.conv1d(x, m.narrow),
        lambda m, x: functional.conv2d(x[:, :, None], m.narrow[:, :, None]),
    ),
    "a transposed convolution takes more channels": (
        lambda m, x: functional.conv_transpose1d(x, m.taps),
        lambda m, x: torch.convolution(x, m.taps, None, [1], [0], [1], True, [0], 1),
    ),
    "a convolution has too few biases": (
        lambda m, x: functional.conv1d(x, m.taps, m.three),
        lambda m, x: functional.conv_transpose1d(x, m.back, m.three),
    ),
    "groups do not divide the channels": (
        lambda m, x: functional.conv1d(x, m.taps[:5, :2], groups=2),
        lambda m, x: functional.conv_transpose1d(x[:, :3], m.taps[:3], groups=2),
    ),
    "the output padding is as long as the stride": (
        lambda m, x: functional.conv_transpose1d(x, m.back, stride=2, output_padding=2),
        lambda m, x: functional.conv_transpose1d(x, m.back, output_padding=1),
    ),
    "a linear map takes fewer channels": (
        lambda m, x: functional.linear(x.mT, m.pair.mT),
        lambda m, x: x.mT @ m.pair,
    ),
    "a linear map has too many biases": (
        lambda m, x: functional.linear(x.mT, m.pair, m.taps[0, :, 0]),
        lambda m, x: torch.addmm(m.taps[0, :, 0], x[0].mT, m.pair.mT),
    ),
    "the types differ": (
        lambda m, x: x[0].mT @ m.pair.mT.double(),
        lambda m, x: functional.conv1d(x, m.taps.double()),
    ),
    "an index has two axes": (
        lambda m, x: m.pair.index_select(0, x[:, 0].long() * 0) * x[0].mT,
        lambda m, x: x.index_select(1, torch.zeros(1, 2, dtype=torch.long, device=x.device)),
    ),
    "a softmax goes along an axis that is not there": (
        lambda m, x: x.softmax(3),
        lambda m, x: functional.log_softmax(x, 3),
    ),
}


@pytest.mark.parametrize(
    ("mistake", "writing"), [(name, writing) for name in MISTAKES for writing in (0, 1)]
)
def test_it_is_refused(mistake, writing):
    model, run = learned(), MISTAKES[mistake][writing]
    audio = torch.ones(1, CHANNELS, 50)
    with pytest.raises((RuntimeError, IndexError)):
        run(model, audio)
    with pytest.raises(InputError, match=r"running it on \d+ hops of 1 samples: failed with"):
        traced(model, lambda x: run(model, x), CHANNELS)
