"""Scripted days before the demo began: what each agent would have reported, with known truth. Pure.

A school's past is drawn from a seed: now and then a camera fails for a while, one camera in a dozen
for days, and the gate PC is switched off a few times, which makes unknown time. From that
``reports`` makes the messages of the wire that an agent would have sent, so that the past comes in
through the same door as the present. All is well again at its end.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from random import Random
from typing import Final

from sim.district import School
from sim.truth import Piece
from wire.codec import VERSION
from wire.messages import BootStory, GateEvent, Item, Report, Segment, Watermark
from wire.vocabulary import Cause, State, state_of

ITEMS_PER_REPORT: Final = 300
"""Under half of the wire's size limit."""
LOCAL: Final = timezone(timedelta(hours=7))
_DAY_S: Final = 86_400
_CAUSES: Final = (
    (Cause.NETWORK_TIMEOUT, 5),
    (Cause.NETWORK_REFUSED, 3),
    (Cause.STREAM_STALLED, 3),
    (Cause.PICTURE_BLACK, 2),
    (Cause.PICTURE_FROZEN, 2),
    (Cause.RTSP_AUTH, 1),
)
_PER_DAY: Final = 0.12
_MEDIAN_S: Final = 1500.0
_LONG_SHARE: Final = 0.08
_OFF_PER_DAY: Final = 0.07
# minutes since midnight: from, to, how many on a school day, kind, direction, letters
_TIDES: Final = (
    (390, 445, 16, "pupil", "in", "HS"),
    (385, 430, 5, "staff", "in", "GV"),
    (450, 470, 2, "late", "in", "HS"),
    (480, 960, 4, "visitor", "in", "KH"),
    (480, 960, 3, "vehicle", "in", "XE"),
    (985, 1040, 14, "pupil", "out", "HS"),
    (1000, 1060, 5, "staff", "out", "GV"),
)
_SUNDAY: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One school's past.

    Attributes:
        awake: The runs of the agent, in order; between them nobody looked.
        troubles: What was wrong with each camera, in order, not overlapping.
        events: Passages, in order.
    """

    school: School
    awake: tuple[tuple[datetime, datetime], ...]
    troubles: dict[str, tuple[Piece, ...]]
    events: tuple[GateEvent, ...]


def make_past(school: School, *, days: int, until: datetime, seed: int) -> Past:
    """Draw a school's last ``days`` before ``until`` (aware, whole seconds)."""
    rng = Random(f"{seed}/{school.id}")
    start = until - timedelta(days=days)
    awake = tuple(_awake(rng, start, until, days))
    return Past(
        school=school,
        awake=awake,
        troubles={c.id: tuple(_troubles(rng, start, until, days)) for c in school.cameras},
        events=tuple(_events(rng, school, awake, start, days)),
    )


def _awake(
    rng: Random, start: datetime, until: datetime, days: int
) -> Iterator[tuple[datetime, datetime]]:
    """Cut the time where the gate PC was off."""
    moments = sorted(start + timedelta(days=rng.uniform(0, days)) for _ in range(days))
    begin = start
    for moment in moments:
        off = timedelta(seconds=round(rng.uniform(600, 15_000)))
        moment = moment.replace(microsecond=0)  # noqa: PLW2901 (cut to the second)
        if rng.random() < _OFF_PER_DAY and moment > begin + off and moment + 2 * off < until:
            yield begin, moment
            begin = moment + off
    yield begin, until


def _troubles(rng: Random, start: datetime, until: datetime, days: int) -> Iterator[Piece]:
    causes, weights = zip(*_CAUSES, strict=True)
    moment = start + timedelta(seconds=round(rng.expovariate(_PER_DAY / _DAY_S)))
    longest = _DAY_S * 0.2 * days
    while moment < until:
        cause = rng.choices(causes, weights=weights)[0]
        long = rng.random() < _LONG_SHARE
        length_s = rng.uniform(0.3, 1) * longest if long else rng.lognormvariate(0, 1) * _MEDIAN_S
        ended_at = moment + timedelta(seconds=round(min(length_s, longest)) + 20)
        if ended_at + timedelta(minutes=5) < until:
            yield Piece(state=state_of(cause), cause=cause, began_at=moment, ended_at=ended_at)
        moment = ended_at + timedelta(seconds=round(rng.expovariate(_PER_DAY / _DAY_S)) + 1)


def _events(
    rng: Random,
    school: School,
    awake: Sequence[tuple[datetime, datetime]],
    start: datetime,
    days: int,
) -> list[GateEvent]:
    midnight = start.astimezone(LOCAL).replace(hour=0, minute=0, second=0)
    found = []
    for day in range(days + 1):
        today = midnight + timedelta(days=day)
        for first, last, count, kind, direction, letters in _TIDES:
            share = 0.0 if today.weekday() == _SUNDAY else rng.uniform(0.7, 1.2)
            for _ in range(round(count * share)):
                at = today + timedelta(minutes=rng.triangular(first, last))
                code = f"{letters}-{school.id.upper()}-{rng.randrange(1000, 9999)}"
                if any(a <= at < b for a, b in awake):
                    found.append(_event(rng, school, at, (kind, direction, code)))
    return sorted(found, key=lambda event: event.accepted_utc_ms)


def _event(rng: Random, school: School, at: datetime, what: tuple[str, str, str]) -> GateEvent:
    kind, direction, code = what
    return GateEvent(
        id=_uuid(rng),
        gate=rng.choice(school.gates),
        kind=kind,
        direction=direction,
        subject=code,
        reader=f"{school.id.upper()}-the-1",
        occurred_utc_ms=_ms(at),
        accepted_utc_ms=_ms(at) + 40,
    )


def true_timeline(past: Past, camera: str) -> tuple[Piece, ...]:
    """Return what was really so, as far as the agent was awake; the rest of the time is unknown."""
    pieces: list[Piece] = []
    for begin, end in past.awake:
        edges = {begin, end}
        for trouble in past.troubles[camera]:
            edges |= {m for m in (trouble.began_at, trouble.ended_at) if begin < m < end}
        for a, b in pairwise(sorted(edges)):
            bad = next((t for t in past.troubles[camera] if t.began_at <= a < t.ended_at), None)
            state, cause = (bad.state, bad.cause) if bad else (State.UP, None)
            pieces.append(Piece(state=state, cause=cause, began_at=a, ended_at=b))
    return tuple(pieces)


def reports(past: Past, *, sent_utc_ms: int, seed: int) -> tuple[Report, ...]:
    """Return what the agent would have sent, in order, as one spool with closed boots."""
    rng = Random(f"{seed}/{past.school.id}/spool")
    spool = _uuid(rng)
    boots = [
        (BootStory(id=_uuid(rng), origin_utc_ms=_ms(begin)), begin, end)
        for begin, end in past.awake
    ]
    segments = [s for boot, begin, end in boots for s in _segments(past, boot, begin, end)]
    things: list[Segment | GateEvent] = [*segments, *past.events]
    items = [_item(seq, thing) for seq, thing in enumerate(things, 1)]
    stories = tuple(boot for boot, _, _ in boots)
    made = [
        Report(v=VERSION, spool=spool, sent_utc_ms=sent_utc_ms, boots=stories, items=chunk)
        for chunk in _chunks(items)
    ]
    marks = tuple(
        Watermark(boot=boot.id, until_ms=_ms(end) - _ms(begin), after_seq=len(items))
        for boot, begin, end in boots
    )
    last = Report(v=VERSION, spool=spool, sent_utc_ms=sent_utc_ms, boots=stories, watermarks=marks)
    return (*made, last)


def _segments(past: Past, boot: BootStory, begin: datetime, end: datetime) -> list[Segment]:
    """Return one boot's segments of all cameras, numbered as they began."""
    spans = [
        (piece, camera)
        for camera in past.troubles
        for piece in true_timeline(past, camera)
        if begin <= piece.began_at < end
    ]
    spans.sort(key=lambda span: (span[0].began_at, span[1]))
    return [
        Segment(
            boot=boot.id,
            number=number,
            camera=camera,
            state=piece.state,
            cause=piece.cause,
            start_ms=_ms(piece.began_at) - _ms(begin),
            end_ms=_ms(piece.ended_at) - _ms(begin),
        )
        for number, (piece, camera) in enumerate(spans, 1)
    ]


def _item(seq: int, thing: Segment | GateEvent) -> Item:
    if isinstance(thing, Segment):
        return Item(seq=seq, segment=thing)
    return Item(seq=seq, gate_event=thing)


def _chunks(items: Sequence[Item]) -> Iterable[tuple[Item, ...]]:
    for at in range(0, len(items), ITEMS_PER_REPORT):
        yield tuple(items[at : at + ITEMS_PER_REPORT])


def _uuid(rng: Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
