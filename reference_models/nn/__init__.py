"""The reference codecs as PyTorch modules: leaf (`conv`), block (`seanet`), network (`codec`)."""
