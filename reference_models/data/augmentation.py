"""Augmentation for Track 2: reverberation and noise, added before an utterance is cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lrac_audit.errors import InputError, Problem
from reference_models.data.acoustics import (
    below_full_scale,
    early_part,
    fitted,
    reverberant,
    with_noise,
)
from reference_models.data.audio_files import SILENCE_POWER, Samples, read_channel
from reference_models.data.augmentation_parameters import AugmentationParameters
from reference_models.data.manifest import Entry, Manifest
from reference_models.data.sampler import RandomUse, generator


class Augmented(NamedTuple):
    """An augmented utterance: the codec's input, and the target for its output."""

    target: Samples
    """``[T]``: dry, or with early reflections only when ``input`` is reverberant."""
    input: Samples
    """``[T]``"""
    response: str | None
    """The room impulse response; None for no room."""
    noise: str | None
    """The noise; None for none."""
    snr_db: float | None


class SilentResponseError(InputError):
    """A room impulse response has no signal, so that it was probably listed by mistake."""


class Augmenter:
    """Adds random reverberation and noise to utterances.

    Draws depend on nothing but the seed and the key of the utterance, not on earlier draws.
    """

    def __init__(
        self, noises: Manifest, rirs: Manifest, parameters: AugmentationParameters, seed: int
    ) -> None:
        self._noises, self._rirs = noises, rirs
        self._parameters = parameters
        self._seed = seed

    def __call__(self, speech: Samples, key: Sequence[int]) -> Augmented:
        """Augment ``speech [T]`` with the draws for ``key``, whose numbers are not negative.

        Raises:
            InputError: the noise or the room impulse response cannot be read.
            SilentResponseError: the room impulse response has no signal.
        """
        random = generator(self._seed, RandomUse.AUGMENTATION, *key)
        target = mixture = speech
        response = noise = snr_db = None
        if random.random() <= self._parameters.reverb_probability:
            response = _any(self._rirs, random)
            target, mixture = self._in_room(speech, response, random)
        if random.random() <= self._parameters.noise_probability:
            noise = _any(self._noises, random)
            low, high = self._parameters.min_snr_db, self._parameters.max_snr_db
            snr_db = float(random.uniform(low, high))
            mixture = self._in_noise(mixture, noise, snr_db, random)
        mixture, target = below_full_scale(mixture, target)
        return Augmented(target, mixture, response and response.uid, noise and noise.uid, snr_db)

    def _in_room(
        self, speech: Samples, response: Entry, random: np.random.Generator
    ) -> tuple[Samples, Samples]:
        samples = self._channel(response, random)
        after_peak = round(self._parameters.early_ms * self._parameters.sample_rate_hz / 1000)
        early = early_part(samples, after_peak)
        if np.square(early).max() < SILENCE_POWER:
            given = "a room impulse response of zeros up to its largest value and shortly after"
            raise SilentResponseError(str(response.path), [Problem("", given, "one with a signal")])
        return reverberant(speech, early), reverberant(speech, samples)

    def _in_noise(
        self, speech: Samples, noise: Entry, snr_db: float, random: np.random.Generator
    ) -> Samples:
        samples = self._channel(noise, random)
        return with_noise(speech, fitted(samples, len(speech), random), snr_db)

    def _channel(self, entry: Entry, random: np.random.Generator) -> Samples:
        """Return a random channel of ``entry``."""
        rate_hz = self._parameters.sample_rate_hz
        return read_channel(entry, rate_hz, lambda channels: int(random.integers(channels)))


def _any(manifest: Manifest, random: np.random.Generator) -> Entry:
    return manifest.entries[int(random.integers(len(manifest.entries)))]
