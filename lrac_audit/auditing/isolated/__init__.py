"""Measure an untrusted codec in a process of its own, confined by what the system gives."""
