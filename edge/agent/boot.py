"""One run of the agent, or a part of one: its name, and what is known of its time.

What is told of it stays as it was first told (the centre moves a whole boot when it changes): the
clock's reading of the origin until the clock is set, and the centre's measured time of the origin
until it is measured much better. A clock that drifts away from that is cured by a new boot.
"""

import contextlib
import logging
import socket
import uuid
from collections.abc import Callable
from typing import Final

from edge.clock import Clock
from edge.forwarding import Measured
from wire.messages import BootStory

log = logging.getLogger(__name__)

_MS: Final = 1000
_STEP_MS: Final = 1000
_READINGS: Final = 5
_AT_ONCE_MS: Final = 5
_NEVER_MS: Final = 10**9
_ANYWHERE: Final = ("192.0.2.1", 9)  # of RFC 5737: nobody has it, and nothing is sent there


def new_id() -> str:
    """Return a name that nobody has had."""
    return str(uuid.uuid4())


def machine() -> str:
    """Return where we run, for people: host name and the address towards the world."""
    name = socket.gethostname()
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(_ANYWHERE)
        return f"{name} · {probe.getsockname()[0]}"
    return name


class Boot:
    """This run and what is known of its time.

    ``origin_ms`` is its origin on ``Clock.ms``; ``measured`` is what is told of the centre's time.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        make_id: Callable[[], str] = new_id,
        where: Callable[[], str] = machine,
        measured: Measured | None = None,
    ) -> None:
        self.id = make_id()
        self.origin_ms = clock.ms()
        self.measured = measured
        self._make_id, self._where = make_id, where
        self._machine = where()
        self._clock = clock
        self._steps = 0
        self._origin_utc_ms = self._origin_now()

    def next(self, measured: Measured | None) -> "Boot":
        """Begin another boot of the same process, now.

        With the same measurement the two touch exactly: the next one is told by the same reading of
        the clock. Where the clock has drifted, it is read anew.
        """
        boot = Boot(self._clock, make_id=self._make_id, where=self._where, measured=measured)
        if measured == self.measured:
            boot._origin_utc_ms = self.wall_zero_utc_ms() + boot.origin_ms
        return boot

    def _origin_now(self) -> int:
        """Return what the clock would have shown at the origin, by what it shows now.

        The two clocks are read apart: of a few tries the one in which least time passed counts.
        """
        best_ms, origin_utc_ms = _NEVER_MS, 0
        for _ in range(_READINGS):
            before_ms = self._clock.ms()
            utc_ms = int(self._clock.now().timestamp() * _MS)
            passed_ms = self._clock.ms() - before_ms
            if passed_ms < best_ms:
                best_ms = passed_ms
                origin_utc_ms = utc_ms - (before_ms + passed_ms // 2 - self.origin_ms)
            if best_ms <= _AT_ONCE_MS:
                break
        return origin_utc_ms

    def elapsed_ms(self) -> int:
        """Milliseconds since the origin."""
        return self._clock.ms() - self.origin_ms

    def wall_zero_utc_ms(self) -> int:
        """Return the UTC of ``Clock.ms``'s zero by this machine's clock, as it is told."""
        self.look_at_clock()
        return self._origin_utc_ms - self.origin_ms

    def look_at_clock(self) -> None:
        """Notice whether the clock was set since it was told."""
        origin_utc_ms = self._origin_now()
        if abs(origin_utc_ms - self._origin_utc_ms) <= _STEP_MS:
            return
        self._steps += 1
        log.warning("the clock was set by %d ms", origin_utc_ms - self._origin_utc_ms)
        self._origin_utc_ms = origin_utc_ms

    def story(self) -> BootStory:
        """Return the boot as the centre is told of it."""
        self.look_at_clock()
        told_utc_ms = max(0, self._origin_utc_ms)
        offset_ms = None
        if self.measured is not None:
            offset_ms = self.measured.zero_utc_ms + self.origin_ms - told_utc_ms
        return BootStory(
            id=self.id,
            origin_utc_ms=told_utc_ms,
            offset_ms=offset_ms,
            steps=self._steps,
            machine=self._machine,
        )
