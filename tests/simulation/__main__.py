"""``python -m tests.simulation``: many seeds, one seed told in full, or the planted bugs."""

import sys

from tests.simulation.cli import main

if __name__ == "__main__":
    sys.exit(main())
