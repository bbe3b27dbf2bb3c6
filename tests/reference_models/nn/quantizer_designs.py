"""One small design with any quantizer: hop 240 at 24 kHz, a latent of 16 channels."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from torch import Tensor

from lrac_audit.design.native import read_design
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.errors import InputError
from reference_models.nn.absorb import absorb
from reference_models.nn.codec import Codec, Receiver, Transmitter
from reference_models.nn.weights import load_codec, save_codec

TEXT = """
lrac_audit_design: 1
name: small
sample_rate_hz: 24000
encoder:
  layers:
    - conv: {kernel: 24, stride: 12, channels: 6}
    - activation: elu
    - conv: {kernel: 3, channels: 8, look_ahead: 1}
    - conv: {kernel: 40, stride: 20, channels: 16}
quantizer: QUANTIZER
decoder:
  layers:
    - transposed_conv: {kernel: 40, stride: 20, channels: 8, trim: both}
    - activation: elu
    - transposed_conv: {kernel: 24, stride: 12, channels: 1}
"""


def design_of(quantizer: str) -> CodecDesign:
    """Return the design with ``quantizer``, a text of YAML."""
    return read_design(parse_yaml(TEXT.replace("QUANTIZER", quantizer), "small.yaml"), "small.yaml")


def streamed(codec: Codec, audio: Tensor) -> tuple[Tensor, Tensor]:
    """Return codes and audio as a stream gives them, whose parts may be of no frame yet."""
    sender, receiver = Transmitter(codec), Receiver(codec)
    sent = [sender.push(part) for part in audio.split(100, 2)] + [sender.flush()]
    heard = [receiver.push(part) for part in sent] + [receiver.flush()]
    return torch.cat(sent, 2), torch.cat(heard, 2)


def assert_streams_as_at_once(codec: Codec, samples: int, tolerance: float) -> None:
    """Assert that a stream of noise gives the codes and the audio of the whole."""
    first = next(codec.parameters())
    audio = torch.randn(1, 1, samples).to(first)
    codes = codec.encode(audio)
    assert len(codes.unique()) > 1
    sent, heard = streamed(codec, audio)
    assert torch.equal(sent, codes)
    assert torch.allclose(heard, codec.decode(codes), rtol=0, atol=tolerance)


def assert_halves_code_as_the_whole(codec: Codec, audio: Tensor, folder: Path) -> None:
    """Assert that both absorbed halves, written to files and read, give what ``codec`` gives."""
    codes, loaded = codec.encode(audio), []
    for name, half in absorb(codec)._asdict().items():
        save_codec(half, folder / f"{name}.safetensors")
        loaded.append(load_codec(folder / f"{name}.safetensors"))
    assert torch.equal(loaded[0].encode(audio), codes)
    assert torch.allclose(loaded[1].decode(codes), codec.decode(codes), rtol=0, atol=1e-5)


def assert_refused(quantizer: str, message: str) -> None:
    """Assert that ``quantizer`` is refused for one problem, which contains ``message``."""
    with pytest.raises(InputError, match=re.escape(message)) as refused:
        design_of(quantizer)
    assert len(refused.value.problems) == 1
