"""Acoustic measures of the files of a corpus, and selection by them."""
