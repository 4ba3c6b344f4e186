"""``python -m sim.child MODULE ARGUMENT...``: call its ``main``, and end when the parent does.

On Linux the kernel ends this process when the demo that started it is gone, even by ``kill -9``;
elsewhere the demo's own clean-up has to do. The module runs in this very process, so that its pid
is the one to be killed in the story.
"""

import ctypes
import importlib
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def _end_with_parent() -> None:
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it went away in between
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    _end_with_parent()
    program = importlib.import_module(sys.argv[1])
    sys.exit(program.main(sys.argv[2:]))
