"""``python -m lrac_audit``."""

from lrac_audit.cli.main import main

main()
