"""What one look at one camera found: the value that watchers make and the segment builder reads."""

from dataclasses import dataclass

from wire.vocabulary import Cause, State, state_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A camera's state with its cause; ``detail`` is a short English fact for the technician."""

    cause: Cause | None
    detail: str | None = None

    @property
    def state(self) -> State:
        """The state that the cause means."""
        return state_of(self.cause)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One look.

    Attributes:
        camera: The camera's id.
        at_ms: When the look ended, on ``Clock.ms``.
        began_ms: Since when the verdict has been true as far as this look can tell (a stall: the
            last packet; a freeze: the first of the equal pictures); at most ``at_ms``.
        verdict: What was seen.
        next_ms: Set when nobody looks until then: a visited camera between two visits.
    """

    camera: str
    at_ms: int
    began_ms: int
    verdict: Verdict
    next_ms: int | None = None
