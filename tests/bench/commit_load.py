"""Reports for the commit's bench: what a fleet of agents would have sent, screened already."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from server.storage import Intake
from tests.pure.server.reports import ORIGIN_MS, uuid
from wire.messages import BootStory, GateEvent, Item, Segment, Vitals, Watermark
from wire.vocabulary import State

AGENTS: Final = 100
CAMERAS: Final = 16
PER_REPORT: Final = 50
_CHANGE_MS: Final = 90_000
_TROUBLES: Final = (
    (State.UP, None, None),
    (State.DOWN, "network.timeout", None),
    (State.DEGRADED, "picture.blurred", "sharpness 11 of 100, was 62"),
    (State.DOWN, "rtsp.auth", "401 to DESCRIBE"),
)
_NOTES: Final = (None, None, None, None, "Phụ huynh đón cháu Nguyễn Đức Anh")
VITALS: Final = Vitals(
    version="0.1.0",
    uptime_s=86_400,
    cpu=0.031,
    memory=131_072_000,
    disk_free=52_428_800_000,
    spool_items=12,
    spool_bytes=65_536,
    clock_offset_ms=412,
    platform="Windows 10 Pro 22H2",
    lag_ms=3,
    spool_max_bytes=536_870_912,
)


@dataclass(slots=True)
class Sender:
    """One agent: what it has numbered so far."""

    number: int
    seq: int = 0
    segments: int = 0
    events: int = 0

    @property
    def boot(self) -> str:
        """The boot's name, and its spool's."""
        return uuid(self.number, "b")

    def report(self, *, segments: int = 0, events: int = 0, vitals: Vitals | None = None) -> Intake:
        """Return the next report; with neither segments nor events it is a quiet one."""
        after = self.seq
        items = [Item(seq=self._next(), segment=self._segment()) for _ in range(segments)]
        items += [Item(seq=self._next(), gate_event=self._event()) for _ in range(events)]
        now = 60_000 + self.segments * _CHANGE_MS // CAMERAS + self.events * 700
        return Intake(
            agent=f"agent{self.number:05d}",
            spool=self.boot,
            sent_utc_ms=ORIGIN_MS + now,
            received_utc_ms=ORIGIN_MS + now + 40,
            boots=(BootStory(id=self.boot, origin_utc_ms=ORIGIN_MS, offset_ms=412),),
            items=tuple(items),
            watermarks=(Watermark(boot=self.boot, until_ms=now, after_seq=self.seq),),
            vitals=vitals,
            after=after,
        )

    def _next(self) -> int:
        self.seq += 1
        return self.seq

    def _segment(self) -> Segment:
        turn, camera = divmod(self.segments, CAMERAS)
        self.segments += 1
        state, cause, detail = _TROUBLES[(turn * 7 + camera) % 4 * (turn % 2)]
        return Segment(
            boot=self.boot,
            number=self.segments,
            camera=f"agent{self.number:05d}-cam{camera:02d}",
            state=state,
            start_ms=turn * _CHANGE_MS,
            end_ms=(turn + 1) * _CHANGE_MS,
            cause=cause,
            detail=detail,
        )

    def _event(self) -> GateEvent:
        self.events += 1
        when = ORIGIN_MS + self.events * 700
        return GateEvent(
            id=f"{random.Random(self.number * 2**32 + self.events).getrandbits(32):08x}"
            f"-0000-4000-8000-{self.number:06d}{self.events:06d}",
            gate=f"gate{self.number:05d}",
            kind="passage",
            occurred_utc_ms=when,
            accepted_utc_ms=when + 15,
            direction="in" if self.events % 2 else "out",
            subject=f"HS{self.number:05d}-{self.events % 900:04d}",
            reader="UHF-1",
            note=_NOTES[self.events % len(_NOTES)],
        )


def batches(kind: str, *, rows: int, per_batch: int) -> tuple[list[Intake], list[list[Intake]]]:
    """Return batches of segments or gate events (``kind``), and what makes their agents known."""
    senders = [Sender(n) for n in range(1, AGENTS + 1)]
    warm = [s.report(segments=CAMERAS) for s in senders]
    made = _reports(senders, kind, rows, min(PER_REPORT, per_batch))
    size = max(per_batch // PER_REPORT, 1)
    reports = list(made)
    return warm, [reports[n : n + size] for n in range(0, len(reports), size)]


def _reports(senders: Sequence[Sender], kind: str, rows: int, size: int) -> Iterator[Intake]:
    for n in range(0, rows, size):
        sender = senders[n // size % len(senders)]
        yield sender.report(segments=size) if kind == "segments" else sender.report(events=size)


def quiet(senders: Sequence[Sender]) -> list[Intake]:
    """Return a minute's report of each agent in which nothing has changed."""
    found = []
    for sender in senders:
        sender.events += 1  # a moment later
        found.append(sender.report(vitals=VITALS))
    return found
