"""Runs in every process of ``test_processes.py``, and writes what it finds."""

from pathlib import Path

import torch

from reference_models.training.codebook_start import start_codebooks
from reference_models.training.configuration_file import load_configuration
from reference_models.training.distributed import process_group
from reference_models.training.models import build_models, drawn_layers, seed_step
from tests.reference_models.training.conftest import speech_batch

STEPS = 20


def started(configuration, processes):
    """Weights and codebooks of a quantizer that starts from the latents of four windows."""
    codec = build_models(configuration, processes).codec
    count = 4 // processes.count
    batch = speech_batch(count, 2400, first=processes.rank * count)
    seed_step(configuration, 0)
    start_codebooks(codec, [batch], processes)
    return codec.quantizer.state_dict()


def in_float64(configuration_path: str, out: str) -> None:
    """Train some steps, and write weights, codebooks and losses to the folder ``out``."""
    torch.set_default_dtype(torch.float64)
    try:
        train(configuration_path, out)
    finally:
        torch.set_default_dtype(torch.float32)


def train(configuration_path: str, out: str) -> None:
    configuration = load_configuration(configuration_path)
    with process_group() as processes:
        models = build_models(configuration, processes)
        codebooks, losses = [], []
        first = None
        for step in range(STEPS):
            count = configuration.batch_size // processes.count
            batch = speech_batch(count, 2400, first=step * 2 + processes.rank * count)
            seed_step(configuration, step)
            found = models.stepper.step(batch, drawn_layers(configuration, step))
            losses.append(found["mel"])
            if first is None:
                first = {n: p.detach().clone() for n, p in models.codec.named_parameters()}
                first |= {
                    f"d.{n}": p.detach().clone()
                    for n, p in models.adversary.discriminators.named_parameters()
                }
            layers = models.codec.quantizer.layers
            codebooks.append(torch.stack([layer.search.embed.clone() for layer in layers]))
        kept = [
            {"embed_avg": layer.search.embed_avg, "cluster_size": layer.search.cluster_size}
            for layer in models.codec.quantizer.layers
        ]
        replaced = [layer.search.replaced for layer in models.codec.quantizer.layers]
        torch.save(
            {
                "started": started(configuration, processes),
                "first": first,
                "codebooks": codebooks,
                "kept": kept,
                "replaced": replaced,
                "losses": losses,
                "last": dict(models.codec.named_parameters()),
            },
            Path(out) / f"{processes.count}-{processes.rank}.pt",
        )
