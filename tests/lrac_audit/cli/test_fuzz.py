"""Hundreds of broken configurations: one clear message or a report, never a traceback."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import RECIPES, ROOT, Result
from tests.sweeps import some_or_many

SOURCES = {
    "own-track1": (ROOT / "lrac_audit/presets/track1.yaml",),
    "own-track2": (ROOT / "lrac_audit/presets/track2.yaml",),
    # The real recipes where they are at hand, else the sample that uses the same keys.
    "recipe-track1": (RECIPES / "track1_train.yaml", ROOT / "tests/data/espnet_sample.yaml"),
    "recipe-track2": (RECIPES / "track2_train.yaml", ROOT / "tests/data/espnet_sample.yaml"),
}
VALUES = (
    "0", "-1", "1", "3", "1.5", ".nan", ".inf", "-.inf", "1e400", "true", "no", "null", "~", "''",
    "x", "[]", "{}", "[1, 2]", "[[[]]]", "{a: 1}", "&a 1", "*a", "!!int 3", "!!python/none 0",
    "9999999999999999999", "0x10", "1:30", "2001-01-01", "|", ">", "'", '"', "%", "@", "`",
    "\x00", "\x1b[31m", "\u2028", "\ud7ff", "=cmd()", "-5", "1048577", "- -", "? a", "<<",
)  # fmt: skip
SCALAR = re.compile(r"(?<=[:\[, ])[A-Za-z0-9_.+-]+(?=[,\]}\n])")


def mutate(text: str, rng: random.Random) -> str:
    """One or two random edits: of values, keys, lines, brackets or single characters."""
    for _ in range(rng.randint(1, 2)):
        text = rng.choice(EDITS)(text, rng)
    return text


def replace_value(text: str, rng: random.Random) -> str:
    found = list(SCALAR.finditer(text))
    if not found:
        return text
    match = rng.choice(found)
    value = rng.choice(VALUES) if rng.random() < 0.5 else str(rng.randint(1, 12))
    return text[: match.start()] + value + text[match.end() :]


def change_lines(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    what = rng.randrange(5)
    if what == 0:
        del lines[i]
    elif what == 1:
        lines.insert(i, lines[j])
    elif what == 2:
        lines[i], lines[j] = lines[j], lines[i]
    elif what == 3:
        lines[i] = " " * rng.randint(1, 8) + lines[i]
    else:
        lines[i] = lines[i].lstrip()
    return "\n".join(lines)


def change_characters(text: str, rng: random.Random) -> str:
    i = rng.randrange(len(text))
    what = rng.randrange(4)
    if what == 0:
        return text[:i] + text[i + rng.randint(1, 20) :]
    if what == 1:
        return text[:i] + rng.choice("[]{}:,#&*!|>'\"%\t\n\x07- ") + text[i:]
    if what == 2:
        return text[:i]
    return text[:i] + chr(rng.randrange(32, 0x2FF)) + text[i + 1 :]


def rename_key(text: str, rng: random.Random) -> str:
    keys = list(re.finditer(r"[a-z_]+(?=:)", text))
    if not keys:
        return text
    match = rng.choice(keys)
    return text[: match.start()] + rng.choice(["", "x", rng.choice(keys)[0]]) + text[match.end() :]


EDITS = (replace_value, replace_value, replace_value, change_lines, change_characters, rename_key)


@some_or_many(20, 150)
@pytest.mark.parametrize("source", SOURCES)
def test_mutated_configurations_never_crash(
    run: Callable[..., Result], tmp_path: Path, source: str, cases: int
) -> None:
    text = next(path for path in SOURCES[source] if path.exists()).read_text(encoding="utf-8")
    rng = random.Random(source)
    path, output = tmp_path / "mutant.yaml", tmp_path / "out.json"
    codes = {0: 0, 1: 0, 2: 0}
    for attempt in range(cases):
        mutant = mutate(text, rng)
        path.write_text(mutant, encoding="utf-8", errors="replace")
        try:
            found = run("check", path, "--format", "json", "--output", output)
        except Exception as error:
            pytest.fail(f"mutant {attempt} of {source}: {error!r}\n{mutant}")
        assert found.code in codes, (attempt, found)
        codes[found.code] += 1
        assert "Traceback" not in found.err
        assert output.exists() == (found.code != 2), (attempt, found)
        if found.code == 2:
            assert found.err.startswith("error: ")
            assert all(str(path) in line for line in found.err.splitlines()), found.err
            assert found.err.replace("\n", "").isprintable()
        output.unlink(missing_ok=True)
    reported = codes[0] + codes[1]
    assert min(reported, codes[2]) > cases // 20, codes
