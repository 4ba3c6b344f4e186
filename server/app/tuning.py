"""The interpreter, set for one event loop beside one thread that commits."""

import gc
import sys
from typing import Final

_SWITCH_S: Final = 0.001
"""The usual is 0.005. A commit to SQLite lets go of the interpreter at each row, and would wait
for it as long again and again while the loop reads what comes next. At 0.0002 passing it on costs
a twentieth of all that the server does."""

_COLLECT_AFTER: Final = (50_000, 20, 100)
"""A batch is 20,000 objects, none of them part of a cycle: looking through them is a tenth of the
work. What is garbage in cycles, of exceptions and tasks, can wait."""


def tune() -> None:
    """Set this process, once everything that stays has been made."""
    sys.setswitchinterval(_SWITCH_S)
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
