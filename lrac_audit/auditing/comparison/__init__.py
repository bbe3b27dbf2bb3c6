"""Comparison of codecs: their totals, and the layers in which they differ."""
