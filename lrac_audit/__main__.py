"""``python -m lrac_audit``."""

import sys

from lrac_audit.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
