"""The use of the latent by hand, and the signs of a collapse."""

from types import SimpleNamespace

import pytest
import torch

from reference_models.training.collapse import collapse_signs
from reference_models.training.latent_use import LatentMeter, LatentUse
from reference_models.training.loop import StepReport
from reference_models.training.run_description import Position
from reference_models.training.text_log import TextLog
from reference_models.training.throughput import ThroughputMeter
from reference_models.training.time_left import TimeLeft
from reference_models.training.validation import CodebookUse, Validation
from tests.reference_models.training.conftest import ALONE


class Halving:
    """A quantizer of which each layer halves what is left."""

    def encode(self, latent, layers):
        self.latent = latent
        return layers

    def decode(self, layers):
        return self.latent * (1 - 0.5**layers)


def use_of(*batches, layers=2):
    meter = LatentMeter(batches[0].shape[1], layers, torch.device("cpu"))
    for batch in batches:
        meter.add(batch, Halving())
    return meter.use(ALONE)


ROTATION = torch.tensor([[0.6, -0.8], [0.8, 0.6]])


@pytest.mark.parametrize("mean", [torch.zeros(2), torch.tensor([3.0, -4.0])])
def test_directions_and_residuals_by_hand(mean):
    """Along two directions at an angle: +-3 and +-sqrt 3, each half of the time in another order.

    Variances 9 and 3 of 12: shares 3/4 and 1/4, and exp of their entropy is
    (4/3)^(3/4) 4^(1/4) = 1.7548. After n halvings the energy is (12 + |mean|^2) / 4^n, so with a
    mean of length 5 it is 37 / 4^n, relative to 12.
    """
    first = torch.tensor([3.0, -3.0, 3.0, -3.0])
    second = torch.tensor([3.0, 3.0, -3.0, -3.0]).div(3).mul(3**0.5)
    latent = (ROTATION @ torch.stack([first, second]) + mean[:, None])[None]
    # In two batches: one of two clips with a frame each, one of a clip with two frames.
    found = use_of(latent[:, :, :2].permute(2, 1, 0), latent[:, :, 2:])
    assert found.width == 2
    assert found.directions == pytest.approx((4 / 3) ** 0.75 * 4**0.25, rel=1e-5)
    energy = 12 + mean.square().sum().item()
    assert found.residual_shares == pytest.approx([energy / 48, energy / 192], rel=1e-5)


@pytest.mark.parametrize("used", [1, 3, 5])
def test_equal_directions_are_counted(used):
    """Frames on the axes of ``used`` of five values, on both sides: all shares are equal."""
    axes = torch.eye(5)[:used]
    found = use_of(torch.cat([axes, -axes]).T[None])
    assert found.directions == pytest.approx(used, rel=1e-9)


def test_a_constant_latent_has_no_direction():
    """Whose variance is not 0 but rounding: 1,000 squares of 0.7 have another mean."""
    assert use_of(torch.full((1, 4, 1000), 0.7)) == LatentUse(4, 0.0, ())
    assert use_of(torch.zeros(1, 4, 9)) == LatentUse(4, 0.0, ())


def validation(directions, shares, perplexities, one_kbps=1.2, six_kbps=0.8):
    codebooks = [CodebookUse(1000, 0.5, perplexity) for perplexity in perplexities]
    mel = {"1 kbps": one_kbps, "6 kbps": six_kbps, "mean": (one_kbps + six_kbps) / 2}
    return Validation(mel, codebooks, LatentUse(160, directions, shares), [], True)


@pytest.mark.parametrize(
    ("found", "signs"),
    [
        (validation(8.0, (0.5, 0.25), [20, 900]), []),
        (validation(7.9, (0.5, 0.25), [20, 900]), ["the latent varies in 7.9 of 160 directions"]),
        (validation(0.0, (), [900]), ["the latent varies in 0.0 of 160 directions"]),
        (
            validation(35.0, (1.0, 0.5), [900, 900]),
            ["the latent's mean alone would leave no larger a residual than layer 1"],
        ),
        # A run of 21,691 steps that went well: residuals grow, but every layer helps the decoder.
        (validation(26.0, (0.59, 0.57, 0.62, 0.68, 0.74, 0.83), [600] * 6), []),
        (validation(35.0, (0.5, 0.4), [900, 900], 1.21, 1.2), []),
        (
            validation(35.0, (0.5, 0.4), [900, 900], 1.2, 1.2),
            ["6 kbps is no better than 1 kbps"],
        ),
        (
            validation(35.0, (0.5, 0.25), [19.9, 900]),
            ["hardly any codeword is chosen in layer 1"],
        ),
        (
            validation(2.0, (1.09, 1.66), [575, 8]),
            [
                "the latent varies in 2.0 of 160 directions",
                "the latent's mean alone would leave no larger a residual than layers 1, 2",
                "hardly any codeword is chosen in layer 2",
            ],
        ),
    ],
)
def test_signs_of_a_collapse(found, signs):
    """Limits: 5 % of 160 directions are 8, 2 % of 1,000 codewords are 20, a residual is 1."""
    assert list(collapse_signs(found)) == signs


def test_a_run_that_collapses_says_so():
    said = []
    meter = ThroughputMeter(1, 1)
    meter.stepped(StepReport(Position(0, 0, 0), 1, 1e-3, {}, 1, 1, 0))
    run = SimpleNamespace(
        configuration=SimpleNamespace(epochs=2), training=SimpleNamespace(skipped=())
    )
    log = TextLog(run, said.append, meter, TimeLeft(2))
    log.validated(Position(1, 0, 9), validation(35.04, (0.5, 0.25), [900, 900]), False)
    assert len(said) == 1 and said[0].endswith("; 35.0 of 160 directions used, residual 0.25\n")
    log.validated(Position(2, 0, 18), validation(2.0, (0.5, 0.25), [900, 8]), False)
    assert said[2] == (
        "warning: signs of a collapse: the latent varies in 2.0 of 160 directions; "
        "hardly any codeword is chosen in layer 2\n"
    )
