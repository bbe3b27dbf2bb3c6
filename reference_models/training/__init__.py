"""Training of the codecs: losses, adversary, the loop, checkpoints and logs."""
