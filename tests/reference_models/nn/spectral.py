"""Small codecs that work on spectra, for the tests of front ends and heads."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lrac_audit import audit
from lrac_audit.design.native.reader import read_design
from lrac_audit.design.parts import CodecDesign
from lrac_audit.ledger.row import Row
from reference_models.nn.build import build_untrained
from reference_models.nn.codec import Receiver, Transmitter
from reference_models.nn.weights import load_codec, save_codec
from tests.lrac_audit.witness.trace.tracing import traced

LATENT = 8


def tree(front: dict[str, Any], head: dict[str, Any], values: int) -> dict[str, Any]:
    """Return a design at 24 kHz whose head takes ``values``; each side has a linear map too."""
    return {
        "lrac_audit_design": 1,
        "name": "spectral",
        "sample_rate_hz": 24000,
        "encoder": {"layers": [front, {"linear": {"channels": LATENT}}]},
        "quantizer": {"layers": 2, "codebook_size": 16, "codebook_dim": 4, "modes": [2]},
        "decoder": {"layers": [{"linear": {"channels": values}}, head]},
    }


def spectral(front: dict[str, Any], head: dict[str, Any], values: int) -> CodecDesign:
    """Return the design."""
    return read_design(tree(front, head, values), "spectral")


def ends(design: CodecDesign) -> tuple[Row, Row]:
    """Return the rows of the front end and of the head."""
    rows = audit(design).ledger.rows
    return rows[0], rows[-1]


def assert_traced_as_written(design: CodecDesign) -> None:
    """Assert that the trace finds what both ends do and store, kind by kind."""
    codec, rows = build_untrained(design, seed=1), ends(design)
    front, head = modules = [codec.get_submodule(row.name) for row in rows]
    spectra = head if front.channels_out == rows[1].geometry.channels_in else nn.Identity()
    found = traced(nn.ModuleList(modules), lambda x: spectra(front(x)), hop=design.hop_samples).rows
    for i, row in enumerate(rows[: 1 if spectra is not head else 2]):
        mine = [each for each in found if each.name.split(".")[0] == str(i)]
        work: Counter[str] = Counter()
        for each in mine:
            work.update(each.work)
        assert work == row.work
        assert sum(each.stored_values for each in mine) == row.stored_values


def end_modules(design: CodecDesign) -> tuple[Any, Any]:
    """Return the modules of the front end and of the head, in double precision."""
    codec = build_untrained(design, seed=1).double()
    front, head = (f"{row.name}" for row in ends(design))
    return codec.get_submodule(front), codec.get_submodule(head)


def noise(*shape: int) -> Tensor:
    """Return the same random values each time."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64)


def assert_in_pieces_as_at_once(module: Any, x: Tensor, steps_after: int) -> None:
    """Assert that a module gives in pieces of any size what it gives at once."""
    steps = x.shape[2]
    with torch.no_grad():
        whole = module(x)
        assert whole.shape[2] == steps_after
        for sizes in ((1,) * steps, (0, 7, 1, steps - 8), (steps,)):
            state = module.initial_state(len(x), like=x)
            pieces = [module.step(piece, state) for piece in x.split(sizes, 2)]
            pieces.append(module.step(x[:, :, :0], state, last=True))
            assert torch.allclose(torch.cat(pieces, 2), whole, rtol=0, atol=1e-10)


def assert_codec_streams_as_at_once(design: CodecDesign, frames: int = 60) -> None:
    """Assert that a codec gives hop by hop, each sample at its time, what it gives at once."""
    codec, hop = build_untrained(design, seed=1).double(), design.hop_samples
    audio = 0.1 * noise(1, 1, frames * hop)
    codes = codec.encode(audio)
    sender, receiver = Transmitter(codec), Receiver(codec)
    sent = [sender.push(piece) for piece in audio.split(hop, 2)] + [sender.flush()]
    assert torch.equal(torch.cat(sent, 2), codes)
    pieces = [receiver.push(frame) for frame in codes.split(1, 2)] + [receiver.flush()]
    assert torch.allclose(torch.cat(pieces, 2), codec.decode(codes), rtol=0, atol=1e-10)


def assert_saved_and_loaded(design: CodecDesign, folder: Path) -> None:
    """Assert that a codec comes out of its file as it went in."""
    codec = build_untrained(design, seed=1)
    save_codec(codec, folder / "codec.safetensors")
    loaded = load_codec(folder / "codec.safetensors")
    audio = 0.1 * noise(1, 1, 10 * design.hop_samples).float()
    codes = codec.encode(audio)
    assert torch.equal(loaded.encode(audio), codes)
    assert torch.equal(loaded.decode(codes), codec.decode(codes))
