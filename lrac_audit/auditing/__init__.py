"""Audits: from a target to its result and JSON document, and comparisons of results.

The package is not called ``audit``, because the function :func:`lrac_audit.audit` is.
"""
