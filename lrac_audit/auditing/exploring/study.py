"""Studies of optuna: the trials of an evolutionary search, kept in memory or in a database."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.auditing.exploring.defaults import TRIALS
from lrac_audit.auditing.exploring.parallel import Question
from lrac_audit.auditing.exploring.space import Space
from lrac_audit.errors import InputError, Problem, shown

if TYPE_CHECKING:
    import optuna


class Evolution(NamedTuple):
    """Options of an evolutionary search."""

    trials: int = TRIALS
    """The designs that are audited, those twice that are proposed twice."""
    seed: int | None = None
    storage: str | None = None
    """The URL of a database that several processes may share."""


def check_installed(space: Space) -> None:
    """Make sure that there is a search for a space that is too large for an exact one.

    Raises:
        InputError: optuna is not installed.
    """
    if find_spec("optuna") is None:
        given = f"a space of {space.size:,} designs"
        allowed = (
            "fewer values, a larger --max-designs, or the package optuna for a search that proves "
            "nothing: an install with its extra, pip install '.[explore]' in a checkout"
        )
        raise InputError("options", [Problem("--vary", given, allowed)])


def open_study(question: Question, options: Evolution) -> optuna.Study:
    """Return the study of ``question``, which a storage may have already.

    Raises:
        InputError: the storage cannot be used.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        return optuna.create_study(
            storage=options.storage,
            study_name=_name(question),
            load_if_exists=True,
            directions=["minimize"] * len(question.objectives),
            sampler=optuna.samplers.NSGAIISampler(seed=options.seed),
        )
    except Exception as error:  # of whatever database the URL names
        allowed = "the URL of a database, such as sqlite:///front.db"
        reason = shown(str(error).splitlines()[0] if str(error) else type(error).__name__)
        given = f"{shown(options.storage)}, which fails: {reason}"
        raise InputError("options", [Problem("--storage", given, allowed)]) from error


def _name(question: Question) -> str:
    """Return the name of a study, which is the same wherever the same is asked."""
    told = [question.space, question.limits, question.objectives, question.terms.form]
    told += [question.terms.bitrate_kbps, question.terms.convention.name, question.terms.limits]
    return f"lrac-audit {hashlib.sha256(repr(told).encode()).hexdigest()[:16]}"
