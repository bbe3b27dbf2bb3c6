"""``python -m lrac_audit``."""

from lrac_audit.cli.main import run

if __name__ == "__main__":
    run()
