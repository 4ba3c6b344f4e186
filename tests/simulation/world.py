"""One seed's world: built, driven through its faults, left in peace, and judged."""

import functools
import logging
import random
import shutil
import sys
import tempfile
import traceback
import uuid
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest import mock

from edge.spool import SpoolError
from server.storage import UnavailableError
from tests.simulation.centre import POISON, Centre
from tests.simulation.faults import Faults
from tests.simulation.judging import Judge
from tests.simulation.life import CONFIRM_MS
from tests.simulation.loop import Process, Stuck, VirtualLoop
from tests.simulation.machine import Machine, Surroundings
from tests.simulation.net import UNREADABLE, Broker
from tests.simulation.oracle import Oracle
from tests.simulation.plan import Plan, make_plan
from tests.simulation.story import Story
from tests.simulation.truth import EPOCH_MS, make_camera
from wire.codec import decode_report
from wire.messages import Ack, GateEvent
from wire.topics import Leaf

_STEP_S: Final = 3600.0
_GLANCES: Final = 3
_CLOSER_LOOKS: Final = 8
_GOOD: Final = "entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one seed."""

    seed: int
    days: float
    digest: str
    faults: Counter[str]
    events: int
    seconds: int
    broken: tuple[str, ...]
    story: tuple[str, ...]


def simulate(seed: int, *, verbose: bool = False) -> Outcome:
    """Run one seed from beginning to end."""
    root = Path(tempfile.mkdtemp(prefix="vonggac-sim-", dir=_fast_folder()))
    ids = random.Random(f"ids {seed}")
    random.seed(f"jitter {seed}")
    try:
        with ExitStack() as stack:
            stack.enter_context(mock.patch.object(uuid, "uuid4", functools.partial(_uuid, ids)))
            return _World(make_plan(seed), root, verbose=verbose).run()
    finally:
        shutil.rmtree(root, ignore_errors=True)


class _Ears(logging.Handler):
    """Hears of exceptions that a loop caught, logged and went on after."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what nobody expected: a disk may fail, and a database be away."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, SpoolError | UnavailableError):
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.heard.append(f"{record.getMessage()}: {error!r} at {where.name}:{where.lineno}")


_ears: Final = _Ears()


def _fast_folder() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _uuid(ids: random.Random) -> uuid.UUID:
    return uuid.UUID(int=ids.getrandbits(128), version=4)


class _World:
    def __init__(self, plan: Plan, root: Path, *, verbose: bool) -> None:
        self.plan = plan
        self.loop = VirtualLoop()  # type: ignore[abstract]  # what is asked of it is there
        self.process = Process(self.loop, "world")
        self.story = Story(self.loop.time, verbose=verbose)
        self.rng = random.Random(f"world {plan.seed}")
        self.broker = Broker(
            self.loop,
            self.process,
            random.Random(f"net {plan.seed}"),
            self.story,
            bound=plan.broker_bound,
        )
        self.around = Surroundings(plan, self.loop, self.process, self.broker, self.story, root)
        self.oracle = Oracle(self.story, self._look)
        self.centre = Centre(self.around, self._acked)
        self._closer_looks = 0
        self.machines = [self._machine(n) for n in range(plan.agents)]
        self.broker.tap = self._tap
        self.faults = Faults(self.around, self.centre, self.machines, self.oracle, self._add)

    def _look(self, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
        return self.centre.look(sql, values)

    def _machine(self, number: int) -> Machine:
        rng = random.Random(f"truth {self.plan.seed} {number}")
        return Machine(
            f"gate{number}",
            f"agent-{number % self.plan.agents}",
            self.around,
            cameras=[
                make_camera(
                    f"cam-{number % self.plan.agents}-{c}",
                    rng,
                    until_ms=round((self.plan.faults_until_s + self.plan.settle_s) * 1000),
                    every_s=self.plan.change_every_s * rng.choice((0.3, 1, 3)),
                    confirm_ms=CONFIRM_MS,
                )
                for c in range(self.plan.cameras)
            ],
            clock_error_ms=self.plan.wrong_clocks[number % self.plan.agents],
        )

    def _add(self, of: Machine) -> Machine:
        """Add a machine that uses another's name, with cameras of its own."""
        number = len(self.machines)
        clone = self._machine(number * self.plan.agents + int(of.agent.rpartition("-")[2]))
        clone.name = f"gate{number}"
        self.machines.append(clone)
        return clone

    def _tap(self, agent: str, leaf: Leaf, payload: bytes) -> None:
        if leaf in {Leaf.REPORT, Leaf.HISTORY}:
            self.oracle.sent(agent, decode_report(payload))

    def _acked(self, agent: str, ack: Ack) -> None:
        """Judge an ack; around holes and turns also what the pages would show just then."""
        self.oracle.acked(agent, ack)
        is_delicate = ack.ranges or any(m.has_turned_from(ack.spool) for m in self.machines)
        if is_delicate and self._closer_looks < _CLOSER_LOOKS:
            self._closer_looks += 1
            self._judge(is_over=False)

    # ---------------------------------------------------------------- gate events

    def _post_later(self, machine: Machine) -> None:
        every_s = self.plan.event_every_s
        self.around.later(self.rng.expovariate(1 / every_s), self._post_new, machine)

    def _post_new(self, machine: Machine) -> None:
        if self.loop.time() > self.plan.faults_until_s + 600:
            return
        self._post_later(machine)
        now_ms = EPOCH_MS + machine.clock.true_ms()
        event = GateEvent(
            id=str(_uuid(self.rng)),
            gate="gate",
            kind=self._kind(),
            occurred_utc_ms=now_ms,
            accepted_utc_ms=now_ms,
            subject=f"p{self.rng.randrange(1000)}",
        )
        if event.kind != _GOOD:
            self.oracle.forgiven.add(event.id)
            self.story.fault(event.kind, machine.name, event.id[:8])
        self.oracle.posted[event.id] = (machine.agent, event)
        self._post(machine, event, 5)

    def _kind(self) -> str:
        is_good = self.rng.random() >= self.plan.poison
        return _GOOD if is_good else self.rng.choice((POISON, UNREADABLE))

    def _post(self, machine: Machine, event: GateEvent, tries: int) -> None:
        """Post, and again after a while without a good answer."""
        if event.id in self.oracle.acknowledged or not tries:
            return
        machine.post(event, functools.partial(self._answer, machine, event))
        self.around.later(30, self._post, machine, event, tries - 1)

    def _answer(self, machine: Machine, event: GateEvent, status: int) -> None:
        self.story.tell(machine.name, f"answers {status} to {event.id[:8]}")
        self.story.count(f"seen: {status}")
        if status in {200, 201}:
            self.oracle.acknowledged.setdefault(event.id, machine.clock.true_ms())

    # ---------------------------------------------------------------- the run

    def run(self) -> Outcome:
        """Live through everything."""
        try:
            self._live()
        except Stuck as error:
            self.oracle.blame("stuck", str(error))
        seconds = 0
        if not self.oracle.found:
            self.oracle.judge_events()
            seconds = self._judge(is_over=True)
        self._end()
        return Outcome(
            seed=self.plan.seed,
            days=self.loop.time() / 86_400,
            digest=self.story.digest,
            faults=self.story.faults,
            events=len(self.oracle.acknowledged),
            seconds=seconds,
            broken=tuple(self.oracle.found),
            story=tuple(self.story.lines),
        )

    def _judge(self, *, is_over: bool) -> int:
        now_ms = round(self.loop.time() * 1000)
        judge = Judge(self.oracle, self.plan, self.machines, now_ms, is_over)
        return judge.judge(self.centre.path)

    def _live(self) -> None:
        self.centre.start()
        for machine in self.machines:
            machine.start()
            self._post_later(machine)
        self.faults.schedule()
        at_s = 0.0
        until_s = self.plan.faults_until_s + self.plan.settle_s
        calm_s = self.plan.faults_until_s + 900
        _ears.heard.clear()
        step_s = min(_STEP_S, self.plan.faults_until_s / 20)
        while at_s < until_s and not self.oracle.found:
            at_s += step_s
            self.loop.run_until(at_s)
            if _ears.heard:
                self.oracle.blame("an exception", _ears.heard[0])
            if self.rng.random() < _GLANCES / max(4, until_s / step_s):
                self._judge(is_over=False)
            if at_s > calm_s and not (left := self._left()):
                return
        if not self.oracle.found:
            self.oracle.blame("somebody waits for ever", str(left))

    def _left(self) -> list[str]:
        """Return who still has something to deliver."""
        found = []
        for machine in self.machines:
            agent = machine.running
            if agent is None or agent.runner is None or agent.spool is None:
                found.append(f"{machine.name} does not run")
                continue
            rows = agent.runner.real.execute("SELECT id, items FROM spools WHERE items").fetchall()
            found += [f"{machine.name} holds {items} of {id_}" for id_, items in rows]
            sql = "SELECT id FROM boots WHERE watermark NOT NULL AND id <> ?"
            marks = agent.runner.real.execute(sql, (agent.spool.running,)).fetchall()
            found += [f"{machine.name} holds the watermark of {id_}" for (id_,) in marks]
            if not marks and not rows:
                found += self._behind(machine)
        return found

    def _behind(self, machine: Machine) -> list[str]:
        """Tell whether the centre has too old a watermark of a machine, or no clock of it."""
        uuid_, origin_ms = machine.lives[-1].boots[-1]
        rows = self.centre.look("SELECT until_ms, offset_ms FROM boot WHERE uuid = ?", (uuid_,))
        until_ms, offset_ms = rows[0] if rows else (None, None)
        if offset_ms is None:
            return [f"{machine.name}'s clock is not measured"]
        until_ms = until_ms or 0
        late_ms = machine.clock.true_ms() - origin_ms - until_ms
        if late_ms > (self.plan.watermark_s + 60) * 1000:
            return [f"{machine.name} vouched {late_ms / 1000:.0f} s ago for the last time"]
        return []

    def _end(self) -> None:
        for machine in self.machines:
            machine.wanted = False
            machine.abandon()
        self.centre.abandon()
        self.loop.end()


def quiet() -> None:
    """Keep the parts' own log out of the way, and the protest of what was killed in its sleep."""
    logging.disable(logging.WARNING)
    logging.getLogger().addHandler(_ears)
    told = sys.unraisablehook

    def hook(found: "sys.UnraisableHookArgs") -> None:
        if "ignored GeneratorExit" not in str(found.exc_value):
            told(found)

    sys.unraisablehook = hook
