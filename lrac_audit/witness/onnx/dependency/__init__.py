"""Dependency of a graph: the latest and the earliest input that each of its values depends on.

They are propagated node by node and element by element, over several calls of the graph, from one
to the next of which the states carry them.
"""
