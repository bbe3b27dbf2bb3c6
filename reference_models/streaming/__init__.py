"""Streaming: coding of whole files, simulation of a device, and the check of absorbed codecs."""
