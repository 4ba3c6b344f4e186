"""What the uplink asks of the agent: its word on its cameras, its boot, its health."""

from typing import Protocol

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

    async def turn_over(self, zero_utc_ms: int | None) -> bool:
        """Go over into a new boot, or tell that it can't be done now.

        ``zero_utc_ms`` is the centre's time of ``Clock.ms``'s zero, to be told of the new boot.
        """
        ...

    @property
    def zero_utc_ms(self) -> int | None:
        """The centre's time of ``Clock.ms``'s zero, as it is told of the running boot."""
        ...

    def wall_zero_utc_ms(self) -> int:
        """Return the same by this machine's own clock."""
        ...

    async def measured(self, zero_utc_ms: int) -> None:
        """Take the centre's time of ``Clock.ms``'s zero for all boots that were not told one."""
        ...

    async def vitals(self, offset_ms: int | None) -> Vitals:
        """Return the agent's health. Raises ``SpoolError``."""
        ...

    def facts_heard(self, facts: tuple[CameraFacts, ...]) -> None:
        """Note that the centre has these facts."""
        ...
