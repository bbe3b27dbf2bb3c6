"""Results of many workers are those of one, in order; the death of workers is survived or told."""

from __future__ import annotations

import itertools
import os
import signal
import time

import pytest

from lrac_audit.errors import InputError
from reference_models.parallel.mapping import HERE, Workers, mapped

TWO = Workers(jobs=2)


def square(number: int) -> int:
    return number * number


def pause(number: int) -> int:
    time.sleep(0.005)
    return number


def slower_first(number: int) -> tuple[int, int]:
    """The first take longest, so that later ones are done before them."""
    time.sleep(0.05 if number < 2 else 0)
    return number, os.getpid()


def refuse_three(number: int) -> int:
    if number == 3:
        raise LookupError("three")
    return number


def die_at_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("workers", [HERE, TWO])
def test_results_come_in_the_order_of_the_items(workers):
    found = list(mapped(slower_first, range(20), workers))
    assert [number for number, _ in found] == list(range(20))
    elsewhere = {process for _, process in found} - {os.getpid()}
    assert len(elsewhere) == (2 if workers is TWO else 0)
    assert list(mapped(square, [], workers)) == []


@pytest.mark.parametrize("workers", [HERE, TWO])
def test_items_are_drawn_as_needed_and_a_consumer_may_stop(workers):
    drawn = []
    endless = (drawn.append(n) or n for n in itertools.count())
    results = mapped(pause, endless, workers)
    assert list(itertools.islice(results, 5)) == [0, 1, 2, 3, 4]
    results.close()
    before = len(drawn)
    time.sleep(0.1)
    assert len(drawn) == before < 200


@pytest.mark.parametrize("workers", [HERE, TWO])
def test_what_the_function_raises_comes_through(workers):
    results = mapped(refuse_three, range(9), workers)
    with pytest.raises(LookupError, match="three"):
        list(results)


def test_a_killed_process_is_one_message():
    with pytest.raises(InputError, match=r"--jobs: given a process that was killed"):
        list(mapped(die_at_three, range(9), TWO))


def test_no_scheduler_is_one_message(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("reference_models.parallel.mapping.CONNECT_SECONDS", 0.2)
    for address in ("tcp://127.0.0.1:1", "nonsense://x"):
        with pytest.raises(InputError, match="--scheduler: given '"):
            list(mapped(square, [1], Workers(scheduler=address)))


@pytest.mark.sweep
def test_a_cluster_loses_and_repeats_nothing_when_a_worker_is_killed():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=""
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        processes = list(client.run(os.getpid).values())
        results = mapped(pause, range(400), Workers(scheduler=cluster.scheduler_address))
        found = list(itertools.islice(results, 20))
        os.kill(processes[0], signal.SIGKILL)
        found += results
        assert len(processes) == 2 and processes[0] not in client.run(os.getpid).values()
    assert found == list(range(400))
