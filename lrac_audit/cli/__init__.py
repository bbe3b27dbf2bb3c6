"""The command line: one file per command, every heavy import inside the command that needs it."""
