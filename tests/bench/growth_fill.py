"""Fills a new database as months of agents would, and weighs its tables between the fillings.

Everything goes in by ``Store.commit``, in time's order and in the small batches of quiet days: each
change is the close of one segment and the opening of the next, in a report of its own, so that
updates, dead rows and half-filled index pages are what they are in life. On PostgreSQL autovacuum
runs, each second instead of each minute because the days are shorter; before a weighing VACUUM is
run once, not FULL: what is free inside stays counted. Weights are bytes, indexes included.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from server.config import load_plan, load_units
from server.domain.basis import basis_on
from server.domain.figures import DayFigures
from server.domain.incident.signals import Aspect, Observation, Signal, Subject
from server.domain.paging.directory import Directory
from server.domain.points import MetSeconds
from server.domain.units import Organisation
from server.domain.uptime import Availability
from server.storage import IncidentBatch, Intake, Store
from server.storage.closed import NewClosedDay
from tests.bench.ingest_load import CAUSES, Life, agent_name, open_segment, vitals
from tests.bench.ingest_world import EXAMPLES, Rows
from wire.messages import Item, Segment, Watermark

CAMERAS: Final = 15
_DAY_MS: Final = 86_400_000
_SCHOOL_HOURS: Final = (6.5, 16.5)
_REPORTS: Final = 50
_TO_A_LOOK: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How often a camera changes in a day, and how many cameras and days are filled in."""

    name: str
    changes_per_day: int
    cameras: int
    days: int


PROFILES: Final = (
    Profile(name="healthy", changes_per_day=2, cameras=600, days=30),
    Profile(name="typical", changes_per_day=20, cameras=150, days=10),
    Profile(name="flapping", changes_per_day=1200, cameras=30, days=1),
)


@dataclass(slots=True)
class Scale:
    """One database that is filled and weighed."""

    store: Store
    rows: Rows
    _serial: int = 0
    _weights: dict[str, int] = field(default_factory=dict)

    async def grown(self) -> dict[str, int]:
        """Return how many bytes each table has grown since the last time."""
        now = await self.weigh()
        before, self._weights = self._weights, now
        return {table: size - before.get(table, 0) for table, size in now.items()}

    async def weigh(self) -> dict[str, int]:
        """Return the bytes of each table."""
        if self.rows.url.startswith("sqlite:"):
            await self.rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            found = await self.rows.fetch(
                "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s"
                " JOIN sqlite_master m ON m.name = s.name GROUP BY m.tbl_name"
            )
        else:
            await self.rows.execute("VACUUM")
            found = await self.rows.fetch(
                "SELECT relname::text, pg_total_relation_size(relid) FROM pg_stat_user_tables"
            )
        return {str(table): int(size) for table, size in found}

    def lives(self, agents: int, days: int) -> list[Life]:
        """Return new boots that began so many days ago."""
        self._serial += 1
        origin = int(datetime.now(UTC).timestamp() * 1000) - days * _DAY_MS
        return [
            Life(serial=self._serial, index=n, cameras=CAMERAS, origin_utc_ms=origin)
            for n in range(agents)
        ]

    async def commit(self, intakes: list[Intake]) -> None:
        """Commit some reports at a time."""
        for first in range(0, len(intakes), _REPORTS):
            await self.store.commit(intakes[first : first + _REPORTS])


def _intake(life: Life, seq: int, at_ms: int, items: tuple[Item, ...], **more: Any) -> Intake:
    return Intake(
        agent=agent_name(life.index),
        spool=life.boot,
        sent_utc_ms=life.origin_utc_ms + at_ms,
        received_utc_ms=life.origin_utc_ms + at_ms + 150,
        boots=(life.story,),
        items=items,
        watermarks=(Watermark(boot=life.boot, until_ms=at_ms, after_seq=seq),),
        after=seq - len(items),
        **more,
    )


def _changes(profile: Profile) -> Iterator[tuple[int, int]]:
    """Yield (moment, camera) in time's order: at random, a flapping camera's in school hours."""
    from_h, to_h = _SCHOOL_HOURS if profile.changes_per_day > 100 else (0.0, 24.0)
    moments = [
        (day * _DAY_MS + int(random.uniform(from_h, to_h) * 3_600_000), camera)
        for day in range(profile.days)
        for camera in range(profile.cameras)
        for _ in range(profile.changes_per_day)
    ]
    yield from sorted(moments)


async def fill_changes(scale: Scale, profile: Profile) -> dict[str, float]:
    """Let cameras change; return bytes of segments per camera-day and per change."""
    lives = scale.lives(profile.cameras // CAMERAS, profile.days)
    seqs, numbers = [0] * len(lives), [0] * len(lives)
    open_: dict[int, Segment] = {}
    intakes = []
    for at_ms, camera in _changes(profile):
        index, place = divmod(camera, CAMERAS)
        life = lives[index]
        items = []
        before = open_.get(camera)
        if before is not None:
            seqs[index] += 1
            items.append(Item(seq=seqs[index], segment=_closed(before, at_ms)))
        numbers[index] += 1
        seqs[index] += 1
        cause = CAUSES[numbers[index] % len(CAUSES)]
        open_[camera] = open_segment(life, numbers[index], place, start_ms=at_ms, cause=cause)
        items.append(Item(seq=seqs[index], segment=open_[camera]))
        intakes.append(_intake(life, seqs[index], at_ms, tuple(items)))
    await scale.grown()
    await scale.commit(intakes)
    grown = (await scale.grown())["segment"]
    return {
        "per_camera_day": round(grown / profile.cameras / profile.days, 1),
        "per_segment": round(grown / sum(numbers), 1),
    }


def _closed(segment: Segment, at_ms: int) -> Segment:
    return Segment(
        boot=segment.boot,
        number=segment.number,
        camera=segment.camera,
        state=segment.state,
        cause=segment.cause,
        start_ms=segment.start_ms,
        end_ms=max(at_ms, segment.start_ms),
    )


async def fill_events(scale: Scale, events: int) -> float:
    """Let people pass gates; return bytes per gate event."""
    lives = scale.lives(100, 1)
    intakes = []
    for n in range(events):
        life, seq = lives[n % len(lives)], n // len(lives) + 1
        at_ms = n * _DAY_MS // events
        event = life.event(seq, life.origin_utc_ms + at_ms)
        intakes.append(_intake(life, seq, at_ms, (Item(seq=seq, gate_event=event),)))
    await scale.grown()
    await scale.commit(intakes)
    return round((await scale.grown())["gate_event"] / events, 1)


async def fill_minutes(scale: Scale, *, agents: int, minutes: int) -> dict[str, float]:
    """Let agents report quiet minutes; return bytes per agent of what is overwritten each time."""
    lives = scale.lives(agents, 1)
    for minute in range(minutes):
        await scale.commit([
            _intake(life, 0, minute * 60_000, (), vitals=vitals(
                life, minute * 60, with_cameras=(minute + life.index) % 10 == 0))
            for life in lives
        ])  # fmt: skip
    weights = await scale.weigh()
    return {table: round(weights[table] / agents) for table in ("agent_seen", "agent_facts")}


async def fill_boots(scale: Scale, *, agents: int, boots: int) -> dict[str, float]:
    """Let agents start again and again; return bytes per start, its cameras' segments included."""
    await scale.grown()
    for _ in range(boots):
        await scale.commit([
            _intake(life, CAMERAS, 60_000, tuple(
                Item(seq=n, segment=open_segment(life, n, n - 1, start_ms=0, cause=None))
                for n in range(1, CAMERAS + 1)
            ))
            for life in scale.lives(agents, 1)
        ])  # fmt: skip
    grown = await scale.grown()
    return {t: round(grown[t] / agents / boots, 1) for t in ("boot", "spool", "segment")}


async def fill_closed(scale: Scale, *, schools: int, days: int) -> float:
    """Close days; return bytes per camera-day, the basis that all share counted in."""
    plan = load_plan(EXAMPLES / "plan.example.yaml")
    school = load_units(EXAMPLES / "units.example.yaml", plan=plan).on(date.max).schools[0]
    first = date(2026, 1, 1)
    basis = basis_on(plan, school, first)
    await scale.grown()
    for number in range(days):
        await scale.store.close_days(
            [
                NewClosedDay(
                    school=f"truong-{n}", day=first + timedelta(number), basis=basis, figures=_day()
                )
                for n in range(schools)
            ],
            now=datetime.now(UTC),
        )
    grown = await scale.grown()
    size = grown["closed_day"] + grown["figure_basis"]
    return round(size / schools / days / CAMERAS, 1)


async def fill_observations(scale: Scale, observations: int) -> float:
    """Let the watch note what it learns, four to a look; return bytes per observation."""
    nobody = Directory(organisation=Organisation(units=(), schools=()), receivers={})
    start = datetime.now(UTC)
    await scale.grown()
    for version in range(observations // _TO_A_LOOK):
        now = start + timedelta(seconds=2 * version)
        batch = IncidentBatch(
            memory=b"{}",
            directory=nobody,
            observations=tuple(_seen(version * _TO_A_LOOK + n, now) for n in range(_TO_A_LOOK)),
        )
        written = await scale.store.change_incidents(batch, expected=version, now=now)
        assert written, "nobody else writes"
    return round((await scale.grown())["observation"] / observations, 1)


def _seen(number: int, now: datetime) -> Observation:
    bad = number % 2 == 0
    return Observation(
        at=now,
        subject=Subject(Aspect.CAMERA, f"truong-{number % 3000:04d}-cam-{number % CAMERAS}"),
        signal=Signal.TROUBLE if bad else Signal.OK,
        since=now - timedelta(seconds=7),
        cause=CAUSES[1] or "" if bad else "",
    )


def _day() -> DayFigures:
    return DayFigures(
        cameras=tuple(
            Availability(up=28_000 + n, degraded=n * 3, down=2_000 - n, unknown=60, excluded=54_000)
            for n in random.sample(range(1000), CAMERAS)
        ),
        met=MetSeconds(met=28_000, not_met=2_400, cannot_tell=400),
        places=tuple(MetSeconds(met=7_000, not_met=600, cannot_tell=100) for _ in range(4)),
    )
