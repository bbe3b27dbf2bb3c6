"""Codecs with weights large enough that every path of them matters, made from a seed."""

import torch

from lrac_audit.design.parts import CodecDesign
from reference_models.nn.build import build
from reference_models.nn.codec import Codec
from reference_models.nn.conv import fold_weight_norm


def filled_codec(design: CodecDesign, seed: int, dtype: torch.dtype = torch.float32) -> Codec:
    """A folded codec in evaluation mode, its codebooks of the size of what they code."""
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):  # weights that are not filled begin at random
        torch.manual_seed(seed)
        codec = build(design)
    with torch.no_grad():
        for name, value in codec.state_dict().items():
            noise = torch.randn(value.shape, generator=generator)
            if name.endswith("original0"):
                value.copy_(0.9 + 0.2 * noise.clamp(-1, 1))
            elif name.endswith("original1"):
                value.copy_(noise)
            elif name.endswith("inited"):
                value.fill_(1)
            elif name.endswith(("embed", "project_in.weight", "project_out.weight")):
                value.copy_(noise * (0.5 if name.endswith("embed") else value.shape[1] ** -0.5))
            elif name.endswith("bias"):
                value.copy_(0.05 * noise)
    fold_weight_norm(codec)
    return codec.eval().to(dtype)
