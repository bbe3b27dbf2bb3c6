"""The look of all pictures: size, fonts and colours, which a page changes in the dark.

Colours differ in lightness too, and hatches repeat what they say, so that a picture can be read in
black and white.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from lrac_audit.errors import printable

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

INK = "#1a1f26"
MUTED = "#56606b"
GRID = "#d3d9df"
GROUND = "#ffffff"
TRANSMIT = "#2f6db3"
RECEIVE = "#e8a552"
PAST = "#b9c8d8"
OTHERS = "#8a949e"
LIMIT = "#a40e1d"
SIDES: Mapping[str, str] = MappingProxyType(
    {"transmit": TRANSMIT, "receive": RECEIVE, "undivided": TRANSMIT}
)
"""The colour of each side."""
QUANTIZER_HATCH = "////"
"""Marks the quantizer beside the coder of the same side."""
AHEAD_HATCH = "xxx"
"""Marks look-ahead beside what is past or present."""
WIDTH_INCHES = 7.0
MAX_ROWS = 40
"""More rows than these are drawn as one, the smallest of them."""
ROW_INCHES = 0.22
"""Height of one bar with the gap to the next."""
TICKS = "{x:,.10g}"
"""How the figures of an axis are written."""
FONTS = ("DejaVu Sans", "Verdana", "sans-serif")
"""The first comes with matplotlib, which measures texts by it; a browser may need the others."""

_STYLE: dict[Any, Any] = {
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "font.family": ["sans-serif"],
    "font.sans-serif": list(FONTS),
    "font.size": 8,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "pdf.fonttype": 42,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}


@contextmanager
def drawn_style() -> Iterator[None]:
    """Draw and save what is in the block in the style of all pictures.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        yield


def new_figure(height_inches: float, **rows: Any) -> tuple[Figure, list[Axes]]:
    """Return a figure with its axes one below the other, as ``Figure.subplots`` takes them."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCHES, height_inches), layout="constrained")
    axes = figure.subplots(squeeze=False, **rows)
    return figure, [each[0] for each in axes]


def mark(artist: Artist, text: str) -> None:
    """Let a reader's pointer over ``artist`` show ``text``."""
    artist.set_gid(HOVER + printable(text))


HOVER = "hover: "
"""Begins the identifier of an element that has a text to show."""


class Look(NamedTuple):
    """The look of a bar."""

    color: str
    hatch: str = ""
    height: float = 0.7
    """Share of a row that the bar takes."""


def bar(axes: Axes, row: float, width: float, left: float, look: Look) -> Rectangle:
    """Draw one bar of a chart whose rows count from the top."""
    from matplotlib.patches import Rectangle

    drawn = Rectangle(
        (left, row - look.height / 2),
        width,
        look.height,
        facecolor=look.color,
        edgecolor=GROUND if look.hatch else "none",  # which is the colour of the hatch, too
        linewidth=0.2,
        hatch=look.hatch or None,
    )
    drawn.sticky_edges.x.append(0)
    axes.add_patch(drawn)
    axes.autoscale_view()
    return drawn


def smallest(values: Sequence[float], most: int) -> set[int]:
    """Return the places of the values to draw as one, so that ``most`` rows remain of many."""
    if len(values) <= most:
        return set()
    ranked = sorted(range(len(values)), key=lambda i: abs(values[i]))
    return set(ranked[: len(values) - most + 1])


def label(axes: Axes, row: float, x: float, text: str, **look: Any) -> None:
    """Write ``text`` behind a bar that ends at ``x``."""
    axes.annotate(
        text, (x, row), (3, 0), textcoords="offset points", va="center", fontsize="small", **look
    )


def bare(axes: Axes, names: Sequence[str]) -> None:
    """Name the rows of a chart from the top, and leave of its frame the bottom."""
    from matplotlib.ticker import StrMethodFormatter

    axes.set_yticks(range(len(names)), [shortened_name(name) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter(StrMethodFormatter(TICKS))


MAX_NAME_CHARACTERS = 48


def shortened_name(text: str) -> str:
    """Return a name without control characters, its middle left out where it is long."""
    from lrac_audit.console.layout import shortened

    return shortened(printable(text), MAX_NAME_CHARACTERS)
