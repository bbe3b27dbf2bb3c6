from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lrac_audit import CodecDesign, InputError
from lrac_audit.design.formats import load_design
from lrac_audit.design.native import read_design, write_design
from lrac_audit.design.parts import UpConv
from lrac_audit.design.yaml_source import parse_yaml
from tests.random_designs import designs
from tests.sweeps import random_cases

SMALL = """
lrac_audit_design: 1
name: small
sample_rate_hz: 8000
encoder:
  input: {kernel: 3, channels: 4}
  blocks:
    - residual:
        - convs: [{kernel: 3, dilation: 2, causal: false}, {kernel: 1}]
      down: {kernel: 4, stride: 2, channels: 6}
quantizer: {layers: 2, codebook_size: 16}
decoder:
  activation: {name: leaky_relu, negative_slope: 0.3}
  blocks:
    - up: {kernel: 6, stride: 2, channels: 4, trim: both}
  output: {kernel: 3}
"""


def parsed(text: str = SMALL) -> Any:
    return parse_yaml(text, "small.yaml")


def problems(edit: Callable[[Any], object]) -> list[str]:
    tree = parsed()
    edit(tree)
    with pytest.raises(InputError) as caught:
        read_design(tree, "small.yaml")
    return [str(problem) for problem in caught.value.problems]


@random_cases(designs(), 70, 200)
def test_writing_and_reading_gives_the_same_design(design: CodecDesign) -> None:
    assert read_design(parse_yaml(write_design(design), "text"), "text") == design


@pytest.mark.parametrize("preset", ["track1", "track2"])
def test_presets_survive_a_round_trip(preset: str) -> None:
    design = load_design(preset).design
    assert read_design(parse_yaml(write_design(design), "text"), "text") == design


def test_one_line_a_convolution() -> None:
    lines = write_design(load_design("track1").design).splitlines()
    assert "      down: {channels: 16, kernel: 6, stride: 3}" in lines
    assert "        - convs: [{kernel: 5, dilation: 3}, {kernel: 1}]" in lines


@pytest.mark.parametrize(
    ("trim", "left"), [("right", 0), ("left", 4), ("both", 2), (1, 1), ("[]", None), (-1, None)]
)
def test_trim_words(trim: object, left: int | None) -> None:
    tree = parsed(SMALL.replace("trim: both", f"trim: {trim}"))
    if left is None:
        with pytest.raises(InputError, match=r"up\.trim: given .*; allowed: right, left, both"):
            read_design(tree, "small.yaml")
    else:
        assert read_design(tree, "small.yaml").decoder.blocks[0].up == UpConv(4, 6, 2, 1, left)


def test_windows_line_ends_and_byte_order_mark_do_not_matter(tmp_path: Any) -> None:
    path = tmp_path / "with spaces.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load_design(path).design == read_design(parsed(), "small.yaml")


WHOLE = "a whole number from 1 to 1048576"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (
            lambda t: t["encoder"]["input"].update(kernel=[3]),
            f"encoder.input.kernel: given [3]; allowed: {WHOLE}",
        ),
        (
            lambda t: t["encoder"]["input"].update(kernel=float("nan")),
            f"encoder.input.kernel: given nan; allowed: {WHOLE}",
        ),
        (
            lambda t: t["encoder"]["input"].update(kernel=True),
            f"encoder.input.kernel: given True; allowed: {WHOLE}",
        ),
        (
            lambda t: t["encoder"]["blocks"][0]["down"].update(stride=0),
            f"encoder.blocks[0].down.stride: given 0; allowed: {WHOLE}",
        ),
        (
            lambda t: t["encoder"]["blocks"][0]["down"].update(kernel=1),
            "encoder.blocks[0].down.kernel: given 1, which reaches 1 samples; allowed: a kernel "
            "that reaches at least the stride, 2 samples",
        ),
        (
            lambda t: t["decoder"]["blocks"][0]["up"].update(kernel=1, trim="right"),
            "decoder.blocks[0].up.kernel: given 1; allowed: at least the stride, 2",
        ),
        (
            lambda t: t["decoder"]["blocks"][0]["up"].update(trim=5),
            "decoder.blocks[0].up.trim: given 5; allowed: at most kernel - stride, 4 samples",
        ),
        (
            lambda t: t["encoder"]["blocks"][0]["residual"][0]["convs"][0].update(groups=3),
            "encoder.blocks[0].residual[0].convs[0].groups: given 3; allowed: a divisor of the "
            "channels before and after it, 4 and 4",
        ),
        (
            lambda t: t["encoder"]["blocks"][0]["down"].update(groups=4),
            "encoder.blocks[0].down.groups: given 4; allowed: a divisor of the channels before "
            "and after it, 4 and 6",
        ),
        (
            lambda t: t["encoder"]["blocks"][0]["residual"][0].update(compress=5),
            "encoder.blocks[0].residual[0].compress: given 5; allowed: at most the 4 channels "
            "of its block",
        ),
        (
            lambda t: t["encoder"]["blocks"][0]["residual"][0].update(convs=[]),
            "encoder.blocks[0].residual[0].convs: given 0 entries; allowed: 1 to 64 entries",
        ),
        (
            lambda t: t["encoder"].update(blocks=[]),
            "encoder.blocks: given 0 entries; allowed: 1 to 64 entries",
        ),
        (
            lambda t: t["decoder"].pop("output"),
            "decoder.output: given none after 4 channels; allowed: a layer, or the 1 audio "
            "channels before it",
        ),
        (
            lambda t: t["decoder"]["blocks"][0]["up"].update(stride=3),
            "decoder.blocks: given strides that multiply to 3; allowed: the encoder's hop, "
            "2 samples",
        ),
        (
            lambda t: t["quantizer"].update(modes=[2, 1]),
            "quantizer.modes[1]: given 1; allowed: more than the mode before it, 2",
        ),
        (
            lambda t: t["quantizer"].update(modes=[3]),
            "quantizer.modes[0]: given 3; allowed: at most the 2 layers",
        ),
        (
            lambda t: t["quantizer"].update(codebook_size=1),
            "quantizer.codebook_size: given 1; allowed: a whole number from 2 to 1048576",
        ),
        (
            lambda t: t["encoder"].update(activation="softmax"),
            "encoder.activation: given 'softmax'; allowed: one of elu, relu",
        ),
        (
            lambda t: t["encoder"].update(activation="leakyrelu"),
            "encoder.activation: given 'leakyrelu'; allowed: one of elu, relu, leaky_relu, prelu, "
            "gelu, silu, tanh, sigmoid, snake; did you mean leaky_relu or relu?",
        ),
        (
            lambda t: t["decoder"]["activation"].pop("name"),
            "decoder.activation: given nothing; allowed: one of elu, relu",
        ),
        (
            lambda t: t["decoder"]["activation"].update(alpha=1),
            "decoder.activation.alpha: given 1; allowed: negative_slope for leaky_relu",
        ),
        (
            lambda t: t["decoder"]["activation"].update(negative_slope="x"),
            "decoder.activation.negative_slope: given 'x'; allowed: a finite number",
        ),
        (
            lambda t: t.update(name="a\x1b[31mb"),
            r"name: given 'a\x1b[31mb'; allowed: 1 to 200 printable characters",
        ),
        (lambda t: t.update(quantizer=3), "quantizer: given 3; allowed: a mapping"),
        (lambda t: t.pop("encoder"), "encoder: given nothing; allowed: a mapping"),
        (
            lambda t: t["encoder"].update(blocks={"a": 1}),
            "encoder.blocks: given {'a': 1}; allowed: a list",
        ),
        (
            lambda t: t["encoder"]["input"].update(kernels=3),
            "encoder.input.kernels: given an unknown key; allowed: one of channels, kernel, "
            "dilation, groups, causal; did you mean kernel?",
        ),
        (
            lambda t: t.update(lrac_audit_design=2),
            "lrac_audit_design: given 2; allowed: 1, the version of the format",
        ),
        (
            lambda t: t["encoder"]["blocks"][0]["down"].update(channels=10**400),
            "encoder.blocks[0].down.channels: given 1000",
        ),
    ],
)
def test_bad_fields_are_named(edit: Callable[[Any], object], expected: str) -> None:
    found = problems(edit)
    assert len(found) == 1, found
    assert found[0].startswith(expected)


def test_all_problems_of_a_file_come_at_once() -> None:
    def spoil(tree: Any) -> None:
        tree["sample_rate_hz"] = -1
        tree["encoder"]["input"]["kernel"] = 0
        tree["encoder"]["blocks"][0]["down"]["groups"] = 5
        tree["quantizer"]["depth"] = 3
        tree["decoder"]["blocks"][0]["up"]["stride"] = 7

    assert [line.partition(":")[0] for line in problems(spoil)] == [
        "quantizer.depth",
        "sample_rate_hz",
        "encoder.input.kernel",
        "encoder.blocks[0].down.groups",
        "decoder.blocks[0].up.kernel",
        "decoder.blocks",
    ]


def test_problems_have_the_lines_of_their_fields() -> None:
    text = SMALL.replace("kernel: 3, channels: 4", "kernel: 0, channels: 4")
    text = text.replace("stride: 2, channels: 6", "stride: 0")  # its channels are missing
    text = text.replace("- up: {kernel: 6,", "- up: {kernel: 1,").replace("trim: both", "trim: 1")
    text = text.replace("codebook_size", "codebok_size")
    with pytest.raises(InputError) as caught:
        read_design(parsed(text), "small.yaml")
    lines = text.splitlines()
    found = {problem.field: problem.line for problem in caught.value.problems}
    assert found == {
        "quantizer.codebok_size": lines.index("quantizer: {layers: 2, codebok_size: 16}") + 1,
        "encoder.input.kernel": lines.index("  input: {kernel: 0, channels: 4}") + 1,
        "encoder.blocks[0].down.channels": lines.index("      down: {kernel: 4, stride: 0}") + 1,
        "encoder.blocks[0].down.stride": lines.index("      down: {kernel: 4, stride: 0}") + 1,
        "quantizer.codebook_size": lines.index("quantizer: {layers: 2, codebok_size: 16}") + 1,
        "decoder.blocks[0].up.kernel": 15,
    }
    assert str(caught.value).startswith("small.yaml:11: quantizer.codebok_size: given an unknown")


def test_very_many_problems_are_found_in_linear_time() -> None:
    """Comparing each of 20,000 problems with each other takes minutes."""
    keys = "".join(f"k{i}ernel: 1\n" for i in range(20_000))
    tree = parsed(f"lrac_audit_design: 1\n{keys}")
    started = time.process_time()
    with pytest.raises(InputError) as caught:
        read_design(tree, "hostile.yaml")
    assert time.process_time() - started < 10
    assert len(caught.value.problems) > 20_000


def test_a_problem_of_the_whole_file_has_no_line() -> None:
    with pytest.raises(InputError, match=r"^small\.yaml: encoder: given nothing"):
        read_design(parsed(SMALL.replace("encoder:", "x: 1\ny:")), "small.yaml")


def test_parts_of_another_type_are_refused_in_python() -> None:
    good = read_design(parsed(), "small.yaml")
    with pytest.raises(InputError, match=r"encoder: given 3; allowed: Encoder\(\.\.\.\)"):
        replace(good, encoder=3)  # type: ignore[arg-type]
    blocks: Any = [good.encoder.blocks[0]]
    with pytest.raises(InputError, match=r"encoder\.blocks: given \[.*; allowed: a tuple"):
        replace(good, encoder=replace(good.encoder, blocks=blocks))
    blocks = (good.encoder.blocks[0], "x")
    with pytest.raises(InputError, match=r"encoder\.blocks\[1\]: given 'x'; allowed: EncoderBlock"):
        replace(good, encoder=replace(good.encoder, blocks=blocks))


def test_a_design_made_in_python_is_checked_as_well() -> None:
    good = read_design(parsed(), "small.yaml")
    with pytest.raises(InputError, match="sample_rate_hz: given 0"):
        CodecDesign(
            name="bad",
            sample_rate_hz=0,
            encoder=good.encoder,
            quantizer=good.quantizer,
            decoder=good.decoder,
        )
