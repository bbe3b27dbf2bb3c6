"""Reports as pages for a browser."""

from __future__ import annotations

from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report.content import PageContent
from lrac_audit.report.formats.interface import Format


class HtmlFormat(Format[PageContent]):
    """The report's page as one HTML file, which needs no network and no other file."""

    name = "html"
    content = PageContent

    def render(self, report: PageContent, screen: Screen = PLAIN) -> str:
        """Return the whole document."""
        from lrac_audit.report.html.html_page import html_page

        return html_page(report.title(), report.illustrated_sections())
