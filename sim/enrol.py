"""``python -m sim.enrol CONFIG``: give many agents their passwords in one go.

Reads ``AGENT SECRET`` lines and calls ``vonggac-server agent-password --stdin`` for each, as an
administrator would by hand, but without starting Python a hundred times.
"""

import importlib
import io
import sys


def main(arguments: list[str]) -> int:
    """Enrol everybody on standard input; return the first failure's exit code."""
    server = importlib.import_module("server.cli")
    lines = [line.split() for line in sys.stdin]
    for agent, secret in lines:
        sys.stdin = io.StringIO(secret)
        code: int = server.main(["agent-password", "--config", arguments[0], agent, "--stdin"])
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
