"""Configurations: what ships is the recipe, and what is wrong is said all at once."""

from dataclasses import replace

import pytest
import torch

from lrac_audit.design.quantizers.fsq import Fsq
from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.errors import InputError
from reference_models.training.configuration_file import load_configuration, parse_configuration
from reference_models.training.configuration_parts import Cosine
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


def test_the_rate_rises_in_a_line_and_falls_along_torchs_cosine():
    """One is a factor of the other: half of the cosine's rate in the second step of four."""
    cosine = Cosine(steps=100, last=0.03)
    plain = replace(load_configuration("track1").optimisation, decay=1, cosine=cosine)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=3e-4)
    torchs = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=100, eta_min=9e-6)
    for step in range(100):
        assert plain.rate(0, step) == pytest.approx(torchs.get_last_lr()[0], rel=1e-9)
        optimizer.step()
        torchs.step()
    assert plain.rate(0, 100) == plain.rate(0, 1000) == pytest.approx(9e-6)
    warmed = replace(plain, warm_up_steps=4)
    shares = [warmed.rate(0, step) / plain.rate(0, step) for step in range(6)]
    assert shares == pytest.approx([0.25, 0.5, 0.75, 1, 1, 1])


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
    "active_layers: [1, 2]": "active_layers: [1, -1]",
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
        *("name", "seed", "epochs", "batch_size", "hop_fraction", "active_layers[1]"),
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


WEIGHTS = "{adversarial: 1, feature_matching: 2, mel: 5, commitment: 10}"
SIZES = "{windows: [64, 128], channels: 2, normalise_first: false, precision: float32}"
LATE = SIZES.replace("}", ", start_step: 5}")
SPECTRUM = "spectrum: {windows: [64], exponent: 0.3, complex_weight: 0.1}\n"


@pytest.mark.parametrize(
    ("edits", "field", "text"),
    [
        ({WEIGHTS: "{commitment: 1}", SIZES: "null"}, "loss_weights", "given commitment; allowed"),
        ({WEIGHTS: "{}", SIZES: "null"}, "loss_weights", "given no term; allowed: at least one of"),
        ({WEIGHTS: "{adversarial: 1}", SIZES: LATE}, "loss_weights", "one of mel, spectrum too"),
        ({WEIGHTS: "{mel: 1}"}, "discriminators", "no adversarial or feature_matching"),
        ({SIZES: "null"}, "discriminators", "loss_weights has adversarial and feature_matching"),
        ({WEIGHTS: "{adversarial: 1, spectrum: 1}"}, "spectrum", "loss_weights has spectrum"),
        ({"mel_windows": SPECTRUM + "mel_windows"}, "spectrum", "loss_weights has no spectrum"),
        (
            {"seed: 3": "seed: 3\nfirst_stages: [{steps: 1, active_layers: [0, 3]}]"},
            "first_stages[0].active_layers[1]",
            "given 3; allowed: at most the design's 2 layers",
        ),
        ({"active_layers: [1, 2]": "active_layers: [0]"}, "active_layers[0]", "at least 1"),
        (
            {
                WEIGHTS: "{adversarial: 1, spectrum: 1}",
                "mel_windows": SPECTRUM.replace("64", "8192") + "mel_windows",
            },
            "window_samples",
            "at least 8192",
        ),
    ],
)
def test_parts_that_belong_together(files, edits, field, text):
    changed = SMALL
    for old, new in edits.items():
        assert changed.count(old) == 1
        changed = changed.replace(old, new)
    (problem,) = problems(changed, files).values()
    assert problem.field == field and text in str(problem)


def test_only_a_residual_vector_quantizer_starts_from_principal_directions(files):
    scalar = replace(load_configuration(files / "small.yaml").design, quantizer=Fsq((4, 4)))
    configuration = load_configuration(files / "small.yaml")
    codebooks = replace(configuration.codebooks, start="pca")
    with pytest.raises(InputError, match=r"codebooks\.start: given pca; allowed: null: only a res"):
        replace(configuration, design=scalar, active_layers=(1,), codebooks=codebooks)


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
    assert names == {
        "track1": "LRAC 2025 Track 1",
        "track2": "LRAC 2025 Track 2",
        "trial": "Track 1, trial",
        "debug": "debug",
    }
    rates_hz = {load_configuration(name).design.sample_rate_hz for name in CONFIGURATIONS}
    assert rates_hz == {24_000}  # all that the challenge allows
