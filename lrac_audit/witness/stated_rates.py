"""The rates of a codec that its user states. This module needs no torch."""

from __future__ import annotations

from typing import NamedTuple

from lrac_audit.errors import InputError, Problem


class StatedRates(NamedTuple):
    """The rates that the user states: of a codec that says none, or in place of what it says."""

    sample_rate_hz: int | None = None
    hop_samples: int | None = None

    def checked(self) -> StatedRates:
        """Return the same.

        Raises:
            InputError: one of them is not positive.
        """
        options = {"--sample-rate": self.sample_rate_hz, "--hop": self.hop_samples}
        problems = [
            Problem(name, str(value), "a positive whole number")
            for name, value in options.items()
            if value is not None and value <= 0
        ]
        if problems:
            raise InputError("options", problems)
        return self


AS_DECLARED = StatedRates()
"""Nothing is stated: the codec says its rates itself."""
