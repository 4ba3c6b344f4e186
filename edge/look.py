"""One camera, once: what ``vonggac-edge check`` prints.

Bounded: whatever the camera does, a look ends within ``LookLimits.total_s`` and about half a second
for TEARDOWN. All ``*_ms`` count from the look's beginning. Rates are by the stream's own
timestamps, because a camera may send its newest seconds in one burst at first.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

from edge.advice import advise
from edge.clock import Clock
from edge.picture.black import is_black
from edge.picture.decoder import Decoder, Undecodable
from edge.picture.picture import Picture
from edge.rtsp.handshake import Limits, Timing
from edge.rtsp.health import MIN_PACKETS, Demand, loss_trouble, slow_trouble
from edge.rtsp.keyframe import KeyFrame
from edge.rtsp.replies import Trouble
from edge.rtsp.rtp import Counts
from edge.rtsp.session import Pump, Stream
from edge.rtsp.url import CameraUrl
from edge.sighting import Verdict
from wire.vocabulary import Cause, State

_STEP_S: Final = 0.02
_MIN_MEDIA_S: Final = 0.4
_PICTURES: Final = 2  # one key frame may be damaged; two in a row are no accident
_NO_ACCIDENT: Final = 8
_THIN_LOSS: Final = 0.1
_NOTHING: Final = Counts(
    packets=0, octets=0, lost=0, frames=0, key_frames=0, malformed=0, media_s=0.0
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookLimits:
    """How long a look may take, in seconds.

    Attributes:
        total_s: From the beginning to the verdict.
        stall_s: Without a first packet.
        measure_s: How long packets are counted at least, for the rates.
        session: The handshake's own limits.
    """

    total_s: float = 11.0
    stall_s: float = 4.0
    measure_s: float = 2.0
    session: Limits = field(default_factory=lambda: Limits(handshake_s=6.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen. Fields that were not reached are None; ``loss`` is a share, 0 to 1.

    ``tls`` is None without TLS, else whether the certificate was ``checked`` or ``unchecked``.
    """

    url: str
    verdict: Verdict
    tls: str | None = None
    connect_ms: int | None = None
    describe_ms: int | None = None
    first_rtp_ms: int | None = None
    first_key_frame_ms: int | None = None
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    kbit_s: float | None = None
    loss: float | None = None

    @property
    def state(self) -> State:
        """The camera's state."""
        return self.verdict.state

    @property
    def cause(self) -> Cause | None:
        """Why it is not up."""
        return self.verdict.cause

    def to_json(self) -> dict[str, Any]:
        """Return what ``check --json`` prints; no password is in it."""
        return {
            "url": self.url,
            "state": str(self.state),
            "cause": str(self.cause) if self.cause else None,
            "detail": self.verdict.detail,
            "advice": {"vi": advise(self.cause, "vi").text, "en": advise(self.cause, "en").text},
            "tls": self.tls,
            "connect_ms": self.connect_ms,
            "describe_ms": self.describe_ms,
            "first_rtp_ms": self.first_rtp_ms,
            "first_key_frame_ms": self.first_key_frame_ms,
            "codec": self.codec,
            "width": self.width,
            "height": self.height,
            "fps": self.fps,
            "kbit_s": self.kbit_s,
            "loss": self.loss,
        }


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What a look has found so far; filled in on the way, so that a late end loses nothing."""

    timing: Timing
    stream: Stream | None = None
    picture: Picture | None = None
    key_frame_ms: int | None = None


async def look(
    url: CameraUrl, *, clock: Clock, decoder: Decoder, limits: LookLimits | None = None
) -> Look:
    """Look at one camera once. Never raises for anything that the camera does."""
    limits = limits or LookLimits()
    pump = Pump(clock, period_s=_STEP_S)
    seen = _Seen(timing=Timing(began_ms=clock.ms()))
    pumping = asyncio.create_task(pump.run())
    try:
        verdict = await _bounded(url, pump, decoder, limits, seen)
    finally:
        if seen.stream is not None:
            await seen.stream.close()
        pumping.cancel()
        await asyncio.gather(pumping, return_exceptions=True)
    return _report(url, verdict, seen, limits)


async def _bounded(
    url: CameraUrl, pump: Pump, decoder: Decoder, limits: LookLimits, seen: _Seen
) -> Verdict:
    try:
        async with asyncio.timeout(limits.total_s):
            return await _look(url, pump, decoder, limits, seen)
    except TimeoutError:
        if seen.stream is None:
            return _down(Cause.NETWORK_TIMEOUT, f"no stream within {limits.total_s:g} s")
        if seen.picture is not None:
            return _judge(seen.stream, seen.picture)
        return _no_picture(seen.stream, limits)


async def _look(
    url: CameraUrl, pump: Pump, decoder: Decoder, limits: LookLimits, seen: _Seen
) -> Verdict:
    opened = await pump.open(url, limits.session, seen.timing)
    if isinstance(opened, Trouble):
        return _verdict(opened)
    seen.stream = opened
    opened.want_key_frame()
    if not await _first_packet(opened, pump.clock, limits):
        return await _stalled(opened, limits)
    trouble: Trouble | None = None
    for _ in range(_PICTURES):
        key_frame = await _key_frame(opened, pump.clock, seen)
        if key_frame is None:
            break
        try:
            seen.picture = await decoder.decode(key_frame.codec, key_frame.data)
        except Undecodable as error:
            trouble = Trouble(Cause.STREAM_UNDECODABLE, str(error))
            opened.want_key_frame()
        else:
            await _measure(opened, pump.clock, limits)
            return _judge(opened, seen.picture)
    return _verdict(opened.trouble or trouble or Trouble(Cause.STREAM_STALLED, "the stream ended"))


async def _first_packet(stream: Stream, clock: Clock, limits: LookLimits) -> bool:
    deadline_ms = clock.ms() + round(limits.stall_s * 1000)
    while stream.counter.first_packet_ms is None:
        if stream.trouble is not None or clock.ms() >= deadline_ms:
            return False
        await clock.wait(_STEP_S)
    return True


async def _stalled(stream: Stream, limits: LookLimits) -> Verdict:
    if stream.trouble is not None:
        return _verdict(stream.trouble)
    alive = await stream.answers(1.0)
    rtsp = "RTSP still answers" if alive else "RTSP no longer answers"
    return _down(Cause.STREAM_STALLED, f"no packet within {limits.stall_s:g} s of PLAY; {rtsp}")


async def _key_frame(stream: Stream, clock: Clock, seen: _Seen) -> KeyFrame | None:
    """Wait for a whole key frame, as long as the look may take; None if the stream ends."""
    while stream.trouble is None:
        if (key_frame := stream.take_key_frame()) is not None:
            seen.key_frame_ms = seen.key_frame_ms or clock.ms()
            return key_frame
        await clock.wait(_STEP_S)
    return None


async def _measure(stream: Stream, clock: Clock, limits: LookLimits) -> None:
    """Count packets for a while; of a thin stream that loses some, until they tell how many."""
    began_ms = stream.counter.first_packet_ms or clock.ms()
    until_ms = began_ms + round(limits.measure_s * 1000)
    while stream.trouble is None:
        counter = stream.counter
        known = not counter.lost or counter.packets >= MIN_PACKETS or _lossy(counter.counts())
        if clock.ms() >= until_ms and known:
            return
        await clock.wait(_STEP_S)


def _no_picture(stream: Stream, limits: LookLimits) -> Verdict:
    """Say why packets came, but no whole key frame."""
    counts = stream.counter.counts()
    if lossy := _lossy(counts):
        return _down(lossy.cause, f"no key frame came whole; {lossy.detail}")
    if counts.key_frames:
        return _down(Cause.STREAM_UNDECODABLE, "key frames begin, but none comes whole")
    detail = f"{counts.packets} packets, but no key frame within {limits.total_s:g} s"
    return _down(Cause.STREAM_NO_KEYFRAME, detail)


def _lossy(counts: Counts) -> Trouble | None:
    """Return ``stream.lossy``, of a thin stream too, once it is no accident any more."""
    sent = counts.packets + counts.lost
    if counts.lost >= _NO_ACCIDENT and counts.lost > sent * _THIN_LOSS:
        return Trouble(Cause.STREAM_LOSSY, f"{counts.lost / sent:.1%} of the packets are missing")
    return loss_trouble(_NOTHING, counts)


def _judge(stream: Stream, picture: Picture) -> Verdict:
    counts = stream.counter.counts()
    if is_black(picture.luma):
        return Verdict(cause=Cause.PICTURE_BLACK)
    trouble = _lossy(counts)
    if trouble is None and counts.media_s >= _MIN_MEDIA_S:
        trouble = slow_trouble(_fps(counts), Demand(described_fps=stream.described_fps))
    return _verdict(trouble) if trouble else Verdict(cause=None)


def _fps(counts: Counts) -> float:
    """Return pictures per second of media time: n pictures have n - 1 spans between them."""
    return (counts.frames - 1) / counts.media_s


def _verdict(trouble: Trouble) -> Verdict:
    return Verdict(cause=trouble.cause, detail=trouble.detail)


def _down(cause: Cause, detail: str) -> Verdict:
    return Verdict(cause=cause, detail=detail)


def _report(url: CameraUrl, verdict: Verdict, seen: _Seen, limits: LookLimits) -> Look:
    began_ms, stream, picture = seen.timing.began_ms, seen.stream, seen.picture
    counts = stream.counter.counts() if stream else _NOTHING
    measured = counts.media_s >= _MIN_MEDIA_S

    def since(ms: int | None) -> int | None:
        return None if ms is None else ms - began_ms

    sent = counts.packets + counts.lost
    return Look(
        url=url.redacted,
        verdict=verdict,
        tls=_tls(url, limits),
        connect_ms=since(seen.timing.connected_ms),
        describe_ms=since(seen.timing.described_ms),
        first_rtp_ms=since(stream.counter.first_packet_ms) if stream else None,
        first_key_frame_ms=since(seen.key_frame_ms),
        codec=stream.codec if stream else None,
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        fps=round(_fps(counts), 2) if measured else None,
        kbit_s=round(counts.octets * 8 / 1000 / counts.media_s, 1) if measured else None,
        loss=round(counts.lost / sent, 4) if sent else None,
    )


def _tls(url: CameraUrl, limits: LookLimits) -> str | None:
    if url.scheme != "rtsps":
        return None
    return "checked" if limits.session.ca_file else "unchecked"
