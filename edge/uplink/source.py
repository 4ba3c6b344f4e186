"""What the uplink asks of the agent: its word on its cameras, its boot, its health."""

from typing import Protocol

from edge.forwarding import Measured
from wire.messages import BootStory, CameraFacts, Vitals, Watermark


class Source(Protocol):
    """What the agent says of itself in each report."""

    def story(self) -> BootStory:
        """Return the running boot's story."""
        ...

    async def watermark(self, sent: int = 0) -> Watermark:
        """Return the running boot's watermark as of now, saved.

        Items up to the number ``sent`` are about to be published. Raises ``SpoolError``.
        """
        ...

    def say_again(self) -> None:
        """Put every open segment into the spool once more, and tell all facts with the vitals."""
        ...

    async def turn_over(self, measured: Measured | None) -> bool:
        """Go over into a new boot, or tell that it can't be done now.

        ``measured`` is the centre's time, to be told of the new boot.
        """
        ...

    @property
    def measured(self) -> Measured | None:
        """The centre's time as it is told of the running boot."""
        ...

    def wall_zero_utc_ms(self) -> int:
        """Return the UTC of ``Clock.ms``'s zero by this machine's own clock."""
        ...

    async def tell_measured(self, measured: Measured) -> None:
        """Tell the centre's time of the running boot, and of those before that want it too."""
        ...

    async def vitals(self, offset_ms: int | None) -> Vitals:
        """Return the agent's health. Raises ``SpoolError``."""
        ...

    def facts_heard(self, facts: tuple[CameraFacts, ...]) -> None:
        """Note that the centre has these facts."""
        ...
