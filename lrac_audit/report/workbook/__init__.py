"""Design sheets: workbooks that calculate, one module a page."""
