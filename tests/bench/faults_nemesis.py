"""Makes faults at random, several at once, and ends each after its time."""

import asyncio
import contextlib
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from tests.bench.faults_district import District, GatePc, fill
from tests.bench.faults_service import Service
from tests.system.fault_proxy import FaultProxy, Flow, Line

_NEXT_FAULT_S: Final = (1.0, 4.0)
_LONGEST_FAULT_S: Final = 60
_LOOK_EVERY_S: Final = 0.2
_OFF_S: Final = (3600, -7200, 400 * 86_400, -2000 * 86_400)
_TO_SETTLE_S: Final = 12

Fault = Callable[[], Awaitable[None]]


class Nemesis:
    """Makes faults and ends each after its time; never two on one thing."""

    def __init__(self, where: District, rng: random.Random, say: Callable[[str], None]) -> None:
        self.made: Counter[str] = Counter()
        self.errors: list[str] = []
        self._where = where
        self._rng = rng
        self._say = say
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, seconds: float, stop: asyncio.Event) -> None:
        """Make faults for so long, then wait for the last ones to end.

        ``stop`` ends it at once; what stays broken is the caller's to heal. ``errors`` tells of
        faults that could not be made.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end and not await _is_set(stop, self._rng.uniform(*_NEXT_FAULT_S)):
            kind, target, fault = self._rng.choice(self._choices())
            if target in self._busy:
                continue
            self._busy.add(target)
            self.made[kind] += 1
            self._say(f"{kind} of {target}")
            self._tasks.add(asyncio.create_task(self._do(target, fault)))
        await self._finish(stop)

    async def _finish(self, stop: asyncio.Event) -> None:
        end = time.monotonic() + _LONGEST_FAULT_S
        while self._busy and time.monotonic() < end:
            if await _is_set(stop, _LOOK_EVERY_S):
                break
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _do(self, target: str, fault: Fault) -> None:
        try:
            await fault()
        except (OSError, subprocess.SubprocessError) as error:
            self.errors.append(f"the fault of {target} itself: {error!r}")
        finally:
            self._busy.discard(target)

    def _choices(self) -> list[tuple[str, str, Fault]]:
        where = self._where
        found: list[tuple[str, str, Fault]] = []
        for service in (where.broker, where.database, *where.servers):
            found.append(("kill -9", service.name, partial(self._kill, service)))
            found.append(("stop and continue", service.name, partial(self._stop, service)))
        for name, line in where.lines.items():
            found += self._of_line(f"line to the {name}", line)
        for agent in where.agents:
            name = agent.name
            found += self._of_line(f"line of {name}", agent.line)
            found.append(("kill -9", name, partial(self._kill, agent.service)))
            found.append(("stop and continue", name, partial(self._stop, agent.service, 8)))
            found.append(("clock off", name, partial(self._clock, agent)))
            if agent.small_disk:
                found += [("disk full", name, partial(self._disk, agent))] * 4
        return found

    def _of_line(self, name: str, line: FaultProxy) -> list[tuple[str, str, Fault]]:
        slow = Line(latency_s=0.15, jitter_s=0.1)
        drip = Line(bytes_per_s=1500, slice_bytes=200)
        held = Line(flow=Flow.HELD)
        gone = Line(flow=Flow.SWALLOWED)
        return [
            ("latency", name, partial(self._lines, line, slow, slow, 8)),
            ("slow drip", name, partial(self._lines, line, drip, drip, 6)),
            ("partition", name, partial(self._lines, line, held, held, 10)),
            ("one-way loss", name, partial(self._lines, line, Line(), gone, 6)),
            ("half-open", name, partial(self._act, partial(line.forget, near=False))),
            ("connection reset", name, partial(self._act, line.reset)),
        ]

    async def _kill(self, service: Service) -> None:
        service.send(signal.SIGKILL)
        await asyncio.sleep(self._rng.uniform(0.2, 8))
        service.start()
        await asyncio.sleep(2)

    async def _stop(self, service: Service, most_s: float = 15) -> None:
        service.send(signal.SIGSTOP)
        await asyncio.sleep(self._rng.uniform(1, most_s))
        service.send(signal.SIGCONT)

    async def _lines(self, line: FaultProxy, up: Line, down: Line, most_s: float) -> None:
        try:
            line.set(up=up, down=down)
            await asyncio.sleep(self._rng.uniform(1, most_s))
        finally:
            if Flow.SWALLOWED in (up.flow, down.flow):
                line.reset()  # a stream with a hole in it is no stream
            line.mend()

    async def _act(self, act: Callable[[], None]) -> None:
        act()
        await asyncio.sleep(1)

    async def _clock(self, agent: GatePc) -> None:
        """Set the clock wrong, and right again; the agent lives through both."""
        agent.clock.write_text(str(self._rng.choice(_OFF_S)), "ascii")
        await asyncio.sleep(self._rng.uniform(2, 10))
        agent.clock.write_text("0", "ascii")
        await asyncio.sleep(3)

    async def _disk(self, agent: GatePc) -> None:
        fill(agent, full=True)
        await asyncio.sleep(self._rng.uniform(3, 8))
        fill(agent, full=False)
        await asyncio.sleep(_TO_SETTLE_S)  # what waited in memory must reach the disk before a kill


async def _is_set(event: asyncio.Event, within_s: float) -> bool:
    """Wait so long at most; tell whether it is set."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), within_s)
    return event.is_set()
