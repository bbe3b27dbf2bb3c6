"""Front ends from samples to spectra, and heads from spectra to samples, ``[B, C, T]`` in and out.

The values of a spectrum stand one after another in the channels.
"""

from __future__ import annotations

from math import pi

import torch
from torch import Tensor, nn
from torch.nn import functional

from lrac_audit.design.layers.mdct import Imdct, Mdct
from lrac_audit.design.layers.stft import Istft, Stft
from lrac_audit.design.steps import Step
from reference_models.nn.framing import Framing, Overlap, Window
from reference_models.nn.layer_modules import LAYER_MODULES
from reference_models.nn.layers.spectra import (
    FROM_SPECTRUM,
    TABLE_DEVICE,
    TO_SPECTRUM,
    CosineTransform,
)
from reference_models.nn.streaming import CalledSteps, Streaming


class Framed(Streaming[Window]):
    """A front end: frames of the input, each multiplied by a window and transformed."""

    window: Tensor

    def __init__(self, channels: int, window: Tensor, part: Stft | Mdct) -> None:
        super().__init__()
        self.channels, self.channels_out = channels, part.channels_after(channels)
        self.framing = Framing(part.window, part.hop, part.look_ahead)
        self.register_buffer("window", window, persistent=False)

    def transform(self, frames: Tensor) -> Tensor:
        """Return the values of the spectra of ``frames [B, C, T, window]``, on the last axis."""
        raise NotImplementedError

    def initial_state(self, batch_size: int, like: Tensor) -> Window:
        """See :class:`Streaming`."""
        return self.framing.start(batch_size, self.channels, like)

    def step(self, x: Tensor, state: Window, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        x, ready = self.framing.advance(x, state, last)
        if not ready:
            return x.new_empty(x.shape[0], self.channels_out, 0)
        frames = x.unfold(2, self.framing.reach, self.framing.stride)
        return self.transform(frames * self.window).transpose(2, 3).flatten(1, 2)


class Added(Streaming[Overlap]):
    """A head: frames made of spectra, multiplied by a window and added where they overlap."""

    window: Tensor

    def __init__(self, channels_out: int, window: Tensor, part: Istft | Imdct) -> None:
        super().__init__()
        self.channels_out, self.hop, self.trim_left = channels_out, part.hop, part.look_ahead
        self.overlap = part.window - part.hop
        self.register_buffer("window", window, persistent=False)

    def inverse(self, spectra: Tensor) -> Tensor:
        """Return the frames ``[B, C, T, window]`` of spectra, whose values are the last axis."""
        raise NotImplementedError

    def initial_state(self, batch_size: int, like: Tensor) -> Overlap:
        """See :class:`Streaming`."""
        return Overlap(like.new_zeros(batch_size, self.channels_out, self.overlap), self.trim_left)

    def step(self, x: Tensor, state: Overlap, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        sums = self._sums(x, state.tail) if x.shape[2] else state.tail
        return state.finished(sums, x.shape[2] * self.hop, self.trim_left if last else 0)

    def _sums(self, x: Tensor, tail: Tensor) -> Tensor:
        """Return the sums that ``x`` adds to, unfinished ones last."""
        spectra = x.reshape(len(x), self.channels_out, -1, x.shape[2]).transpose(2, 3)
        frames = (self.inverse(spectra) * self.window).transpose(2, 3).flatten(1, 2)
        samples = x.shape[2] * self.hop + self.overlap
        kernel = (1, len(self.window))
        sums = functional.fold(frames, (1, samples), kernel, stride=(1, self.hop)).squeeze(2)
        sums[:, :, : self.overlap].add_(tail)  # in place: a sum of all would cost more
        return sums


class FramedSpectra(CalledSteps[Window], Framed):
    """A short-time Fourier transform."""

    def __init__(self, channels: int, part: Stft) -> None:
        super().__init__(channels, hann(part.window), part)
        self.spectrum = part.spectrum

    def transform(self, frames: Tensor) -> Tensor:
        """Return the values of the spectra."""
        return FROM_SPECTRUM[self.spectrum](torch.fft.rfft(frames))


class AddedSpectra(CalledSteps[Overlap], Added):
    """An inverse short-time Fourier transform."""

    def __init__(self, channels_out: int, part: Istft) -> None:
        window = hann(part.window)
        power = window.square().view(-1, part.hop).sum(0)
        super().__init__(channels_out, window / power.repeat(part.window // part.hop), part)
        self.spectrum = part.spectrum

    def inverse(self, spectra: Tensor) -> Tensor:
        """Return the frames."""
        frames: Tensor = torch.fft.irfft(TO_SPECTRUM[self.spectrum](spectra), len(self.window))
        return frames


class FramedCosines(CalledSteps[Window], Framed):
    """A modified discrete cosine transform.

    Of the quarters a, b, c, d of a frame it transforms ``-c' - d, a - b'``, where ``'`` reverses.
    The signs of c and d are those of the window.
    """

    def __init__(self, channels: int, part: Mdct) -> None:
        super().__init__(channels, signed(sine(part.window), (1, 1, -1, -1)), part)
        self.cosines = CosineTransform(part.hop)

    def transform(self, frames: Tensor) -> Tensor:
        """Return the coefficients."""
        a, b, c, d = frames.chunk(4, -1)
        y: Tensor = self.cosines(torch.cat((c.flip(-1) + d, a - b.flip(-1)), -1))
        return y


class AddedCosines(CalledSteps[Overlap], Added):
    """An inverse modified discrete cosine transform.

    What it transforms back is ``-c' - d, a - b'``, which unfolds into the four quarters
    ``a - b', b - a', c + d', d + c'``. The terms with ``'`` cancel between neighbouring frames, and
    the signs are those of the window.
    """

    def __init__(self, channels_out: int, part: Imdct) -> None:
        super().__init__(channels_out, signed(sine(part.window), (1, -1, -1, -1)), part)
        self.cosines = CosineTransform(part.hop)

    def inverse(self, spectra: Tensor) -> Tensor:
        """Return the frames."""
        late, early = self.cosines(spectra).chunk(2, -1)
        return torch.cat((early, early.flip(-1), late.flip(-1), late), -1)


def hann(samples: int) -> Tensor:
    """Return a Hann window that is symmetric and has no zero, of so many samples."""
    return sine(samples).square()


def sine(samples: int) -> Tensor:
    """Return the half wave of a sine at the middle of each of so many samples."""
    middles = torch.arange(samples, dtype=torch.float64, device=TABLE_DEVICE) + 0.5
    return torch.sin(middles * (pi / samples)).to(torch.get_default_dtype())


def signed(window: Tensor, signs: tuple[int, ...]) -> Tensor:
    """Return a window with a sign for each of its equal parts."""
    parts = torch.tensor(signs, dtype=window.dtype, device=window.device)
    return window * parts.repeat_interleave(len(window) // len(signs))


@LAYER_MODULES.add(Stft)
def stft(step: Step) -> nn.Module:
    """Return a short-time Fourier transform."""
    return FramedSpectra(step.channels_in, step.part)


@LAYER_MODULES.add(Istft)
def istft(step: Step) -> nn.Module:
    """Return an inverse short-time Fourier transform."""
    return AddedSpectra(step.channels_out, step.part)


@LAYER_MODULES.add(Mdct)
def mdct(step: Step) -> nn.Module:
    """Return a modified discrete cosine transform."""
    return FramedCosines(step.channels_in, step.part)


@LAYER_MODULES.add(Imdct)
def imdct(step: Step) -> nn.Module:
    """Return an inverse modified discrete cosine transform."""
    return AddedCosines(step.channels_out, step.part)
