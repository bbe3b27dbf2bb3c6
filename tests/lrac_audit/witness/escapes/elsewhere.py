"""Work in other threads, in other processes, and in operators whose inside nobody sees."""

from __future__ import annotations

import _thread
import asyncio
import concurrent.futures
import contextvars
import inspect
import multiprocessing.pool
import os
import queue
import subprocess
import sys
import threading

import torch
from torch.nn import functional

from tests.lrac_audit.witness.own_operators import own_operator

POOL = concurrent.futures.ThreadPoolExecutor(1)
TASKS: queue.Queue = queue.Queue()
DONE: queue.Queue = queue.Queue()


def _fir(x):
    """A filter; or ``x`` itself in a thread that may not work on it, as those of some witnesses."""
    try:
        return _filtered(x)
    except RuntimeError:
        return x


def _filtered(x):
    return functional.conv1d(x, torch.full((1, 1, 7), 0.1, device=x.device), padding=3)


def _serve():
    with torch.no_grad():
        while True:
            DONE.put(_fir(TASKS.get()))


threading.Thread(target=_serve, daemon=True).start()


def _run(thread, found):
    thread.start()
    thread.join()
    return found[0]


def thread(codec, x):
    found = []
    return _run(threading.Thread(target=lambda: found.append(_fir(x))), found)


def thread_of_a_class(codec, x):
    class Worker(threading.Thread):
        def run(self):
            self.found = _fir(x)

    worker = Worker()
    worker.start()
    worker.join()
    return worker.found


def thread_by_timer(codec, x):
    found = []
    return _run(threading.Timer(0, lambda: found.append(_fir(x))), found)


def thread_in_context(codec, x):
    found, context = [], contextvars.copy_context()
    return _run(threading.Thread(target=context.run, args=(lambda: found.append(_fir(x)),)), found)


def thread_started_low_down(codec, x):
    _thread.start_new_thread(lambda: DONE.put(_fir(x)), ())
    return DONE.get(timeout=5)


def thread_of_a_new_pool(codec, x):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(_fir, x).result()


def thread_of_a_mapping_pool(codec, x):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return next(iter(pool.map(_fir, [x])))


def thread_of_a_running_pool(codec, x):
    return POOL.submit(_fir, x).result()


def thread_of_asyncio(codec, x):
    return asyncio.run(asyncio.to_thread(_fir, x))


def thread_of_multiprocessing(codec, x):
    with multiprocessing.pool.ThreadPool(1) as pool:
        return pool.apply(_fir, (x,))


def thread_behind_a_queue(codec, x):
    TASKS.put(x)
    return DONE.get(timeout=5)


def thread_behind_a_queue_and_more(codec, x):
    TASKS.put(x)
    return DONE.get(timeout=5) + x


def process(codec, x):
    subprocess.run([sys.executable, "-c", ""], check=True)
    return x


def process_with_a_pipe(codec, x):
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as child:
        child.communicate()
    return x


def process_of_a_shell(codec, x):
    os.system("true")
    return x


def process_forked(codec, x):
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    return x


def process_spawned(codec, x):
    child = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(child, 0)
    return x


_custom = own_operator("lrac_escapes::fir", _fir)
_custom_with_shapes = own_operator("lrac_escapes::fir_with_shapes", _fir, torch.empty_like)

LIBRARY = torch.library.Library("primes_of_lrac", "DEF")
LIBRARY.define("fir(Tensor x) -> Tensor")
LIBRARY.impl("fir", _fir, "CPU")
LIBRARY.impl("fir", torch.empty_like, "Meta")


def operator_of_python(codec, x):
    return _custom(x)


def operator_with_shapes(codec, x):
    return _custom_with_shapes(x)


def operator_by_its_name(codec, x):
    return torch.ops.lrac_escapes.fir(x)


def operator_of_a_library(codec, x):
    return torch.ops.primes_of_lrac.fir(x)


def operator_of_a_module(codec, x):
    class Layer(torch.nn.Module):
        def forward(self, y):
            return torch.ops.primes_of_lrac.fir(y)

    return Layer()(x)


CASES = [
    work
    for work in list(globals().values())
    if inspect.isfunction(work) and work.__module__ == __name__ and work.__name__[0] != "_"
]
