"""Independent measurements of real modules. This package needs torch.

A witness yields the same rows as the walk over a design, so everything behind the ledger is the
same code for a design and for a module that has none.
"""
