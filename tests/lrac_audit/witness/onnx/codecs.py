"""Graphs of small codecs, whose figures follow by hand.

The transmit side is a convolution of kernel 8 and stride 4 to six channels and the search of one of
16 codewords; the receive side the lookup and a transposed convolution back. The convolution keeps
four samples from call to call, or, in the codec without state, its kernel is 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import onnx

from tests.lrac_audit.witness.onnx.graphs import INT, model, node, ones

HOP, WIDTH, CODEWORDS, RATE_HZ = 4, 6, 16, 24_000
CONV_MACS = WIDTH * 8
SEARCH_MACS = CODEWORDS * WIDTH
DECODER_MACS = WIDTH * HOP
BOOK = ones(CODEWORDS, WIDTH)


def transmit(metadata: Mapping[str, str] | None = None, kernel: int = 8) -> onnx.ModelProto:
    """Return the transmit side; with a kernel of 4 it has no state."""
    nodes = [
        node("Conv", ["window", "w", "b"], ["latent"], "encoder/conv", strides=[HOP]),
        node("Transpose", ["latent"], ["rows"], "encoder/rows", perm=[0, 2, 1]),
        node("MatMul", ["rows", "book"], ["scores"], "quantizer.search/product"),
        node("ArgMax", ["scores"], ["codes"], "quantizer.search/choice", axis=2, keepdims=0),
    ]
    inputs, outputs = {"audio": [1, 1, HOP]}, {"codes": ([1, 1], INT)}
    weights = {"w": ones(WIDTH, 1, kernel), "b": ones(WIDTH), "book": BOOK.T}
    if kernel == HOP:
        nodes[0].input[0] = "audio"
        return model(nodes, inputs, outputs, weights, metadata)
    state = [
        node("Concat", ["state.encoder", "audio"], ["window"], "encoder/window", axis=2),
        node("Identity", ["audio"], ["next.encoder"], "encoder/kept"),
    ]
    inputs["state.encoder"] = outputs["next.encoder"] = [1, 1, kernel - HOP]
    return model([*state, *nodes], inputs, outputs, weights, metadata)


def receive(metadata: Mapping[str, str] | None = None) -> onnx.ModelProto:
    """Return the receive side, which needs no state."""
    nodes = [
        node("Gather", ["table", "codes"], ["rows"], "quantizer.lookup/rows"),
        node("Transpose", ["rows"], ["latent"], "decoder/latent", perm=[0, 2, 1]),
        node("ConvTranspose", ["latent", "w"], ["audio"], "decoder/up", strides=[HOP]),
    ]
    weights = {"table": BOOK, "w": 2 * ones(WIDTH, 1, HOP)}
    return model(nodes, {"codes": ([1, 1], INT)}, {"audio": [1, 1, HOP]}, weights, metadata)


def save(folder: Path, *graphs: onnx.ModelProto, names: str = "transmit receive") -> Path:
    """Write the graphs of a codec into ``folder``."""
    for name, graph in zip(names.split(), graphs, strict=True):
        onnx.save(graph, folder / f"{name}.onnx")
    return folder


def loose_limits(folder: Path) -> Path:
    """Write limits on operations, delay and sample rate that the codecs keep by far."""
    path = folder / "terms" / "limits.yaml"
    path.parent.mkdir(exist_ok=True)
    limits: dict[str, object] = {"name": "loose", "convention": "lrac-2025", "overall_mflops": 600}
    limits |= {"receive_mflops": 300, "total_latency_ms": 40, "sample_rate_hz": RATE_HZ}
    path.write_text("".join(f"{key}: {value}\n" for key, value in limits.items()))
    return path


def metadata(**more: str) -> dict[str, dict[str, str]]:
    """Return what each side says of itself, and what both say."""
    both = {f"lrac.{key}": value for key, value in {"sample_rate_hz": str(RATE_HZ), **more}.items()}
    return {side: {"lrac.side": side, **both} for side in ("transmit", "receive")}


def stated(folder: Path, **more: str) -> Path:
    """Write the codec with state, which says ``more`` of itself."""
    said = metadata(**more)
    return save(folder, transmit(said["transmit"]), receive(said["receive"]))
