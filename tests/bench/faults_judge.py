"""Holds the database against what really happened: events one by one, cameras second by second."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Final

from server.domain.interval import Interval
from server.domain.timeline import build
from server.domain.units import Source
from server.storage import GateEventRow, Store
from tests.bench.faults_script import Script
from wire.vocabulary import State

_MS: Final = 1000
_LOST_AT_A_KILL_S: Final = 15
"""A crash costs at most the time since the watermark was last written (10 s), which vouches up to
the last look (3 s where the machine is busy); two to round."""
_LOST_AT_AN_END_S: Final = 6
"""A change that isn't confirmed (4 s) when its agent ends is vouched for by nobody."""
_LOST_AT_A_BEGIN_S: Final = 5
"""What is seen at first and changes before it is confirmed is never said."""
_SILENCE_IS_NONE_S: Final = 20
"""A watcher that is silent for less is taken to have gone on."""
_PAGE: Final = 10_000
_STAMP_DIGITS: Final = 13
_NEVER_MS: Final = 10**_STAMP_DIGITS


@dataclass(frozen=True, slots=True)
class Run:
    """One life of an agent: when its cameras were looked at first and last, and how it ended.

    Of the last ``not_yet_s`` seconds the centre can't know yet.
    """

    first_s: int
    last_s: int
    killed: bool
    not_yet_s: int = 0

    def may_lack(self, at_s: int) -> bool:
        """Tell whether nobody can be asked to know this second."""
        costs_s = _LOST_AT_A_KILL_S if self.killed else _LOST_AT_AN_END_S
        end_s = self.last_s - costs_s - self.not_yet_s
        return at_s >= end_s or at_s < self.first_s + _LOST_AT_A_BEGIN_S


@dataclass(slots=True)
class Amiss:
    """Seconds of a camera, one after the other, that are not what they should be."""

    source: Source
    what: str
    first_s: int
    last_s: int

    def __str__(self) -> str:
        first, last = (
            datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")
            for at in (self.first_s, self.last_s)
        )
        return f"{first}..{last} {self.source.agent}/{self.source.camera}: {self.what}"


@dataclass(slots=True)
class Seconds:
    """How the seconds of all cameras came out.

    ``missing``, ``wrong`` and ``invented`` must be none; ``amiss`` tells where they are.
    """

    exact: int = 0
    not_asked: int = 0
    missing: int = 0
    wrong: int = 0
    invented: int = 0
    amiss: list[Amiss] = field(default_factory=list)

    def note(self, source: Source, at: int, what: str) -> None:
        """Tell of a second that is not what it should be."""
        last = self.amiss[-1] if self.amiss else None
        if last and (last.source, last.what, last.last_s) == (source, what, at - 1):
            last.last_s = at
        else:
            self.amiss.append(Amiss(source, what, at, at))


@dataclass(frozen=True, slots=True)
class Events:
    """How the events came out; ``lost`` (by agent), ``invented`` and ``twice`` must be none."""

    acknowledged: int
    unsure: int
    stored: int
    lost: dict[str, int]
    invented: int
    twice: int


def runs_of(journal: Path, kills_ms: Sequence[int], not_yet_s: int) -> list[Run]:
    """Read an agent's journal: one run per process, and within it per unbroken stretch."""
    paths = sorted(journal.parent.glob(journal.name + ".*"), key=lambda path: int(path.suffix[1:]))
    lives = [stamps for path in paths if (stamps := _stamps(path))]
    found: list[Run] = []
    for life, after in zip_longest(lives, lives[1:], fillvalue=[_NEVER_MS]):
        was_killed = any(life[-1] - _MS <= at < after[0] for at in kills_ms)
        for stretch in _stretches(life):
            killed = was_killed and stretch[-1] == life[-1]
            first_s, last_s = -(-stretch[0] // _MS), stretch[-1] // _MS
            found.append(Run(first_s, last_s, killed, not_yet_s))
    return found


def _stamps(path: Path) -> list[int]:
    return [int(line) for line in path.read_text("ascii").split() if len(line) == _STAMP_DIGITS]


def _stretches(stamps: Sequence[int]) -> Iterator[list[int]]:
    current = list(stamps[:1])
    for before, after in pairwise(stamps):
        if after - before > _SILENCE_IS_NONE_S * _MS:
            yield current
            current = []
        current.append(after)
    if current:
        yield current


async def judge_seconds(
    store: Store, scripts: Mapping[Source, Script], runs: Mapping[str, Sequence[Run]]
) -> Seconds:
    """Compare each second of each camera with its script."""
    begin = min(r.first_s for rs in runs.values() for r in rs) - 60
    end = max(r.last_s for rs in runs.values() for r in rs) + 60
    window = Interval(datetime.fromtimestamp(begin, UTC), datetime.fromtimestamp(end, UTC))
    claims = await store.claims(scripts.keys(), window)
    seconds = Seconds()
    for source, story in scripts.items():
        spans = build(claims[source], window)
        states = [s.state for s in spans for _ in range(s.interval.seconds)]
        for at, state in enumerate(states, start=begin):
            _judge_second(seconds, source, at, state, story, runs[source.agent])
    return seconds


def _judge_second(
    seconds: Seconds, source: Source, at: int, state: State, story: Script, runs: Iterable[Run]
) -> None:
    """Judge one second; the edges of a run, where it looked for a part of one, may be either."""
    near = [r for r in runs if r.first_s - 1 <= at <= r.last_s + 2]
    watched = [r for r in near if r.first_s <= at < r.last_s]
    true = story.at(at * _MS + 999)[0].state
    if state is State.UNKNOWN:
        if not watched:
            return
        if all(r.may_lack(at) for r in watched):
            seconds.not_asked += 1
        else:
            seconds.missing += 1
            seconds.note(source, at, f"unknown, was {true}")
    elif not near:
        seconds.invented += 1
        seconds.note(source, at, f"{state}, nobody looked")
    elif state is not true and _one_trouble_for_another(state, true, near, at):
        seconds.not_asked += 1
    elif state is not true:
        seconds.wrong += 1
        seconds.note(source, at, f"{state}, was {true}")
    else:
        seconds.exact += 1


def _one_trouble_for_another(state: State, true: State, near: Sequence[Run], at: int) -> bool:
    """Tell whether a trouble that was not confirmed yet took the name of the one after it."""
    return State.UP not in (state, true) and any(r.may_lack(at) for r in near)


async def judge_events(store: Store, acknowledged: set[str], posted: Mapping[str, str]) -> Events:
    """Compare what was acknowledged at the gates with what the database holds."""
    rows = await _all_events(store)
    ids = Counter(row.id for row in rows)
    return Events(
        acknowledged=len(acknowledged),
        unsure=len(posted.keys() - acknowledged),
        stored=len(ids),
        lost=dict(Counter(posted[event] for event in acknowledged - ids.keys())),
        invented=len(ids.keys() - posted.keys()),
        twice=sum(n - 1 for n in ids.values()),
    )


async def _all_events(store: Store) -> list[GateEventRow]:
    rows: list[GateEventRow] = []
    page = await store.gate_events(limit=_PAGE)
    while page:
        rows += page
        page = await store.gate_events(limit=_PAGE, before=(page[-1].occurred_at, page[-1].id))
    return rows
