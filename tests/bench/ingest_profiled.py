"""``vonggac-server`` with a profile of its event loop's thread, from SIGUSR1 to SIGUSR2.

``python -m tests.bench.ingest_profiled FILE run --config server.yaml``; the profile is written to
``FILE``: ``python -m pstats FILE``. A profile of the whole run would be one of reading the units.
"""

import cProfile
import signal
import sys

from server.cli import main


def profiled(file: str, arguments: list[str]) -> int:
    """Run the server; return its exit code."""
    profile = cProfile.Profile()

    def end(_number: int, _frame: object) -> None:
        profile.disable()
        profile.dump_stats(file)

    signal.signal(signal.SIGUSR1, lambda *_: profile.enable())
    signal.signal(signal.SIGUSR2, end)
    return main(arguments)


if __name__ == "__main__":
    sys.exit(profiled(sys.argv[1], sys.argv[2:]))
