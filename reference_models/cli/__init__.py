"""The command line of the reference codecs: one file per command."""
