"""What one camera has taught us over several sessions, so that no session learns it anew. Pure.

Kept in memory for as long as the agent runs: a restart forgets, and a camera whose firmware was
changed is learnt again.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

from edge.rtsp.url import CameraUrl, Credentials

_MAX_HOSTS: Final = 1024
_KEEP_ALIVES: Final = ("GET_PARAMETER", "OPTIONS")


@dataclass(slots=True)
class Habits:
    """One camera's (one host and port's) habits.

    Attributes:
        wrong_cseq: Its answers carry another CSeq than the request, so they are believed anyway.
        unfinished_heads: It leaves the blank line out, so its answers are soon taken as they are.
        bad_keep_alives: Methods at which it hangs up; with both of them none is sent.
        accepted: The credentials that it accepted last, and when on ``Clock.ms``.
        addresses: Where its name led to last: family, and what ``connect`` takes for it.
    """

    wrong_cseq: bool = False
    unfinished_heads: bool = False
    bad_keep_alives: set[str] = field(default_factory=set)
    accepted: tuple[Credentials, int] | None = None
    addresses: tuple[tuple[int, tuple[Any, ...]], ...] = ()

    def keep_alive_method(self, *, get_parameter: bool) -> str | None:
        """Return how to say that we are still here; ``get_parameter``: the camera offers it."""
        offered = _KEEP_ALIVES if get_parameter else _KEEP_ALIVES[1:]
        return next((method for method in offered if method not in self.bad_keep_alives), None)

    def hung_up(self, during: str | None) -> None:
        """Note that a playing camera hung up, and which keep-alive it had not answered.

        One that hangs up even without any is not to be blamed on keep-alives: begin anew.
        """
        if during in _KEEP_ALIVES:
            self.bad_keep_alives.add(during)
        elif len(self.bad_keep_alives) == len(_KEEP_ALIVES):
            self.bad_keep_alives.clear()

    def accepted_ago_ms(self, credentials: Credentials | None, now_ms: int) -> int | None:
        """Return how long ago these credentials were accepted, None if never in this run."""
        if self.accepted is None or self.accepted[0] != credentials:
            return None
        return now_ms - self.accepted[1]


class HabitBook:
    """Habits by host and port; the longest unused go when there are too many."""

    def __init__(self) -> None:
        self._habits: OrderedDict[tuple[str, int], Habits] = OrderedDict()

    def of(self, url: CameraUrl) -> Habits:
        """Return the habits of ``url``'s camera."""
        key = (url.host.lower(), url.port)
        found = self._habits.setdefault(key, Habits())
        self._habits.move_to_end(key)
        while len(self._habits) > _MAX_HOSTS:
            self._habits.popitem(last=False)
        return found
