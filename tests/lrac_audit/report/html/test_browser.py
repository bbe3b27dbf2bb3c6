"""Pages in a real browser: nothing logged, nothing asked for, sorted, filtered and accessible."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import pytest

from tests.chromium import Browser, chromium
from tests.conftest import Result

COMMANDS = {
    "audit": "audit track2 --rvq projected",
    "check": "check track1 track2 --rvq projected",
    "compare": "compare track1 track2",
    "codecs": "codecs",
    "paper": "paper",
    "sheet": "sheet track1",
    "sensitivity": "sensitivity track1",
    "explore": "explore track1 --vary encoder.input.kernel=3,5,7 --objective receptive_field "
    "--objective -overall_mflops",
    "solve": "solve track1 --grow encoder.blocks.*.down.channels",
}
COST, DELAY = 5, 8
"""Columns of the table of layers."""
SERIOUS = ("serious", "critical")
COLUMN = (
    "[...document.querySelectorAll('table[data-list] tbody tr')].map(r => r.cells[{}].innerText)"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def opened(
    browser: Browser, run: Callable[..., Result], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Browser]:
    """Return a function that opens the page of a command, which is written once."""

    def opened(command: str) -> Browser:
        file = tmp_path_factory.getbasetemp() / f"{command}.html"
        if not file.exists():
            assert run(*COMMANDS[command].split(), "-f", f"html={file}").code in (0, 1)
        browser.open(file)
        return browser

    return opened


def column(browser: Browser, index: int) -> list[str]:
    return list(browser.evaluate(COLUMN.format(index)))


def click(browser: Browser, heading: str) -> str:
    """Click a heading of the list, and return the direction in which it is then sorted."""
    headings = "[...document.querySelectorAll('table[data-list] thead th')]"
    found = f"{headings}.find(h => h.innerText.startsWith('{heading}'))"
    browser.evaluate(f"{found}.querySelector('button').click()")
    return str(browser.evaluate(f"{found}.getAttribute('aria-sort')"))


def sorted_figures(cells: list[str], descending: bool) -> list[str]:
    """Return figures in order; cells that are empty stay behind in both directions."""
    figures = [cell for cell in cells if cell]
    ordered = sorted(figures, key=lambda cell: float(cell.replace(",", "")), reverse=descending)
    return [*ordered, *[""] * (len(cells) - len(figures))]


def test_layers_are_sorted_by_figures_and_by_names(opened: Callable[..., Browser]) -> None:
    browser = opened("audit")
    for heading, index in (("MFLOPS", COST), ("Delay", DELAY)):
        cells = column(browser, index)
        assert cells != sorted_figures(cells, True)
        assert click(browser, heading) == "descending"
        assert column(browser, index) == sorted_figures(cells, True)
        assert click(browser, heading) == "ascending"
        assert column(browser, index) == sorted_figures(cells, False)
    names = column(browser, 0)
    assert click(browser, "Layer") == "descending"
    assert column(browser, 0) == sorted(names, reverse=True)
    assert browser.complaints() == []


def test_layers_are_filtered_by_words(opened: Callable[..., Browser]) -> None:
    browser = opened("audit")
    names = column(browser, 0)
    browser.evaluate(
        "const i = document.querySelector('input[type=search]');"
        "i.value = 'DECODER up'; i.dispatchEvent(new Event('input'))"
    )
    visible = browser.evaluate(
        "[...document.querySelectorAll('table[data-list] tbody tr')]"
        ".filter(r => r.checkVisibility()).map(r => r.cells[0].innerText)"
    )
    assert visible == [name for name in names if name.startswith("decoder") and "up" in name] != []
    count = browser.evaluate("document.querySelector('output').value")
    assert count == f"{len(visible)} of {len(names)} rows"


@pytest.mark.parametrize(
    "command",
    ["audit", *(pytest.param(c, marks=pytest.mark.sweep) for c in COMMANDS if c != "audit")],
)
def test_pages_are_quiet_and_accessible(opened: Callable[..., Browser], command: str) -> None:
    package = pytest.importorskip("axe_core_python", reason="axe-core-python is not installed")
    browser = opened(command)
    assert browser.complaints() == []
    assert [url for url in browser.requested() if not url.startswith("file:")] == []
    browser.evaluate(files(package).joinpath("axe.min.js").read_text(encoding="utf-8") + ";0")
    assert violations(browser, "{}") == []
    browser.prefer("dark")  # which changes nothing but the colours
    assert violations(browser, "{runOnly: ['color-contrast']}") == []


def violations(browser: Browser, options: str) -> list[dict[str, Any]]:
    """Return the serious findings of axe-core on the page that is open."""
    found = browser.evaluate(f"axe.run({options}).then(r => JSON.stringify(r.violations))")
    return [each for each in json.loads(found) if each["impact"] in SERIOUS]


def test_without_javascript_everything_is_there(opened: Callable[..., Browser]) -> None:
    texts = "[...document.querySelectorAll('h1, h2, p, li, table, svg')].map(e => e.textContent)"
    whole = opened("audit").evaluate(texts)
    browser = opened("audit")
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        opened("audit")
        assert browser.evaluate("document.querySelectorAll('button, input').length") == 0
        assert browser.evaluate(texts) == whole
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
