"""What the agents would have sent: reports of the wire, each with when the centre heard it. Pure.

A quiet agent sends its watermark every minute; here one a night stands for them all, since the
largest is the only one that counts. Beside that a report leaves a minute after each start and just
before the line or the power goes, and after a return the past follows on the topic of its own.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from random import Random
from typing import Final, NamedTuple

from msgspec import structs

from sim.year.commune import SCHOOLS
from sim.year.dates import DAY_S, EVER, OPEN, clock, day_of, midnight
from sim.year.drama import SEED
from sim.year.happenings import Drama, Fault, Run
from sim.year.places import Camera
from wire.codec import VERSION
from wire.messages import BootStory, CameraFacts, Item, Report, Segment, Vitals, Watermark
from wire.topics import Leaf
from wire.vocabulary import Cause, state_of

NIGHTLY: Final = (0, 20)
"""The local time of the report that tells of the day before."""
_FIRST_S: Final = 60
_HALF_S: Final = 600
_SMALL_MS: Final = 900
_OWN: Final = uuid.UUID("6d1f2b0a-2f1c-4c56-9a57-0a1e0e5b7f10")


class Letter(NamedTuple):
    """A report, when it was heard and on which topic."""

    at: int
    agent: str
    leaf: Leaf
    report: Report


class _Piece(NamedTuple):
    """One segment; ``end`` None: it lasted to its run's end. ``noticed``: when it was known."""

    start: int
    camera: str
    end: int | None
    cause: str | None
    noticed: int
    end_noticed: int


@dataclass(slots=True)
class _Spool:
    """What a run has numbered so far. ``sent``: index of a piece, and whether it was closed."""

    pieces: Sequence[_Piece]
    seq: int = 0
    sent: dict[int, bool] = field(default_factory=dict)


def letters(drama: Drama, seed: int = SEED) -> list[Letter]:
    """Return every report of the year, in the order in which it was heard."""
    found: list[Letter] = []
    rng = Random(seed)
    for agent, runs in drama.runs.items():
        eyes = [
            (name, camera)
            for school in SCHOOLS
            for camera in school.cameras
            for who, name in camera.eyes
            if who == agent
        ]
        found += _of_agent(runs, eyes, drama, rng)
    return sorted(found, key=lambda letter: (letter.at, letter.agent, letter.leaf != Leaf.HISTORY))


def _of_agent(
    runs: Sequence[Run], eyes: Sequence[tuple[str, Camera]], drama: Drama, rng: Random
) -> Iterator[Letter]:
    for index, run in enumerate(runs):
        spool = _Spool(_pieces(run, eyes, drama))
        noise_ms = rng.randint(-_SMALL_MS, _SMALL_MS)
        heard = list(_heard(run)) if run.trusted else []
        last = index == len(runs) - 1
        for number, at in enumerate(heard):
            story = _story(run, None if number == 0 else noise_ms)
            vitals = _vitals(eyes, at) if last and number == len(heard) - 1 else None
            yield _letter(run, spool, at, (story,), vitals=vitals)
        if run.told is not None:
            now = next(r for r in runs[index + 1 :] if r.trusted)
            stories = (_story(run, noise_ms if run.trusted else None), _story(now, None))
            for letter in _history(run, spool, stories):
                yield _sent_by(now, letter)


def _heard(run: Run) -> Iterator[int]:
    """Yield when a run was heard."""
    end = run.end if run.cut is None else run.cut
    if run.start + _FIRST_S < end:
        yield run.start + _FIRST_S
    night = clock(day_of(run.start), *NIGHTLY)
    while night < end:
        if night > run.start + _FIRST_S:
            yield night
        night += DAY_S
    yield end


def _history(run: Run, spool: _Spool, stories: tuple[BootStory, ...]) -> Iterator[Letter]:
    """Yield the rest of a run in two parts; only the second vouches for what is still open."""
    assert run.told is not None
    begun = run.start if run.cut is None else run.cut
    middle = begun + (run.end - begun) // 2
    first = _letter(run, spool, middle, stories, vouch=False)
    if first.report.items:
        at = max(run.told - _HALF_S, run.end + 1)
        yield first._replace(at=min(at, run.told), leaf=Leaf.HISTORY)
    yield _letter(run, spool, run.end, stories)._replace(at=run.told, leaf=Leaf.HISTORY)


def _sent_by(run: Run, letter: Letter) -> Letter:
    """Return a letter dated by the clock of the run that sent it."""
    sent_ms = (letter.at + run.error_s) * 1000
    return letter._replace(report=structs.replace(letter.report, sent_utc_ms=sent_ms))


def _letter(
    run: Run,
    spool: _Spool,
    at: int,
    stories: tuple[BootStory, ...],
    *,
    vouch: bool = True,
    vitals: Vitals | None = None,
) -> Letter:
    """Return what is new up to ``at``, and the watermark up to there."""
    boot, after = stories[0].id, spool.seq
    items = tuple(_items(run, spool, at, boot))
    mark = Watermark(boot=boot, until_ms=(at - run.start) * 1000, after_seq=spool.seq)
    report = Report(
        v=VERSION,
        spool=boot,
        sent_utc_ms=(at + run.error_s) * 1000,
        boots=stories,
        kept_from=after + 1,
        after=after,
        items=items,
        watermarks=(mark,) if vouch else (),
        vitals=vitals,
    )
    return Letter(at, run.agent, Leaf.REPORT, report)


def _items(run: Run, spool: _Spool, until: int, boot: str) -> Iterator[Item]:
    """Yield segments that began, and those that ended, up to ``until``, as they happened."""
    happened: list[tuple[int, bool, int]] = []
    for index, piece in enumerate(spool.pieces):
        ended = piece.end is not None and piece.end_noticed <= until
        known = spool.sent.get(index)  # None: never sent; False: sent while it was open
        begun = piece.start < until and piece.noticed <= until
        if begun and (known is None or (ended and not known)):
            moment = piece.end if ended and piece.end is not None else piece.start
            happened.append((moment, ended, index))
    for _, ended, index in sorted(happened):
        piece = spool.pieces[index]
        spool.seq += 1
        spool.sent[index] = ended
        segment = Segment(
            boot=boot,
            number=index + 1,
            camera=piece.camera,
            state=state_of(None if piece.cause is None else Cause(piece.cause)),
            cause=piece.cause,
            start_ms=(piece.start - run.start) * 1000,
            end_ms=(piece.end - run.start) * 1000 if ended and piece.end is not None else None,
        )
        yield Item(seq=spool.seq, segment=segment)


def _pieces(run: Run, eyes: Sequence[tuple[str, Camera]], drama: Drama) -> list[_Piece]:
    """Return the segments of a run, numbered in the order in which they began."""
    found: list[_Piece] = []
    for name, camera in eyes:
        first, last = camera.zones[0].first, camera.zones[-1].last
        start = run.looks if first == EVER else max(run.looks, midnight(first))
        stop = run.end if last == OPEN else min(run.end, midnight(last) + DAY_S)
        if start < stop:
            own = [f for f in drama.faults[camera.id] if f.agent in {None, run.agent}]
            found += _segments(name, list(_cut(start, stop, own)), run.end)
    return sorted(found, key=lambda p: (p.start, p.camera))


class _Span(NamedTuple):
    """A time of one cause, and how late it was noticed."""

    start: int
    end: int
    cause: str | None
    late_s: int


def _segments(name: str, spans: Sequence[_Span], run_end: int) -> Iterator[_Piece]:
    """Yield a camera's segments; one ends when the next is noticed."""
    for span, after in zip_longest(spans, spans[1:]):
        yield _Piece(
            start=span.start,
            camera=name,
            end=None if span.end == run_end else span.end,
            cause=span.cause,
            noticed=span.start + span.late_s,
            end_noticed=span.end + (after.late_s if after else 0),
        )


def _cut(start: int, stop: int, faults: Sequence[Fault]) -> Iterator[_Span]:
    """Cut a camera's time at its faults."""
    reached = start
    for fault in faults:
        begin, end = max(fault.start, start), min(fault.end, stop)
        if begin >= end:
            continue
        if reached < begin:
            yield _Span(reached, begin, None, 0)
        yield _Span(begin, end, fault.cause, fault.noticed_s)
        reached = end
    if reached < stop:
        yield _Span(reached, stop, None, 0)


def _story(run: Run, measured_ms: int | None) -> BootStory:
    """Return a boot's story; ``measured_ms``: noise of the measurement, None: not measured yet."""
    origin = run.start + run.error_s
    offset = measured_ms if run.error_s == 0 or measured_ms is None else -run.error_s * 1000
    return BootStory(
        id=str(uuid.uuid5(_OWN, f"{run.agent}/{run.start}")),
        origin_utc_ms=origin * 1000,
        offset_ms=offset,
        machine=run.agent,
    )


def _vitals(eyes: Sequence[tuple[str, Camera]], at: int) -> Vitals:
    """Return what the last report measured: the gates in full HD, all else in VGA."""
    return Vitals(
        version="1.0",
        uptime_s=DAY_S,
        cpu=0.06,
        memory=180_000_000,
        disk_free=20_000_000_000,
        spool_items=0,
        spool_bytes=0,
        cameras=tuple(_facts(name, camera) for name, camera in eyes if camera.zone(day_of(at))),
    )


def _facts(name: str, camera: Camera) -> CameraFacts:
    gate = camera.zones[-1].value.startswith("cong")
    width, height = (1920, 1080) if gate else (640, 480)
    return CameraFacts(camera=name, codec="h264", width=width, height=height, fps=15.0)
