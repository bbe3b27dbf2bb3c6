"""Estimate of the steps, time and operations of a full run, before anything is trained."""

from __future__ import annotations

from typing import NamedTuple

from lrac_audit.console.layout import Column, Table
from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report.numerals import number
from reference_models.training.configuration import Configuration
from reference_models.training.cost import COUNTED, StepCost

ASSUMED_WINDOWS_PER_UTTERANCE = 4.5
"""Windows per utterance if there is no manifest to count: utterances of 8 to 9 s, windows of 2.6 s
that overlap by half, as the public recipe's data gives."""


class RunEstimate(NamedTuple):
    """The estimate of a full run."""

    steps_per_epoch: float
    steps: float
    audio_hours: float
    """Hours of audio trained on, repetitions counted."""
    hours: float
    """Elapsed time, without validation and start-up."""
    flops: float


def assumed_steps_per_epoch(configuration: Configuration) -> float:
    """Return the steps of an epoch on data like the public recipe's."""
    windows = configuration.epoch_utterances * ASSUMED_WINDOWS_PER_UTTERANCE
    return windows / configuration.batch_size


def estimate_run(
    configuration: Configuration,
    cost: StepCost,
    steps_per_epoch: float,
    processes: int,
    audio_s_per_s: float,
) -> RunEstimate:
    """Estimate a run over all epochs, if each process trains on ``audio_s_per_s`` of audio."""
    steps = steps_per_epoch * configuration.epochs
    audio_s = steps * configuration.batch_size * cost.window_s
    return RunEstimate(
        steps_per_epoch=steps_per_epoch,
        steps=steps,
        audio_hours=audio_s / 3600,
        hours=audio_s / (processes * audio_s_per_s) / 3600,
        flops=audio_s * cost.flops_per_audio_s,
    )


def estimate_text(
    configuration: Configuration,
    plan: RunEstimate,
    assumed: bool,
    speed: str,
    screen: Screen = PLAIN,
) -> str:
    """Return ``plan`` as text."""
    rows = [
        ["epochs", number(configuration.epochs)],
        ["steps per epoch", number(plan.steps_per_epoch, 1)],
        ["steps", number(plan.steps, 0)],
        ["windows per step", number(configuration.batch_size)],
        ["hours of audio", number(plan.audio_hours, 1)],
        ["FLOPs", f"{plan.flops:.3e}"],
        [f"hours, {speed}", number(plan.hours, 2)],
    ]
    columns = [Column(configuration.name), Column("Full run", right=True)]
    text = screen.table(Table(columns, rows))
    if assumed:
        windows = f"{ASSUMED_WINDOWS_PER_UTTERANCE:g} windows per utterance"
        text += f"assumed: {windows}; --train MANIFEST counts them instead\n"
    return f"{text}counted: {COUNTED}\n"
