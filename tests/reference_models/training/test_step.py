"""A step against that of the recipe, written out with passes of its own for each turn."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from reference_models.training.models import build_models, drawn_layers, seed_step
from reference_models.training.step import NotFiniteError
from tests.reference_models.training.conftest import ALONE, FLOAT64_ERROR, speech_batch
from tests.reference_models.training.recipe_step import recipe_step
from tests.tensors import assert_equal_tensors


def parameters(models):
    networks = {"codec": models.codec, "discriminators": models.adversary.discriminators}
    return {f"{n}.{k}": v for n, net in networks.items() for k, v in net.state_dict().items()}


@pytest.mark.usefixtures("in_float64")
def test_a_step_is_the_recipes(configuration):
    ours, theirs = (build_models(configuration, ALONE) for _ in range(2))
    before = copy.deepcopy(parameters(ours))
    for step in range(8):  # RAdam rectifies from the sixth step on
        heard = speech_batch(first=step + 1).input  # as noise does, unlike what is wanted
        batch, layers = speech_batch(first=step)._replace(input=heard), 2 - step % 2
        seed_step(configuration, step)
        losses = ours.stepper.step(batch, layers)
        seed_step(configuration, step)
        recipes = recipe_step(theirs, batch, layers)
        torch.testing.assert_close(losses, recipes, rtol=0, atol=FLOAT64_ERROR)
    expected = parameters(theirs)
    for name, value in parameters(ours).items():
        torch.testing.assert_close(value, expected[name], rtol=0, atol=FLOAT64_ERROR, msg=name)
    moved = {n for n, v in parameters(ours).items() if not torch.equal(v, before[n])}
    weights = {n for n in before if n.endswith(("original1", "embed", "project_in.weight"))}
    assert len(weights) > 10 and weights <= moved


def gradients(models):
    """The first moments of both optimisers, which after one step are a tenth of the gradients."""
    optimizers = models.codec_optimizer, models.adversary.optimizer
    moments = [state["exp_avg"] for each in optimizers for state in each.state.values()]
    return torch.cat([moment.flatten() for moment in moments])


def test_in_float32_a_step_differs_from_the_recipes_by_rounding(configuration):
    """Rounding is 6e-8 of a value. Here, unlike in float64, convolutions have oneDNN's gradients
    or those that this project takes instead of them."""
    ours, theirs = (build_models(configuration, ALONE) for _ in range(2))
    batch = speech_batch()._replace(input=speech_batch(first=1).input)
    seed_step(configuration, 0)
    losses = ours.stepper.step(batch, 2)
    seed_step(configuration, 0)
    torch.testing.assert_close(losses, recipe_step(theirs, batch, 2), rtol=1e-5, atol=1e-6)
    found, expected = gradients(ours), gradients(theirs)
    assert expected.norm() > 0.01
    assert (found - expected).norm() < 1e-5 * expected.norm()


def test_the_losses_of_a_step(models):
    losses = models.stepper.step(speech_batch(), 2)
    names = ["adversarial", "feature_matching", "mel", "commitment", "discriminators"]
    assert list(losses) == names
    assert all(
        loss.ndim == 0 and loss.isfinite() and not loss.requires_grad for loss in losses.values()
    )


def test_layers_that_are_off_learn_nothing(models):
    models.stepper.step(speech_batch(), 2)
    off = models.codec.quantizer.layers[1]
    before = copy.deepcopy(off.state_dict())
    models.stepper.step(speech_batch(first=1), 1)
    assert_equal_tensors(off.state_dict(), before)
    steps = {
        i: models.codec_optimizer.state[layer.project_in.weight]["step"].item()
        for i, layer in enumerate(models.codec.quantizer.layers)
    }
    assert steps == {0: 2, 1: 1}


def test_nothing_learns_from_what_is_not_finite(models):
    batch = speech_batch()
    models.stepper.step(batch, 2)
    before = {n: p.clone() for n, p in models.codec.named_parameters()}
    batch.target[0, 0, 5] = torch.nan
    broken = batch._replace(input=speech_batch().input)
    with pytest.raises(NotFiniteError, match="'mel': nan") as error:
        models.stepper.step(broken, 2)
    assert np.isnan(error.value.losses["mel"]) and np.isfinite(error.value.losses["commitment"])
    assert_equal_tensors(dict(models.codec.named_parameters()), before)


def test_overfitting_lowers_the_mel_loss(models):
    batch = speech_batch(1, 2400)
    losses = [models.stepper.step(batch, 2)["mel"].item() for _ in range(25)]
    assert losses[24] < 0.5 * losses[0]
    assert losses[4] > losses[14] > losses[24]


def test_rate_is_torchs_exponential_decay(configuration):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.RAdam([parameter], lr=1e-3)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
    for epoch in range(5):
        found = configuration.optimisation.rate(epoch, step=100 * epoch)
        assert found == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)
        optimizer.step()
        schedule.step()


def test_layers_are_drawn_evenly_from_the_two(configuration):
    drawn = [drawn_layers(configuration, step) for step in range(1, 2001)]
    assert set(drawn) == {1, 2}
    assert abs(np.mean(drawn) - 1.5) < 4 * 0.5 / 2000**0.5  # four standard deviations
    first = [drawn_layers(replace(configuration, seed=seed), 0) for seed in range(20)]
    assert first == [2] * 20
