"""The codec that the metadata of graphs declares: its design, its mode and its delay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lrac_audit.design.formats import read_design_data
from lrac_audit.design.parts import CodecDesign
from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.witness.onnx.sides import PREFIX, SideGraph

FORMAT_VERSION = "1"
MAX_DESIGN_CHARACTERS = 1 << 20


class Declarations(NamedTuple):
    """The codec that graphs say they compute; None where they say nothing."""

    name: str | None
    design: CodecDesign | None
    layers: int | None
    """Layers of the quantizer that the graphs compute."""
    bitrate_kbps: float | None
    bitrates_kbps: tuple[float, ...]
    """Bitrates of all modes of the codec."""
    latency_samples: int | None
    """The whole delay from audio to audio, buffering included."""


def declarations(sides: Sequence[SideGraph]) -> Declarations:
    """Return what all graphs say.

    Raises:
        InputError: it cannot be read, or they contradict each other.
    """
    read = _Reader(sides)
    read.check_version()
    text = read.text("design")
    design = None if text is None else _design(text, sides[0].graph.source)
    layers, latency = read.whole("layers"), read.whole("latency_samples")
    rates = read.numbers("bitrates_kbps")
    bitrate = rates[layers - 1] if layers and layers <= len(rates) else None
    modes = design.bitrates_kbps if design is not None else tuple(rates)
    return Declarations(
        None if design is None else design.name, design, layers, bitrate, tuple(modes), latency
    )


class _Reader(NamedTuple):
    """Reads fields of metadata."""

    sides: Sequence[SideGraph]

    def text(self, key: str) -> str | None:
        """Return the text of a field; None where no graph has it."""
        found = {text for side in self.sides if (text := side.stated(key)) is not None}
        if len(found) > 1:
            given = " and ".join(shown(text) for text in sorted(found))
            raise self._wrong(key, given, "the same in the graphs of both sides")
        return next(iter(found), None)

    def check_version(self) -> None:
        """Make sure that the metadata, if it has a version, has the one that is known here.

        Raises:
            InputError: it has another.
        """
        version = self.text("format_version")
        if version not in (None, FORMAT_VERSION):
            raise self._wrong("format_version", shown(version), FORMAT_VERSION)

    def whole(self, key: str) -> int | None:
        """Return a whole number."""
        text = self.text(key)
        if text is not None and not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise self._wrong(key, shown(text), "a whole number")
        return None if text is None else int(text)

    def numbers(self, key: str) -> list[float]:
        """Return numbers that stand between commas."""
        text = self.text(key)
        try:
            found = [] if text is None else [float(each) for each in text.split(",")]
        except ValueError:
            found = [-1.0]
        if not all(0 < number < float("inf") for number in found):
            raise self._wrong(key, shown(text), "positive numbers between commas")
        return found

    def _wrong(self, key: str, given: str, allowed: str) -> InputError:
        return InputError(self.sides[0].graph.source, [Problem(f"{PREFIX}{key}", given, allowed)])


def _design(text: str, source: str) -> CodecDesign:
    if len(text) > MAX_DESIGN_CHARACTERS:
        allowed = f"at most {MAX_DESIGN_CHARACTERS:,}"
        problem = Problem(f"{PREFIX}design", f"{len(text):,} characters", allowed)
        raise InputError(source, [problem])
    try:
        return read_design_data(text).design
    except InputError as error:
        problems = [each.inside(f"{PREFIX}design") for each in error.problems]
        raise InputError(source, problems) from None
