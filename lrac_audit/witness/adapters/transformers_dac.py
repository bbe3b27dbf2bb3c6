"""``DacModel`` of the package ``transformers``."""

from __future__ import annotations

from typing import Any

from lrac_audit.witness.adapters.descript import target_of
from lrac_audit.witness.target import AuditTarget


def adapt(model: Any) -> AuditTarget:
    """The four parts of a ``DacModel``."""
    config = model.config
    rate, hop = int(config.sampling_rate), int(config.hop_length)
    return target_of(model, rate, hop, config.n_codebooks, config.codebook_size)
