"""What a playing camera's packets and pictures say of it. Pure.

In this order: key frames that do not come or do not decode (no picture at all), what the picture
judge found, then packets that are lost or come too rarely, then what is wrong beside the stream.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

from edge.picture.judge import Finding
from edge.rtsp.health import Rates, loss_trouble, rates, slow_trouble
from edge.rtsp.replies import Trouble
from edge.rtsp.rtp import Counts, StreamCounter
from edge.sighting import Verdict
from wire.vocabulary import Cause

KEY_FRAME_AFTER_MS: Final = 20_000
"""So long a stream may be without a key frame: "smart" encoders leave 10 s and more between two."""
WINDOW_MS: Final = 10_000
_MIN_WINDOW_MS: Final = 6_000

_HOLES: Final = Trouble(Cause.STREAM_UNDECODABLE, "key frames come, but none comes whole")


class Window:
    """Counters over the last ten seconds or so of one session."""

    def __init__(self) -> None:
        self._marks: deque[tuple[int, Counts]] = deque()

    def add(self, now_ms: int, counts: Counts) -> None:
        """Note the counters; old notes go, but one that spans the window stays."""
        self._marks.append((now_ms, counts))
        while len(self._marks) > 2 and now_ms - self._marks[1][0] >= WINDOW_MS:  # noqa: PLR2004
            self._marks.popleft()

    def clear(self) -> None:
        """Begin anew, after a stall."""
        self._marks.clear()

    def rates(self) -> Rates | None:
        """Return the rates over the window, None while it is too short."""
        if not self._marks:
            return None
        (from_ms, before), (to_ms, after) = self._marks[0], self._marks[-1]
        if to_ms - from_ms < _MIN_WINDOW_MS:
            return None
        return rates(before, after, (to_ms - from_ms) / 1000)

    def loss(self) -> Trouble | None:
        """Return ``stream.lossy`` if the window shows it."""
        return loss_trouble(self._marks[0][1], self._marks[-1][1]) if self._marks else None

    def trouble(self, described_fps: float | None) -> tuple[Trouble, int] | None:
        """Return what is poor, if anything, and since when as far as the window tells."""
        found = self.rates()
        if found is None:
            return None
        if lossy := self.loss():
            return lossy, self._lossy_since_ms()
        slow = slow_trouble(found.fps, described_fps)
        # Few pictures came in all of the window, so it has been slow for nearly all of it.
        return (slow, self._marks[0][0]) if slow else None

    def whole_since_ms(self) -> int | None:
        """Return the first note after the last loss, None without notes."""
        if not self._marks:
            return None
        lost_now = self._marks[-1][1].lost
        return min(at_ms for at_ms, counts in self._marks if counts.lost == lost_now)

    def _lossy_since_ms(self) -> int:
        """The last note before the first loss."""
        lost_before = self._marks[0][1].lost
        return max(at_ms for at_ms, counts in self._marks if counts.lost == lost_before)


@dataclass(slots=True, kw_only=True)
class Eyes:
    """What pictures have told since packets began to come (again).

    Attributes:
        since_ms: When packets began to come, at the latest.
        finding: The judge's last word in this session, None before the first picture.
        blind: Why the last key frame gave no picture, and since when.
        asked_ms: When a key frame was asked for that has not come yet.
        dropped_before: Key frames that had come with holes by then.
    """

    since_ms: int
    finding: Finding | None = None
    blind: Trouble | None = None
    blind_since_ms: int = 0
    asked_ms: int | None = None
    dropped_before: int = 0


def assess(
    counter: StreamCounter,
    eyes: Eyes,
    window: Window,
    *,
    described_fps: float | None,
    now_ms: int,
    aside: Trouble | None = None,
) -> tuple[Verdict, int] | None:
    """Return what is true of a camera whose packets come, and since when; None: not known yet.

    ``aside`` is what is wrong beside the stream; it counts while nothing worse does.
    """
    if counter.first_packet_ms is None or counter.last_packet_ms is None:
        return None
    trouble = _without_key_frame(counter, eyes, window, now_ms) or _picture_trouble(eyes)
    if trouble is not None or eyes.finding is None:
        return trouble
    if poor := window.trouble(described_fps):
        return _said(poor[0]), poor[1]
    return _said(aside) if aside else Verdict(cause=None), counter.last_packet_ms


def _picture_trouble(eyes: Eyes) -> tuple[Verdict, int] | None:
    if eyes.blind is not None:
        return _said(eyes.blind), eyes.blind_since_ms
    if eyes.finding is None or eyes.finding.cause is None:
        return None
    # The judge remembers pictures of former sessions; the time between them was no watching.
    began_ms = max(eyes.finding.began_ms, eyes.since_ms)
    return Verdict(cause=eyes.finding.cause, detail=eyes.finding.detail), began_ms


def _without_key_frame(
    counter: StreamCounter, eyes: Eyes, window: Window, now_ms: int
) -> tuple[Verdict, int] | None:
    since_ms = max(counter.last_key_ms or 0, counter.first_packet_ms or 0, eyes.since_ms)
    if now_ms - since_ms >= KEY_FRAME_AFTER_MS:
        detail = f"packets come, but no key frame for {(now_ms - since_ms) // 1000} s"
        return Verdict(cause=Cause.STREAM_NO_KEYFRAME, detail=detail), since_ms
    if eyes.asked_ms is None or counter.collector.dropped == eyes.dropped_before:
        return None
    lossy = window.loss()
    if now_ms - eyes.asked_ms >= KEY_FRAME_AFTER_MS or (eyes.finding is None and lossy):
        return _said(lossy or _HOLES), eyes.asked_ms
    return None


def _said(trouble: Trouble) -> Verdict:
    return Verdict(cause=trouble.cause, detail=trouble.detail)
