"""A project's own configuration of its gate: what is checked, against which limits, and how."""
