"""Metadata of a graph: the codec that it is a side of, in texts that any ONNX tool shows."""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.design.native import write_design
from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.walk import walk
from lrac_audit.limits.limit_set import DEFAULT_LIMITS, load_limits
from reference_models.export.program import Program
from reference_models.nn.codec import Codec
from reference_models.nn.fingerprint import design_fingerprint, weights_fingerprint

FORMAT_VERSION = 1


def metadata_of(codec: Codec, program: Program) -> dict[str, str]:
    """Return the metadata of the graph of ``program``, a side of the trained ``codec``."""
    design, layers = codec.design, program.layers
    stated = {
        "format_version": FORMAT_VERSION,
        "side": program.side,
        "design": write_design(design),
        "sample_rate_hz": design.sample_rate_hz,
        "hop_samples": design.hop_samples,
        "layers": layers,
        "bitrates_kbps": _listed(design.layers_kbps[:layers]),
        "index_sizes": _listed(design.quantizer.index_sizes(layers)),
        "convention": load_limits(DEFAULT_LIMITS).convention,
        "latency_samples": latency(walk(design, "absorbed", layers)).total_samples,
        "frame_steps": program.values[program.inputs[0]].rows if program.side == "transmit" else 1,
        "start_frames": program.start_frames,
        "output_delay_steps": program.output.lag,
        "design_fingerprint": design_fingerprint(design),
        "weights_fingerprint": weights_fingerprint(codec),
    }
    return {f"lrac.{key}": str(value) for key, value in stated.items()}


def _listed(numbers: Sequence[float]) -> str:
    return ",".join(f"{number:g}" for number in numbers)
