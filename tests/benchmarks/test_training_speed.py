"""How fast the baselines learn, where the time goes, and whether the loader keeps ahead.

Run with ``pytest tests/benchmarks/test_training_speed.py -s``; pytest-benchmark prints medians and
spreads, and each phase's share of a step is printed beside them.
"""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace

import pytest
import torch

from lrac_audit.console.layout import Column, Table
from lrac_audit.console.screen import PLAIN
from reference_models.data.dataset import WindowSource
from reference_models.data.manifest import load_manifest
from reference_models.training.configuration_file import load_configuration
from reference_models.training.models import build_models
from tests.benchmarks.timing import ratio_of, work
from tests.reference_models.training.conftest import ALONE, speech_batch, write_manifest
from tests.reference_models.training.recipe_step import recipe_step

BATCH, WINDOW = 4, 62_400
ROUNDS = 3
LEAST_SHARE_IN_PHASES = 0.95
MOST_OF_RECIPES = {"float32": 0.8, "bfloat16": 0.6}
"""Time of a step beside the recipe's, by the precision of the discriminators."""
MOST_FORWARDS = 27
"""Runs of the codec forward, without gradients, in the time of one training step."""


@pytest.fixture(params=["track1", "track2"])
def configuration(request):
    return replace(load_configuration(request.param), batch_size=BATCH)


def test_a_step(benchmark, configuration):
    models = build_models(configuration, ALONE)
    batch = speech_batch(BATCH, WINDOW)
    spent_s = defaultdict(list)

    @contextmanager
    def observe(phase):
        began = time.perf_counter()
        yield
        spent_s[phase].append(time.perf_counter() - began)

    models.stepper.step(batch, 6)  # k-means
    benchmark.pedantic(
        models.stepper.step, args=(batch, 6, observe), rounds=ROUNDS, warmup_rounds=1
    )
    medians = {phase: sorted(each)[len(each) // 2] for phase, each in spent_s.items()}
    total = sum(medians.values())
    rows = [[p, f"{s:.3f}", f"{100 * s / total:.1f} %"] for p, s in medians.items()]
    columns = [Column("Phase"), Column("median s", right=True), Column("share", right=True)]
    print(f"\n{configuration.name}, 6 layers, {torch.get_num_threads()} threads\n")  # noqa: T201
    print(PLAIN.table(Table(columns, rows)))  # noqa: T201
    benchmark.extra_info["phases_s"] = medians
    benchmark.extra_info["steps_per_s"] = 1 / benchmark.stats.stats.median
    assert total / benchmark.stats.stats.median > LEAST_SHARE_IN_PHASES


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("precision", list(MOST_OF_RECIPES))
def test_a_step_beside_the_recipes(configuration, precision):
    """The step of the recipe written out, in float32 and on models of its own."""
    sizes = replace(configuration.discriminators, precision=precision)
    ours = build_models(replace(configuration, discriminators=sizes), ALONE)
    theirs = build_models(configuration, ALONE)
    batch = speech_batch(BATCH, WINDOW)
    recipes = work(recipe_step, theirs, batch, 6)
    ratio = ratio_of(work(ours.stepper.step, batch, 6), recipes, rounds=ROUNDS)
    assert ratio < MOST_OF_RECIPES[precision]


@pytest.mark.usefixtures("one_thread")
def test_a_step_beside_the_codec_alone(configuration):
    models = build_models(configuration, ALONE)
    batch = speech_batch(BATCH, WINDOW)
    models.stepper.step(batch, 6)  # k-means

    def forward():
        models.codec.eval()
        with torch.no_grad():
            models.codec(batch.input, 6)
        models.codec.train()

    step = work(models.stepper.step, batch, 6)
    assert ratio_of(step, work(forward), rounds=ROUNDS) < MOST_FORWARDS


def test_the_loader_keeps_ahead(benchmark, tmp_path):
    manifest = load_manifest(write_manifest(tmp_path, "speech", 16, 10))
    source = WindowSource(
        manifest, batch_size=BATCH, seed=0, training=True, augment=None, window_samples=WINDOW
    )

    def epoch():
        return sum(len(batch.ids) for batch in source.epoch(0))

    windows = benchmark.pedantic(epoch, rounds=ROUNDS, warmup_rounds=1)
    assert windows == BATCH * source.batches_in_epoch(0) > 20
    per_batch_s = benchmark.stats.stats.median / source.batches_in_epoch(0)
    benchmark.extra_info["batches_per_s"] = 1 / per_batch_s
    models = build_models(replace(load_configuration("track1"), batch_size=BATCH), ALONE)
    batch = speech_batch(BATCH, WINDOW)
    models.stepper.step(batch, 6)
    began = time.perf_counter()
    models.stepper.step(batch, 1)
    assert per_batch_s < time.perf_counter() - began
