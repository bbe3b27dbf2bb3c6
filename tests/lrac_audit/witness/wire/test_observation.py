"""What goes over the wire: honest codecs pass, every broken promise is named."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lrac_audit.ledger.conventions import find_convention
from lrac_audit.ledger.row import Ledger, Mode
from lrac_audit.ledger.totals import Totals
from lrac_audit.limits.bitstream import BITSTREAM
from lrac_audit.limits.check import Evidence
from lrac_audit.limits.limit_set import LimitSet
from lrac_audit.witness.codec_catalogue import KNOWN_CODECS, KnownCodec
from lrac_audit.witness.factory import as_target
from lrac_audit.witness.isolation import package_warnings_hidden
from lrac_audit.witness.packages import hide_broken_packages
from lrac_audit.witness.target import TargetMode
from lrac_audit.witness.wire import observe
from tests.lrac_audit.witness.wire.codecs import CHANNELS, Bare, Case, target_of
from tests.lrac_audit.witness.wire.honest import HONEST_CASES
from tests.lrac_audit.witness.wire.not_whole import KINDS
from tests.lrac_audit.witness.wire.side_channels import SIDE_CHANNELS
from tests.lrac_audit.witness.wire.too_many_bits import LIES
from tests.sweeps import thinned

BITS = {"SNAC 24 kHz": 12, "Mimi": 11}
"""Bits of an index in codebooks of 4,096 and 2,048; those of the others have 1,024."""
CASES = [*HONEST_CASES, *KINDS, *LIES, *SIDE_CHANNELS]


def sentences(found, declared):
    """All that is said about a bitstream."""
    lies = f"{declared:g} kbps are declared: " + ", ".join(
        f"{s.name} of {s.dtype}" for s in found.streams
    )
    return " | ".join([*found.broken, *found.unchecked, lies])


def status(found):
    ledger = Ledger("x", 8000, 8, Mode(None, None, 1.0), (), (), bitstream=found)
    limits = LimitSet(name="x", convention="macs", overall_mflops=1)
    evidence = Evidence(ledger, Totals(ledger), limits, find_convention("macs"))
    return BITSTREAM.check(evidence, found).status


@pytest.mark.parametrize("case", thinned(CASES, 4), ids=lambda case: case.name)
def test_the_bitstream_of(case: Case) -> None:
    target = case.make()
    found = observe(target, target.modes[-1])
    said = sentences(found, target.modes[-1].bitrate_kbps)
    assert (status(found), case.says in said) == (case.status, True), (said, found)


@pytest.mark.parametrize("known", thinned(KNOWN_CODECS, 2), ids=lambda known: known.name)
def test_no_false_alarm_on(known: KnownCodec) -> None:
    """Public codecs keep their promises; narrow ones, since bitstreams do not depend on widths."""
    hide_broken_packages()
    with package_warnings_hidden():
        target = as_target(known.make(True), known.name)
        found = observe(target, target.modes[-1])
    assert (status(found), found.broken, found.unchecked) == ("pass", (), ())
    declared = sum(s.values_per_s for s in found.streams) * BITS.get(known.name, 10) / 1000
    assert declared == pytest.approx(target.modes[-1].bitrate_kbps)
    assert found.observed_kbps == pytest.approx(declared)


SMALL, LARGE = torch.eye(8), torch.eye(32)
"""Tables of 8 and of 32 codewords."""


def looked_up(tables, codes):
    """The latent as a sum over the first codewords' entries, one table for each code."""
    found = [table[code][..., :CHANNELS] for table, code in zip(tables, codes, strict=True)]
    return torch.stack(found).sum(0).mT


@pytest.mark.parametrize(
    ("hand_over", "take", "ranges"),
    [
        (
            lambda codes: {"first": codes[0], "second": codes[1]},
            lambda sent: looked_up([SMALL, LARGE], [sent["first"], sent["second"]]),
            [(0, 7, 3000), (0, 31, 5000)],
        ),
        (
            lambda codes: codes,
            lambda sent: looked_up([SMALL, SMALL], torch.stack(sent).unbind(0)),
            [(0, 7, 3000), (0, 7, 3000)],
        ),
        (
            lambda codes: torch.stack(codes, 1),
            lambda sent: looked_up([SMALL, LARGE], sent.unbind(1)),
            [(0, 31, 3000 + 5000)],
        ),
        (  # an index that is computed says nothing, so the two values that were seen remain
            lambda codes: codes[0],
            lambda sent: looked_up([SMALL], [sent + 1]),
            [(2, 3, 1000)],
        ),
    ],
)
def test_codes_that_index_a_table_have_its_range(hand_over, take, ranges) -> None:
    """1,000 frames a second of codes that are 2 or 3: of 3 bits in the small table, of 5 in the
    large one."""
    model = Bare()

    def quantise(latent):
        codes = (latent[:, 0] > 0).long() + 2
        return hand_over([codes, 5 - codes])

    target = target_of(model, TargetMode(8.0, quantise, take))
    found = observe(target, target.modes[0])
    assert [(s.lowest, s.highest, s.bits_per_s) for s in found.streams] == ranges
    assert found.observed_kbps == sum(bits for _, _, bits in ranges) / 1000


def test_an_observation_is_the_same_each_time() -> None:
    """Noise of the transmitter, of torch and of numpy, is drawn from one seed."""
    model = Bare(65_536)

    def quantise(latent):
        return model.quantise(latent + torch.randn_like(latent) + np.random.standard_normal())

    target = target_of(model, TargetMode(64.0, quantise, model.dequantise))
    found = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        np.random.seed(seed)
        found.append(observe(target, target.modes[0]))
    assert found[0] == found[1]
    assert found[0].streams
