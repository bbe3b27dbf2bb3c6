"""SNAC of the package ``snac`` (Siuzdak et al. 2024): a quantizer with layers of several rates."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from lrac_audit.witness.adapters.encodec import model_name
from lrac_audit.witness.target import AuditTarget, TargetMode


def narrow(model: Any) -> Any:
    """Return a ``SNAC`` of the same layers with few channels."""
    names = [type(module).__name__ for module in model.modules()]
    convolutions = [m for m in model.encoder.modules() if isinstance(m, nn.Conv1d)]
    return type(model)(
        sampling_rate=model.sampling_rate,
        encoder_dim=4,
        encoder_rates=model.encoder_rates,
        decoder_dim=64,
        decoder_rates=model.decoder_rates,
        attn_window_size=model.attn_window_size,
        codebook_size=model.codebook_size,
        codebook_dim=model.codebook_dim,
        vq_strides=model.vq_strides,
        noise="NoiseBlock" in names,
        depthwise=any(layer.groups > 1 for layer in convolutions),
    ).eval()


def adapt(model: Any) -> AuditTarget:
    """Return a ``SNAC`` as a target.

    The hop is the smallest number of samples after which everything repeats: the step of the
    slowest layer of the quantizer and, where there is attention, its windows.
    """
    steps = math.lcm(*model.vq_strides, model.attn_window_size or 1)
    step_samples, rate = int(model.hop_length), int(model.sampling_rate)
    bits = (model.codebook_size - 1).bit_length()
    indices_per_step = sum(1 / stride for stride in model.vq_strides)
    mode = TargetMode(
        bitrate_kbps=bits * indices_per_step * rate / step_samples / 1000,
        quantise=lambda latent: quantise(model.quantizer, latent),
        dequantise=model.quantizer.from_codes,
        active_layers=model.n_codebooks,
    )
    return AuditTarget(
        name=model_name("SNAC", rate),
        root=model,
        sample_rate_hz=rate,
        hop_samples=step_samples * steps,
        transmit=model.encoder,
        receive=model.decoder,
        modes=(mode,),
    )


def quantise(quantizer: Any, latent: Tensor) -> list[Tensor]:
    """Return the codes ``[B, F / stride]`` of each layer, as in the quantizer's ``forward``."""
    codes, residual = [], latent
    for layer in quantizer.quantizers:
        pooled = functional.avg_pool1d(residual, layer.stride, layer.stride)
        codewords, indices = layer.decode_latents(layer.in_proj(pooled))
        found = layer.out_proj(codewords)
        residual = residual - found.repeat_interleave(layer.stride, dim=-1)
        codes.append(indices)
    return codes
