"""Receptive fields of the presets of others, against gradients through the packages' own models.

The models are narrow: few channels in the same layers. In double precision a gradient is zero only
where no path leads, since products that are lost in a sum are not lost by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from lrac_audit import audit
from lrac_audit.ledger.latency import context
from lrac_audit.ledger.row import Ledger
from lrac_audit.presets import BASELINES, PRESETS
from lrac_audit.witness.codec_catalogue import (
    DAC_16KHZ,
    DAC_24KHZ,
    DAC_44KHZ,
    dac,
    encodec,
    snac_24khz,
)
from lrac_audit.witness.factory import as_target
from lrac_audit.witness.target import AuditTarget
from tests.lrac_audit.witness.conftest import imported

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)
CODECS = [
    pytest.param("dac-16khz", "transformers", partial(dac, DAC_16KHZ), marks=pytest.mark.sweep),
    pytest.param("dac-24khz", "transformers", partial(dac, DAC_24KHZ), marks=pytest.mark.sweep),
    pytest.param("dac-44khz", "transformers", partial(dac, DAC_44KHZ), marks=pytest.mark.sweep),
    pytest.param("encodec-24khz", "transformers", partial(encodec, {}), marks=pytest.mark.sweep),
    ("snac-24khz", "snac", snac_24khz),
]
Run = Callable[[Tensor], Tensor]


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def narrow(package: str, make: Callable[[bool], Any]) -> AuditTarget:
    imported(package)
    return as_target(make(True).double(), "codec")


def span(run: Run, x: Tensor, begin: int, end: int) -> tuple[int, int]:
    """Return the first and the last step of ``x`` that steps ``begin`` to ``end`` depend on."""
    y = run(x.requires_grad_())[:, :, begin:end]
    (gradient,) = torch.autograd.grad((y * torch.randn_like(y)).sum(), x)
    steps = gradient.abs().sum((0, 1)).nonzero()
    return int(steps[0]), int(steps[-1])


def look_ahead(ledger: Ledger, stage: str) -> int:
    return sum(row.delay_samples or 0 for row in ledger.rows if row.stage == stage)


@pytest.mark.parametrize(("preset", "package", "make"), CODECS)
def test_an_encoder_sees_what_its_gradient_reaches(
    preset: str, package: str, make: Callable[[bool], Any]
) -> None:
    """The latent steps of one frame, together, which are several in SNAC."""
    ledger, target = audit(preset).ledger, narrow(package, make)
    hop, seen = ledger.hop_samples, context(ledger).encoder_samples
    frame, reach = 6000 // hop + 1, look_ahead(ledger, "encoder")
    audio = torch.randn(1, 1, (2 * frame + 1) * hop, dtype=torch.float64)
    steps = hop // (ledger.step_samples or hop)
    first, last = span(target.transmit, audio, frame * steps, (frame + 1) * steps)
    assert last == (frame + 1) * hop - 1 + reach
    # behind an LSTM the past has no end, and the gradient reaches the start of the clip
    assert first == (0 if seen is None else last + 1 - seen)


@pytest.mark.parametrize(("preset", "package", "make"), CODECS)
def test_a_decoder_sees_what_its_gradient_reaches(
    preset: str, package: str, make: Callable[[bool], Any]
) -> None:
    """The output samples that belong to one latent step, together: at their worst phase."""
    ledger, target = audit(preset).ledger, narrow(package, make)
    step, seen, at = ledger.step_samples or ledger.hop_samples, context(ledger), 20
    one_step = target.transmit(torch.randn(1, 1, step, dtype=torch.float64))
    latent = torch.randn(1, one_step.shape[1], 2 * at, dtype=torch.float64)
    assert target.receive is not None
    first, last = span(target.receive, latent, at * step, (at + 1) * step)
    assert last - at == seen.decoder_future_frames
    past = seen.decoder_past_frames
    assert first == (0 if past is None else at - past)


def test_every_codec_of_others_is_among_them() -> None:
    """Mimi sees 79 s, which is too long for a gradient; it is derived by hand with its figures."""
    names = [getattr(codec, "values", codec)[0] for codec in CODECS]
    assert {*names, "mimi-24khz", "vocodec-24khz"} == set(PRESETS) - set(BASELINES)
