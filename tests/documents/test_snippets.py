"""Every command and every piece of code in the documentation runs, or is excepted with a reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, Result
from tests.documents.blocks import PAGES, Block, blocks, commands
from tests.documents.conftest import PROGRAMS
from tests.documents.exceptions import (
    NEED_A_COMPILER,
    NOT_RUN,
    READ_BY_A_TEST,
    RUN_ELSEWHERE,
    SHOWN_ONLY,
    excepted,
)

Run = Callable[[str], Result]
Here = Callable[[Path, Callable[[], int]], Result]
CODE = {"console", "python", "bash", "sh"}
WITH_SESSIONS = sorted({block.page for block in blocks(None, "console")})
RUN_BY_README = set(commands("README.md"))


def to_run(page: str) -> list[str]:
    """Return the commands of a page that nothing excepts and the README's test does not run."""
    return [c for c in commands(page) if not excepted(c) and c not in RUN_BY_README]


PAGES_RUN = [page.name for page in PAGES if page.name not in RUN_ELSEWHERE]
WITH_COMMANDS = [page for page in PAGES_RUN if to_run(page)]


def sessions(page: str) -> list[tuple[str, str]]:
    """Return each ``$ command`` of a page with the output printed under it."""
    found = []
    for block in blocks(page, "console"):
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


@pytest.mark.parametrize("page", WITH_SESSIONS)
def test_console_sessions_print_what_the_page_shows(
    page: str, run: Run, request: pytest.FixtureRequest
) -> None:
    """One after the other in one folder, since a command may use what an earlier one wrote."""
    assert sessions(page)
    if page in NEED_A_COMPILER:
        request.getfixturevalue("c_compiler")
    for command, output in sessions(page):
        _, printed, other = run(command)
        if output.startswith("error: "):
            printed, other = other, printed
        assert other == "", command
        parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", output, flags=re.MULTILINE)]
        assert re.fullmatch(r"(?:.*\n)*".join(parts), printed), (command, printed)


@pytest.mark.parametrize("page", WITH_COMMANDS)
def test_commands_of_the_page_run(page: str, run: Run) -> None:
    """A gate may find a limit broken or evidence missing; no command is a wrong one."""
    for command in to_run(page):
        done = run(command)
        allowed = (0, 1, 3) if command.startswith("lrac-audit check") else (0,)
        assert done.code in allowed, (command, done.err)


@pytest.mark.parametrize("block", blocks(None, "python"), ids=lambda block: block.page)
def test_python_snippets_run(block: Block, here: Here, folder: Path) -> None:
    if "export.onnx" in block.text:
        pytest.importorskip("onnxruntime")

    def execute() -> int:
        exec(compile(block.text, block.page, "exec"), {"__name__": "__main__"})
        return 0

    assert here(folder, execute).err == ""


def test_every_block_is_run_read_or_excepted() -> None:
    others = {(b.page, b.language) for b in blocks() if b.language not in CODE}
    assert others == READ_BY_A_TEST | set(SHOWN_ONLY)


def test_every_exception_is_needed() -> None:
    every = commands()
    unused = [start for start in NOT_RUN if not any(c.startswith(start) for c in every)]
    assert unused == []
    for page, test in RUN_ELSEWHERE.items():
        assert commands(page)
        assert page in (ROOT / test).read_text(encoding="utf-8")


def test_every_excepted_command_has_its_options(run: Run) -> None:
    excepted_ones = [c for page in PAGES_RUN for c in commands(page) if excepted(c)]
    own = [c for c in excepted_ones if c.split()[0] in PROGRAMS]
    assert own
    for command in own:
        program, name, *words = command.split()
        subcommand = [words[0]] if name == "data" else []
        helped = run(" ".join([program, name, *subcommand, "--help"]))
        # An objective may begin with the sign of what shall be small.
        for option in re.findall(r"(?<= )(?<!--objective )--?[a-z][a-z0-9-]*", command):
            assert re.search(rf"{option}\b", helped.out), (command, option)
