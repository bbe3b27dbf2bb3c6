"""Tell from the source whether a number that was read is only compared.

A number that is compared and nothing else steers the control flow, as a truth value does. From any
other number something may be computed.
"""

from __future__ import annotations

import ast
import linecache
from functools import cache
from types import CodeType, FrameType
from typing import NamedTuple, TypeGuard

Span = tuple[int, int, int, int]
"""First and last line, first and last column."""
CONVERSIONS = frozenset({"float", "int", "abs", "bool"})
"""Functions of one number that leave a number or a truth value."""


def is_only_compared(frame: FrameType) -> bool:
    """Return whether what the running call of ``frame`` returns is used in comparisons alone."""
    span = _running_span(frame.f_code, frame.f_lasti)
    return span is not None and _only_compared(frame.f_code.co_filename, span)


@cache
def _running_span(code: CodeType, instruction: int) -> Span | None:
    line, last_line, column, last_column = list(code.co_positions())[instruction // 2]
    if line is None or last_line is None or column is None or last_column is None:
        return None
    return line, last_line, column, last_column


class _Tree(NamedTuple):
    nodes: dict[Span, ast.expr]
    parents: dict[ast.AST, ast.AST]


@cache
def _tree_of(file: str) -> _Tree | None:
    """Return the syntax tree of a file, by place; None where it cannot be read."""
    try:
        root = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return None
    parents = {child: node for node in ast.walk(root) for child in ast.iter_child_nodes(node)}
    nodes = {_span(node): node for node in parents if isinstance(node, ast.expr)}
    return _Tree(nodes, parents)


def _span(node: ast.expr) -> Span:
    last_line, last_column = node.end_lineno or 0, node.end_col_offset or 0
    return node.lineno, last_line, node.col_offset, last_column


@cache
def _only_compared(file: str, span: Span) -> bool:
    tree = _tree_of(file)
    node = tree.nodes.get(span) if tree is not None else None
    if tree is None or node is None:
        return False
    name = _assigned_name(node, tree)
    if name is None:
        return _becomes_truth(node, tree)
    uses = _loads(name, tree)
    return bool(uses) and all(_becomes_truth(use, tree) for use in uses)


def _becomes_truth(node: ast.expr, tree: _Tree) -> bool:
    """Return whether only a truth value comes of a number."""
    parent = tree.parents[node]
    if isinstance(parent, ast.Compare):
        return True
    if isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert):
        return parent.test is node
    if isinstance(parent, ast.UnaryOp):
        return isinstance(parent.op, ast.Not)
    return _is_conversion(parent) and _becomes_truth(parent, tree)


def _is_conversion(node: ast.AST) -> TypeGuard[ast.Call]:
    """Return whether a node converts one number."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in CONVERSIONS
    )


def _assigned_name(node: ast.expr, tree: _Tree) -> ast.Name | None:
    """Return the local variable that a number is assigned to, converted or not; else None."""
    parent = tree.parents[node]
    if isinstance(parent, ast.expr):
        return _assigned_name(parent, tree) if _is_conversion(parent) else None
    if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
        return parent.targets[0] if len(parent.targets) == 1 else None
    return None


def _loads(name: ast.Name, tree: _Tree) -> list[ast.expr]:
    """Return the uses of a variable in its function; in a whole module, any use is unknown."""
    scope: ast.AST = name
    while not isinstance(scope, ast.FunctionDef):
        if scope not in tree.parents:
            return []
        scope = tree.parents[scope]
    found = [node for node in ast.walk(scope) if isinstance(node, ast.Name) and node.id == name.id]
    shared = [n for n in ast.walk(scope) if isinstance(n, ast.Global | ast.Nonlocal)]
    return [] if shared else [node for node in found if isinstance(node.ctx, ast.Load)]
