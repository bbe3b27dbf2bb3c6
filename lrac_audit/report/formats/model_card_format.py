"""Reports as cards of models: a block of YAML and a page in Markdown, as model hubs read them."""

from __future__ import annotations

from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report.content import CardContent
from lrac_audit.report.formats.interface import Format
from lrac_audit.report.formats.markdown_format import escaped, markdown_sections


class ModelCardFormat(Format[CardContent]):
    """The start of a README.md, which its author completes."""

    name = "model-card"
    content = CardContent

    def render(self, report: CardContent, screen: Screen = PLAIN) -> str:
        """Return the metadata between two lines of dashes, then the page."""
        import yaml

        metadata = yaml.safe_dump(dict(report.card_metadata()), sort_keys=False, allow_unicode=True)
        page = markdown_sections(report.card_sections())
        return f"---\n{metadata}---\n\n# {escaped(report.card_title())}\n\n{page}"
