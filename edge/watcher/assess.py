"""What a playing camera's packets and pictures say of it. Pure.

In this order: key frames that do not come or do not decode (no picture at all), what the picture
judge found, then packets that are lost or come too rarely, then what is wrong beside the stream.
"""

from dataclasses import dataclass
from typing import Final

from edge.picture.judge import Finding
from edge.rtsp.health import Demand
from edge.rtsp.replies import Trouble
from edge.rtsp.rtp import StreamCounter
from edge.sighting import Verdict
from edge.watcher.window import Window
from wire.vocabulary import Cause

KEY_FRAME_AFTER_MS: Final = 20_000
"""So long a stream may be without a key frame: "smart" encoders leave 10 s and more between two."""
_ASIDE: Final = frozenset({Cause.CLOCK_DRIFT, Cause.RECORDING_MISSING, Cause.RECORDING_SHORT})
_NO_PACKETS: Final = frozenset(
    cause for cause in Cause if cause.startswith(("network.", "rtsp."))
) | {Cause.STREAM_STALLED}
_HOLES: Final = Trouble(Cause.STREAM_UNDECODABLE, "key frames come, but none comes whole")


@dataclass(slots=True, kw_only=True)
class Eyes:
    """What pictures have told since packets began to come (again).

    Attributes:
        since_ms: When packets began to come, at the latest.
        pictures_since_ms: Since when pictures tell of one another: since then, or since the first
            of a row of visits.
        finding: The judge's last word in this session, None before the first picture.
        blind: Why the last key frame gave no picture, and since when.
        asked_ms: When a key frame was asked for that has not come yet.
        dropped_before: Key frames that had come with holes by then.
    """

    since_ms: int
    pictures_since_ms: int
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
    demand: Demand,
    now_ms: int,
    said: Cause | None = None,
    aside: Trouble | None = None,
) -> tuple[Verdict, int] | None:
    """Return what is true of a camera whose packets come, and since when; None: not known yet.

    ``demand`` is what is asked of the stream, ``said`` the cause that stands. ``aside`` is what is
    wrong beside the stream; it counts while nothing worse does.
    """
    if counter.first_packet_ms is None or counter.last_packet_ms is None:
        return None
    lossy = window.loss(demand.max_loss)
    trouble = _without_key_frame(counter, eyes, lossy, now_ms) or _picture_trouble(eyes)
    if trouble is not None or eyes.finding is None:
        return trouble
    if poor := window.trouble(demand, said):
        return _said(poor[0]), poor[1]
    return _said(aside) if aside else Verdict(cause=None), counter.last_packet_ms


def up_since_ms(
    before: Cause | None,
    counter: StreamCounter,
    eyes: Eyes,
    window: Window,
    *,
    resumed_ms: int | None,
) -> int | None:
    """Return since when a camera is up that had ``before``; ``resumed_ms``: packets came again.

    Up since packets came (again); after a bad picture, since a good one was seen.
    """
    if before is Cause.STREAM_LOSSY:
        return window.whole_since_ms() or counter.last_packet_ms
    if before is Cause.STREAM_SLOW or before in _ASIDE:
        return counter.last_packet_ms
    if eyes.finding is not None and before is not None and before not in _NO_PACKETS:
        return eyes.finding.began_ms
    return resumed_ms or counter.first_packet_ms


def _picture_trouble(eyes: Eyes) -> tuple[Verdict, int] | None:
    if eyes.blind is not None:
        return _said(eyes.blind), eyes.blind_since_ms
    if eyes.finding is None or eyes.finding.cause is None:
        return None
    # The judge remembers pictures of former sessions; the time between them was no watching.
    began_ms = max(eyes.finding.began_ms, eyes.pictures_since_ms)
    return Verdict(cause=eyes.finding.cause, detail=eyes.finding.detail), began_ms


def _without_key_frame(
    counter: StreamCounter, eyes: Eyes, lossy: Trouble | None, now_ms: int
) -> tuple[Verdict, int] | None:
    since_ms = max(counter.last_key_ms or 0, counter.first_packet_ms or 0, eyes.since_ms)
    if now_ms - since_ms >= KEY_FRAME_AFTER_MS:
        detail = f"packets come, but no key frame for {(now_ms - since_ms) // 1000} s"
        return Verdict(cause=Cause.STREAM_NO_KEYFRAME, detail=detail), since_ms
    if eyes.asked_ms is None or counter.collector.dropped == eyes.dropped_before:
        return None
    if now_ms - eyes.asked_ms >= KEY_FRAME_AFTER_MS or (eyes.finding is None and lossy):
        return _said(lossy or _HOLES), eyes.asked_ms
    return None


def _said(trouble: Trouble) -> Verdict:
    return Verdict(cause=trouble.cause, detail=trouble.detail)
