"""Compare a receiver with one that runs in a copy of its own and never saw the signal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from torch import Tensor

from lrac_audit.witness.isolation import one_thread
from lrac_audit.witness.target import AuditTarget, TargetMode
from lrac_audit.witness.wire.leaves import parted
from lrac_audit.witness.wire.receiver import (
    NoCopy,
    ReceiverCopy,
    ReceiverFailed,
    received,
    same_audio,
)
from lrac_audit.witness.wire.side_channels import Places

SHOWN_PLACES = 3
HIDDEN = "the receiver reads more of the codes than their values: their memory or attributes"
CHANGING = "the receiver's output changes from call to call: codes alone do not give it"


class Apart(NamedTuple):
    """The result of running a receiver apart from its transmitter."""

    broken: tuple[str, ...] = ()
    """Sentences on promises that the codec breaks."""
    unchecked: tuple[str, ...] = ()
    """Sentences on what could not be checked."""


def received_apart(target: AuditTarget, mode: TargetMode, transmit: Callable[[], Any]) -> Apart:
    """Hand what ``transmit`` returns to the receiver here, and to one in a copy of its own."""
    receive = target.receive
    assert receive is not None

    def decode(codes: Any) -> Tensor:
        return receive(mode.dequantise(codes))

    places = Places(target.root, (target.transmit, mode.quantise, mode.dequantise, receive))
    try:
        copy = ReceiverCopy(decode)
    except NoCopy as error:
        return Apart((), (_not_copied(error),))
    try:
        handed_over = transmit()
        return _compared(copy, decode, handed_over, _named(places.changed()))
    finally:
        copy.close()


def _compared(
    copy: ReceiverCopy, decode: Callable[[Any], Tensor], handed_over: Any, left: str
) -> Apart:
    """Compare two receivers; ``left`` says where the transmitter left something."""
    codes = parted(handed_over)
    with one_thread():
        here = received(decode, codes)
        try:
            there = copy.receive(codes)
        except ReceiverFailed as error:
            sentence = f"the receiver fails without the transmitter: {error}{left}"
            return Apart((sentence,))
        except NoCopy as error:
            return Apart((), (_not_copied(error),))
        whole, again = received(decode, handed_over), received(decode, codes)
    changes = not same_audio(here, again)
    if same_audio(here, there):
        hidden = not changes and not same_audio(here, whole)
        return Apart((HIDDEN,) if hidden else ())
    if changes:
        return Apart((), (CHANGING,))
    return Apart((f"the receiver's output depends on more than the codes{left}",))


def _not_copied(error: NoCopy) -> str:
    return f"the receiver was not run in a copy of its own: {error}"


def _named(places: list[str]) -> str:
    """Return the first of some places as an addition to a sentence."""
    if not places:
        return ""
    more = len(places) - SHOWN_PLACES
    text = ", ".join(places[:SHOWN_PLACES]) + (f" and {more} more" if more > 0 else "")
    return f" (the transmitter leaves something in {text})"
