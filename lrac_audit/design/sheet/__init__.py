"""Design sheets: which cells of a workbook hold a design, and how they are read back.

The renderer in ``lrac_audit.report.workbook`` writes them by the same layout.
"""

from lrac_audit.design.sheet.reading import read_sheet

__all__ = ["read_sheet"]
