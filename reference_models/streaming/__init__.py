"""Codecs in a stream: whole files, a device's frames one by one, two forms side by side."""
