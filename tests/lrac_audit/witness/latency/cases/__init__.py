"""Codecs whose delay follows from how they are built, each kind written in several ways."""
