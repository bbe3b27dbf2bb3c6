"""Measure what general operation counters report for the operations of audio codecs."""
