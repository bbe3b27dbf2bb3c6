"""Put off Python's garbage collection, which looks through a large heap again and again.

Importing torch and a codec's package makes a million objects, and hardly any garbage: collections
on the way and afterwards take a fifth of the time of an audit.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage_collected() -> Iterator[None]:
    """Put off garbage collection until the block has ended."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def long_lived_made() -> Iterator[None]:
    """Put off garbage collection while imports and models are made, which count as old afterwards.

    Young, all of them would be looked through at the next allocation, and again a moment later.
    """
    with no_garbage_collected():
        yield
        if gc.get_freeze_count() == 0:
            gc.freeze()
            gc.unfreeze()  # into the oldest generation


@contextmanager
def only_new_garbage_collected() -> Iterator[None]:
    """Leave out of garbage collection, for a while, all objects that there are by now.

    Objects that somebody has frozen already stay so.
    """
    frozen_already = gc.get_freeze_count() > 0
    if not frozen_already:
        gc.freeze()
    try:
        yield
    finally:
        if not frozen_already:
            gc.unfreeze()
