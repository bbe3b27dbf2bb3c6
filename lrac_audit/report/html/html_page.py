"""One page for a browser, with its style and script in it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from xml.etree.ElementTree import Element

from lrac_audit.report.blocks import IllustratedSection
from lrac_audit.report.html.block_elements import section_element
from lrac_audit.report.html.elements import element, embedded, html_text

POLICY = (
    "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; "
    "script-src 'sha256-{script}'"
)
"""The browser loads nothing for the page, and runs its own script alone, whatever a name holds."""


def html_page(title: str, sections: Sequence[IllustratedSection]) -> str:
    """Return a document that shows ``sections`` under ``title``, and needs no other file."""
    from lrac_audit import __version__

    script = embedded("script", _packaged("tables.js"))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(script)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="generator", content=f"lrac-audit {__version__}"),
        element("title", title),
        embedded("style", _packaged("page.css")),
    )
    main = element("main", element("h1", title), *map(section_element, sections))
    footer = element("footer", f"Written by lrac-audit {__version__}.")
    return html_text(element("html", head, element("body", main, footer, script), lang="en"))


def _packaged(name: str) -> str:
    return files("lrac_audit.report.html").joinpath(name).read_text(encoding="utf-8")


def _policy(script: Element) -> str:
    """Return the policy that lets ``script`` run."""
    import base64
    import hashlib

    digest = hashlib.sha256((script.text or "").encode()).digest()
    return POLICY.format(script=base64.b64encode(digest).decode())
