"""Reference models of the LRAC 2025 baselines: networks, training, streaming and files."""
