"""Contexts of a search: what the knobs that reach beyond one piece of the path are set to.

Strides, the quantizer and the rates of a design change what every piece costs. They are set first,
one combination after the other; in such a context all other knobs are searched along the path.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from lrac_audit.auditing.exploring.chain import Chain, linked
from lrac_audit.auditing.exploring.pieces import (
    Piece,
    Reached,
    Setting,
    VariedCoder,
    Walk,
    pieces_of,
)
from lrac_audit.auditing.exploring.space import Knob, Space, Values
from lrac_audit.auditing.exploring.sums import Summing
from lrac_audit.auditing.exploring.terms import AuditTerms
from lrac_audit.design.addresses import address_text, draft
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.path import decoder_path, encoder_path, signal_path
from lrac_audit.design.relation_checks import broken_rates
from lrac_audit.design.steps import Step
from lrac_audit.ledger.quantizers.rows import QUANTIZER_ROWS
from lrac_audit.ledger.row import Ledger

RATE_FIELDS = ("stride", "factor", "hop")
"""The fields of a layer that change the rate of the signal."""


class Order(NamedTuple):
    """The order in which a search sets the knobs, by their places in the space."""

    first: tuple[int, ...]
    """Those that reach beyond one piece, which make a context."""
    along: tuple[int, ...]
    """Those that the search then sets along the path."""


class Context(NamedTuple):
    """One combination of the first knobs, in which the other knobs are searched."""

    ledger: Ledger
    """A ledger with its rates, from which no row is taken."""
    chain: Chain


def order_of(space: Space) -> Order:
    """Return the order in which a search sets the knobs of ``space``."""
    path = signal_path(space.base)
    paths = [piece.path for coder in (path.encoder, path.decoder) for piece in pieces_of(coder)]

    def piece_of(knob: Knob) -> int | None:
        """Return the first piece that a knob turns; None where it reaches beyond pieces."""
        found = []
        for address in knob.addresses:
            text = f"{address_text(address)}."
            inside = [i for i, each in enumerate(paths) if text.startswith(f"{each}.")]
            if not inside or address[-1] in RATE_FIELDS:
                return None
            found += inside
        return min(found)

    places = {i: piece_of(knob) for i, knob in enumerate(space.knobs)}
    along = {i: place for i, place in places.items() if place is not None}
    first = tuple(i for i, place in places.items() if place is None)
    return Order(first, tuple(sorted(along, key=along.__getitem__)))


class Contexts:
    """The contexts of a space; what they have in common is worked out once."""

    def __init__(self, space: Space, terms: AuditTerms, summing: Summing, is_limited: bool) -> None:
        """``is_limited`` leaves out contexts that break a limit on rates."""
        self._is_limited = is_limited
        self._space, self._terms, self._summing = space, terms, summing
        self.order = order_of(space)
        self._along = {i: space.knobs[i] for i in self.order.along}
        self._coders: dict[tuple[Any, ...], VariedCoder] = {}

    def open(self, first: Values) -> Context | None:
        """Return the context in which the first knobs have these values.

        None where no design of it keeps the rules, or where all break a limit on rates.
        """
        design = self.draft(first)
        if design.encoder.rate_change != design.decoder.rate_change:
            return None  # a broken rule that is quickly seen, and that strides break most often
        layers_on = None if broken_rates(design) else self._terms.layers_on(design)
        if layers_on is None:
            return None
        ledger = self._terms.ledger(design, layers_on)
        if self._is_limited and self._terms.broken_rate_limits(ledger):
            return None
        return Context(ledger, self._chain(design, layers_on))

    def draft(self, first: Values) -> CodecDesign:
        """Return a design of a context, with which no other rule than those on rates is checked."""
        values = {
            address: value
            for i, value in zip(self.order.first, first, strict=True)
            for address in self._space.knobs[i].addresses
        }
        return draft(self._space.base, values)

    def _chain(self, design: CodecDesign, layers_on: int) -> Chain:
        audio, steps = design.audio_channels, design.quantizer.frame_steps
        encoder = self._coder(
            "encoder",
            design.encoder,
            partial(_encoder_path, frame_steps=steps),
            (audio, steps),
        )
        decoder = self._coder(
            "decoder",
            design.decoder,
            partial(_decoder_path, design=design),
            (audio, steps, design.step_samples),
        )
        sent, latents = encoder.pieces((audio,))
        quantizer = self._quantizer(design, encoder, latents, layers_on)
        received, _ = decoder.pieces(quantizer.settings)
        counts = {i: len(knob.values) for i, knob in self._along.items()}
        return linked([*sent, quantizer, *received], counts, audio, audio)

    def _coder(self, name: str, part: Any, walk: Walk, rates: tuple[int, ...]) -> VariedCoder:
        """Return a coder with what is known of its pieces, which contexts of equal rates share."""
        key = name, part, rates
        if key not in self._coders:
            self._coders[key] = VariedCoder(name, part, walk, self._along, self._summing)
        return self._coders[key]

    def _quantizer(
        self,
        design: CodecDesign,
        encoder: VariedCoder,
        latents: Mapping[int, Reached],
        layers_on: int,
    ) -> Piece:
        """Return the quantizer as a piece without knobs, for each width of the latent."""
        found: dict[int, Mapping[Values, Setting]] = {}
        rows = QUANTIZER_ROWS.of("quantizer", design.quantizer)
        for width, how in latents.items():
            if not design.quantizer.relations(width):
                coded = draft(design, {("encoder",): encoder.part(how.before)})
                sums = self._summing.of_rows(rows(coded, self._terms.form, layers_on))
                found[width] = {(): Setting(sums, width)}
        return Piece((), found)


def _encoder_path(part: Any, channels: int, *, frame_steps: int) -> Step:
    return encoder_path(part, channels, frame_steps)


def _decoder_path(part: Any, channels: int, *, design: CodecDesign) -> Step:
    audio, steps = design.audio_channels, design.quantizer.frame_steps
    return decoder_path(part, channels, audio, design.step_samples, steps)
