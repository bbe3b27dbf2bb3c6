"""Work over many items, on the cores of one machine or on a cluster."""
