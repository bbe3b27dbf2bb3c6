"""The page Notes: terms, counting conventions, and the sources of figures."""

from __future__ import annotations

from lrac_audit import __version__
from lrac_audit.design.sheet import layout
from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.limits.limit_set import CHALLENGE_LIMITS, load_limits
from lrac_audit.published.sources import DEFAULT_SOURCE, load_source
from lrac_audit.report.workbook.figures import Figures
from lrac_audit.report.workbook.page import Page

_USE = (
    ("Change", "Yellow cells are inputs. Everything else is calculated from them."),
    (
        "Read back",
        "lrac-audit audit FILE.xlsx, and check and convert, take this file as a design: they read "
        "the yellow cells and nothing else. What to show is chosen by their options.",
    ),
    (
        "Structure",
        "Rows are neither added nor deleted in a sheet. For another number of blocks or layers, "
        "convert it to YAML, edit that, and write a new sheet.",
    ),
    (
        "Refusal",
        "Where inputs do not fit together (hops that differ, groups that do not divide the "
        "channels), the column Check says so and every verdict is withheld.",
    ),
)
_DEFINITIONS = (
    ("MAC", "A multiply-accumulate. It is 2 FLOPs, unless the convention counts MACs."),
    ("Cost", "Work in the prices of the convention, in the steady state of a stream."),
    ("Step", "Audio samples between two steps at the rate of the layer."),
    ("Hop", "Audio samples per latent frame: the product of the encoder's strides."),
    ("Look-ahead", "Future context: it delays. A centred kernel looks half of its padding ahead."),
    ("Past", "Past context: it costs memory and no delay."),
    ("Total latency", "One hop of buffering and the look-ahead of both sides; no processing time."),
    (
        "State",
        "Values kept from one frame to the next: (reach - stride) x channels in, look-ahead "
        "included.",
    ),
    ("Held", "What a skip path holds back while the branch beside it waits for its look-ahead."),
    (
        "Live",
        "Values in scratch memory while the layer runs: its input and output for a whole frame, "
        "and what a sum behind it still needs. Activations and sums work in place. Buffers are "
        "shared, so the largest counts.",
    ),
    (
        "Projected",
        "The quantizer as trained: every layer projects its codeword back to the latent.",
    ),
    ("Absorbed", "Output projections folded into a table per layer: less work, more memory."),
    ("Transmit", "Encoder and RVQ search."),
    ("Receive", "RVQ lookup and decoder."),
    ("Parameters", "Values as deployed, with weight norm folded into the weights."),
)


def notes_page(figures: Figures) -> Page:
    """Return the page Notes."""
    page = Page(layout.NOTES, colour="#52606D")
    page.widths = {"A": 28, "B": 110}
    page.put("A1", "Notes", "title")
    name = figures.ledger.name
    page.put("A2", f"Written by lrac-audit {__version__}. Design: {name}", "lead")
    conventions = [
        (convention.name, f"version {convention.version}: {convention.summary}")
        for convention in CONVENTIONS.values()
    ]
    limits = [(found, load_limits(found).source) for found in CHALLENGE_LIMITS]
    published = [
        ("Published figures", load_source(DEFAULT_SOURCE).citation),
        ("Tables 2 and 3", "complexity and latency of the baselines, as printed"),
        ("RVQ, receptive field", "from the text of the same paper"),
        ("Mark", "equal at the precision that was printed, or different"),
    ]
    row = 4
    for heading, lines in (
        ("How to use this sheet", _USE),
        ("Words", _DEFINITIONS),
        ("Counting conventions", conventions),
        ("Limit sets", limits),
        ("Sources", published),
    ):
        page.put(f"A{row}", heading, "heading")
        page.put(f"B{row}", None, "heading")
        for label, text in lines:
            row += 1
            page.put(f"A{row}", label, "bold wrap")
            page.put(f"B{row}", text, "wrap")
            page.heights[row] = 14 * (1 + len(text) // 145) + 2
        row += 2
    return page
