"""The two LRAC 2025 baseline codecs: their designs, and in time the models built from them."""
