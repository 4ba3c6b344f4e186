"""What a simulated fleet says: real wire messages, made from numbers alone.

Everything follows from an agent's index and an item's number, so that nothing need be kept: agent
7's item 12 is the same thing each time. A segment is told once, closed, as the spool tells those
that began and ended before they were sent. ``serial`` tells the runs of one bench apart: it stands
in the ids of boots (hence of spools) and of gate events.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wire.codec import MAX_BYTES, VERSION, encode
from wire.messages import (
    BootStory,
    CameraFacts,
    GateEvent,
    Item,
    Report,
    Segment,
    Vitals,
    Watermark,
)
from wire.vocabulary import Cause, state_of

CAUSES: Final = (
    None, Cause.NETWORK_TIMEOUT, None, Cause.PICTURE_BLURRED, None, Cause.STREAM_STALLED,
)  # fmt: skip
_DETAILS: Final = {Cause.NETWORK_TIMEOUT: "no answer to SYN within 5 s"}
_SEGMENT_MS: Final = 60_000
_EVENT_MS: Final = 9_000
_AT_MOST_BYTES: Final = MAX_BYTES // 2 - 2048


class Kind(StrEnum):
    """What a spool is full of."""

    SEGMENTS = "segments"
    EVENTS = "events"


def agent_name(index: int) -> str:
    """Return an agent's name."""
    return f"a{index:04d}"


def gate_name(index: int) -> str:
    """Return the name of an agent's gate."""
    return f"a{index:04d}-cong"


def camera_name(index: int, camera: int) -> str:
    """Return a camera's name."""
    return f"a{index:04d}-c{camera:02d}"


def boot_id(serial: int, index: int) -> str:
    """Return a boot's id, which is its spool's too."""
    return f"{serial:08x}-0000-4000-8000-{index:012x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One boot of one agent and its spool: ``segments`` items, then gate events up to ``count``.

    ``vouched_ms``: its last watermark, which goes along with each report; None: none does.
    """

    serial: int
    index: int
    cameras: int
    origin_utc_ms: int
    count: int = 0
    segments: int = 0
    vouched_ms: int | None = None

    @property
    def boot(self) -> str:
        """The boot's id."""
        return boot_id(self.serial, self.index)

    @property
    def story(self) -> BootStory:
        """The boot's story, its clock measured and right."""
        return BootStory(
            id=self.boot,
            origin_utc_ms=self.origin_utc_ms,
            offset_ms=0,
            machine=f"PC-{self.index:04d} · 10.0.{self.index >> 8}.{self.index & 255}",
        )

    def item(self, seq: int) -> Item:
        """Return the spool's item of this number."""
        if seq <= self.segments:
            return Item(seq=seq, segment=self._segment(seq))
        return Item(seq=seq, gate_event=self.event(seq))

    def _segment(self, number: int) -> Segment:
        turn, camera = divmod(number - 1, self.cameras)
        cause = CAUSES[(turn + camera) % len(CAUSES)]
        return Segment(
            boot=self.boot,
            number=number,
            camera=camera_name(self.index, camera),
            state=state_of(cause),
            cause=cause,
            detail=None if cause is None else _DETAILS.get(cause),
            start_ms=turn * _SEGMENT_MS,
            end_ms=(turn + 1) * _SEGMENT_MS,
        )

    def event(self, seq: int, at_utc_ms: int | None = None) -> GateEvent:
        """Return a passage; ``at_utc_ms`` None: nine seconds after the one before it."""
        at = (
            self.origin_utc_ms + (seq - self.segments) * _EVENT_MS
            if at_utc_ms is None
            else at_utc_ms
        )
        return GateEvent(
            id=f"{self.serial:08x}-0000-4001-8000-{self.index << 24 | seq:012x}",
            gate=gate_name(self.index),
            kind="card",
            direction="in" if seq % 2 else "out",
            subject=f"HS-{self.index:04d}-{seq % 997:04d}",
            reader="may-1",
            note="Đi muộn, có phụ huynh đi cùng" if seq % 20 == 0 else None,
            occurred_utc_ms=at,
            accepted_utc_ms=at + 120,
        )

    def chunk(self, first: int, at_most: int) -> range:
        """Return the numbers of one report from ``first`` on: so many, of so many bytes."""
        last = min(first + at_most - 1, self.count)
        if at_most <= 50:
            return range(first, last + 1)
        size = len(encode(self.item(last))) + 8
        return range(first, min(last, first + _AT_MOST_BYTES // size - 1) + 1)

    def report(self, seqs: range, sent_utc_ms: int) -> bytes:
        """Return a report of these items."""
        vouched = self.vouched_ms
        marks = (
            ()
            if vouched is None
            else (Watermark(boot=self.boot, until_ms=vouched, after_seq=self.count),)
        )
        return encode(
            Report(
                v=VERSION,
                spool=self.boot,
                sent_utc_ms=sent_utc_ms,
                boots=(self.story,),
                items=tuple(self.item(seq) for seq in seqs),
                after=seqs[0] - 1 if seqs else None,
                watermarks=marks,
            )
        )


def open_segment(
    life: Life, number: int, camera: int, *, start_ms: int, cause: Cause | None
) -> Segment:
    """Return a segment that holds from now on."""
    return Segment(
        boot=life.boot,
        number=number,
        camera=camera_name(life.index, camera),
        state=state_of(cause),
        cause=cause,
        start_ms=start_ms,
    )


def vitals(life: Life, uptime_s: int, *, with_cameras: bool) -> Vitals:
    """Return an agent's health; with what it knows of its cameras every ten minutes."""
    return Vitals(
        version="1.4.0",
        uptime_s=uptime_s,
        cpu=0.031 + (uptime_s % 17) / 1000,
        memory=118_000_000 + uptime_s * 16,
        disk_free=200_000_000_000 - uptime_s * 4096,
        spool_items=1,
        spool_bytes=524_288,
        spool_max_bytes=536_870_912,
        clock_offset_ms=3,
        platform="Windows 10, Python 3.11.9",
        lag_ms=12,
        cameras=tuple(_facts(life, n, uptime_s) for n in range(life.cameras))
        if with_cameras
        else (),
    )


def _facts(life: Life, camera: int, uptime_s: int) -> CameraFacts:
    return CameraFacts(
        camera=camera_name(life.index, camera),
        codec="h264",
        width=1920,
        height=1080,
        fps=15.0,
        kbit_s=2048.0 + uptime_s % 97,
        loss=0.0,
        jitter_ms=4.2,
        unchecked=("picture.frozen",) if camera % 5 == 0 else (),
    )
