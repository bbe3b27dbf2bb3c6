"""Configurations: what ships is the recipe, and what is wrong is said all at once."""

import pytest

from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.errors import InputError
from reference_models.training.configuration_file import load_configuration, parse_configuration
from reference_models.training.configurations import CONFIGURATIONS, FOLDER
from tests.reference_models.training.conftest import SMALL


@pytest.mark.parametrize(
    ("track", "epochs", "processes", "keep_best"), [("track1", 1150, 6, 20), ("track2", 1325, 8, 5)]
)
def test_the_baselines_are_trained_as_published(track, epochs, processes, keep_best):
    found = load_configuration(track)
    assert found.epochs == epochs
    assert found.batch_size == 64 * processes
    assert found.epoch_utterances == 10_000 * processes
    assert (found.window_samples, found.hop_fraction) == (62_400, 0.5)
    assert found.active_layers == (1, 6)
    assert found.loss_weights == {
        "adversarial": 1,
        "feature_matching": 2,
        "mel": 5,
        "commitment": 10,
    }
    assert found.mel_windows == (64, 128, 256, 512, 1024, 2048)
    optimisation = found.optimisation
    assert (optimisation.learning_rate, optimisation.betas) == (3e-4, (0.9, 0.999))
    assert (optimisation.epsilon, optimisation.decay) == (1e-9, 0.998)
    assert optimisation.rate(epoch=1149, step=0) == pytest.approx(3.007e-5, rel=1e-3)
    assert found.discriminators.windows == (128, 256, 512, 1024, 2048)
    assert (found.discriminators.channels, found.discriminators.normalise_first) == (16, False)
    assert found.codebooks.dead_below == 2
    assert found.checkpoints.keep_best == keep_best


def test_only_track_2_augments():
    assert load_configuration("track1").augmentation is None
    found = load_configuration("track2").augmentation
    assert (found.reverb_probability, found.noise_probability) == (0.5, 0.8)
    assert (found.min_snr_db, found.max_snr_db, found.early_ms) == (-5, 30, 50)


def test_the_rate_can_decay_with_every_step_as_the_paper_says():
    optimisation = load_configuration("track1").optimisation
    per_step = type(optimisation)(
        learning_rate=1, betas=(0, 0), epsilon=1, decay=0.998, decay_per="step"
    )
    assert per_step.rate(epoch=0, step=346) == pytest.approx(0.5, rel=2e-3)


def problems(text, folder):
    with pytest.raises(InputError) as error:
        parse_configuration(parse_yaml(text, "c.yaml"), "c.yaml", folder)
    return {problem.field: problem for problem in error.value.problems}


CHANGES = {
    "name: small": "name: ''",
    "seed: 3": "seed: -1",
    "epochs: 2": "epochs: 1.5",
    "batch_size: 2": "batch_size: true",
    "hop_fraction: 0.5": "hop_fraction: 0",
    "active_layers: [1, 2]": "active_layers: [1, 1]",
    "{adversarial: 1, feature": "{adversarial: -1, melody: 1, feature",
    "mel_windows: [64, 256]": "mel_windows: [64, 100]",
    "betas: [0.9, 0.999]": "betas: [0.9]",
    "decay: 0.9,": "decay: .nan,",
    "decay_per: epoch": "decay_per: year",
    "dead_below: 2": "dead_below: 0",
    "channels: 2": "channels: 0",
    "normalise_first: false": "normalise_first: maybe",
    "precision: float32": "precision: float8",
    "keep_best: 1": "keep_best: many",
}


def test_every_problem_at_once(files):
    text = SMALL + "surprise: 1\n"
    for old, new in CHANGES.items():
        assert old in text
        text = text.replace(old, new)
    assert set(problems(text, files)) == {
        *("name", "seed", "epochs", "batch_size", "hop_fraction", "active_layers"),
        *("loss_weights.adversarial", "loss_weights.melody", "mel_windows[1]"),
        *("optimisation.betas", "optimisation.decay", "optimisation.decay_per"),
        "codebooks.dead_below",
        *(f"discriminators.{name}" for name in ("channels", "normalise_first", "precision")),
        "checkpoints.keep_best",
        "surprise",
    }


def test_nothing_may_be_missing(files):
    found = problems("lrac_training: 1\n", files)
    assert {name for name in found if "." not in name} >= {
        *("name", "design", "seed", "epochs", "epoch_utterances", "batch_size", "loss_weights"),
        *("mel_windows", "optimisation", "codebooks", "discriminators", "checkpoints"),
        "active_layers",
    }


def test_rules_between_fields(files):
    text = SMALL.replace("[1, 2]", "[1, 3]").replace("window_samples: 4800", "window_samples: 239")
    found = problems(text, files)
    assert found["active_layers[1]"].allowed == "at most the design's 2 layers"
    assert found["window_samples"].allowed.startswith("at least 256,")


def test_a_range_of_ratios_must_not_be_upside_down(files):
    noisy = (
        "augmentation: {reverb_probability: 2, noise_probability: 1, min_snr_db: 5, "
        "max_snr_db: -5, early_ms: 50}\n"
    )
    found = problems(SMALL + noisy, files)
    assert set(found) == {"augmentation.reverb_probability", "augmentation.min_snr_db"}


def test_problems_of_the_design_are_among_them(files, tmp_path):
    (tmp_path / "design.yaml").write_text("lrac_audit_design: 1\nname: 7\n")
    found = problems(SMALL.replace("seed: 3", "seed: x"), tmp_path)
    assert {"seed", "design.name", "design.sample_rate_hz", "design.encoder"} <= set(found)


def test_the_design_may_be_missing(tmp_path):
    assert "no such file" in problems(SMALL, tmp_path)["design"].given


@pytest.mark.parametrize("text", ["", "- 1", "lrac_training: 2", "name: x"])
def test_another_format_is_refused_as_such(text, files):
    assert set(problems(text, files)) <= {"lrac_training", ""}


def test_an_unknown_name(files):
    with pytest.raises(
        InputError, match=r"track9: given no such file; allowed: a file, or one of t"
    ):
        load_configuration("track9")


def test_all_that_ship_load_and_are_listed():
    shipped = {path.stem for path in FOLDER.glob("*.yaml") if "lrac_training:" in path.read_text()}
    assert shipped == set(CONFIGURATIONS)
    names = {name: load_configuration(name).name for name in CONFIGURATIONS}
    assert names == {"track1": "LRAC 2025 Track 1", "track2": "LRAC 2025 Track 2", "debug": "debug"}
    rates_hz = {load_configuration(name).design.sample_rate_hz for name in CONFIGURATIONS}
    assert rates_hz == {24_000}  # all that the challenge allows
