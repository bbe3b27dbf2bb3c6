"""Classification of audio files, by a classifier that each process loads once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch

from lrac_audit.errors import InputError
from lrac_audit.files import is_folder
from reference_models.audio.conversion import convert
from reference_models.audio.reading import open_audio
from reference_models.corpus.noise_classes.clap import Classifier, load_classifier
from reference_models.corpus.noise_classes.classification import Classification
from reference_models.corpus.noise_classes.ontology import Ontology
from reference_models.data.manifest import Entry
from reference_models.parallel.mapping import HERE, Workers


def classify(classifier: Classifier, entry: Entry) -> Classification:
    """Return the class of the file of ``entry``, or the reason why it cannot be read."""
    named = Classification(
        entry.uid, entry.duration_s, entry.sample_rate_hz, classifier=classifier.fingerprint
    )
    try:
        blocks = list(convert(open_audio(entry.path), classifier.rate_hz, 1))
    except InputError as error:
        return named._replace(error=str(error).replace("\n", "; "))
    scores = classifier.scores(np.concatenate(blocks, axis=1)[0])
    best = max(range(len(scores)), key=scores.__getitem__)
    return named._replace(
        noise_class=classifier.class_names[best], confidence=scores[best], scores=tuple(scores)
    )


def classify_by(
    workers: Workers, classifier: Classifier, model: str, ontology: Ontology
) -> Callable[[Entry], Classification]:
    """Return the function by which ``workers`` classify a file.

    ``classifier`` was made of ``model`` and ``ontology``; other processes than this make it again.
    """
    if workers == HERE:
        return partial(classify, classifier)
    folder = Path(model)
    source = str(folder.absolute()) if is_folder(folder) else model
    return partial(_classify_apart, source, ontology)


def _classify_apart(model: str, ontology: Ontology, entry: Entry) -> Classification:
    return classify(_loaded_once(model, ontology), entry)


@lru_cache(maxsize=1)
def _loaded_once(model: str, ontology: Ontology) -> Classifier:
    """Load a classifier once in each process, which then runs on one thread."""
    torch.set_num_threads(1)
    return load_classifier(model, ontology)
