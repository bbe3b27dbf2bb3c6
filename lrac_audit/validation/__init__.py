"""Validation of everything that is declared as a dataclass and read from a file.

Designs, limit sets and training configurations are frozen dataclasses whose annotations say what
each field may hold, as in ``Annotated[int, Whole(1, 64)]``. From that one declaration come the
reader of a file, the check of an object made in Python, and the JSON Schema.
"""
