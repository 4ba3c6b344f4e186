"""For how long nobody looks at a camera, between two visits or two turns. Pure.

A loss in between is found by the next look, so it can't be told sooner than that. The centre makes
up for it by waiting less, down to a least time in which a camera may have been restarted.
"""

from typing import Final

from edge.config import WatchConfig

_STEP_MS: Final = 5_000


def unseen_s(watch: WatchConfig, *, shared_ms: int) -> int:
    """Return for how long, rounded up to 5 s; 0: somebody always looks.

    ``shared_ms``: what it waits for others of its recorder (``Budget.unseen_ms``). Rounded, because
    the centre is told anew of each change.
    """
    visits_ms = round((watch.visit_every_s - watch.visit_s) * 1000)
    longest_ms = max(shared_ms, visits_ms if watch.mode == "visit" else 0)
    return -(-longest_ms // _STEP_MS) * (_STEP_MS // 1000)
