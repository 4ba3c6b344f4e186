"""A gate PC: its disk, clocks and cameras outlive the agents that run on it."""

import contextlib
import functools
import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.spool import SpoolError
from edge.spool.writer import Jobs
from tests.simulation.disk import Disk, Image
from tests.simulation.life import Agent, Life
from tests.simulation.loop import Process, VirtualLoop
from tests.simulation.net import AgentLink, Broker, Weather
from tests.simulation.plan import Plan
from tests.simulation.runner import InlineRunner
from tests.simulation.story import Story
from tests.simulation.truth import Camera, MachineClock
from wire.messages import GateEvent

SPOOL: Final = "spool.sqlite3"
_VAIN_MS: Final = 10_000
_MOST_VAIN: Final = 20


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all machines stand in."""

    plan: Plan
    loop: VirtualLoop
    world: Process
    broker: Broker
    story: Story
    root: Path

    def later(self, delay_s: float, act: Callable[..., object], *values: object) -> None:
        """Do something that nobody's death prevents."""
        at_s = self.loop.time() + delay_s
        self.loop.call_at(at_s, act, *values, context=self.world.context)


class Machine:
    """One gate PC. Everything here is called by the world."""

    def __init__(
        self,
        name: str,
        agent: str,
        around: Surroundings,
        *,
        cameras: list[Camera],
        clock_error_ms: int,
    ) -> None:
        self.name, self.agent = name, agent
        self.cameras = cameras
        self.wanted = True
        self.rng = random.Random(f"{around.plan.seed} {name}")
        self.clock = MachineClock(
            around.loop, base_ms=self.rng.randrange(10**9), error_ms=clock_error_ms
        )
        self.weather = Weather(delay_s=around.plan.delay_s)
        self.disk = Disk(around.root, name)
        self.lives: list[Life] = []
        self.lost: list[tuple[int, int]] = []
        self.running: Agent | None = None
        self.link: AgentLink | None = None
        self._process: Process | None = None
        self._around = around
        self._full = self._failing = False
        self._vain = 0  # starts in a row that came to nothing
        self._left: Image | None = None

    # ---------------------------------------------------------------- living

    def start(self) -> None:
        """Start the agent, if none runs and one is wanted."""
        if self.running is not None or not self.wanted:
            return
        around = self._around
        process = self._process = Process(around.loop, f"{self.name}.{len(self.lives)}")
        process.on_death = self._died
        self.link = AgentLink(self.agent, process, around.broker, self.weather, self.rng)
        life = Life(self.name, self.agent, self.clock.true_ms(), self.clock.error_ms)
        self.lives.append(life)
        if self._full or self._failing:
            life.disk_bad.append((self.clock.true_ms(), None))
        self.running = Agent(
            life,
            plan=around.plan,
            process=process,
            clock=self.clock,
            link=self.link,
            cameras=self.cameras,
            folder=self.disk.folder,
        )
        self.running.turned = functools.partial(around.story.count, "seen: boots that turned")
        around.story.tell(self.name, "starts")
        process.start(self._live(self.running))

    async def _live(self, agent: Agent) -> None:
        try:
            await agent.run(self._make_runner)
        except SpoolError as error:  # ``serve`` ends with AgentError, and is started again
            self._around.story.tell(self.name, f"can't start: {error}")
            agent.life.ended_ms = self.clock.true_ms()
            if self._process is not None:
                self._process.kill()

    def _make_runner(self, jobs: Jobs) -> InlineRunner:
        assert self._process is not None
        assert self.running is not None
        runner = InlineRunner(
            jobs,
            process=self._process,
            disk=self.disk,
            name=SPOOL,
            latency_s=self._around.plan.disk_latency_s,
        )
        self.running.runner = runner
        runner.real.execute(f"PRAGMA wal_autocheckpoint = {self._around.plan.checkpoint_pages}")
        runner.fail(failing=self._failing)
        if self._full:
            runner.fill(full=True)
        return runner

    def stop(self) -> None:
        """Ask the agent to stop."""
        if self.running is not None and self._process is not None:
            self._process.call(self.running.stop)

    def post(self, event: GateEvent, answer: Callable[[int], None]) -> None:
        """Post an event at the gate; ``answer`` may never be called."""
        agent, process = self.running, self._process
        if agent is None or process is None or agent.uplink is None:
            return

        async def ask() -> None:
            status = await agent.post(event)
            self._around.later(0, answer, status)

        process.start(ask())

    def has_turned_from(self, boot: str) -> bool:
        """Tell whether a run went over from this boot into another."""
        return any(boot == former for life in self.lives for former, _ in life.boots[:-1])

    # ---------------------------------------------------------------- dying

    def kill(self, steps: int) -> None:
        """Kill the process after so many more of its steps."""
        if self._process is not None:
            self._process.kill_in(steps)

    def cut_in_write(self) -> None:
        """Cut the power in the midst of the next transaction."""
        if self.running is not None and self.running.runner is not None:
            self.running.runner.cut_next(self._cut, self.rng)

    def cut_now(self, instead: Image | None = None) -> None:
        """Cut the power between two transactions; put another image on the disk if there is one."""
        if self.running is not None and self.running.runner is not None:
            self._cut(self.running.runner.cut_now(self.rng) if instead is None else instead)
        elif instead is not None:
            self.disk.put(instead)

    def abandon(self) -> None:
        """End whatever runs: the simulation is over."""
        self.wanted = False
        if self._process is not None:
            self._process.kill()

    def _cut(self, image: Image) -> None:
        self._left = image
        self.clock.base_ms = self.rng.randrange(10**9)
        if self._process is not None:
            self._process.kill()

    def _died(self) -> None:
        """Clean up after the process: its files stay as they are, or as the power cut left them."""
        agent, self.running, self._process = self.running, None, None
        assert agent is not None
        if self.link is not None:
            self._around.broker.detach(self.link)
        life = agent.life
        life.killed = not life.finished
        if life.ended_ms is None:
            life.ended_ms = self.clock.true_ms()
        self._around.story.tell(self.name, f"dies {'at once' if life.killed else 'in peace'}")
        left, self._left = self._left, None
        if life.killed:
            self.disk.put(self.disk.image() if left is None else left)
        if agent.runner is not None:
            with contextlib.suppress(sqlite3.Error):
                agent.runner.real.close()
        self._around.later(self._pause_s(life), self.start)

    def _pause_s(self, life: Life) -> float:
        """Return when it is started again: on a bad disk ever later, as it needs its whole file."""
        pause_s = self.rng.choice((0.5, 5, 60))
        ended_ms = self.clock.true_ms() if life.ended_ms is None else life.ended_ms
        is_vain = (self._full or self._failing) and ended_ms - life.started_ms < _VAIN_MS
        self._vain = self._vain + 1 if is_vain else 0
        longest_s = max(pause_s, self._around.plan.watermark_s / 4)
        return min(pause_s * 2.0 ** min(self._vain, _MOST_VAIN), longest_s)

    # ---------------------------------------------------------------- a bad disk, a bad network

    def spoil(self, *, full: bool = False, failing: bool = False) -> None:
        """Fill the disk, or let it fail, or neither."""
        was_bad = self._full or self._failing
        self._full, self._failing = full, failing
        now_ms = self.clock.true_ms()
        agent = self.running
        if agent is None:
            return
        bad = agent.life.disk_bad
        if (full or failing) and not was_bad:
            bad.append((now_ms, None))
        elif was_bad and not (full or failing) and bad:
            bad[-1] = (bad[-1][0], now_ms)
        if agent.runner is not None:
            agent.runner.fail(failing=failing)
            agent.runner.fill(full=full)

    def cut_network(self, *, cut: bool, silently: bool) -> None:
        """Part the machine from the broker, or join it again."""
        self.weather.cut = cut
        if self.link is None:
            return
        if cut:
            self.link.lost(silently)
        else:
            self.link.retry()
