"""Export to C: a header, a source and the weights of each side, and an engine that runs them."""
