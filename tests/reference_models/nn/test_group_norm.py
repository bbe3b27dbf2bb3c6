"""Group norms over time: figures by hand, offline and verified, and refused in a stream."""

from __future__ import annotations

import re
from itertools import pairwise
from types import SimpleNamespace

import pytest
import torch

from lrac_audit import audit
from lrac_audit.design.layers.norms import GroupNorm
from lrac_audit.design.native import read_design
from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.errors import InputError
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.memory import memory
from reference_models.nn.build import build_untrained
from reference_models.nn.codec import Receiver, Transmitter
from reference_models.nn.layers.whole_clip import group_norm
from reference_models.streaming.delay_measurement import measure_delay
from reference_models.streaming.live_codec import LiveCodec
from tests.disagreement import disagreeing
from tests.reference_models.nn.quantizer_designs import TEXT

PLAIN = TEXT.replace("QUANTIZER", "{layers: 1, codebook_size: 16, codebook_dim: 4}")
LOOKING = "    - conv: {kernel: 3, channels: 8, look_ahead: 1}\n"
TRIMMED = "channels: 8, trim: both}\n"
SENDING = PLAIN.replace(LOOKING, f"{LOOKING}    - group_norm: {{groups: 2}}\n")
SKIPPED = PLAIN.replace(
    TRIMMED,
    f"{TRIMMED}    - residual: {{layers: [{{conv: {{kernel: 3, look_ahead: 1}}}}, group_norm]}}\n",
)
BESIDE = PLAIN.replace(
    TRIMMED,
    f"{TRIMMED}    - parallel:\n        branches:\n          - [group_norm, gru]\n"
    "          - [{conv: {kernel: 3, look_ahead: 1}}]\n",
)
BOTH = SENDING.replace(TRIMMED, f"{TRIMMED}    - group_norm\n")
ALL = {"sending": SENDING, "skipped": SKIPPED, "beside": BESIDE, "both": BOTH}
every_design = pytest.mark.parametrize("text", ALL.values(), ids=ALL)


def design_of(text):
    return read_design(parse_yaml(text, "norm.yaml"), "norm.yaml")


def test_its_row_by_hand():
    """8 channels, 20 steps in a frame of 240 samples: for each value two sums (mean, variance), and
    a square, a difference, a factor, and the learned factor and shift."""
    ledger = audit(design_of(SENDING)).ledger
    (row,) = [row for row in ledger.rows if row.name == "encoder.layers.3.group_norm"]
    assert (row.macs_per_frame, row.stored_values) == (0, 2 * 8)
    assert row.work == {"reduce": 20 * 2 * 8, "pointwise": 20 * 5 * 8}
    assert (row.past_samples, row.delay_samples, row.state_values) == (None, None, None)
    assert row.held_values == 0


def test_what_waits_beside_it_is_held_without_a_bound():
    rows = {row.name: row for row in audit(design_of(SKIPPED)).ledger.rows}
    assert rows["decoder.layers.1.residual.add"].held_values is None
    rows = {row.name: row for row in audit(design_of(BESIDE)).ledger.rows}
    assert rows["decoder.layers.1.parallel.join"].held_values is None
    # the branch of the norm is the longest, so the other adds no delay
    assert rows["decoder.layers.1.parallel.branches.1.0.conv"].delay_samples == 0


def test_no_number_bounds_the_side_that_has_it():
    ledger = audit(design_of(SENDING)).ledger
    assert latency(ledger) == (240, None, 120)  # 10 of 20 surplus steps of 12 samples
    assert latency(ledger).total_samples is None
    assert context(ledger).encoder_samples is None
    assert memory(ledger, "transmit").state_values is None
    assert memory(ledger, "receive").state_values is not None
    assert latency(audit(design_of(SKIPPED)).ledger) == (240, 12, None)
    assert context(audit(design_of(SKIPPED)).ledger).decoder_future_frames is None


def test_the_module_is_the_definition():
    layer = build_untrained(design_of(SENDING), 0).encoder.get_submodule("layers.3.group_norm")
    torch.nn.init.normal_(layer.norm.weight)
    torch.nn.init.normal_(layer.norm.bias)
    x = torch.randn(2, 8, 50)
    expected = torch.empty_like(x)
    for clip in range(2):
        for channels in (range(4), range(4, 8)):
            group = x[clip, list(channels)]
            deviation = (group - group.mean()).square().mean().add(1e-5).sqrt()
            expected[clip, list(channels)] = (group - group.mean()) / deviation
    expected = expected * layer.norm.weight[:, None] + layer.norm.bias[:, None]
    with torch.no_grad():
        assert torch.allclose(layer(x), expected, atol=1e-5)


def test_a_single_value_is_its_own_mean():
    """So nothing is left of it but the learned shift."""
    norm = group_norm(SimpleNamespace(part=GroupNorm(groups=2), channels_in=2)).double()
    torch.nn.init.constant_(norm.norm.bias, 0.25)
    x = torch.randn(1, 2, 1, dtype=torch.float64)
    y = norm.step(x, norm.initial_state(1, x), last=True)
    assert torch.allclose(y, torch.full_like(x, 0.25), rtol=0, atol=1e-9)


@every_design
def test_nothing_comes_before_the_end_and_then_what_offline_gives(text):
    codec = build_untrained(design_of(text), 1)
    audio = 0.1 * torch.randn(1, 1, 2400)
    with torch.no_grad():
        latent = codec.encoder(audio)
        codes = codec.quantizer.encode(latent, 1)
        whole = codec.decoder(codec.quantizer.decode(codes))
    sender, receiver = Transmitter(codec), Receiver(codec)
    sent = [sender.push(part) for part in audio.split(100, 2)]
    heard = [receiver.push(part) for part in codes.split(3, 2)]
    assert any(part.shape[2] for part in sent) == (text not in (SENDING, BOTH))
    assert any(part.shape[2] for part in heard) == (text is SENDING)
    assert torch.equal(torch.cat([*sent, sender.flush()], 2), codes)
    assert torch.allclose(torch.cat([*heard, receiver.flush()], 2), whole, rtol=0, atol=1e-5)
    assert torch.equal(codec.encode(audio), codes)


def test_what_is_kept_grows_with_the_clip():
    codec = build_untrained(design_of(SENDING), 1)
    sender, kept = Transmitter(codec), []
    for _ in range(3):
        sender.push(torch.zeros(1, 1, 2400))
        kept.append(sender.footprint().state_values)
    # 2400 samples are 200 steps of 8 channels at the norm
    assert [after - before for before, after in pairwise(kept)] == [1600, 1600]


@pytest.mark.parametrize(
    "text",
    [
        SENDING,
        BESIDE,
        pytest.param(SKIPPED, marks=pytest.mark.sweep),
        pytest.param(BOTH, marks=pytest.mark.sweep),
    ],
)
def test_every_other_witness_agrees(text):
    found = audit(design_of(text), verify=True)
    assert not found.verdict.doubts
    findings = found.agreement.findings
    assert findings and not disagreeing(found.agreement)
    assert {f.witness for f in findings} == {"operator trace", "fvcore", "dependency"}
    (remark,) = [line for line in found.agreement.remarks if "stream" in line]
    assert remark.startswith("no stream was run: no bound on the delay of ")
    assert ".group_norm" in remark


def test_a_limit_on_the_delay_is_broken_and_names_the_layer():
    found = audit(design_of(BOTH), limits="lrac-2025-track1")
    (check,) = [check for check in found.verdict.checks if check.id == "total_latency_ms"]
    assert (check.value, check.margin, check.status) == (None, None, "fail")
    assert found.verdict.status == "fail"
    assert [remedy.text for remedy in found.remedies(check)] == [
        "take out what waits for the end of the clip: encoder.layers.3.group_norm and 1 more"
    ]


def test_a_stream_is_refused_with_one_message():
    codec = build_untrained(design_of(BOTH), 1)
    message = (
        r"^small: encoder\.layers\[3\]\.group_norm: given no bound on its delay, and 1 more of the "
        r"kind; allowed: layers whose delay has a bound"
    )
    with pytest.raises(InputError, match=message):
        measure_delay(codec, codec, 1)
    with pytest.raises(InputError, match=message) as refused:
        LiveCodec(codec)
    assert len(refused.value.problems) == 1


def test_it_trains():
    codec = build_untrained(design_of(BOTH), 1).train()
    codec(0.1 * torch.randn(1, 1, 2400)).audio.square().mean().backward()
    norms = [m for m in codec.modules() if isinstance(m, torch.nn.GroupNorm)]
    assert len(norms) == 2
    for norm in norms:
        assert norm.weight.grad.abs().max() > 0


@pytest.mark.parametrize(
    ("groups", "given"),
    [("3", "3; allowed: a divisor of the 8 channels before it"), ("0", "0; allowed: a whole")],
)
def test_one_message_names_the_field(groups, given):
    message = re.escape(f"encoder.layers[3].group_norm.groups: given {given}")
    with pytest.raises(InputError, match=message) as refused:
        design_of(SENDING.replace("groups: 2", f"groups: {groups}"))
    assert len(refused.value.problems) == 1
