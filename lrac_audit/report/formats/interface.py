"""The interface of a report format."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from lrac_audit.console.screen import PLAIN, Screen

Content = TypeVar("Content")


class Format(ABC, Generic[Content]):
    """A way to render one kind of content."""

    name: ClassVar[str]
    """The value of ``--format``."""
    content: ClassVar[type]
    """The kind of content that it renders."""
    is_text: ClassVar[bool] = True
    """Whether it can go to a terminal; what is no text needs a file."""

    def supports(self, report_class: type) -> bool:
        """Return whether reports of ``report_class`` have what this format renders."""
        return issubclass(report_class, self.content)

    @abstractmethod
    def render(self, report: Content, screen: Screen = PLAIN) -> str | bytes:
        """Return ``report`` as text, or as the bytes of a file that is no text.

        Only a format for people asks what ``screen`` can show.
        """
