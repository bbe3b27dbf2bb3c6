"""Reading a training configuration: every field is checked, every problem reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from lrac_audit.design.fields import FieldReader
from lrac_audit.design.formats import load_design
from lrac_audit.design.native_writer import design_tree
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.yaml_source import Tree, read_yaml
from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.presets import PRESETS as DESIGNS
from reference_models.data.augmentation import AugmentationParameters
from reference_models.training.checked_fields import (
    MAX_COUNT,
    checked_layers,
    checked_number,
    checked_window,
    choice,
    flag,
    number,
    text,
    whole,
    whole_list,
)
from reference_models.training.configuration import (
    DECAY_PER,
    FORMAT_KEY,
    FORMAT_VERSION,
    PRECISIONS,
    Checkpoints,
    Codebooks,
    Configuration,
    DiscriminatorSizes,
    Optimisation,
)
from reference_models.training.losses import LOSS_NAMES

CONFIGURATIONS = ("track1", "track2", "debug")
"""Those that come with the package."""
FOLDER = Path(__file__).parent / "configurations"

MAX_BETA = 0.999999
MAX_LOSS_WEIGHT = 1e6
MAX_SNR_DB = 100.0


def load_configuration(name: str | Path) -> Configuration:
    """The configuration called ``name``, or else the one in the YAML file at that path.

    Raises:
        InputError: there is no such file, or it is no valid configuration; with every problem.
    """
    source = str(name)
    path = FOLDER / f"{source}.yaml" if source in CONFIGURATIONS else Path(source)
    if not path.exists():
        allowed = f"a file, or one of {', '.join(CONFIGURATIONS)}"
        raise InputError(source, [Problem("", "no such file", allowed)])
    return parse_configuration(read_yaml(path), source, path.parent)


def parse_configuration(tree: Tree, source: str, folder: Path) -> Configuration:
    """The configuration that ``tree``, the content of a YAML file in ``folder``, holds.

    Raises:
        InputError: with every problem found.
    """
    reader = FieldReader(tree, "", [])
    version = reader.value(FORMAT_KEY)
    if version != FORMAT_VERSION or isinstance(version, bool):
        allowed = f"{FORMAT_VERSION}, the version of the format"
        raise InputError(source, [Problem(FORMAT_KEY, shown(version), allowed)])
    values = _values(reader, folder)
    reader.finish()
    if not reader.problems:
        _check_relations(reader, values)
    if reader.problems:
        raise InputError(source, reader.problems)
    return Configuration(**values)


def configuration_tree(configuration: Configuration) -> dict[str, Any]:
    """``configuration`` as plain data, its design written out."""
    values = {name: getattr(configuration, name) for name in Configuration.__slots__}
    for name, value in values.items():
        if is_dataclass(value) and not isinstance(value, CodecDesign):
            values[name] = asdict(value)  # type: ignore[arg-type]
    values["design"] = design_tree(configuration.design)
    return {FORMAT_KEY: FORMAT_VERSION, **values}


def _values(reader: FieldReader, folder: Path) -> dict[str, Any]:
    return {
        "name": text(reader, "name"),
        "design": _design(reader, folder),
        "seed": whole(reader, "seed", low=0),
        "epochs": whole(reader, "epochs"),
        "epoch_utterances": whole(reader, "epoch_utterances"),
        "batch_size": whole(reader, "batch_size"),
        "window_samples": whole(reader, "window_samples"),
        "hop_fraction": number(reader, "hop_fraction", 0, 1, low_is_allowed=False),
        "active_layers": whole_list(reader, "active_layers", checked_layers),
        "loss_weights": reader.part("loss_weights", _loss_weights),
        "mel_windows": whole_list(reader, "mel_windows", checked_window),
        "optimisation": reader.part("optimisation", _optimisation),
        "codebooks": reader.part("codebooks", _codebooks),
        "discriminators": reader.part("discriminators", _discriminators),
        "augmentation": reader.optional_part("augmentation", _augmentation),
        "checkpoints": reader.part("checkpoints", _checkpoints),
    }


def _optimisation(reader: FieldReader) -> Optimisation:
    return Optimisation(
        learning_rate=number(reader, "learning_rate", 0, 1, low_is_allowed=False),
        betas=_betas(reader),
        epsilon=number(reader, "epsilon", 0, 1, low_is_allowed=False),
        decay=number(reader, "decay", 0, 1, low_is_allowed=False),
        decay_per=choice(reader, "decay_per", DECAY_PER),
    )


def _discriminators(reader: FieldReader) -> DiscriminatorSizes:
    return DiscriminatorSizes(
        windows=whole_list(reader, "windows", checked_window),
        channels=whole(reader, "channels", high=1024),
        normalise_first=flag(reader, "normalise_first"),
        precision=choice(reader, "precision", PRECISIONS),
    )


def _codebooks(reader: FieldReader) -> Codebooks:
    return Codebooks(dead_below=number(reader, "dead_below", 0, MAX_COUNT, low_is_allowed=False))


def _checkpoints(reader: FieldReader) -> Checkpoints:
    return Checkpoints(
        every_steps=whole(reader, "every_steps"), keep_best=whole(reader, "keep_best", high=1000)
    )


def _loss_weights(reader: FieldReader) -> Mapping[str, float]:
    return {name: number(reader, name, 0, MAX_LOSS_WEIGHT) for name in LOSS_NAMES}


def _augmentation(reader: FieldReader) -> AugmentationParameters:
    parameters = AugmentationParameters(
        reverb_probability=number(reader, "reverb_probability", 0, 1),
        noise_probability=number(reader, "noise_probability", 0, 1),
        min_snr_db=number(reader, "min_snr_db", -MAX_SNR_DB, MAX_SNR_DB),
        max_snr_db=number(reader, "max_snr_db", -MAX_SNR_DB, MAX_SNR_DB),
        early_ms=number(reader, "early_ms", 0, 1000),
    )
    if parameters.min_snr_db > parameters.max_snr_db:
        allowed = f"at most max_snr_db, {parameters.max_snr_db:g}"
        reader.problem(reader.path("min_snr_db"), f"{parameters.min_snr_db:g}", allowed)
    return parameters


def _design(reader: FieldReader, folder: Path) -> CodecDesign | None:
    name = text(reader, "design")
    if not name:
        return None
    try:
        return load_design(name if name in DESIGNS else folder / name).design
    except InputError as error:
        for problem in error.problems:
            field = f"design.{problem.field}" if problem.field else "design"
            reader.problem(field, problem.given, problem.allowed)
        return None


def _betas(reader: FieldReader) -> tuple[float, float]:
    items = reader.items("betas")
    if len(items) != 2:
        reader.problem(reader.path("betas"), f"{len(items)} entries", "2 entries")
        return 0, 0
    field = reader.path("betas")
    first, second = (
        checked_number(reader, f"{field}[{i}]", item, 0, MAX_BETA) for i, item in enumerate(items)
    )
    return first, second


def _check_relations(reader: FieldReader, values: Mapping[str, Any]) -> None:
    """The rules between fields, which are all good by themselves."""
    design: CodecDesign = values["design"]
    for i, layers in enumerate(values["active_layers"]):
        if layers > design.quantizer.layers:
            allowed = f"at most the design's {design.quantizer.layers} layers"
            reader.problem(f"active_layers[{i}]", shown(layers), allowed)
    if design.audio_channels != 1:
        allowed = "a design of 1 channel, which is what the discriminators look at"
        reader.problem("design.audio_channels", shown(design.audio_channels), allowed)
    discriminators: DiscriminatorSizes = values["discriminators"]
    longest = max(*values["mel_windows"], *discriminators.windows, design.hop_samples)
    if values["window_samples"] < longest:
        allowed = f"at least {longest}, the longest window of a loss and the design's hop"
        reader.problem("window_samples", shown(values["window_samples"]), allowed)
    if values["window_samples"] * values["hop_fraction"] < 1:
        reader.problem("hop_fraction", shown(values["hop_fraction"]), "a hop of a sample or more")
