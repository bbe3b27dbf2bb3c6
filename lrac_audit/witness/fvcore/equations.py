"""Count the products of an einsum, contracted from left to right as torch does."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

Term = tuple[str | int, ...]
"""The axes of one operand: letters, and numbers from the right for those of an ellipsis."""


def einsum_macs(equation: str, shapes: Sequence[Sequence[int]]) -> int:
    """Return the multiply-accumulates of an einsum of operands of these shapes."""
    given, _, wanted = equation.replace(" ", "").partition("->")
    terms = [_axes(text, len(s)) for text, s in zip(given.split(","), shapes, strict=True)]
    sizes: dict[str | int, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        for axis, size in zip(term, shape, strict=True):
            sizes[axis] = max(size, sizes.get(axis, 1))
    spread = max((len(term) for term in terms), default=0)
    kept = {*_axes(wanted, spread)} if "->" in equation else _named_once(terms)
    macs, done = 0, terms[0]
    for at, term in enumerate(terms[1:], 2):
        needed = kept.union(*terms[at:])
        used = [
            a for a in dict.fromkeys((*done, *term)) if a in needed or (a in done and a in term)
        ]
        macs += prod(sizes[axis] for axis in used)
        done = tuple(axis for axis in used if axis in needed)
    return macs


def _axes(text: str, axes: int) -> Term:
    """Return the axes of one operand with so many; an ellipsis stands for those without letters."""
    before, dots, after = text.partition("...")
    if not dots:
        return tuple(before)
    spread = max(axes - len(before) - len(after), 0)
    return (*before, *range(spread, 0, -1), *after)


def _named_once(terms: Sequence[Term]) -> set[str | int]:
    """Return the axes of the result where the equation does not name them."""
    everything = [axis for term in terms for axis in term]
    return {axis for axis in everything if isinstance(axis, int) or everything.count(axis) == 1}
