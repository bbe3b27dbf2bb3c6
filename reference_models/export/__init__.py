"""Export: programs of one frame, and the graphs and C code that are written from them."""
