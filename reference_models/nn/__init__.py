"""Reference codecs as PyTorch modules: layers (`conv`), blocks (`seanet`), network (`codec`)."""
