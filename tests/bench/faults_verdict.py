"""What came of a faults run, how long one waits for it, and what it still waits for."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from server.domain.units import Source
from server.storage import Store, StoreError
from tests.bench.faults_district import District
from tests.bench.faults_gate import Posts
from tests.bench.faults_judge import Events, Run, Seconds, judge_events, judge_seconds, runs_of
from tests.bench.faults_script import script

_LOOK_S: Final = 30.0
"""A look at the database takes a second or two; a busy machine may take more."""
_LOOK_EVERY_S: Final = 2.0
_TELL_EVERY_S: Final = 10.0
_AMISS_SHOWN: Final = 12
_TOLD: Final = 4
_ERROR_LETTERS: Final = 300


@dataclass(frozen=True, slots=True)
class Found:
    """What the database holds, held against the truth."""

    events: Events
    seconds: Seconds

    @property
    def is_there(self) -> bool:
        """Tell whether all that is owed is there."""
        return not (self.events.lost or self.seconds.missing or self.seconds.wrong)

    @property
    def is_right(self) -> bool:
        """Tell whether all that is owed is there, and nothing else."""
        return self.is_there and not (
            self.events.invented or self.events.twice or self.seconds.invented
        )

    def waits_for(self) -> list[str]:
        """Name what is not there."""
        events = [f"{count} events of {agent}" for agent, count in self.events.lost.items()]
        amiss = [str(one) for one in self.seconds.amiss]
        more = len(amiss) - _AMISS_SHOWN
        return [*events, *amiss[:_AMISS_SHOWN], *([f"and {more} more"] if more > 0 else [])]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found. ``drained_s`` is None if not all was there in time: ``waits_for``."""

    faults: dict[str, int]
    answers: dict[int, int]
    found: Found | None
    drained_s: float | None
    waits_for: tuple[str, ...] = ()
    ends: dict[str, list[int]] = field(default_factory=dict)
    refusals: int = 0
    errors: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        is_right = self.found is not None and self.found.is_right
        return is_right and self.drained_s is not None and not self.ends and not self.errors


class Looker:
    """Looks at the database until it holds what it should, so long at most."""

    def __init__(
        self,
        where: District,
        posts: Posts,
        plan: Mapping[str, int],
        say: Callable[[str], None],
    ) -> None:
        self.found: Found | None = None
        self.waits_for: tuple[str, ...] = ("a first look at the database",)
        self._where = where
        self._posts = posts
        self._say = say
        self._scripts = {
            Source(a.name, c): script(c, **plan) for a in where.agents for c in a.cameras
        }

    async def wait(self, seconds: float, hurry: asyncio.Event, *, not_yet_s: int = 0) -> bool:
        """Look until all is there; False if it is not after so long, or ``hurry`` is set."""
        begin = told = time.monotonic()
        while not await self._look(not_yet_s):
            now = time.monotonic()
            if now - begin > seconds or hurry.is_set():
                return False
            if now - told > _TELL_EVERY_S:
                told = now
                self._say(f"waits for {_in_short(self.waits_for)}")
            await asyncio.sleep(_LOOK_EVERY_S)
        return True

    async def _look(self, not_yet_s: int) -> bool:
        try:
            async with asyncio.timeout(_LOOK_S):
                found = await self._judge(not_yet_s)
        except (StoreError, OSError, TimeoutError) as error:
            self.waits_for = (f"the database: {error!r}",)
            return False
        self.found, self.waits_for = found, tuple(found.waits_for())
        return found.is_there

    async def _judge(self, not_yet_s: int) -> Found:
        store = await Store.open(self._where.database_url)
        try:
            posts, runs = self._posts, self._runs(not_yet_s)
            events = await judge_events(store, posts.acknowledged, posts.posted)
            return Found(events, await judge_seconds(store, self._scripts, runs))
        finally:
            await store.close()

    def _runs(self, not_yet_s: int) -> dict[str, Sequence[Run]]:
        return {
            agent.name: runs_of(agent.journal, agent.service.kills_ms, not_yet_s)
            for agent in self._where.agents
        }


def _in_short(what: Sequence[str]) -> str:
    more = len(what) - _TOLD
    return "; ".join(what[:_TOLD]) + (f"; and {more} more" if more > 0 else "")


def ends_of(where: District) -> dict[str, list[int]]:
    """Return the exit codes of those of our programs that ended though nobody had told them to."""
    for service in where.ours:
        service.look()
    return {service.name: service.ends for service in where.ours if service.ends}


def errors_of(where: District) -> tuple[str, ...]:
    """Return what our programs did not expect: the last line of each traceback in their logs."""
    found: Counter[str] = Counter()
    for service in where.ours:
        for part in service.log.read_text("utf-8", "replace").split("Traceback (most")[1:]:
            lines = part.splitlines()
            last = next((line for line in lines[1:] if line and not line.startswith(" ")), "?")
            found[f"{service.name}: {last[:_ERROR_LETTERS]}"] += 1
    return tuple(f"{count} x {what}" for what, count in sorted(found.items()))


def table(outcome: Outcome) -> str:
    """Return the run as one table, and below it what it waited for in vain."""
    rows: list[tuple[str, Any]] = [(f"fault: {k}", n) for k, n in sorted(outcome.faults.items())]
    rows += [(f"gate's answer {k or 'none'}", n) for k, n in sorted(outcome.answers.items())]
    if outcome.found:
        rows += _rows(outcome.found)
    rows += [
        ("seconds until all was there", outcome.drained_s),
        ("starts that failed, and were tried again", outcome.refusals),
        ("programs that ended by themselves", len(outcome.ends)),
        ("errors nobody expected, in logs", len(outcome.errors)),
        ("verdict", "good" if outcome.good else "BAD"),
    ]
    lines = ["| what | value |", "| --- | ---: |", *(f"| {k} | {v} |" for k, v in rows)]
    lines += [f"waits for: {what}" for what in outcome.waits_for]
    lines += [f"ended by itself: {who}, {codes}" for who, codes in outcome.ends.items()]
    return "\n".join([*lines, *(f"error: {error}" for error in outcome.errors)])


def _rows(found: Found) -> list[tuple[str, int]]:
    e, s = found.events, found.seconds
    return [
        ("events acknowledged", e.acknowledged),
        ("events stored (some without their answer)", e.stored),
        ("events lost", sum(e.lost.values())),
        ("events twice", e.twice),
        ("events invented", e.invented),
        ("camera seconds watched, exact", s.exact),
        ("unknown, at an agent's begin or end", s.not_asked),
        ("unknown without a reason", s.missing),
        ("wrong", s.wrong),
        ("claimed though nobody looked", s.invented),
    ]
