"""The configuration of a training run: the fields of its YAML file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from lrac_audit.design.bounds import MAX_NAME_CHARACTERS
from lrac_audit.design.parts import CodecDesign
from lrac_audit.errors import Problem, shown
from lrac_audit.validation.kinds import Kind, Number, Text, Whole
from lrac_audit.validation.part import rules_of
from lrac_audit.validation.reading import Format, check
from lrac_audit.validation.structures import ShapeProblem, Table
from reference_models.data.augmentation_parameters import AugmentationParameters
from reference_models.training.configuration_parts import (
    ANY_ENTRIES,
    MAX_COUNT,
    ONE_EACH,
    Checkpoints,
    Codebooks,
    DiscriminatorSizes,
    Layers,
    Optimisation,
    Positive,
    SpectrumSettings,
    Stage,
    UpToOne,
    Window,
)
from reference_models.training.configuration_rules import (
    design_problems,
    layer_problems,
    loss_problems,
    window_problems,
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
    active_layers: Annotated[tuple[Layers, ...], ANY_ENTRIES]
    """Layers of the quantizer that a step may train, 0 where there is none; each step draws one
    entry, so that one which is there twice is drawn twice as often."""
    first_stages: Annotated[tuple[Stage, ...], ANY_ENTRIES] | None = None
    """Stages before ``active_layers`` holds, one after the other; None for none."""
    loss_weights: Annotated[
        Mapping[str, float], Table(LOSS_NAMES, Number(0, 1e6), is_complete=False)
    ]
    """Weight of each term of the generator's loss; a term that is left out is not computed."""
    mel_windows: Annotated[tuple[Window, ...], ONE_EACH]
    """Samples of the windows of the mel loss, which validation ranks epochs by."""
    spectrum: SpectrumSettings | None = None
    """The spectrum loss; None where it has no weight."""
    optimisation: Optimisation
    """The optimisers."""
    codebooks: Codebooks
    """How codewords are kept in use."""
    discriminators: DiscriminatorSizes | None
    """The adversary; None for none."""
    augmentation: AugmentationParameters | None = None
    """Noise and reverberation; None for clean speech."""
    checkpoints: Checkpoints
    """Checkpoints that the run leaves on disk."""

    def __post_init__(self) -> None:
        check(self, self.name)

    def stage(self, step: int) -> tuple[int, tuple[int, ...]]:
        """Return the first step of the stage that ``step`` is in, and the layers it draws from."""
        first = 0
        for stage in self.first_stages or ():
            if step < first + stage.steps:
                return first, stage.active_layers
            first += stage.steps
        return first, self.active_layers


@rules_of(Configuration)
def _broken_rules(configuration: Configuration, bad_fields: frozenset[str]) -> Iterator[Problem]:
    if bad_fields:
        return
    design, spectrum = configuration.design, configuration.spectrum
    discriminators, stages = configuration.discriminators, configuration.first_stages or ()
    yield from layer_problems(design.quantizer.layers, configuration.active_layers, stages)
    yield from design_problems(design, configuration.codebooks)
    yield from loss_problems(configuration.loss_weights, spectrum, discriminators)
    sizes = [design.hop_samples, *configuration.mel_windows]
    sizes += [size for user in (spectrum, discriminators) if user for size in user.windows]
    yield from window_problems(configuration.window_samples, configuration.hop_fraction, sizes)


def training_schema() -> dict[str, Any]:
    """Return the JSON Schema of a training configuration."""
    from lrac_audit.validation.json_schema import json_schema

    return json_schema(Configuration, "Training configuration of a neural audio codec", FORMAT)
