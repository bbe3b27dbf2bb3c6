"""Pages in a real browser: nothing logged, nothing asked for, sorted, filtered and accessible."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
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
}
SERIOUS = ("serious", "critical")
COLUMN = (
    "[...document.querySelectorAll('table[data-list] tbody tr')].map(r => r.cells[{}].innerText)"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def opened(browser: Browser, run: Callable[..., Result], tmp_path: Path) -> Callable[..., Browser]:
    def opened(command: str, scheme: str = "light") -> Browser:
        file = tmp_path / "page.html"
        assert run(*COMMANDS[command].split(), "-f", f"html={file}").code in (0, 1)
        browser.open(file, scheme=scheme)
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


def number(text: str) -> float:
    return float(text.replace(",", "").removesuffix(" %") or "nan")


def test_layers_are_sorted_by_figures_and_by_names(opened: Callable[..., Browser]) -> None:
    browser = opened("audit")
    headings = column(browser, 0)
    costs = [number(text) for text in column(browser, 3)]
    assert costs != sorted(costs, reverse=True)
    assert click(browser, "MFLOPS") == "descending"
    assert [number(text) for text in column(browser, 3)] == sorted(costs, reverse=True)
    assert click(browser, "MFLOPS") == "ascending"
    assert [number(text) for text in column(browser, 3)] == sorted(costs)
    assert click(browser, "Layer") == "descending"
    assert column(browser, 0) == sorted(headings, reverse=True)
    delays = [text for text in column(browser, 4) if text]
    for direction in (True, False):  # what is empty stays behind
        click(browser, "Delay")
        expected = sorted(delays, key=number, reverse=direction)
        assert column(browser, 4) == [*expected, *[""] * (len(headings) - len(delays))]
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "command",
    ["audit", *(pytest.param(c, marks=pytest.mark.sweep) for c in COMMANDS if c != "audit")],
)
def test_pages_are_quiet_and_accessible(
    opened: Callable[..., Browser], command: str, scheme: str
) -> None:
    browser = opened(command, scheme)
    assert browser.complaints() == []
    assert [url for url in browser.requested() if not url.startswith("file:")] == []
    assert violations(browser) == []


def violations(browser: Browser) -> list[dict[str, Any]]:
    """Return the serious findings of axe-core on the page that is open."""
    package = pytest.importorskip("axe_core_python", reason="axe-core-python is not installed")
    axe = files(package).joinpath("axe.min.js").read_text(encoding="utf-8")
    browser.evaluate(f"{axe};0")
    found = json.loads(browser.evaluate("axe.run().then(r => JSON.stringify(r.violations))"))
    return [each for each in found if each["impact"] in SERIOUS]


def test_without_javascript_everything_is_there(opened: Callable[..., Browser]) -> None:
    browser = opened("audit")
    whole = browser.evaluate("document.querySelector('main').innerText").split()
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser = opened("audit")
        assert browser.evaluate("document.querySelectorAll('button, input').length") == 0
        assert browser.evaluate("document.querySelector('main').innerText").split() == [
            word for word in whole if word not in FILTER_WORDS
        ]
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)


FILTER_WORDS = ["Show", "rows", "with"]
"""What the script adds for readers."""
