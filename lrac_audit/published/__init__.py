"""The corpus of published figures: one YAML file a source, and their comparison with ledgers.

A source says where its figures were read and how the codec that was measured can be rebuilt. What
explains a difference is nowhere stated; it is searched for.
"""
