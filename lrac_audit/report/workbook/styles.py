"""Formatting of cells: a style is a few words, and each word sets a few properties."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

INK, FAINT, LINE = "#1F2933", "#7B8794", "#CBD2D9"
ENCODER_COLOUR, RVQ_COLOUR, DECODER_COLOUR = "#2F6DB5", "#8A94A0", "#D9822B"
INPUT_FILL, HEADER_FILL, PASS_FILL, FAIL_FILL = "#FFF7D6", "#E4E7EB", "#D3F2DC", "#FAD4D4"
BLOCK_FILL = "#F1F4F7"
PASS_INK, FAIL_INK = "#116B35", "#A61B1B"

FONT = "Arial"

WORDS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "text": {},
        "title": {"bold": True, "font_size": 16},
        "lead": {"font_color": FAINT},
        "heading": {"bold": True, "font_size": 12, "bottom": 1, "bottom_color": LINE},
        "header": {
            "bold": True,
            "bg_color": HEADER_FILL,
            "text_wrap": True,
            "valign": "vcenter",
            "bottom": 1,
            "bottom_color": FAINT,
        },
        "input": {"bg_color": INPUT_FILL, "border": 1, "border_color": "#E0C868", "locked": False},
        "faint": {"font_color": FAINT},
        "bold": {"bold": True},
        "sum": {"bold": True, "top": 1, "top_color": FAINT},
        "block": {"bold": True, "bg_color": BLOCK_FILL, "top": 1, "top_color": LINE},
        "explanation": {"text_wrap": True, "valign": "vcenter", "italic": True, "indent": 2},
        "wrap": {"text_wrap": True, "valign": "top"},
        "indent": {"indent": 1},
        "right": {"align": "right"},
        "centre": {"align": "center"},
        "mark": {"align": "center", "bold": True},
        "verdict": {"align": "center", "bold": True, "font_size": 14, "valign": "vcenter"},
        "warning": {"font_color": FAIL_INK, "bold": True},
        "number": {"num_format": "General"},
        "whole": {"num_format": "#,##0;-#,##0;0"},
        "quiet": {"num_format": '#,##0;-#,##0;"\u2013"'},
        "cost": {"num_format": '#,##0.0000;-#,##0.0000;"\u2013"'},
        "margin": {"num_format": "+#,##0.0000;-#,##0.0000;0"},
        "time": {"num_format": '#,##0.####;-#,##0.####;"\u2013"'},
        "decimals": {"num_format": "#,##0.00##"},
        "typed": {"num_format": "@"},
    }
)
"""The words of a style, and the XlsxWriter properties that each stands for."""


def properties(style: str) -> dict[str, Any]:
    """Return the properties of the words of ``style``, later ones over earlier ones."""
    found: dict[str, Any] = {"font_name": FONT, "font_size": 10, "font_color": INK}
    for word in style.split():
        found.update(WORDS[word])
    return found
