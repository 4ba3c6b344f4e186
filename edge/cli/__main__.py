"""``python -m edge.cli``: the same as ``vonggac-edge``."""

import sys

from edge.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
