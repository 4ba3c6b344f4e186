"""What was said last of a camera, and since when: sightings are made here. Pure.

A verdict keeps its beginning while its cause stays, and trouble that follows a stream begins where
the stream was lost, not where a retry found out. Between tries the last verdict stands and is said
again each second: nothing that we know speaks against it, and the next try is never far.
"""

from dataclasses import dataclass, replace

from edge.sighting import Sighting, Verdict


@dataclass(slots=True, kw_only=True)
class Standing:
    """One camera's last word.

    Attributes:
        camera: Its id.
        verdict: What was said last, or None.
        began_ms: Since when that has been true.
        said_ms: When it was said last.
        lost_ms: When the stream was lost, until something has been said of it.
    """

    camera: str
    verdict: Verdict | None = None
    began_ms: int = 0
    said_ms: int = 0
    lost_ms: int | None = None

    @property
    def is_trouble(self) -> bool:
        """Whether trouble was said last."""
        return self.verdict is not None and self.verdict.cause is not None

    def lose(self, at_ms: int) -> None:
        """Note that the stream has been gone since ``at_ms``; the cause is still to be found."""
        if self.lost_ms is None:
            self.lost_ms = at_ms

    def no_stream(self, verdict: Verdict, *, tried_ms: int, now_ms: int) -> Sighting:
        """Say why there is no stream; ``tried_ms`` is when the try that told began."""
        began_ms = tried_ms if self.lost_ms is None else self.lost_ms
        self.lost_ms = None
        return self.say(verdict, began_ms=began_ms, at_ms=now_ms)

    def say(self, verdict: Verdict, *, began_ms: int, at_ms: int) -> Sighting:
        """Say ``verdict``; the same cause as before keeps its earlier beginning."""
        if self.verdict is not None and self.verdict.cause == verdict.cause:
            began_ms = min(began_ms, self.began_ms)
        self.verdict, self.began_ms = verdict, min(began_ms, at_ms)
        self.said_ms = at_ms
        return Sighting(camera=self.camera, at_ms=at_ms, began_ms=self.began_ms, verdict=verdict)

    def resting(self, next_ms: int) -> Sighting | None:
        """Say of a camera that is up, as it was seen last, that nobody looks before ``next_ms``."""
        if self.verdict is None or self.is_trouble or self.lost_ms is not None:
            return None
        again = self.say(self.verdict, began_ms=self.began_ms, at_ms=self.said_ms)
        return replace(again, next_ms=next_ms)

    def again(self, now_ms: int) -> Sighting | None:
        """Say standing trouble again; ``up`` is never said without a look."""
        if not self.is_trouble or self.lost_ms is not None:
            return None
        assert self.verdict is not None
        return self.say(self.verdict, began_ms=self.began_ms, at_ms=now_ms)
