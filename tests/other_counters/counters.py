"""Ask each operation counter for the multiply-accumulates of a module."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import torch
from torch import nn

from tests.other_counters.cases import Case

SAMPLE_RATE_HZ = 24_000


@dataclass(frozen=True)
class Counter:
    """A way to count, and the package that offers it."""

    name: str
    package: str
    count: Callable[[nn.Module, Case], int]

    @property
    def installed_version(self) -> str | None:
        """Version of the package; None where it is not installed."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return None


def shape(case: Case) -> tuple[int, int, int]:
    """Shape ``[B, C, T]`` of the input of a case."""
    return 1, case.channels, case.steps


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Drop what counters print and log beside their result."""
    logging.disable()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(logging.NOTSET)


def by_lrac_audit(module: nn.Module, case: Case) -> int:
    """Trace the module as a codec whose frame is one step, and take all steps of the case."""
    from lrac_audit.witness import trace
    from lrac_audit.witness.target import AuditTarget

    target = AuditTarget(
        name=case.name,
        root=module,
        sample_rate_hz=SAMPLE_RATE_HZ,
        hop_samples=1,
        transmit=module,
        audio_channels=case.channels,
    )
    return case.steps * sum(row.macs_per_frame for row in trace.measure(target, None).rows)


def by_fvcore(module: nn.Module, case: Case) -> int:
    """Take what fvcore calls flops, which are multiply-accumulates."""
    from fvcore.nn import FlopCountAnalysis

    return int(FlopCountAnalysis(module, torch.randn(shape(case))).total())


def by_torch(module: nn.Module, case: Case) -> int:
    """Halve the FLOPs of torch's counter."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        module(torch.randn(shape(case)))
    return int(counter.get_total_flops()) // 2


def by_ptflops(module: nn.Module, case: Case) -> int:
    """Ask the default back end, which listens to torch's dispatcher."""
    return _ptflops(module, case, "aten")


def by_ptflops_modules(module: nn.Module, case: Case) -> int:
    """Ask the older back end, which hooks modules and functions."""
    return _ptflops(module, case, "pytorch")


def _ptflops(module: nn.Module, case: Case, backend: str) -> int:
    from ptflops import get_model_complexity_info

    macs, _ = get_model_complexity_info(
        module,
        shape(case)[1:],
        as_strings=False,
        print_per_layer_stat=False,
        verbose=False,
        backend=backend,
    )
    return int(macs or 0)


def by_torchinfo(module: nn.Module, case: Case) -> int:
    """Take the mult-adds of torchinfo's summary."""
    from torchinfo import summary

    return int(summary(module, shape(case), verbose=0, device="cpu").total_mult_adds)


def by_calflops(module: nn.Module, case: Case) -> int:
    """Take the MACs of calflops, which counts FLOPs beside them."""
    from calflops import calculate_flops

    _, macs, _ = calculate_flops(
        module, input_shape=shape(case), print_results=False, output_as_string=False
    )
    return int(macs)


def by_thop(module: nn.Module, case: Case) -> int:
    """Take the first figure of thop's profile, which are multiply-accumulates."""
    from thop import profile

    return int(profile(module, (torch.randn(shape(case)),), verbose=False)[0])


COUNTERS = (
    Counter("lrac-audit", "lrac-audit", by_lrac_audit),
    Counter("fvcore", "fvcore", by_fvcore),
    Counter("torch `FlopCounterMode`", "torch", by_torch),
    Counter("ptflops", "ptflops", by_ptflops),
    Counter("ptflops, `pytorch` back end", "ptflops", by_ptflops_modules),
    Counter("torchinfo", "torchinfo", by_torchinfo),
    Counter("calflops", "calflops", by_calflops),
    Counter("thop", "thop", by_thop),
)


def heading(counter: Counter) -> str:
    """Return the name and installed version of a counter; of this project, the name alone."""
    return counter.name if counter is COUNTERS[0] else f"{counter.name} {counter.installed_version}"


def share_of_true(counter: Counter, case: Case) -> str:
    """Return what ``counter`` reports over the true count, or the exception that it raised."""
    torch.manual_seed(0)
    module = case.make().eval()
    try:
        with silent(), torch.no_grad():
            reported = counter.count(module, case)
    except Exception as error:  # whatever a counter raises on a module that it cannot take
        return type(error).__name__
    return f"{reported / case.macs:.3g}"
