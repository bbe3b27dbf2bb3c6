"""Apply a function to many items: in this process, on the cores of the machine, or on a cluster."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

from lrac_audit.errors import InputError, Problem, shown

Item = TypeVar("Item")
Result = TypeVar("Result")

CONNECT_SECONDS = 10
"""How long a scheduler may take to answer."""


class Workers(NamedTuple):
    """Who does the work."""

    jobs: int = 1
    """Processes on this machine; 1 is this process itself."""
    scheduler: str = ""
    """Address of the scheduler of a Dask cluster, which then does the work instead."""


HERE = Workers()
"""This process itself."""


def core_count() -> int:
    """Return the number of cores that this process may use."""
    from joblib import cpu_count

    return int(cpu_count())


def mapped(
    function: Callable[[Item], Result], items: Iterable[Item], workers: Workers = HERE
) -> Iterator[Result]:
    """Yield the result of ``function`` for each of ``items``, in their order.

    Items are drawn as they are needed, and a result is yielded as soon as it and all before it are
    there. With several workers ``function``, items and results are sent between processes:
    ``function`` is one of a module, or a ``functools.partial`` of one. When the consumer stops
    early, the work that was sent ahead is cancelled. On a cluster, what a worker that dies was
    doing is done again by another.

    Raises:
        InputError: the scheduler does not answer, or workers were killed and the work with them.
        Exception: whatever ``function`` raises.
    """
    if workers == HERE:
        yield from map(function, items)
        return
    from joblib import delayed

    with _parallel(workers) as parallel:
        results = parallel(delayed(function)(item) for item in items)
        try:
            for result in results:  # noqa: UP028 - `yield from` would close them outside the block
                yield result
        finally:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # that not everything was consumed
                results.close()


@contextmanager
def _parallel(workers: Workers) -> Iterator[Any]:
    """Yield joblib's executor of calls, and explain the death of a worker in the block."""
    from joblib import Parallel, parallel_config
    from joblib.externals.loky.process_executor import BrokenProcessPool

    if workers.scheduler:
        with _cluster(workers.scheduler) as client, parallel_config("dask", client=client):
            yield Parallel(return_as="generator")
        return
    try:
        yield Parallel(workers.jobs, return_as="generator")
    except BrokenProcessPool:
        given = "a process that was killed, mostly because memory ran out"
        problem = Problem("--jobs", given, f"fewer than {workers.jobs}, or more memory")
        raise InputError("workers", [problem]) from None


@contextmanager
def _cluster(address: str) -> Iterator[Any]:
    from distributed import Client
    from distributed.scheduler import KilledWorker

    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        given = f"{shown(address)}, where none answers: {error or type(error).__name__}"
        allowed = "the address of a running Dask scheduler, such as tcp://host:8786"
        raise InputError("workers", [Problem("--scheduler", given, allowed)]) from None
    with client:
        try:
            yield client
        except KilledWorker as error:
            given = f"an item on which several workers died: {error}"
            problem = Problem("--scheduler", given, "workers with more memory")
            raise InputError("workers", [problem]) from None
