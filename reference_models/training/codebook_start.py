"""Start of a residual vector quantizer from the principal directions of the latent.

Two random projections in a row make a layer add error at first, and much of a short run is spent on
undoing that. Here each layer begins where its quantization error is small: projections into the
``d`` principal directions ``U`` of the residual ``r`` that the layers before it leave, and back,
``x = U^T (r - m)`` and ``r' = U q + m`` with the mean ``m``, and codewords from k-means on ``x``.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from reference_models.data.batch import Batch
from reference_models.nn.codebook import trained_codebooks
from reference_models.nn.codebook_sync import from_first, summed
from reference_models.nn.codec import Codec, transmit_side
from reference_models.nn.quantizer import project, rows_of
from reference_models.nn.quantizers.rvq import TrainedLayer, trained_layers
from reference_models.training.configuration import Configuration
from reference_models.training.distributed import ProcessGroup

START_FRAMES = 8192
"""Least number of latent frames to start from, in all processes together: eight for each of 1,024
codewords."""


def needs_start(configuration: Configuration, codec: Codec) -> bool:
    """Return whether the quantizer is to start from principal directions, and has not yet."""
    if configuration.codebooks.start is None:
        return False
    return not all(codebook.inited for codebook in trained_codebooks(codec.quantizer))


@torch.no_grad()
def start_codebooks(codec: Codec, batches: Iterable[Batch], processes: ProcessGroup) -> None:
    """Start all layers of the quantizer of ``codec`` from the latents of the first ``batches``."""
    residual = _latents(codec, batches, processes)
    for layer in trained_layers(codec.quantizer):
        _start(layer, residual)
        residual = residual - layer.values_of(layer.search_codes(residual))


def _latents(codec: Codec, batches: Iterable[Batch], processes: ProcessGroup) -> Tensor:
    """Return the latents ``[N, D]`` of as many batches as :data:`START_FRAMES` take."""
    rows: list[Tensor] = []
    for batch in batches:
        rows.append(rows_of(transmit_side(codec)(batch.input.to(processes.device))))
        if processes.count * sum(map(len, rows)) >= START_FRAMES:
            break
    return torch.cat(rows)


def _start(layer: TrainedLayer, residual: Tensor) -> None:
    """Start ``layer`` from ``residual [N, D]``."""
    if layer.project_in is not None and layer.project_out is not None:
        mean, directions = principal_directions(residual, layer.project_in.out_features)
        _set(layer.project_in, directions.T, -directions.T @ mean)
        _set(layer.project_out, directions, mean)
    layer.search.initialise(project(layer.project_in, residual))


def _set(linear: nn.Linear, weight: Tensor, bias: Tensor) -> None:
    linear.weight.copy_(weight)
    linear.bias.copy_(bias)


def principal_directions(rows: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return the mean ``[D]`` of all processes' ``rows [N, D]``, and directions ``[D, count]``.

    The directions are orthonormal, those of the largest variance first.
    """
    x = rows.double()
    size = summed(x.new_tensor(float(len(x))))
    mean = summed(x.sum(0)) / size
    centred = x - mean
    covariance = summed(centred.T @ centred) / size
    _, vectors = torch.linalg.eigh(covariance)
    # Processes on unlike machines might round eigenvectors differently.
    return mean, from_first(vectors.flip(1)[:, :count].contiguous())
