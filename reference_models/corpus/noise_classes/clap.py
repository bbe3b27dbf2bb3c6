"""Zero-shot classification of sounds by CLAP (Wu et al. 2023) through the package transformers."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch import Tensor
from torch.nn.functional import normalize

from lrac_audit.errors import InputError, Problem
from lrac_audit.files import is_folder
from lrac_audit.witness.packages import hide_broken_packages
from reference_models.corpus.noise_classes.ontology import Ontology

MAX_WINDOWS = 12
"""Parts of a file that are classified; of a longer file they are evenly spread."""
HEX_DIGITS = 16

Samples = NDArray[np.float32]
"""One channel ``[T]``."""


class Classifier(NamedTuple):
    """A CLAP model and the embeddings of the classes that it chooses from."""

    model: Any
    extractor: Any
    """Turns samples into what the model takes."""
    embeddings: Tensor
    """``[class, width]``, each of length 1."""
    class_names: tuple[str, ...]
    fingerprint: str
    """Digest of the weights, the classes and their sentences."""

    @property
    def rate_hz(self) -> int:
        """The sample rate that it takes."""
        return int(self.extractor.sampling_rate)

    @torch.inference_mode()
    def scores(self, samples: Samples) -> list[float]:
        """Return the probability of each class for ``samples`` at :attr:`rate_hz`.

        It is the mean over the windows of a file, each of at most the longest that the model takes
        whole: of more, the model's extractor would draw parts at random.
        """
        windows = spread_windows(samples, int(self.extractor.nb_max_samples))
        found = torch.stack([self._window_scores(window) for window in windows]).mean(dim=0)
        return [float(score) for score in found]

    def _window_scores(self, window: Samples) -> Tensor:
        """Return the probability of each class for one window.

        Windows go through the model one by one, since the extractor of a model that fuses features
        marks one of a batch at random.
        """
        inputs = self.extractor(window, sampling_rate=self.rate_hz, return_tensors="pt")
        features = self.model.get_audio_features(**inputs.to(self.model.dtype)).pooler_output
        logits = self.model.logit_scale_a.exp() * (features @ self.embeddings.T)
        probabilities: Tensor = logits[0].softmax(dim=-1)
        return probabilities


def spread_windows(samples: Samples, length: int) -> list[Samples]:
    """Return at most :data:`MAX_WINDOWS` windows of ``length`` that cover ``samples`` evenly.

    The last ends with the samples; there is one, which is shorter, if these are no longer.
    """
    count = min(math.ceil(len(samples) / length), MAX_WINDOWS)
    starts = np.linspace(0, max(0, len(samples) - length), count).round().astype(int)
    return [samples[start : start + length] for start in starts]


def load_classifier(model: str, ontology: Ontology) -> Classifier:
    """Return the CLAP model in the folder ``model``, or of that name on the Hugging Face hub.

    Weights are read from safetensors alone, and no code comes with them.

    Raises:
        InputError: the model cannot be loaded, or is no whole CLAP model.
    """
    clap, processor = _loaded(model)
    embeddings = torch.cat(
        [_embedding(clap, processor, ontology.sentences(one)) for one in ontology.classes]
    )
    fingerprint = _fingerprint(clap, ontology)
    extractor = processor.feature_extractor
    return Classifier(clap, extractor, embeddings, ontology.class_names, fingerprint)


def _loaded(model: str) -> tuple[Any, Any]:
    hide_broken_packages()
    from transformers import ClapModel, ClapProcessor
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    path = Path(model)
    source = str(path.absolute()) if is_folder(path) else model
    try:
        clap, info = ClapModel.from_pretrained(
            source, use_safetensors=True, trust_remote_code=False, output_loading_info=True
        )
        processor = ClapProcessor.from_pretrained(source, trust_remote_code=False)
    except (OSError, RuntimeError, ValueError, TypeError, SafetensorError) as error:
        raise _refused(model, str(error).strip() or type(error).__name__) from None
    missing = sorted(info["missing_keys"])
    if missing:
        raise _refused(model, f"{len(missing)} weights are missing, such as {missing[0]}")
    return clap.eval(), processor


def _refused(model: str, reason: str) -> InputError:
    given = f"a model that cannot be loaded ({reason.splitlines()[0]})"
    allowed = (
        "a folder with a CLAP model of the package transformers, weights in safetensors; or the "
        "name of one on the Hugging Face hub, in its cache or with a connection"
    )
    return InputError(model, [Problem("", given, allowed)])


@torch.inference_mode()
def _embedding(clap: Any, processor: Any, sentences: Sequence[str]) -> Tensor:
    """Return the mean direction ``[1, width]`` of the embeddings of ``sentences``."""
    tokens = processor.tokenizer(sentences, padding=True, return_tensors="pt")
    directions: Tensor = clap.get_text_features(**tokens).pooler_output
    return normalize(directions.mean(dim=0, keepdim=True))


def _fingerprint(clap: Any, ontology: Ontology) -> str:
    digest = hashlib.sha256()
    for name, value in sorted(clap.state_dict().items()):
        digest.update(f"{name} {list(value.shape)}\n".encode())
        digest.update(value.float().numpy().tobytes())
    for one in ontology.classes:
        digest.update(f"{one.name} {ontology.sentences(one)}\n".encode())
    return digest.hexdigest()[:HEX_DIGITS]
