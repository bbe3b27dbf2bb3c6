"""Training of every kind of quantizer in a codec of lists: debug steps, gradients, dead codes."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files as package_files

import pytest
import torch

from lrac_audit.design.native import write_design
from lrac_audit.design.quantizer import QUANTIZER_KINDS, quantizer_name
from lrac_audit.errors import InputError
from reference_models.nn.build import build
from reference_models.nn.codebook import trained_codebooks
from reference_models.nn.quantizer import latent_of, rows_of
from reference_models.nn.weights import load_codec
from reference_models.training.models import build_models, drawn_layers
from reference_models.training.session import audited
from reference_models.training.validation import validate
from tests.reference_models.nn.quantizer_designs import design_of
from tests.reference_models.training.conftest import ALONE, speech_batch

DESIGNS = {
    name: design_of(text)
    for name, text in {
        "rvq": "{layers: 2, codebook_size: 8, codebook_dim: 4, modes: [1, 2]}",
        "rvq of several sizes": "{layers: 2, codebook_size: [8, 4], modes: [1, 2]}",
        "grouped_rvq": "{grouped_rvq: {groups: 2, layers: 2, codebook_size: 8, codebook_dim: 3}}",
        "multi_scale": "{multi_scale: {strides: [2, 1], codebook_size: 8, codebook_dim: 3}}",
        "split_rvq": "{split_rvq: {layers: 3, codebook_size: 8, codebook_dim: 3}}",
        "fsq": "{fsq: {levels: [5, 4, 3]}}",
        "residual fsq": "{fsq: {levels: [5, 4, 3], layers: 2, modes: [1, 2]}}",
        "lookup_free": "{lookup_free: {bits: 4, layers: 2, modes: [1, 2]}}",
        "none": "none",
    }.items()
}
CASES = pytest.mark.parametrize("design", DESIGNS.values(), ids=[*DESIGNS])


def trained(configuration, design):
    """Return the models of the debug codec with this design, and its configuration."""
    layers = design.quantizer.layers
    debug = replace(configuration, design=design, active_layers=tuple({min(layers, 1), layers}))
    return build_models(debug, ALONE), debug


def test_every_kind_is_trained():
    assert {quantizer_name(design.quantizer) for design in DESIGNS.values()} - {None} == {
        *QUANTIZER_KINDS
    }


@CASES
def test_steps_train_every_part(configuration, design):
    models, debug = trained(configuration, design)
    before = {name: value.clone() for name, value in models.codec.state_dict().items()}
    for step in range(3):
        losses = models.stepper.step(speech_batch(first=step), drawn_layers(debug, step))
        assert all(loss.isfinite() for loss in losses.values())
    assert (losses["commitment"] > 0) == bool(trained_codebooks(models.codec))
    after = models.codec.state_dict()
    still = {name for name in before if torch.equal(after[name], before[name])}
    assert still == set()


@CASES
def test_the_gradient_of_the_audio_reaches_the_whole_encoder(design):
    torch.manual_seed(0)
    codec = build(design).train()
    codec(speech_batch().input).audio.square().sum().backward()
    gradients = {name: value.grad for name, value in codec.encoder.named_parameters()}
    assert gradients
    assert {name for name, grad in gradients.items() if grad is None or not grad.any()} == set()


def straight_through(quantizer, latent, gradient):
    """Return the gradient at the latent if each choice of a codeword passed it on as it came."""

    def passed(rvq, rows):
        return sum(
            rows
            if layer.project_in is None
            else rows @ layer.project_out.weight @ layer.project_in.weight
            for layer in rvq.layers
        )

    groups = getattr(quantizer, "groups", None)
    if groups is None:
        return passed(quantizer, gradient)
    pairs = zip(groups, gradient.chunk(len(groups), 1), strict=True)
    return torch.cat([passed(group, rows) for group, rows in pairs], 1)


def through_scales(quantizer, latent, gradient):
    """Return the gradient at the latent of means that are spread again: the mean of each stride."""
    passed = torch.zeros_like(gradient)
    for layer, stride in zip(quantizer.layers, quantizer.strides, strict=True):
        means = gradient.view(-1, stride, gradient.shape[1]).mean(1)
        rows = means @ layer.project_out.weight @ layer.project_in.weight
        passed += rows.repeat_interleave(stride, 0)
    return passed


def through_parts(quantizer, latent, gradient):
    """Return the gradient at the latent of parts whose layers share their projections."""
    return sum(
        len(part.layers) * gradient @ part.project_out.weight @ part.project_in.weight
        for part in quantizer.each()
    )


def through_levels(quantizer, latent, gradient):
    """Return the gradient at the latent through the tanh of each layer; rounding passes it on."""
    inner = gradient @ quantizer.project_out.weight
    residual = latent @ quantizer.project_in.weight.T + quantizer.project_in.bias
    slope = torch.zeros_like(residual)
    for layer in quantizer.layers:
        counts = torch.tensor(layer.levels, dtype=residual.dtype)
        x = residual.detach().requires_grad_()
        half = (counts - 1) * 1.001 / 2
        offset = torch.tensor([0.5 if count % 2 == 0 else 0.0 for count in layer.levels])
        finer = 1.0 if layer.finer is None else torch.tensor(layer.finer, dtype=x.dtype)
        bounded = torch.tanh(x * finer + torch.atanh(offset / half)) * half - offset
        value = bounded / (counts // 2) / finer
        slope += torch.autograd.grad(value.sum(), x)[0]
        residual = residual - bounded.round() / (counts // 2) / finer
    return (inner * slope) @ quantizer.project_in.weight


def through_signs(quantizer, latent, gradient):
    """Return the gradient at the latent: each layer's sign passes it on as it comes."""
    passed = gradient @ quantizer.project_out.weight @ quantizer.project_in.weight
    return quantizer.layer_count * passed


GRADIENTS = {
    None: straight_through,
    "grouped_rvq": straight_through,
    "multi_scale": through_scales,
    "split_rvq": through_parts,
    "fsq": through_levels,
    "lookup_free": through_signs,
    "none": lambda quantizer, latent, gradient: gradient,
}


@pytest.mark.usefixtures("in_float64")
@CASES
def test_the_gradient_through_the_quantizer_is_straight(design):
    torch.manual_seed(0)
    quantizer = build(design).train().quantizer
    latent = torch.randn(2, design.latent_dim, 30, requires_grad=True)
    made = quantizer(latent, design.quantizer.layers)
    wanted = torch.randn_like(made.latent)
    made.latent.backward(wanted)
    expected = GRADIENTS[quantizer_name(design.quantizer)]
    rows = expected(quantizer, rows_of(latent.detach()), rows_of(wanted))
    torch.testing.assert_close(latent.grad, latent_of(rows, 2, 30), rtol=0, atol=1e-12)


@CASES
def test_codewords_that_nobody_chooses_are_replaced(configuration, design):
    """With the threshold above what a step assigns, all codewords die, in every codebook."""
    dying = replace(configuration, codebooks=replace(configuration.codebooks, dead_below=1e6))
    models, _ = trained(dying, design)
    codebooks = trained_codebooks(models.codec)
    heard = [[] for _ in codebooks]
    for codebook, vectors in zip(codebooks, heard, strict=True):
        codebook.register_forward_pre_hook(lambda _, given, vectors=vectors: vectors.append(given))
    models.stepper.step(speech_batch(), design.quantizer.layers)
    for codebook, vectors in zip(codebooks, heard, strict=True):
        assert codebook.replaced == len(codebook.embed)
        (x,) = vectors[-1]
        distances = torch.cdist(codebook.embed.double(), x.detach().double())
        assert distances.min(1).values.max() < 1e-5


DEBUG = package_files("reference_models.training") / "configurations" / "debug.yaml"


def run_of(design, folder):
    """Write the shipped debug configuration for ``design`` into ``folder``, and return its path."""
    layers = design.quantizer.layers
    text = DEBUG.read_text(encoding="utf-8")
    for old, new in (
        ("design: debug_design.yaml", "design: lists.yaml"),
        ("active_layers: [1, 6]", f"active_layers: [{layers}]"),
        ("epochs: 2", "epochs: 1"),
        ("window_samples: 24000", "window_samples: 4800"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    (folder / "lists.yaml").write_text(write_design(design), encoding="utf-8")
    (folder / "debug.yaml").write_text(text, encoding="utf-8")
    return folder / "debug.yaml"


@CASES
def test_validation_names_its_bitrate_and_counts_its_indices(configuration, design):
    models, debug = trained(configuration, design)
    models.stepper.step(speech_batch(), design.quantizer.layers)
    found = validate(models.codec, models.mel, [speech_batch(first=1)], debug, ALONE, 0)
    bitrates = [f"{kbps:g} kbps" for kbps in design.bitrates_kbps[-1:]] or ["continuous"]
    assert {*bitrates} < {*found.mel}
    assert len(found.codebooks) == len(design.quantizer.index_sizes(design.quantizer.layers))


@pytest.mark.sweep
@pytest.mark.parametrize("name", DESIGNS)
def test_the_command_trains_it(run, files, tmp_path, name):
    design, folder = DESIGNS[name], tmp_path / "run"
    data = ("--train", files / "train.csv", "--validation", files / "valid.csv")
    done = run("train", folder, "--configuration", run_of(design, tmp_path), *data, "--over-limit")
    assert (done.code, done.err) == (0, "")
    mode = f"{design.bitrates_kbps[-1]:g} kbps" if design.bitrates_kbps else "continuous"
    assert f"validation mel: {mode} " in done.out
    codec = load_codec(folder / "best.safetensors")
    assert codec.design == design
    assert torch.isfinite(codec.decode(codec.encode(speech_batch().input))).all()


@pytest.mark.parametrize(
    ("name", "layers", "allowed"),
    [("none", 1, "at most the design's 0 layers"), ("fsq", 0, "at least 1: only a design")],
)
def test_active_layers_are_those_of_the_quantizer(configuration, name, layers, allowed):
    with pytest.raises(
        ValueError, match=rf"active_layers\[0\]: given {layers}; allowed: {allowed}"
    ):
        replace(configuration, design=DESIGNS[name], active_layers=(layers,))


def test_an_unknown_bitrate_is_one_message(configuration):
    debug = replace(configuration, design=DESIGNS["none"], active_layers=(0,))
    with pytest.raises(InputError) as caught:
        audited(debug, over_limit=False)
    (problem,) = caught.value.problems
    assert problem.field == "bitrates_kbps"
    assert problem.allowed == "(1, 6); or --over-limit, to train it anyway"
    assert audited(debug, over_limit=True).verdict.status == "incomplete"
