"""Adapters of public codecs, one module for each family, and their registry."""
