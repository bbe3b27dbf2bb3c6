"""Measures of speech quality and intelligibility, each computed by its own public package.

All are defined at 16 kHz. A package and its downloads are loaded only when its measure is asked
for.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from lrac_audit.errors import InputError, Problem
from lrac_audit.witness.packages import import_failure, import_problem
from reference_models.evaluation.columns import COLUMNS

RATE_HZ = 16_000

Speech = NDArray[np.float32]
"""One channel ``[T]`` at :data:`RATE_HZ`."""

Score = Callable[[Speech, Speech], float]
"""Returns the score of decoded speech, given its reference."""


class NoScoreError(ValueError):
    """A measure does not apply to a signal, for instance because it has no speech."""


def _pesq() -> Score:
    """Load wide-band PESQ (ITU-T P.862.2)."""
    from pesq import PesqError, pesq

    def score(decoded: Speech, reference: Speech) -> float:
        try:
            return float(pesq(RATE_HZ, reference, decoded, "wb"))
        except PesqError as error:
            reason = error.args[0] if error.args else type(error).__name__
            text = reason.decode() if isinstance(reason, bytes) else str(reason)
            raise NoScoreError(text.strip()) from None

    return score


def _stoi(extended: bool) -> Score:
    """Load short-time objective intelligibility (Taal et al. 2011), or its extension (2016)."""
    from pystoi import stoi

    def score(decoded: Speech, reference: Speech) -> float:
        _check_sound(decoded, reference)
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            try:
                return float(stoi(reference, decoded, RATE_HZ, extended))
            except RuntimeWarning as warning:
                raise NoScoreError(str(warning).split(". ", 1)[0]) from None

    return score


def _si_sdr() -> Score:
    """Load the scale-invariant signal-to-distortion ratio in dB (Le Roux et al. 2019)."""
    from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio

    def score(decoded: Speech, reference: Speech) -> float:
        _check_sound(decoded, reference)
        signals = torch.from_numpy(decoded), torch.from_numpy(reference)
        return float(scale_invariant_signal_distortion_ratio(*signals))

    return score


def _check_sound(decoded: Speech, reference: Speech) -> None:
    for name, signal in (("decoded", decoded), ("reference", reference)):
        if not signal.any():
            raise NoScoreError(f"the {name} speech is silent")


def _utmos() -> Score:
    """Load UTMOS22, strong learner, as SpeechMOS packages it for ``torch.hub``."""
    model = _from_hub("tarepan/SpeechMOS:v1.2.0", "utmos22_strong", ["torchaudio"])

    @torch.inference_mode()
    def score(decoded: Speech, reference: Speech) -> float:
        return float(model(torch.from_numpy(decoded)[None], RATE_HZ)[0])

    return score


def _scoreq() -> Score:
    """Load SCOREQ with a reference, trained on natural speech; the package reads files."""
    from scoreq import Scoreq

    model = Scoreq(data_domain="natural", mode="ref")

    def score(decoded: Speech, reference: Speech) -> float:
        with tempfile.TemporaryDirectory() as folder:
            paths = Path(folder) / "decoded.wav", Path(folder) / "reference.wav"
            for path, signal in zip(paths, (decoded, reference), strict=True):
                soundfile.write(path, signal, RATE_HZ, "FLOAT")
            return float(model.predict(test_path=str(paths[0]), ref_path=str(paths[1])))

    return score


def _audiobox() -> Score:
    """Load the content enjoyment of Audiobox Aesthetics."""
    from audiobox_aesthetics.infer import initialize_predictor

    predictor = initialize_predictor()

    def score(decoded: Speech, reference: Speech) -> float:
        signal = {"path": torch.from_numpy(decoded)[None], "sample_rate": RATE_HZ}
        return float(predictor.forward([signal])[0]["CE"])

    return score


def _sheet() -> Score:
    """Load SHEET-SSQA, the default model, as its authors package it for ``torch.hub``."""
    predictor = _from_hub("unilight/sheet:v0.1.0", "default", ["torchaudio", "s3prl"])

    def score(decoded: Speech, reference: Speech) -> float:
        return float(predictor.predict(wav=torch.from_numpy(decoded)))

    return score


LOADERS: dict[str, Callable[[], Score]] = {
    "sheet_ssqa": _sheet,
    "scoreq_ref": _scoreq,
    "audiobox_ce": _audiobox,
    "utmos": _utmos,
    "pesq": _pesq,
    "stoi": partial(_stoi, extended=False),
    "estoi": partial(_stoi, extended=True),
    "si_sdr": _si_sdr,
}
"""Loaders by measure; each may download weights on first use."""


def load_metrics(names: Sequence[str]) -> dict[str, Score]:
    """Load the measures of these names.

    Raises:
        InputError: a package or its weights are missing or broken; every one is named.
    """
    scores, problems = {}, []
    for name in names:
        try:
            scores[name] = LOADERS[name]()
        except ImportError as error:
            given = f"a package that is not there ({error})"
            problems.append(Problem(name, given, f"what `{COLUMNS[name].install}` brings"))
        except (OSError, RuntimeError, ValueError) as error:
            failure = import_failure(error)
            if failure is not None:
                problems.append(import_problem(name, failure))
                continue
            first_line = (str(error).splitlines() or [type(error).__name__])[0]
            given = f"weights that cannot be loaded ({first_line})"
            allowed = "a connection for the first use, or weights in the package's cache"
            problems.append(Problem(name, given, allowed))
    if problems:
        raise InputError("metrics", problems)
    return scores


def _from_hub(repository: str, name: str, packages: Sequence[str]) -> Any:
    """Load a model by the code of its authors at a fixed version, which needs ``packages``."""
    for package in packages:
        import_module(package)
    load: Any = torch.hub.load
    return load(repository, name, trust_repo=True)
