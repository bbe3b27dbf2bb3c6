"""Validation of a codec on speech that it is not trained on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from lrac_audit.design.parts import CodecDesign
from reference_models.data.batch import Batch
from reference_models.nn.codec import Codec, transmit_side
from reference_models.training.configuration import Configuration
from reference_models.training.distributed import ProcessGroup
from reference_models.training.latent_use import LatentMeter, LatentUse
from reference_models.training.mel import MelDistance
from reference_models.training.run_description import MEAN

SHOWN_WINDOWS = 4
"""Number of windows that are kept for spectrograms and listening."""


class CodebookUse(NamedTuple):
    """The use of one layer's codebook."""

    size: int
    """Codewords."""
    share: float
    """Share of the codewords that are chosen at all."""
    perplexity: float
    """``exp`` of the entropy of the choice in nats: the equivalent number of equally used ones."""


class Sample(NamedTuple):
    """One window before and after coding."""

    name: str
    target: Tensor
    """``[T]``"""
    output: Tensor
    """``[T]``, at the highest bitrate."""


class Validation(NamedTuple):
    """The result of a validation."""

    mel: dict[str, float]
    """Unweighted mel loss by bitrate in kbps, and their mean, by which epochs are ranked."""
    codebooks: list[CodebookUse]
    """Use of each layer's codebook."""
    latent: LatentUse
    """Use of the latent, and what each layer that is trained leaves of it."""
    samples: list[Sample]
    is_ranked: bool
    """Whether every bitrate that the run trains at its end was measured."""


@torch.no_grad()
def validate(
    codec: Codec,
    mel: MelDistance,
    batches: Iterable[Batch],
    configuration: Configuration,
    processes: ProcessGroup,
    step: int,
) -> Validation:
    """Encode and decode every window of ``batches`` at every bitrate trained by ``step``, the last.

    The recipe draws a bitrate for each batch, so that its loss depends on the draw; here every
    window counts at every bitrate. Processes may have batches in different numbers.
    """
    modes = measured_modes(configuration, step)
    design = configuration.design
    sums = torch.zeros(len(modes) + 1, dtype=torch.float64, device=processes.device)
    sizes = design.quantizer.index_sizes(modes[-1])
    counts = [torch.zeros(size, device=processes.device) for size in sizes]
    latents = LatentMeter(design.latent_dim, modes[-1], processes.device)
    samples: list[Sample] = []
    codec.eval()
    for batch in batches:
        target, given = batch.target.to(processes.device), batch.input.to(processes.device)
        latent = transmit_side(codec)(given)
        latents.add(latent, codec.quantizer)
        for i, layers in enumerate(modes):
            made = codec.reconstruct(latent, given.shape[2], layers)
            sums[i] += len(target) * mel(made.audio, target)
        sums[-1] += len(target)
        # The codes of a continuous latent are its values, which are no choice to count.
        for count, codes in zip(counts, made.codes if sizes else (), strict=True):
            count += torch.bincount(codes.flatten(), minlength=len(count))
        wanted = SHOWN_WINDOWS - len(samples)
        outputs = zip(batch.ids[:wanted], target, made.audio, strict=False)
        samples += [Sample(name, t[0].cpu(), a[0].cpu()) for name, t, a in outputs]
    codec.train()
    *totals, windows = processes.total(sums).tolist()
    losses = {bitrate_name(design, n): x / windows for n, x in zip(modes, totals, strict=True)}
    losses[MEAN] = sum(losses.values()) / len(modes)
    use = [_use(processes.total(count)) for count in counts]
    is_ranked = set(modes) == set(configuration.active_layers)
    return Validation(losses, use, latents.use(processes), samples, is_ranked)


def measured_modes(configuration: Configuration, step: int) -> list[int]:
    """Return the layers of each mode that is measured after ``step``.

    Those of the run's last stage, as far as the stage of ``step`` trains that many layers; in a
    stage that trains fewer than any of them, its own.
    """
    _, active_layers = configuration.stage(step)
    modes = {layers for layers in configuration.active_layers if layers <= max(active_layers)}
    return sorted(modes or set(active_layers))


def bitrate_name(design: CodecDesign, layers: int) -> str:
    """Return the bitrate of a mode as messages name it; a continuous latent has none."""
    return f"{design.bitrate_kbps(layers):g} kbps" if layers else "continuous"


def _use(counts: Tensor) -> CodebookUse:
    share = counts / counts.sum()
    entropy = -torch.special.xlogy(share, share).sum()
    return CodebookUse(len(counts), (counts > 0).double().mean().item(), entropy.exp().item())
