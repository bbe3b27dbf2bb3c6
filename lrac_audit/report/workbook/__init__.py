"""Design sheets: workbooks that calculate, with one module for each page."""
