"""Exploring: what changes of a design do to its cost, its delay and its verdict."""
