"""Puts lives, boots and cameras together for the oracle of seconds, and judges the timeline."""

import functools
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from server.domain.interval import Interval
from server.domain.timeline import Timeline, build
from server.domain.units import Source
from server.domain.uptime import availability
from server.storage.reading import Reading
from tests.simulation.life import CONFIRM_MS, Life
from tests.simulation.machine import Machine
from tests.simulation.oracle import Oracle
from tests.simulation.plan import Plan
from tests.simulation.seconds import UNKNOWN, Excuse, Expected
from tests.simulation.truth import EPOCH_MS, Camera
from wire.vocabulary import State, state_of

_SLACK_MS: Final = 10_000
_RELEASED_MS: Final = 130_000
_CLOCK_MS: Final = 2_000
_TRIP_MS: Final = 4_000  # half of a round trip; a clock that is off by years is put right by any
_PLENTY: Final = 1 << 29
_TURN_JOBS: Final = 3  # to begin, and for changes that came meanwhile
_TURN_MS: Final = 200
_LAST_WORDS_MS: Final = 10
_LOOK_MS: Final = 3_000  # for so long a look vouches that nothing has changed


class _Read(Reading):
    """The store's own reading, without waiting."""

    def __init__(self, engine: Engine) -> None:
        self._sync = engine

    @asynccontextmanager
    async def reading(self) -> Any:
        """One read transaction."""
        with self._sync.connect() as connection:

            class Now:
                @staticmethod
                async def execute(query: Any, parameters: Any = None) -> Any:
                    return connection.execute(query, parameters)

            yield Now()


def read_timelines(
    path: str, sources: Iterable[Source], window: Interval
) -> dict[Source, Timeline]:
    """Return what the centre's pages would show."""
    _path.append(path)
    asked = _Read(_engine()).claims(list(sources), window)
    try:
        asked.send(None)
    except StopIteration as stop:
        return {source: build(claims, window) for source, claims in stop.value.items()}
    finally:
        _path.clear()
    raise AssertionError("reading waited for something")


_path: Final[list[str]] = []


@functools.cache
def _engine() -> Engine:
    """Return an engine for whatever ``_path`` holds: it remembers how queries are written."""
    return create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(_path[-1]), poolclass=NullPool
    )


@dataclass(slots=True)
class Judge:
    """Judges one simulation, ``now_ms`` after its beginning.

    ``is_over`` False: while it runs. Then much may still be unknown, but nothing may be wrong.
    """

    oracle: Oracle
    plan: Plan
    machines: list[Machine]
    now_ms: int
    is_over: bool = True

    def judge(self, path: str) -> int:
        """Judge every second of every camera; return how many there were."""
        before_s = 3600
        start = datetime.fromtimestamp(EPOCH_MS // 1000 - before_s, UTC)
        end = datetime.fromtimestamp((EPOCH_MS + self.now_ms) // 1000 + before_s, UTC)
        window = Interval(start, end)
        cameras = {Source(m.agent, c.name) for m in self.machines for c in m.cameras}
        timelines = read_timelines(path, sorted(cameras), window)
        boots = self._boots()
        if self.is_over:
            self._judge_losses()
        for source in sorted(cameras):
            self._judge(source, timelines[source], window, self._expected(source, boots))
        return window.seconds * len(cameras)

    def _boots(self) -> dict[str, tuple[int, bool]]:
        """Return where the database puts each boot, and whether its clock was measured."""
        sql = "SELECT uuid, zero_ms, offset_ms FROM boot"
        return {uuid: (zero, offset is not None) for uuid, zero, offset in self.oracle.look(sql)}

    # ---------------------------------------------------------------- what is to be expected

    def _expected(self, source: Source, boots: dict[str, tuple[int, bool]]) -> Expected:
        expected = Expected()
        for machine in self.machines:
            if machine.agent != source.agent:
                continue
            camera = next(c for c in machine.cameras if c.name == source.camera)
            for life in machine.lives:
                self._add_life(expected, machine, life, camera, boots)
        return expected

    def _add_life(
        self,
        expected: Expected,
        machine: Machine,
        life: Life,
        camera: Camera,
        boots: dict[str, tuple[int, bool]],
    ) -> None:
        if camera.name not in life.watched:
            return
        ended_ms = self.now_ms if life.ended_ms is None else life.ended_ms
        begins = [origin for _, origin in life.boots]
        for (uuid, origin_ms), until_ms in zip(life.boots, [*begins[1:], ended_ms], strict=True):
            from_ms = max(life.watched[camera.name], origin_ms)
            excuses = list(self._excuses(life, camera, ended_ms))
            excuses += self._gaps(uuid, origin_ms, camera)
            excuses += self._put_back(machine)
            excuses += self._turns(life, camera, ended_ms)
            excuses += _last_looks(machine, ended_ms)
            if uuid not in boots:
                self._missing(uuid, from_ms, until_ms, excuses)
                continue
            if not self.is_over:
                excuses = [Excuse(from_ms, until_ms + _SLACK_MS), *self._doubts(camera, from_ms)]
                excuses += [x for x in self._excuses(life, camera, ended_ms) if x.state != UNKNOWN]
            excuses += self._seams(life, camera, origin_ms, until_ms)
            if until_ms == life.ended_ms and not life.killed:
                excuses += _last_words(camera, until_ms)
            zero_ms, is_measured = boots[uuid]
            shift_ms = zero_ms - origin_ms
            wrong_ms = abs(shift_ms - EPOCH_MS)
            if is_measured and wrong_ms > _CLOCK_MS + max(_TRIP_MS, life.longest_trip_ms // 2):
                self.oracle.blame("a clock put wrong", f"{uuid} by {shift_ms - EPOCH_MS} ms")
            if self.is_over and life.ended_ms is None and not is_measured:
                self.oracle.blame("a clock left unmeasured", uuid)
            if not is_measured:
                excuses.append(Excuse(from_ms, until_ms))
            expected.add(
                camera,
                from_ms=from_ms,
                until_ms=until_ms,
                shift_ms=shift_ms,
                is_measured=is_measured,
                excuses=excuses,
            )

    def _judge_losses(self) -> None:
        """Nothing gives way where there is room, and nothing breaks by a power cut."""
        is_roomy = self.plan.spool_max_bytes >= _PLENTY
        if is_roomy and not any(life.disk_bad for m in self.machines for life in m.lives):
            for gap in self.oracle.gaps:
                self.oracle.blame("a loss without need", f"{gap.count} of {gap.boot}: {gap.reason}")

    def _missing(self, uuid: str, from_ms: int, until_ms: int, excuses: Iterable[Excuse]) -> None:
        """Nothing was heard of a boot: fine if all of it is excused."""
        reached = from_ms if self.is_over else until_ms
        for excuse in sorted(excuses, key=lambda x: x.start_ms):
            if excuse.start_ms <= reached:
                reached = max(reached, excuse.end_ms)
        if reached < until_ms:
            self.oracle.blame("a boot lost", f"{uuid} from {reached} to {until_ms}")

    def _doubts(self, camera: Camera, from_ms: int) -> Iterator[Excuse]:
        """Yield what may be told wrong for a moment: no watcher has looked since the change."""
        for at_ms, _, change in camera.pieces(from_ms, self.now_ms):
            if at_ms == change.at_ms:
                former = str(state_of(camera.at(at_ms - 1).cause))
                yield Excuse(at_ms, at_ms + change.doubt_ms + 1000, former)

    def _excuses(self, life: Life, camera: Camera, ended_ms: int) -> Iterator[Excuse]:
        """Yield what need not be known of this life, however well all else works."""
        watched_ms = life.watched[camera.name]
        if life.killed or life.ended_ms is None:
            every_ms = round(self.plan.save_s * 1000)
            if life.ended_ms is None:
                every_ms += round(self.plan.watermark_s * 1000)
            lost_ms = ended_ms - every_ms - _SLACK_MS
            yield Excuse(lost_ms, ended_ms)
            yield from self._in_doubt(camera, lost_ms)  # as the last word that was saved may be
        if ended_ms < watched_ms + CONFIRM_MS + _SLACK_MS:
            yield Excuse(watched_ms, ended_ms)
        yield from self._in_doubt(camera, ended_ms)
        for start_ms in self._unwritten(life, ended_ms):
            yield Excuse(start_ms - round(self.plan.save_s * 1000) - _SLACK_MS, ended_ms)
            yield from self._in_doubt(camera, start_ms)

    def _in_doubt(self, camera: Camera, last_ms: int) -> Iterator[Excuse]:
        """Yield what nobody was sure of when the last thing could be written."""
        change = camera.at(last_ms)
        if last_ms < change.at_ms + change.sure_ms + _SLACK_MS:
            yield Excuse(change.at_ms, last_ms)

    def _unwritten(self, life: Life, ended_ms: int) -> Iterator[int]:
        """Yield since when a disk took nothing, if the run ended before it could be made up for."""
        saved_ms = _SLACK_MS + (round(self.plan.save_s * 1000) if life.killed else 0)
        for start_ms, until_ms in life.disk_bad:
            if until_ms is None or until_ms + saved_ms > ended_ms:
                yield start_ms

    def _put_back(self, machine: Machine) -> Iterator[Excuse]:
        """Yield when the disk held what was lost by putting an older copy in its place."""
        for start_ms, end_ms in machine.lost:
            yield Excuse(start_ms - round(self.plan.save_s * 1000) - _SLACK_MS, end_ms)

    def _turns(self, life: Life, camera: Camera, ended_ms: int) -> Iterator[Excuse]:
        """Yield what was in doubt when a new boot began, if the run ended before it was settled."""
        for _, turned_ms in life.boots[1:]:
            change = camera.at(turned_ms + _SLACK_MS)
            in_doubt = change.at_ms <= turned_ms + _SLACK_MS
            if ended_ms < turned_ms + _RELEASED_MS + round(self.plan.save_s * 1000) and in_doubt:
                yield Excuse(change.at_ms, turned_ms + _SLACK_MS)

    def _seams(self, life: Life, camera: Camera, origin_ms: int, until_ms: int) -> Iterator[Excuse]:
        """Yield what either of two boots may tell: the former does until the next is in the spool.

        Their places on the clock may differ by what each was measured wrong.
        """
        takes_ms = round(_TURN_JOBS * self.plan.disk_latency_s * 1000) + _TURN_MS
        turned = {turned_ms for _, turned_ms in life.boots[1:]}
        if origin_ms in turned:
            yield Excuse(origin_ms, origin_ms + takes_ms)
        if until_ms in turned:
            for start_ms, end_ms, change in camera.pieces(until_ms, until_ms + takes_ms):
                yield Excuse(start_ms, end_ms, str(state_of(change.cause)))

    def _gaps(self, uuid: str, origin_ms: int, camera: Camera) -> Iterator[Excuse]:
        for gap in self.oracle.gaps:
            if gap.boot == uuid and camera.name in gap.cameras:
                start_ms = 0 if gap.start_ms is None else gap.start_ms
                end_ms = 10**12 if gap.end_ms is None else gap.end_ms
                yield Excuse(origin_ms + start_ms, origin_ms + end_ms + 1000)

    # ---------------------------------------------------------------- what is told

    def _judge(
        self, source: Source, timeline: Timeline, window: Interval, expected: Expected
    ) -> None:
        sums = availability(timeline, [window])
        if sums.total != window.seconds:
            self.oracle.blame("sums", f"{source}: {sums} of {window.seconds} s")
        told = [
            (int(s.interval.start.timestamp()), int(s.interval.end.timestamp()), s.state)
            for s in timeline
        ]
        edges = expected.edges() | {edge for start, end, _ in told for edge in (start, end)}
        place = 0
        first, last = told[0][0], told[-1][1]
        for second in sorted(e for e in edges if first <= e < last):
            while told[place][1] <= second:
                place += 1
            state = str(told[place][2])
            allowed = expected.allowed(second)
            if state not in allowed:
                name = "an unknown second" if state == State.UNKNOWN else "a wrong second"
                at_s = second - EPOCH_MS // 1000
                self.oracle.blame(
                    name, f"{source.agent}/{source.camera} {at_s} s: {state}, not {sorted(allowed)}"
                )
                return


def _last_words(camera: Camera, ended_ms: int) -> Iterator[Excuse]:
    """Yield what an orderly end's last words may claim: each vouches a millisecond further."""
    for start_ms, end_ms, change in camera.pieces(ended_ms, ended_ms + _LAST_WORDS_MS):
        yield Excuse(start_ms, end_ms, str(state_of(change.cause)))


def _last_looks(machine: Machine, ended_ms: int) -> Iterator[Excuse]:
    """Yield what a last word leaves open: it vouches no further than a look before a change."""
    for camera in machine.cameras:
        for start_ms, _, change in camera.pieces(ended_ms - _LOOK_MS, ended_ms):
            if start_ms == change.at_ms:
                yield Excuse(start_ms - _LOOK_MS // 3, ended_ms)
