"""How good a codec sounds, by measures that people trust, in the layout of the paper's tables."""
