"""Pictures of an audit as files of their own, for papers: SVG or PDF."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.report.pictures.canvas import drawn_style
from lrac_audit.report.pictures.registry import PICTURES
from lrac_audit.report.pictures.svg import svg_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lrac_audit.auditing.audit import Audit

OPTION = "--plot"


class PlotFile(NamedTuple):
    """A picture, and the file that it goes to."""

    picture: str
    path: Path

    @classmethod
    def of(cls, request: str) -> PlotFile:
        """Return what ``PICTURE.ENDING`` or ``PICTURE=FILE`` asks for.

        Raises:
            InputError: there is no such picture, or no such kind of file.
        """
        name, equals, file = request.partition("=")
        path = Path(file if equals else request)
        picture = name if equals else path.stem
        problems = []
        if picture not in PICTURES:
            names = one_of(PICTURES, picture, ", as the name of the file or before =FILE")
            problems.append(Problem(OPTION, shown(request), names))
        if path.suffix not in ENDINGS:
            problems.append(Problem(OPTION, shown(request), f"a file that ends in {ENDING_NAMES}"))
        if problems:
            raise InputError("options", problems)
        return cls(picture, path)

    def drawn(self, audit: Audit) -> bytes:
        """Return the content of the file.

        Raises:
            InputError: the audit has nothing that the picture could show.
            ModuleNotFoundError: matplotlib is not installed.
        """
        kind = PICTURES[self.picture]
        if not kind.can_draw(audit):
            others = [name for name, other in PICTURES.items() if other.can_draw(audit)]
            why = kind.words(audit) or "what it would show is not known or has no bound"
            given = f"{self.picture} of {audit.ledger.name}, of which there is none: {why}"
            raise InputError(
                "options", [Problem(OPTION, given, one_of(others) if others else "none")]
            )
        with drawn_style():
            return ENDINGS[self.path.suffix](kind.draw(audit))


def _pdf_file(figure: Figure) -> bytes:
    """Return a figure as PDF, in which text is text; the same bytes every time."""
    buffer = BytesIO()
    figure.savefig(buffer, format="pdf", metadata={"CreationDate": None})
    return buffer.getvalue()


ENDINGS: Mapping[str, Callable[[Figure], bytes]] = {".svg": svg_file, ".pdf": _pdf_file}
ENDING_NAMES = " or ".join(ENDINGS)
