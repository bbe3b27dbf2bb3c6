"""A few utterances to hear and to see: the reference, and what the codec makes at each bitrate."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import soundfile
from numpy.typing import NDArray

from reference_models.audio.conversion import convert
from reference_models.audio.reading import AudioFile
from reference_models.evaluation.coding import coded
from reference_models.evaluation.conditions import Condition, Pair
from reference_models.nn.codec import Codec

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_SECONDS = 5
"""Longer utterances are cut, since a page holds all of its audio."""
WINDOW_MS = 32
FLOOR_DB = 80
"""Depth of a spectrogram below its loudest value."""


@dataclass(frozen=True)
class Clip:
    """Audio of one channel, ``samples`` of ``[T]``."""

    name: str
    samples: NDArray[np.float32]
    rate_hz: int

    def wav(self) -> bytes:
        """Return it as a WAV file in 16 bits."""
        file = io.BytesIO()
        soundfile.write(file, self.samples, self.rate_hz, "PCM_16", format="WAV")
        return file.getvalue()


@dataclass(frozen=True)
class Sample:
    """One utterance in its condition."""

    condition: str
    uid: str
    clips: tuple[Clip, ...]
    """The reference, then the codec's output from the lowest bitrate to the highest."""

    def spectrograms(self) -> Figure:
        """Draw the spectrograms of all clips, one below the other, on one scale of dB."""
        from lrac_audit.report.pictures.canvas import new_figure

        shown = [_spectrogram_db(clip) for clip in self.clips]
        top = max(float(each.max()) for each in shown)
        figure, axes = new_figure(1.4 * len(shown), nrows=len(shown), sharex=True)
        for axis, clip, levels in zip(axes, self.clips, shown, strict=True):
            seconds, khz = len(clip.samples) / clip.rate_hz, clip.rate_hz / 2000
            axis.imshow(
                levels,
                origin="lower",
                aspect="auto",
                extent=(0, seconds, 0, khz),
                vmin=top - FLOOR_DB,
                vmax=top,
                interpolation="nearest",
            )
            axis.set_title(clip.name, loc="left", fontsize="medium")
            axis.set_ylabel("kHz")
        axes[-1].set_xlabel("s")
        return figure


def make_samples(codec: Codec, conditions: Sequence[Condition], count: int) -> list[Sample]:
    """Code the first ``count`` utterances of each condition at every bitrate.

    Raises:
        InputError: an audio file is damaged.
    """
    return [
        Sample(one.name, pair.uid, tuple(_clips(codec, pair)))
        for one in conditions
        for pair in one.pairs[:count]
    ]


def _clips(codec: Codec, pair: Pair) -> list[Clip]:
    rate_hz = codec.design.sample_rate_hz
    clips = [_clip("reference", pair.reference, rate_hz)]
    for layers in codec.design.quantizer.mode_layers:
        with coded(codec, pair.source, layers) as found:
            name = f"{codec.design.bitrate_kbps(layers):g} kbps"
            clips.append(_clip(name, found.decoded, rate_hz))
    return clips


def _clip(name: str, audio: AudioFile, rate_hz: int) -> Clip:
    samples = np.concatenate(list(convert(audio, rate_hz, 1)), axis=1)[0]
    return Clip(name, samples[: MAX_SECONDS * rate_hz].astype(np.float32), rate_hz)


def _spectrogram_db(clip: Clip) -> NDArray[np.float64]:
    """Return levels in dB, ``[frequencies, frames]``, of windows that overlap by three quarters."""
    size = clip.rate_hz * WINDOW_MS // 1000
    padded = np.pad(clip.samples, (0, max(size - len(clip.samples), 0)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[:: size // 4]
    power = np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) ** 2
    levels: NDArray[np.float64] = 10 * np.log10(power.T + 1e-10)
    return levels
