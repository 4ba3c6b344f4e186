"""What a unit's period was, second by second: the rules of docs/coverage.md read aloud.

Nothing of the centre is used here, not even its words for states. Days are dates, moments are
seconds since 1970 UTC, local time is UTC+7 by plain arithmetic.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

EPOCH = date(1970, 1, 1)
DAY_S = 86_400
UP, DEGRADED, DOWN, UNKNOWN = "up", "degraded", "down", "unknown"
GOODNESS = [UP, DEGRADED, DOWN]
KINDS = ["holiday", "local", "exception"]

Span = tuple[date, date]
Windows = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class CameraTold:
    id: str
    agents: tuple[str, ...]
    stands: tuple[tuple[str, date, date], ...]


@dataclass(frozen=True)
class SchoolTold:
    id: str
    kind: str
    agents: tuple[str, ...]
    units: tuple[tuple[str, date, date], ...]
    zones: tuple[tuple[str, str, date, date], ...]
    cameras: tuple[CameraTold, ...]


@dataclass(frozen=True)
class OffTold:
    first: date
    last: date
    kind: str
    schools: tuple[str, ...] | None
    windows: Windows | None


@dataclass(frozen=True)
class PlanTold:
    version: str
    first: date
    last: date
    needs: dict[str, int | bool | None]
    hours: tuple[tuple[int, ...], Windows] | None
    years: tuple[Span, ...] | None
    holidays: frozenset[date]
    off: tuple[OffTold, ...]
    counts: frozenset[str]
    percent: float | None
    always: bool


@dataclass(frozen=True)
class WorkTold:
    start: int
    end: int
    schools: tuple[str, ...] | None
    zones: tuple[str, ...] | None


@dataclass(frozen=True)
class SegTold:
    camera: str
    agent: str
    start: int
    end: int
    state: str
    cause: str | None


@dataclass(frozen=True, kw_only=True)
class PeriodWorld:
    first: date
    last: date
    parents: dict[str, tuple[tuple[str | None, date, date], ...]]
    schools: tuple[SchoolTold, ...]
    plans: tuple[PlanTold, ...]
    off: tuple[OffTold, ...]
    works: tuple[WorkTold, ...]
    segs: tuple[SegTold, ...]
    began: dict[str, int]


@dataclass
class ZoneSums:
    seconds: Counter[str] = field(default_factory=Counter)
    scored: bool = False
    unset_days: int = 0
    uptime: Counter[str] = field(default_factory=Counter)
    cameras: dict[str, Counter[str]] = field(default_factory=dict)
    installed: list[int] = field(default_factory=list)


@dataclass
class StaySums:
    zones: dict[str, ZoneSums] = field(default_factory=dict)
    lost: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    lost_on: dict[tuple[str, str], date] = field(default_factory=dict)
    unset_days: int = 0
    versions: list[str] = field(default_factory=list)
    days: dict[date, tuple[Counter[str], Counter[str], bool]] = field(default_factory=dict)


def midnight(day: date) -> int:
    return (day - EPOCH).days * DAY_S - 7 * 3600


def day_at(second: int) -> date:
    return EPOCH + timedelta(days=(second + 7 * 3600) // DAY_S)


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def in_force(world: PeriodWorld, day: date) -> PlanTold | None:
    begun = [p for p in world.plans if p.first <= day]
    newest = max(begun, key=lambda p: p.first, default=None)
    return newest if newest is not None and day <= newest.last else None


def unit_of(school: SchoolTold, day: date) -> str | None:
    return next((u for u, a, b in school.units if a <= day <= b), None)


def is_under(world: PeriodWorld, unit: str | None, wanted: str, day: date) -> bool:
    while unit is not None:
        if unit == wanted:
            return True
        unit = next((p for p, a, b in world.parents[unit] if a <= day <= b), None)
    return False


def stays(world: PeriodWorld, school: SchoolTold, unit: str) -> list[Span]:
    """Runs of days on which the school stood under the unit."""
    found: list[Span] = []
    for day in days_between(world.first, world.last):
        if not is_under(world, unit_of(school, day), unit, day):
            continue
        if found and found[-1][1] + timedelta(days=1) == day:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def watched_since(world: PeriodWorld, school: SchoolTold) -> int | None:
    own = [world.began[a] for a in school.agents if a in world.began]
    return min(own or world.began.values(), default=None)


def entry(entries: Sequence[OffTold], school: str, day: date) -> OffTold | None:
    """Whoever names the school beats all schools, the shorter the longer, and so on."""
    holding = [
        e
        for e in entries
        if e.first <= day <= e.last and (e.schools is None or school in e.schools)
    ]
    return max(
        holding,
        key=lambda e: (
            e.schools is not None,
            (e.first - e.last).days,
            KINDS.index(e.kind),
            e.windows is None,
        ),
        default=None,
    )


def windows_on(world: PeriodWorld, plan: PlanTold, school: str, day: date) -> Windows | None:
    """The minutes that are asked; none: a day off; None: nobody says."""
    said = entry(world.off, school, day) or entry(plan.off, school, day)
    if said is not None:
        return said.windows or ()
    if plan.hours is not None and day.weekday() not in plan.hours[0]:
        return ()
    usual = None if plan.hours is None else plan.hours[1]
    if plan.years is None:
        return usual
    if day in plan.holidays:
        return ()
    if not any(a <= day <= b for a, b in plan.years):
        between = any(
            one[1] < day < two[0] and (two[0] - one[1]).days < 200
            for one, two in pairwise(plan.years)
        )
        return () if between else None
    return usual


def works_at(world: PeriodWorld, school: str, zone: str | None, second: int) -> bool:
    """Whether announced work takes this second from the whole school, or from one zone."""
    return any(
        w.start <= second < w.end
        and (w.schools is None or school in w.schools)
        and (w.zones is None or (zone is not None and zone in w.zones))
        for w in world.works
    )


def word_at(world: PeriodWorld, camera: CameraTold, second: int) -> tuple[str, str | None]:
    """The best that one of its eyes told of a second."""
    told = [
        (s.state, s.cause)
        for s in world.segs
        if s.camera == camera.id and s.agent in camera.agents and s.start <= second < s.end
    ]
    return min(told, key=lambda w: (GOODNESS.index(w[0]), w[1] or ""), default=(UNKNOWN, None))


def runs(world: PeriodWorld, day: date, windows: Windows, since: int) -> Iterator[tuple[int, int]]:
    """Cut a day where anything changes: (second, how many after it are like it)."""
    start, end = midnight(day), midnight(day) + DAY_S
    edges = {start, end, since}
    edges |= {start + 60 * m for w in windows for m in w}
    edges |= {e for s in world.segs for e in (s.start, s.end)}
    edges |= {e for w in world.works for e in (w.start, w.end)}
    inside = sorted(e for e in edges if start <= e <= end)
    yield from ((a, b - a) for a, b in pairwise(inside))


def told_of(world: PeriodWorld, school: SchoolTold, span: Span) -> StaySums:
    """Everything that is true of a school's days in one unit."""
    found = StaySums()
    for day in days_between(*span):
        zones = {z: kind for z, kind, a, b in school.zones if a <= day <= b}
        here = {c: next((z for z, a, b in c.stands if a <= day <= b), None) for c in school.cameras}
        for zone in zones:
            sums = found.zones.setdefault(zone, ZoneSums())
            sums.installed.append(sum(z == zone for z in here.values()))
        since = watched_since(world, school)
        if since is not None and day >= day_at(since):
            _add_day(world, school, day, since, zones, here, found)
    return found


def _add_day(
    world: PeriodWorld,
    school: SchoolTold,
    day: date,
    since: int,
    zones: dict[str, str],
    here: dict[CameraTold, str | None],
    found: StaySums,
) -> None:
    plan = in_force(world, day)
    windows = None if plan is None else windows_on(world, plan, school.id, day)
    met, uptime = Counter[str](), Counter[str]()
    if plan is not None and plan.version not in found.versions:
        found.versions.append(plan.version)
    found.unset_days += windows is None
    for zone, kind in zones.items():
        need = None if plan is None else plan.needs.get(kind)
        if plan is None or need is None or need is False:
            continue
        sums = found.zones[zone]
        sums.scored = True
        sums.unset_days += windows is None
        cameras = [c for c, z in here.items() if z == zone]
        for second in _seconds(day, windows or ()):
            if second < since or works_at(world, school.id, zone, second):
                continue
            words = [word_at(world, c, second) for c in cameras]
            sure = sum(s == UP or (s == DEGRADED and c in plan.counts) for s, c in words)
            best = sure + sum(s == UNKNOWN for s, _ in words)
            verdict = "met" if sure >= need else "cannot_tell" if best >= need else "not_met"
            sums.seconds[verdict] += 1
            met[verdict] += 1
    whole_day = plan is None or plan.always or plan.hours is None
    for camera, stood in here.items():
        if stood is None:
            continue
        own = Counter[str]()
        for second, length in runs(world, day, windows or (), since):
            state, cause = word_at(world, camera, second)
            counts = (
                second >= since
                and (whole_day or _asked(day, windows or (), second))
                and not works_at(world, school.id, stood, second)
            )
            own[state if counts else "excluded"] += length
            if counts and state in {DOWN, DEGRADED}:
                lost = found.lost.setdefault((stood, camera.id), Counter())
                lost[cause or ""] += length
                found.lost_on[stood, camera.id] = day
        uptime += own
        sums = found.zones[stood]
        sums.uptime += own
        sums.cameras.setdefault(camera.id, Counter()).update(own)
    found.days[day] = (met, uptime, windows is None)


def _seconds(day: date, windows: Windows) -> Iterator[int]:
    for a, b in windows:
        yield from range(midnight(day) + 60 * a, midnight(day) + 60 * b)


def _asked(day: date, windows: Windows, second: int) -> bool:
    return any(60 * a <= second - midnight(day) < 60 * b for a, b in windows)


def verdict_of(sums: ZoneSums, percent: float | None) -> str | None:
    """Whether the asked share was reached; nobody knows with a day of which nobody says."""
    if percent is None or not sums.scored:
        return None
    if sums.unset_days:
        return "cannot_tell"
    whole = sums.seconds.total()
    if not whole:
        return None
    asked = Fraction(str(percent)) * whole / 100
    if sums.seconds["met"] >= asked:
        return "met"
    return "not_met" if sums.seconds["met"] + sums.seconds["cannot_tell"] < asked else "cannot_tell"
