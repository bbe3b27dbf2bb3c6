"""Training the codecs: losses, adversary, the loop, and what it says about itself."""
