"""Entry points by which an installed package extends the auditor: adapters and verifiers.

Reading them imports nothing of that package; its code is imported when an extension is used. This
module needs no torch.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.witness.packages import failure

if TYPE_CHECKING:
    from lrac_audit.design.parts import CodecDesign
    from lrac_audit.ledger.agreement import Agreement
    from lrac_audit.ledger.row import Ledger
    from lrac_audit.progress import Progress

    Verifier = Callable[[CodecDesign, Ledger, Progress | None], Agreement]

ADAPTERS = "lrac_audit.adapters"
"""Group of the adapters: the dotted path of a codec's class = a function that adapts it."""
VERIFIERS = "lrac_audit.verifiers"
"""Group of the verifiers: ``design`` = a function that holds a ledger to a model of its design."""
OWN_DISTRIBUTION = "lrac-audit"


def installed(group: str) -> tuple[EntryPoint, ...]:
    """Return the entry points that installed packages declare in ``group``."""
    return tuple(entry_points(group=group))


def distribution_of(point: EntryPoint) -> str:
    """Return the name of the distribution that declares ``point``."""
    return "an unknown distribution" if point.dist is None else point.dist.name


def described(point: EntryPoint) -> str:
    """Return ``point`` as messages name it."""
    return f"{point.group} entry point {point.name} of {distribution_of(point)}"


def load(point: EntryPoint) -> Callable[..., Any]:
    """Import the function that ``point`` refers to.

    Raises:
        InputError: it cannot be imported, or it is no function.
        ModuleNotFoundError: an entry point of this distribution needs an extra that is missing.
    """
    try:
        found = point.load()
    except (Exception, SystemExit) as error:  # whatever a package raises when it is imported
        own = distribution_of(point) == OWN_DISTRIBUTION
        if own and isinstance(error, ModuleNotFoundError):
            raise
        next_step = f"repair or uninstall {distribution_of(point)}"
        problem = failure(f"importing {point.value}", error, next_step)
        raise InputError(described(point), [problem]) from error
    if not callable(found):
        raise InputError(described(point), [Problem(point.value, shown(found), "a function")])
    function: Callable[..., Any] = found
    return function


def find_verifier(name: str) -> Verifier:
    """Return the verifier called ``name``.

    Raises:
        InputError: no installed package has one, more than one has it, or it cannot be imported.
    """
    found = [point for point in installed(VERIFIERS) if point.name == name]
    if len(found) == 1:
        verifier: Verifier = load(found[0])
        return verifier
    if found:
        given = "verifiers of " + " and of ".join(map(distribution_of, found))
        raise InputError("options", [Problem("--verify", given, "one of them installed")])
    allowed = (
        f"an installed package with the entry point {name!r} in the group {VERIFIERS}, "
        f"as {OWN_DISTRIBUTION} itself with its extra codec; install that again"
    )
    raise InputError("options", [Problem("--verify", "no installed verifier", allowed)])
