"""From a target to the result of an audit, its JSON document, and what results are compared with.

The room is not called ``audit``, because the package's function :func:`lrac_audit.audit` is.
"""
