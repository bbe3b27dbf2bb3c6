"""Comparison of codecs: figures by hand, and alignments against all that there are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrac_audit import CodecDesign, InputError, audit
from lrac_audit.auditing.comparison import alignment
from lrac_audit.auditing.comparison.alignment import FIELDS, GAP, OTHER_NAME, Pair, aligned
from lrac_audit.auditing.comparison.compare import compare
from lrac_audit.auditing.comparison.earlier import read_document
from lrac_audit.auditing.comparison.figures import Figures, Layer, figures_of

TRACK1 = audit("track1").design
assert TRACK1 is not None


def figures(target: Any, **options: Any) -> Figures:
    return figures_of(audit(target, **options).document(), str(target))


def with_longer_input(design: CodecDesign, kernel: int) -> CodecDesign:
    encoder = design.encoder
    return replace(design, encoder=replace(encoder, input=replace(encoder.input, kernel=kernel)))


def test_a_longer_kernel_by_hand() -> None:
    """The first layer of Track 1: 1 to 8 channels, 7 taps, 24,000 steps a second.

    Two taps more are 2 x 8 x 24,000 products, 0.768 MFLOPS at 2 for each, 16 weights, and two more
    samples of state; nothing else moves.
    """
    (difference,) = compare([figures(TRACK1), figures(with_longer_input(TRACK1, 9))]).differences
    changes = {each.quantity.key: each for each in difference.changes}
    assert changes["complexity_overall_mflops"].absolute == pytest.approx(0.768, rel=1e-9)
    assert changes["complexity_overall_mflops"].relative == pytest.approx(0.768 / 691.3536)
    assert changes["complexity_receive_mflops"].absolute == 0
    assert changes["memory_transmit_stored_bytes_float32"].absolute == 16 * 4
    assert changes["memory_transmit_state_bytes"].absolute == 2 * 4
    assert changes["latency_total_ms"].absolute == 0
    (pair,) = difference.differing
    assert pair.before is not None and pair.before.name == "encoder.input"
    assert pair.changes == {
        "kernel": (7, 9),
        "mflops": (pytest.approx(2.688), pytest.approx(3.456)),
        "stored_values": (64, 80),
        "state_values": (6, 8),
    }


def test_an_added_unit_is_added_and_nothing_else_changes() -> None:
    block, *others = TRACK1.encoder.blocks
    more = replace(block, residual=(block.residual[0], *block.residual))
    design = replace(TRACK1, encoder=replace(TRACK1.encoder, blocks=(more, *others)))
    (difference,) = compare([figures(TRACK1), figures(design)]).differences
    unit = [row.name for row in audit(TRACK1).ledger.rows if ".0.residual.0." in row.name]
    count = sum(name.startswith("encoder.blocks.0.") for name in unit)
    assert len(difference.differing) == count > 0
    assert all(pair.before is None for pair in difference.differing)


def test_names_make_no_difference() -> None:
    document = audit("track1").document()
    renamed = json.loads(json.dumps(document))
    for i, layer in enumerate(renamed["layers"]):
        layer["name"] = f"other.{i}"
    found = [figures_of(each, "x") for each in (document, renamed)]
    assert compare(found).differences[0].differing == []


LAYER = Layer("x", "transmit", "encoder", "conv", 1, 1, 1, 1, 1, 1, 100, 0.0, 0, 0, 0)
drawn = st.builds(
    lambda op, kernel, name: replace(LAYER, op=op, kernel=kernel, name=name),
    st.sampled_from(["conv", "elu", "lstm"]),
    st.integers(1, 3),
    st.sampled_from("xy"),
)


def every_alignment(before: Sequence[Layer], after: Sequence[Layer]) -> Iterator[list[Pair]]:
    """Every way to pair layers of one kind in their order."""
    if not before or not after:
        yield [*(Pair(each, None) for each in before), *(Pair(None, each) for each in after)]
        return
    for rest in every_alignment(before[1:], after):
        yield [Pair(before[0], None), *rest]
    for rest in every_alignment(before, after[1:]):
        yield [Pair(None, after[0]), *rest]
    if before[0].op == after[0].op:
        for rest in every_alignment(before[1:], after[1:]):
            yield [Pair(before[0], after[0]), *rest]


def price(pairs: Sequence[Pair]) -> float:
    alone = sum(None in pair for pair in pairs)
    together = [(pair.before, pair.after) for pair in pairs if None not in pair]
    numbers = sum(getattr(b, f) != getattr(a, f) for b, a in together for f in FIELDS)
    names = sum(b.name != a.name for b, a in together if b is not None and a is not None)
    return GAP * alone + numbers / (2 * len(FIELDS)) + OTHER_NAME * names


@given(st.lists(drawn, max_size=5), st.lists(drawn, max_size=5))
def test_no_alignment_is_cheaper(before: list[Layer], after: list[Layer]) -> None:
    found = aligned(before, after)
    assert [pair.before for pair in found if pair.before] == before
    assert [pair.after for pair in found if pair.after] == after
    cheapest = min(map(price, every_alignment(before, after)))
    assert price(found) == pytest.approx(cheapest)


def test_very_long_stages_are_aligned_by_position(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, c = (replace(LAYER, op=op) for op in ("conv", "elu", "lstm"))
    wider, other = replace(a, kernel=3), replace(b, rate_hz=50)
    before, after = [a, b], [c, wider, other]
    assert aligned(before, after) == [Pair(None, c), Pair(a, wider), Pair(b, other)]
    monkeypatch.setattr(alignment, "MOST_PAIRS", 5)
    alone = [Pair(a, None), Pair(None, c), Pair(b, None), Pair(None, wider), Pair(None, other)]
    assert aligned(before, after) == alone


def test_a_figure_that_is_unknown_has_no_difference() -> None:
    document = audit("track1").document()
    document["latency"]["total_ms"] = None
    found = compare([figures("track1"), figures_of(document, "x")]).differences[0]
    (latency,) = (each for each in found.changes if each.quantity.key == "latency_total_ms")
    assert (latency.before, latency.after, latency.absolute, latency.relative) == (
        30,
        None,
        None,
        None,
    )


def test_ways_of_counting_are_not_mixed() -> None:
    with pytest.raises(InputError) as caught:
        compare([figures("track1"), figures("track2", convention="macs")])
    assert str(caught.value) == (
        "track2: convention: given macs; allowed: lrac-2025, that of track1"
    )


def test_one_codec_is_not_compared() -> None:
    with pytest.raises(InputError, match="TARGET: given 1 of them; allowed: at least two codecs"):
        compare([figures("track1")])


def changed(place: str, value: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(audit("track1").document()))
    *around, last = place.split(".")
    part: Any = document
    for name in around:
        part = part[int(name) if name.isdigit() else name]
    if value is KeyError:
        del part[last]
    else:
        part[int(last) if last.isdigit() else last] = value
    return document


@pytest.mark.parametrize(
    ("place", "value", "problem"),
    [
        ("schema_version", 2, "schema_version: given 2; allowed: 1, of an audit document"),
        ("schema_version", True, "schema_version: given True; allowed: 1, of an audit document"),
        ("limits.name", KeyError, "limits.name: given nothing; allowed: a field of an audit docum"),
        ("latency", [1], "latency.total_ms: given nothing; allowed: a field of an audit document"),
        ("latency.total_ms", "30", "latency.total_ms: given '30'; allowed: a number"),
        ("latency.total_ms", float("nan"), "latency.total_ms: given nan; allowed: a number"),
        ("latency.total_ms", 10**400, "latency.total_ms: given 10000"),
        ("verdict", "\x1b[31mpass", "verdict: given '\\x1b[31mpass'; allowed: a text of printable"),
        ("design.name", None, "design.name: given nothing; allowed: a text"),
        ("layers", {}, "layers: given {}; allowed: a list of layers"),
        ("layers.3", 7, "layers[3]: given 7; allowed: a mapping of a layer's fields"),
        ("layers.3.kernel", KeyError, "layers[3].kernel: given nothing; allowed: a number"),
        ("layers.3.op", 1, "layers[3].op: given 1; allowed: a text"),
    ],
)
def test_a_document_is_checked(place: str, value: Any, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        figures_of(changed(place, value), "old.json")
    assert str(caught.value).startswith(f"old.json: {problem}")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "given no JSON: Expecting property name"),
        ("[" * 100_000, "given no JSON: maximum recursion depth"),
        ("[1]", "given JSON of another kind; allowed: an audit document"),
        ('{"targets": []}', "given a document of 0 targets; allowed: of one target"),
        ('{"targets": [{}, {}]}', "given a document of 2 targets; allowed: of one target"),
        ("\udcff", "given no JSON"),
    ],
)
def test_a_file_that_holds_no_document(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "old.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError) as caught:
        read_document(str(path))
    assert problem in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrac_audit.auditing.comparison.earlier.MAX_BYTES", 1)
    path = tmp_path / "old.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="too large; allowed: at most 1 bytes"):
        read_document(str(path))
