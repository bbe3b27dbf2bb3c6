"""The adversarial terms and the weights, on numbers small enough to do in one's head."""

import pytest
import torch
from torch.nn import functional

from reference_models.training.hinge import (
    adversarial_loss,
    discriminator_loss,
    feature_matching_loss,
)
from reference_models.training.losses import LossWeights


def map_of(values):
    """A map of one channel and one frame."""
    return torch.tensor(values).reshape(1, 1, 1, -1)


def maps(features, judgement):
    return [map_of(features), map_of(judgement)]


# Two discriminators with a feature map and a judgement each.
FAKE = [maps([1.0, 2.0], [0.5, -2.5]), maps([0.0, 0.0, 3.0], [4.0])]
REAL = [maps([2.0, 4.0], [3.0, 0.0]), maps([0.0, 3.0, 3.0], [0.25])]


def test_adversarial():
    # -(0.5 - 2.5) / 2 = 1 and -4; their mean
    assert adversarial_loss(FAKE).item() == pytest.approx(-1.5)


def test_hinge():
    # First: relu(1 - 3) = 0, relu(1 - 0) = 1, mean 0.5; relu(1.5), relu(-1.5) = 0, mean 0.75.
    # Second: relu(1 - 0.25) = 0.75; relu(1 + 4) = 5.
    assert discriminator_loss(FAKE, REAL).item() == pytest.approx((1.25 + 5.75) / 2)


def test_feature_matching():
    # First: (1 + 2) / 2 and, of the judgement, (2.5 + 2.5) / 2. Second: 3 / 3 and 3.75.
    assert feature_matching_loss(FAKE, REAL).item() == pytest.approx((1.5 + 2.5 + 1 + 3.75) / 2)


def test_no_gradient_into_the_features_of_the_real():
    fake, real = (map_of(values).requires_grad_() for values in ([1.0, 1.0], [0.0, 0.0]))
    feature_matching_loss([[fake]], [[real]]).backward()
    assert fake.grad.flatten().tolist() == [0.5, 0.5] and real.grad is None


def test_the_distance_of_maps_of_several_clips_channels_and_frames():
    fake, real = (
        torch.randn(3, 4, 5, 6, generator=torch.Generator().manual_seed(i)) for i in (0, 1)
    )
    expected = functional.l1_loss(fake, real)
    assert feature_matching_loss([[fake]], [[real]]).item() == pytest.approx(expected.item())


def test_the_gradient_of_a_distance_is_its_sign_however_short_it_is():
    fake = map_of([5.0, -1e-30, 1e-30, 0.0]).requires_grad_()
    feature_matching_loss([[fake]], [[torch.zeros_like(fake)]]).backward()
    assert fake.grad.flatten().tolist() == [0.25, -0.25, 0.25, 0.0]


def test_weights():
    weights = LossWeights({"mel": 5, "adversarial": 1, "commitment": 10})
    losses = {
        "mel": torch.tensor(2.0),
        "commitment": torch.tensor(0.1),
        "adversarial": torch.tensor(-3.0),
    }
    assert weights.weighed(losses).item() == pytest.approx(10 + 1 - 3)
    assert weights.weighed({"mel": torch.tensor(2.0)}).item() == 10
    assert weights.weighed({"mel": torch.tensor(2.0), "feature_matching": losses["mel"]}) == 10
    assert dict(weights) == {"adversarial": 1, "mel": 5, "commitment": 10}


@pytest.mark.parametrize(
    "ask",
    [lambda: LossWeights({"melody": 1}), lambda: LossWeights({"mel": 1}).weighed({"melody": 1})],
)
def test_unknown_names_raise(ask):
    with pytest.raises(
        ValueError, match=r"'melody'; allowed: adversarial, feature_matching, mel, spectrum, com"
    ):
        ask()
