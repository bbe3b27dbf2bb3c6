"""``lrac-audit reconcile`` on codecs that are measured, on single clips too.

The codec has frames of 10 samples at 1,000 Hz, no more than a strided convolution and a transposed
one that loses a sample of each clip, as that of stride 5 in the Descript codec does; an input of T
samples makes T / 10 latent steps and T - 1 samples, on which one more convolution runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction

import pytest
import torch
from torch import nn

from lrac_audit.auditing.counted_work import AT_OUTPUT_RATE
from lrac_audit.auditing.subject import measured_subject, on_clips
from lrac_audit.witness.target import AuditTarget, TargetMode
from tests.conftest import Result

Run = Callable[..., Result]
RATE_HZ, HOP, WIDTH, CODEWORDS = 1000, 10, 4, 8
ENCODE = 1 * WIDTH * HOP
SEARCH = WIDTH * CODEWORDS
UP = WIDTH * 3 * (2 * HOP)
LAST = 3 * 1 * 1
FACTORY = "python:tests.lrac_audit.published.test_reconcile_measured:short"


class Short(nn.Module):
    """A codec whose decoder loses a sample of every clip."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Conv1d(1, WIDTH, HOP, stride=HOP)
        self.register_buffer("codebook", torch.randn(CODEWORDS, WIDTH))
        self.up = nn.ConvTranspose1d(WIDTH, 3, 2 * HOP, stride=HOP, padding=HOP // 2)
        self.last = nn.Conv1d(3, 1, 1)

    def quantise(self, latent: torch.Tensor) -> torch.Tensor:
        vectors = latent.transpose(1, 2)
        scores = self.codebook.square().sum(1) - 2 * vectors @ self.codebook.t()
        return scores.argmin(2)

    def dequantise(self, codes: torch.Tensor) -> torch.Tensor:
        return nn.functional.embedding(codes, self.codebook).transpose(1, 2)

    def receive(self, latent: torch.Tensor) -> torch.Tensor:
        return self.last(self.up(latent)[:, :, :-1])


def short() -> AuditTarget:
    """A factory for ``python:`` targets."""
    model = Short().eval()
    mode = TargetMode(0.3, model.quantise, model.dequantise)
    return AuditTarget("Short", model, RATE_HZ, HOP, model.encoder, model.receive, (mode,))


def test_the_work_of_clips_is_that_of_one_run() -> None:
    clips = on_clips(short(), "short")
    packets = [f"a clip of {n} ms" for n in (20, 40, 60, 80)]
    seconds = [f"a clip of {n} s" for n in (1, 2, 3, 4, 5, 10)]
    assert list(clips) == ["one frame of 10 samples", *packets, *seconds]
    for name, clip in clips.items():
        steps = int(clip.seconds * RATE_HZ / HOP)
        encoder, decoder = clip.by_stage["encoder"], clip.by_stage["decoder"]
        assert (encoder["conv"], encoder["bias"]) == (steps * ENCODE, steps * WIDTH), name
        assert clip.by_stage["rvq_transmit"]["codebook_search"] == steps * SEARCH
        assert decoder["transposed_conv"] == steps * UP
        assert decoder[AT_OUTPUT_RATE] == steps * HOP * UP
        assert decoder["conv"] == (steps * HOP - 1) * LAST
        assert decoder["bias"] == steps * HOP * 3 + steps * HOP - 1


def test_the_stream_knows_no_end_of_a_clip() -> None:
    subject = measured_subject(short(), "short", convention="macs")
    work = subject.works[""]
    assert (work.seconds, work.by_stage["decoder"]["conv"]) == (Fraction(1, 100), HOP * LAST)
    assert subject.uncounted == ()


@pytest.mark.parametrize(
    ("stage", "macs_per_s", "explanation"),
    [
        ("decoder", (UP + LAST * 9) * 100, "one frame of 10 samples"),
        ("decoder", UP * 100 + LAST * 999, "a clip of 1 s"),
        ("encoder", (ENCODE + WIDTH) * 100, "with biases"),
        ("overall", (ENCODE + UP + LAST * HOP) * 100, "without the search"),
        ("overall", (ENCODE + UP + LAST * 9) * 100, "one frame of 10 samples, without the search"),
        (
            *("decoder", (UP * HOP + LAST * HOP) * 100),
            "transposed convolutions at the output rate",
        ),
    ],
)
def test_the_command_finds_the_way_of_counting(
    run: Run, stage: str, macs_per_s: int, explanation: str
) -> None:
    figure = f"{macs_per_s / 1e6:.6f}"
    found = run(
        *("reconcile", FACTORY, "--convention", "macs", "--stage", stage),
        *("--published", figure, "-f", "json"),
    )
    assert found.code == 0, found.err
    document = json.loads(found.out)
    best = document["conventions"]["explanations"][0]
    assert ", ".join(best["departures"]) == explanation
    assert best["values"] == [pytest.approx(macs_per_s / 1e6)]


def test_several_figures_share_an_explanation(run: Run) -> None:
    """The encoder alone would be explained by biases; a clip of 1 s changes nothing in it."""
    encoder = (ENCODE + WIDTH) * 100
    decoder = UP * 100 + LAST * 999 + 3 * 1000 + 999
    arguments = ["reconcile", FACTORY, "--convention", "macs"]
    for stage, macs in (("encoder", encoder), ("decoder", decoder)):
        arguments += ["--stage", stage, "--published", f"{macs / 1e6:.6f}"]
    text = " ".join(run(*arguments).out.split())
    assert "explained by the way of counting: with biases, a clip of 1 s" in text
    assert "no other of" in text
    document = json.loads(run(*arguments, "-f", "json").out)
    assert [figure["stage"] for figure in document["figures"]] == ["encoder", "decoder"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--stage", "decoder", "--published", "1", "--published", "2"), "1 of --stage and 2 of"),
        (("--stage", "decoder", "--published", "1e3"), "a plain decimal number as it was printed"),
        (("--stage", "decode", "--published", "1"), "did you mean decoder"),
    ],
)
def test_bad_options_are_refused_before_anything_is_measured(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    found = run("reconcile", "python:no_module:there", *arguments)
    assert found.code == 2
    assert message in found.err


def test_a_length_that_a_codec_does_not_run_at_is_left_out() -> None:
    target = short()

    class LongOnly(nn.Module):
        def forward(self, audio: torch.Tensor) -> torch.Tensor:
            if audio.shape[-1] < 100:
                raise ValueError("too short")
            encoded: torch.Tensor = target.root.encoder(audio)
            return encoded

    long_only = AuditTarget(
        "Long", target.root, RATE_HZ, HOP, LongOnly(), target.receive, target.modes
    )
    assert "one frame of 10 samples" not in on_clips(long_only, "long")
    assert "a clip of 1 s" in on_clips(long_only, "long")


class Whole(nn.Module):
    """A module that is audited whole."""

    sample_rate, hop_length = RATE_HZ, HOP

    def __init__(self) -> None:
        super().__init__()
        self.filter = nn.Conv1d(1, 1, 1)

    def forward(self, audio: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.filter(audio)
        return found


def test_a_codec_that_is_measured_whole_has_no_sides_to_explain(run: Run) -> None:
    factory = "python:tests.lrac_audit.published.test_reconcile_measured:Whole"
    refused = run("reconcile", factory, "--stage", "encoder", "--published", "0.002")
    assert refused.code == 2
    assert "--stage: given encoder; allowed: overall, of a codec that was measured" in refused.err
    # one product a sample, 1,000 a second, at 2 FLOPs
    found = run("reconcile", factory, "--stage", "overall", "--published", "0.002")
    assert "equal at the printed precision" in found.out
