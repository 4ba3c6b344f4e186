"""One run of the agent: its name, and what is known of its time."""

import logging
import uuid
from typing import Final

from edge.clock import Clock
from wire.messages import BootStory

log = logging.getLogger(__name__)

_MS: Final = 1000
_STEP_MS: Final = 1000


class Boot:
    """This run and what is known of its time."""

    def __init__(self, clock: Clock) -> None:
        self.id = str(uuid.uuid4())
        self.origin_ms = clock.ms()
        self._clock = clock
        self._steps = 0
        self._origin_utc_ms = self._origin_now()

    def _origin_now(self) -> int:
        """Return what the clock would have shown at the origin, by what it shows now."""
        return int(self._clock.now().timestamp() * _MS) - self.elapsed_ms()

    def elapsed_ms(self) -> int:
        """Milliseconds since the origin."""
        return self._clock.ms() - self.origin_ms

    async def look_at_clock(self) -> None:
        """Notice whether the clock was stepped since the last look."""
        self._look_at_clock()

    def _look_at_clock(self) -> None:
        origin_utc_ms = self._origin_now()
        if abs(origin_utc_ms - self._origin_utc_ms) > _STEP_MS:
            self._steps += 1
            log.warning("the clock was set by %d ms", origin_utc_ms - self._origin_utc_ms)
        self._origin_utc_ms = origin_utc_ms

    def story(self, offset_ms: int | None) -> BootStory:
        """Return the boot as the centre is told of it."""
        self._look_at_clock()
        return BootStory(
            id=self.id,
            origin_utc_ms=max(0, self._origin_utc_ms),
            offset_ms=offset_ms,
            steps=self._steps,
        )
