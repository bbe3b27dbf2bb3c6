"""The configuration of a training run: the fields of its YAML file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from lrac_audit.design.bounds import MAX_NAME_CHARACTERS, MAX_PARTS, MAX_SIZE
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.quantizer import quantizer_field
from lrac_audit.errors import Problem, shown
from lrac_audit.validation.kinds import Kind, Number, Text, Whole
from lrac_audit.validation.part import rules_of
from lrac_audit.validation.reading import Format, check
from lrac_audit.validation.structures import ShapeProblem, Table
from reference_models.data.augmentation_parameters import AugmentationParameters
from reference_models.training.configuration_parts import (
    MAX_COUNT,
    ONE_EACH,
    Checkpoints,
    Codebooks,
    DiscriminatorSizes,
    Optimisation,
    Positive,
    UpToOne,
    Window,
)
from reference_models.training.losses import LOSS_NAMES

FORMAT = Format("lrac_training", 1)

DESIGN_FILE = Text(MAX_NAME_CHARACTERS)
"""Description of the name of a design in a file: a preset, or a path from the file's folder."""


class LoadedDesign(Kind):
    """The kind of a field that holds a design, which a file gives by its name."""

    def accepts(self, value: object) -> bool:
        """Return whether ``value`` is a design; its construction has checked it."""
        return isinstance(value, CodecDesign)

    def problems(self, value: object) -> Sequence[Problem]:
        """Return a problem unless ``value`` is a design."""
        if self.accepts(value):
            return ()
        return (ShapeProblem("", shown(value), "a design"),)

    def json_schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the text that names a design."""
        return DESIGN_FILE.json_schema(definitions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A training run.

    Construction checks it and raises ``InputError`` with every problem found.
    """

    name: Annotated[str, Text(MAX_NAME_CHARACTERS)]
    """For people; appears in messages."""
    design: Annotated[CodecDesign, LoadedDesign()]
    """The codec to train: a preset, or the path of a design from this file's folder."""
    seed: Annotated[int, Whole(0, MAX_COUNT)]
    """Seed of everything that is drawn at random."""
    epochs: Positive
    """Passes over the training data, each over ``epoch_utterances`` of it."""
    epoch_utterances: Positive
    """In all processes together."""
    batch_size: Positive
    """Windows per step, in all processes together."""
    window_samples: Positive
    """Length of a window of speech."""
    hop_fraction: UpToOne
    """From the start of a window to that of the next, as a fraction of a window."""
    active_layers: Annotated[tuple[Annotated[int, Whole(0, MAX_PARTS)], ...], ONE_EACH]
    """Layers of the quantizer that a step may train, 0 where there is none; each step draws one."""
    loss_weights: Annotated[Mapping[str, float], Table(LOSS_NAMES, Number(0, 1e6))]
    """Weight of each term of the generator's loss."""
    mel_windows: Annotated[tuple[Window, ...], ONE_EACH]
    """Samples of the windows of the mel loss."""
    optimisation: Optimisation
    """The optimisers."""
    codebooks: Codebooks
    """How codewords are kept in use."""
    discriminators: DiscriminatorSizes
    """The adversary."""
    augmentation: AugmentationParameters | None = None
    """Noise and reverberation; None for clean speech."""
    checkpoints: Checkpoints
    """Checkpoints that the run leaves on disk."""

    def __post_init__(self) -> None:
        check(self, self.name)


@rules_of(Configuration)
def _broken_rules(configuration: Configuration, bad_fields: frozenset[str]) -> Iterator[Problem]:
    if bad_fields:
        return
    design, window = configuration.design, configuration.window_samples
    for i, layers in enumerate(configuration.active_layers):
        if layers > design.quantizer.layers:
            allowed = f"at most the design's {design.quantizer.layers} layers"
            yield Problem(f"active_layers[{i}]", shown(layers), allowed)
        elif layers == 0 < design.quantizer.layers:
            allowed = "at least 1: only a design without a quantizer has 0"
            yield Problem(f"active_layers[{i}]", shown(layers), allowed)
    most = max(design.quantizer.index_sizes(design.quantizer.layers), default=1)
    if most > MAX_SIZE:
        given, allowed = f"indices of {most} values", f"at most {MAX_SIZE}, which validation counts"
        yield Problem(f"design.{quantizer_field(design.quantizer)}", given, allowed)
    if design.audio_channels != 1:
        allowed = "a design of 1 channel, which is what the discriminators look at"
        yield Problem("design.audio_channels", shown(design.audio_channels), allowed)
    windows = (*configuration.mel_windows, *configuration.discriminators.windows)
    longest = max(*windows, design.hop_samples)
    if window < longest:
        allowed = f"at least {longest}, the longest window of a loss and the design's hop"
        yield Problem("window_samples", shown(window), allowed)
    fraction = configuration.hop_fraction
    if window * fraction < 1:
        yield Problem("hop_fraction", shown(fraction), "a hop of a sample or more")


def training_schema() -> dict[str, Any]:
    """Return the JSON Schema of a training configuration."""
    from lrac_audit.validation.json_schema import json_schema

    return json_schema(Configuration, "Training configuration of a neural audio codec", FORMAT)
