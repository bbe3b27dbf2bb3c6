"""Hostile YAML: every bound holds, and nothing but plain data comes out."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from lrac_audit import InputError
from lrac_audit.design import yaml_source
from lrac_audit.design.yaml_source import MAX_FILE_BYTES, parse_yaml, read_yaml

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "deeper nesting; allowed: at most 32 levels"),
        ("{a: " * 100_000, "deeper nesting"),
        ("- " * 100_000, "deeper nesting"),
        ("[" * 999 + "]" * 999, "deeper nesting"),
        (BOMB, "more content, once its aliases are expanded; allowed: at most 100000 values"),
        ("- x\n" * 100_001, "more content"),
        ("a: &a [*a]", "an alias of something that is complete before it"),
        ("a: *b", "undefined alias|the alias 'b'"),
        ("!!python/object/apply:os.system [ls]", "the tag 'tag:yaml.org,2002:python/object"),
        ("a: !!python/name:os.system", "allowed: plain values without tags"),
        ("a: !custom 1", "the tag '!custom'"),
        ("a: 1\na: 2", "yaml:2: given the key 'a' twice"),
        ("? [a]\n: 1", "words as keys"),
        ("a: 1\n---\nb: 2", "one YAML document"),
        ("a: [1, 2", "allowed: valid YAML"),
        ("a:\tb: c", "valid YAML"),
        ("a: \x00", "valid YAML"),
        (f"a: {'9' * 5000}", "allowed: at most 4096 characters"),
        ("\ta", "valid YAML"),
    ],
)
def test_hostile_text_is_refused(text: str, message: str) -> None:
    started = time.monotonic()
    with pytest.raises(InputError, match=message):
        parse_yaml(text, "hostile.yaml")
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "text",
    [
        "a: [1, -2, 0x1f, 1.5, 1.0e-9, .inf, true, no, null, ~, 'x', \"y\", 2001-01-01 x]",
        "x: &unit {kernel: 3}\ny: [*unit, *unit]",
        "",
        "# nothing\n",
        "plain",
        "a: ! 1",
        "a:\n  - b:\n      c: |\n        text\n        more\n",
    ],
)
def test_plain_data_is_what_pyyaml_makes_of_it(text: str) -> None:
    assert parse_yaml(text, "good.yaml") == yaml.safe_load(text)


@pytest.mark.parametrize("limit", [1, 10, 32])
def test_a_parser_s_own_limit_shows_in_no_message(
    monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """Parsers in C refuse some depth before they give a single event, each release another."""

    class Limited(yaml.SafeLoader):
        def fetch_flow_collection_start(self, token_class: type[yaml.Token]) -> None:
            if self.flow_level >= limit:
                raise yaml.scanner.ScannerError(None, None, "too deep for me", self.get_mark())
            super().fetch_flow_collection_start(token_class)

    monkeypatch.setattr(yaml_source, "_FastLoader", Limited)
    with pytest.raises(InputError, match="yaml:1: given deeper nesting; allowed: at most 32"):
        parse_yaml("[" * 40 + "]" * 40, "hostile.yaml")
    deepest = "[" * 32 + "]" * 32
    assert parse_yaml(deepest, "deep.yaml") == yaml.safe_load(deepest)


@pytest.mark.parametrize("text", ["1e-4", "1E5", "-2.5e+3", "+.5e1", "3.e0", "1.0e-9"])
def test_numbers_with_an_exponent_are_numbers(text: str) -> None:
    """As in YAML 1.2, in JSON and in Python; YAML 1.1, and so PyYAML, wants a dot and a sign."""
    assert parse_yaml(f"a: {text}", "x") == {"a": float(text)}
    assert parse_yaml(f"a: '{text}'", "x") == {"a": text}


@pytest.mark.parametrize("text", ["010", "-017", "1:30", "6:07:30", "1:30.5", "0_7"])
def test_numbers_that_versions_of_yaml_read_differently_stay_text(text: str) -> None:
    """YAML 1.1 takes 010 for 8 and 1:30 for 90; YAML 1.2 takes them for 10 and for text."""
    assert not isinstance(yaml.safe_load(text), str)
    assert parse_yaml(f"a: {text}", "x") == {"a": text}


def test_dates_stay_text() -> None:
    assert parse_yaml("a: 2025-10-01", "x") == {"a": "2025-10-01"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff", "binary data; allowed: a file of YAML text in UTF-8"),
        (b"a" * (MAX_FILE_BYTES + 1), "more than 1048576 bytes"),
    ],
)
def test_unreadable_files(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_yaml(path)


def test_missing_files_and_directories(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a folder; allowed: a file of YAML text in UTF-8"):
        read_yaml(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        read_yaml(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="a path that fails"):
        read_yaml(Path("a\0b"))


def test_a_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(100 << 20)
    with pytest.raises(InputError, match="more than 1048576 bytes"):
        read_yaml(path)


DEEP = "[" * 32
WHOLE_MESSAGES = {
    "a:\n  b: &a [*a]": "2: given the alias 'a'; allowed: an alias of something that is complete "
    "before it",
    "a:\n- !custom 1": "2: given the tag '!custom'; allowed: plain values without tags",
    "a: 1\na: 2": "2: given the key 'a' twice; allowed: each key once",
    "a:\n  ? [a]\n  : 1": "2: given a key that is no plain word; allowed: words as keys",
    "x\n---\ny": " given several documents; allowed: one YAML document",
    f"- 1\n- {DEEP}[": "2: given deeper nesting; allowed: at most 32 levels",
    f"a:\n- {'9' * 4097}": "2: given a longer value; allowed: at most 4096 characters",
    "- 1\n- 0x_": "2: given the number '0x_'; allowed: a number",
    "a: '": "1: column 5: given invalid YAML: found unexpected end of stream; allowed: valid YAML",
    "- a\n- [1, 2": "2: column 8: given invalid YAML: expected ',' or ']', but got '<stream end>'; "
    "allowed: valid YAML",
}


@pytest.mark.parametrize(("text", "expected"), WHOLE_MESSAGES.items())
def test_a_refusal_says_where_and_what(text: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_yaml(text, "file")
    assert str(caught.value) == f"file:{expected}"


def test_a_character_that_no_yaml_may_hold() -> None:
    with pytest.raises(InputError) as caught:
        parse_yaml("a: \x07", "file")
    text = str(caught.value)  # the rest is worded by the parser
    assert text.startswith("file: given unacceptable character #x0007")
    assert text.endswith("; allowed: valid YAML") and "\n" not in text


def test_a_count_that_is_exceeded_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_source, "MAX_NODES", 2)
    with pytest.raises(InputError, match=r"^file:2: given more content"):
        parse_yaml("- 1\n- 2", "file")


def test_an_alias_counts_as_all_that_it_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list, its two entries, and the outer list are 4 values; each alias repeats 3 of them."""
    text = "- &a [1, 2]\n" + "- *a\n" * 2
    monkeypatch.setattr(yaml_source, "MAX_NODES", 4 + 2 * 3)
    assert parse_yaml(text, "file") == [[1, 2]] * 3
    monkeypatch.setattr(yaml_source, "MAX_NODES", 4 + 2 * 3 - 1)
    with pytest.raises(InputError) as caught:
        parse_yaml(text, "file")
    assert str(caught.value) == (
        "file:3: given more content, once its aliases are expanded; allowed: at most 9 values"
    )


def test_keys_count_as_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_source, "MAX_NODES", 5)
    assert parse_yaml("a: 1\nb: 2", "file") == {"a": 1, "b": 2}
    with pytest.raises(InputError, match="more content"):
        parse_yaml("a: 1\nb: [2]", "file")


def test_bounds_are_inclusive(tmp_path: Path) -> None:
    assert parse_yaml("- " + "x" * 4096, "file") == ["x" * 4096]
    for depth in ("[" * 33 + "]" * 33, "{a: " * 32 + "x" + "}" * 32):
        assert parse_yaml(depth, "file") == yaml.safe_load(depth)
    with pytest.raises(InputError, match="deeper nesting"):
        parse_yaml("{a: " * 33 + "x" + "}" * 33, "file")
    path = tmp_path / "full.yaml"
    path.write_bytes(b"#" * MAX_FILE_BYTES)
    assert read_yaml(path) is None


def test_entries_and_keys_know_their_lines() -> None:
    tree = parse_yaml("a: 1\nb:\n  - x\n  - y\n  - {c: 2,\n     d: 3}\n", "file")
    assert isinstance(tree, yaml_source.LinedMapping)
    assert tree.lines == {"a": 1, "b": 2}
    entries = tree["b"]
    assert isinstance(entries, yaml_source.LinedList)
    assert entries.lines == [3, 4, 5]
    last = entries[2]
    assert isinstance(last, yaml_source.LinedMapping)
    assert last.lines == {"c": 5, "d": 6}


def test_a_file_is_named_in_its_problems(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    for make, problem in (
        (lambda: None, "given no such file; allowed: an existing file"),
        (
            lambda: path.write_bytes(b"\xff"),
            "given binary data; allowed: a file of YAML text in UTF-8",
        ),
        (
            lambda: path.write_bytes(b"a" * (MAX_FILE_BYTES + 1)),
            "given more than 1048576 bytes, too many for YAML; allowed: a file of YAML text in "
            "UTF-8",
        ),
    ):
        make()
        with pytest.raises(InputError) as caught:
            read_yaml(path)
        assert str(caught.value) == f"{path}: {problem}"
    with pytest.raises(InputError) as caught:
        read_yaml(tmp_path)
    assert str(caught.value) == f"{tmp_path}: given a folder; allowed: a file of YAML text in UTF-8"
    (tmp_path / "file").write_text("a: 1\na: 2")
    with pytest.raises(InputError, match=r"file:2: given the key 'a' twice"):
        read_yaml(tmp_path / "file")


def test_a_path_below_a_file_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a")
    with pytest.raises(InputError) as caught:
        read_yaml(tmp_path / "file" / "below")
    assert str(caught.value) == (
        f"{tmp_path / 'file' / 'below'}: given a path that fails: Not a directory; "
        "allowed: a readable file"
    )
    with pytest.raises(InputError) as caught:
        read_yaml(Path("a\0b"))
    assert str(caught.value).endswith(
        "given a path that fails: embedded null byte; allowed: a readable file"
    )
