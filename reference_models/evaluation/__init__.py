"""Evaluation of speech quality by public measures, in the layout of the paper's tables."""
