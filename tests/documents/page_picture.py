"""Draw ``docs/pictures/page.png`` and ``page-dark.png``: the page of an audit in Chromium.

Run ``python -m tests.documents.page_picture`` to draw them anew.
"""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image

from lrac_audit import audit
from lrac_audit.report.audit_report import AuditReport
from lrac_audit.report.formats.html_format import HtmlFormat
from tests.chromium import chromium
from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 860, 900
COLORS = 128
"""So few make the files small."""
HEADINGS = {"page.png": ("light", "body"), "page-dark.png": ("dark", "section:nth-of-type(3)")}
"""The scheme of each picture, and the element that is at its top."""


def draw() -> None:
    """Draw both pictures."""
    page = HtmlFormat().render(AuditReport(audit("track2", rvq="projected")))
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        file = Path(folder) / "page.html"
        file.write_text(page, encoding="utf-8")
        for name, (scheme, top) in HEADINGS.items():
            browser.open(file, WIDTH, HEIGHT, scheme)
            browser.evaluate(f"document.querySelector('{top}').scrollIntoView()")
            shown = Image.open(BytesIO(browser.screenshot())).convert("RGB")
            shown.quantize(COLORS).save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    draw()
