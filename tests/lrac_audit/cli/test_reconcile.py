"""``lrac-audit reconcile``: its options, and what it says of figures that do not differ."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Result

Run = Callable[..., Result]
PLAIN = """\
lrac_audit_design: 1
name: Plain
sample_rate_hz: 1000
encoder:
  layers:
    - conv: {kernel: 20, stride: 10, channels: 4}
    - linear: {channels: 6}
    - linear: {channels: 2}
quantizer: {none: {}}
decoder:
  layers:
    - transposed_conv: {kernel: 20, stride: 10, channels: 1}
"""


def figures(*pairs: tuple[str, str]) -> list[str]:
    """The options that ask for these stages and figures."""
    return [word for stage, text in pairs for word in ("--stage", stage, "--published", text)]


def test_figures_belong_to_stages_in_their_order(run: Run) -> None:
    """377.472 and 296.832 MFLOPS, whichever way the options are mixed."""
    mixed = ["--published", "377.5", "--published", "296.8", "--stage", "encoder"]
    document = json.loads(
        run("reconcile", "track1", *mixed, "--stage", "decoder", "-f", "json").out
    )
    found = [(one["stage"], one["published"], one["agrees"]) for one in document["figures"]]
    assert found == [("encoder", "377.5", True), ("decoder", "296.8", True)]


@pytest.mark.parametrize(
    ("options", "messages"),
    [
        (
            figures(("decodr", "x"), ("foo", "1"), ("encoder", "1,5")),
            ["given 'decodr'", "given 'x'", "given 'foo'", "given '1,5'"],
        ),
        (
            ["--stage", "decoder", *figures(("encoder", "1"))],
            ["given 2 of --stage and 1 of --published; allowed: one --published for each --stage"],
        ),
        (["--stage", "decoder"], ["Missing option '--published'"]),
        (["--published", "1"], ["Missing option '--stage'"]),
        ([*figures(("decoder", "1")), "--limits", "none"], ["no such limit set: 'none'"]),
        ([*figures(("decoder", "1")), "--arg", "a=1"], ["--arg: given a; allowed: only for"]),
    ],
)
def test_every_problem_of_the_options_is_told_at_once(
    run: Run, options: list[str], messages: list[str]
) -> None:
    found = run("reconcile", "track1", *options)
    assert (found.code, found.out) == (2, "")
    errors = [line for line in found.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == len(messages)
    for line, message in zip(errors, messages, strict=True):
        assert message in line


def test_what_agrees_is_not_said_to_be_unexplained(run: Run) -> None:
    """The decoder's figure is the ledger's own, and nothing makes 300 of the encoder's 377.472."""
    text = " ".join(
        run("reconcile", "track1", *figures(("decoder", "296.8"), ("encoder", "300"))).out.split()
    )
    assert (
        "counted as it stands: 1 of 2 figures; no other of 12 ways of counting explains as" in text
    )
    assert "none of" not in text
    assert "misses by" not in text


@pytest.mark.parametrize(
    ("published", "share"),
    [
        ("0", "100 %"),  # of nothing, no share can be taken
        ("1", "14,742 %"),  # half of 296.832 is 148.416
        ("250", "19 %"),
        ("296.9", "0.023 %"),
    ],
)
def test_the_share_by_which_the_nearest_misses(run: Run, published: str, share: str) -> None:
    found = run("reconcile", "track1", *figures(("decoder", published))).out
    assert f") misses by {share}\n" in found


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A codec without a quantizer, whose encoder takes 20 x 4, 4 x 6 and 6 x 2 products a frame."""
    path = tmp_path / "plain.yaml"
    path.write_text(PLAIN, encoding="utf-8")
    return path


def test_a_codec_without_a_quantizer_has_costs_to_explain(run: Run, plain: Path) -> None:
    """116 products 100 times a second to send, and 2 x 20 to receive, at 2 FLOPs."""
    arguments = figures(("encoder", "0.0232"), ("decoder", "0.008"), ("rvq_transmit", "0"))
    document = json.loads(run("reconcile", plain, *arguments, "-f", "json").out)
    assert [one["agrees"] for one in document["figures"]] == [True, True, True]


def test_one_pair_of_layers_explains(run: Run, plain: Path) -> None:
    """Of 12 products a frame the last layer alone is left: a shorter first one has 40 or more."""
    text = " ".join(run("reconcile", plain, *figures(("encoder", "0.0024"))).out.split())
    assert "no explanations by one layer" in text
    assert "1 explanation by two layers, in the same range" in text
    left_out = "encoder.layers.0.conv left out (-0.0160) and encoder.layers.1.linear left out"
    assert f"for instance {left_out}" in text


def test_one_other_fits(run: Run) -> None:
    """Twice 17.0496, which the few biases of the projections do not take from 34.1."""
    text = " ".join(run("reconcile", "track1", *figures(("rvq_transmit", "34.1"))).out.split())
    assert "explained by the way of counting: doubled (34.0992)" in text
    assert "1 other of 24 ways of counting fits too: doubled, with biases" in text
