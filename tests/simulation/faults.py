"""Injects a plan's faults: each begins, most of them end, and all have ended when peace begins."""

import random
from collections.abc import Callable
from typing import Final

from tests.simulation.centre import Centre
from tests.simulation.machine import Machine, Surroundings
from tests.simulation.oracle import Oracle
from tests.simulation.plan import Fault

_STEPS: Final = 60
"""A process dies at one of so many of its next steps."""


class Faults:
    """Does to the world what the plan says."""

    def __init__(
        self,
        around: Surroundings,
        centre: Centre,
        machines: list[Machine],
        oracle: Oracle,
        add: Callable[[Machine], Machine],
    ) -> None:
        self._around, self._centre, self._machines = around, centre, machines
        self._oracle, self._add = oracle, add
        self._rng = random.Random(f"faults {around.plan.seed}")
        self._depth: dict[str, int] = {}

    def schedule(self) -> None:
        """Put every fault in its place in time."""
        for fault in self._around.plan.faults:
            self._around.later(fault.at_s, self._inject, fault)

    def _inject(self, fault: Fault) -> None:
        end = getattr(self, f"_{fault.kind}")(fault)
        if end is not None:
            self._around.later(fault.for_s, end)

    def _note(self, fault: Fault, who: str, what: str = "") -> None:
        self._around.story.fault(fault.kind, who, what)

    def _machine(self, fault: Fault) -> Machine:
        machine = self._machines[fault.who]
        self._note(fault, machine.name, f"for {fault.for_s:.0f} s")
        return machine

    # ---------------------------------------------------------------- network and broker

    def _enter(self, key: str) -> None:
        self._depth[key] = self._depth.get(key, 0) + 1

    def _leave(self, key: str) -> bool:
        """Tell whether no other fault of the kind is on."""
        self._depth[key] -= 1
        return not self._depth[key]

    def _partition(self, fault: Fault) -> Callable[[], None]:
        machine, key = self._machine(fault), f"partition {fault.who}"
        self._enter(key)
        machine.cut_network(cut=True, silently=fault.strength < 0.4)

        def end() -> None:
            if self._leave(key):
                machine.cut_network(cut=False, silently=False)

        return end

    def _lossy(self, fault: Fault) -> Callable[[], None]:
        machine, key = self._machine(fault), f"lossy {fault.who}"
        self._enter(key)
        weather, rng = machine.weather, self._rng
        weather.loss = rng.choice((0.0, 0.1, 0.5))
        weather.doubled = rng.choice((0.0, 0.3))
        weather.delay_s = rng.choice((0.05, 0.5, 5.0))
        weather.spread = rng.choice((0.0, 3.0))

        def end() -> None:
            if self._leave(key):
                weather.loss = weather.doubled = weather.spread = 0.0
                weather.delay_s = self._around.plan.delay_s

        return end

    def _half_open(self, fault: Fault) -> None:
        machine = self._machine(fault)
        if machine.link is not None:
            machine.link.lost(silently=True)

    def _broker_restart(self, fault: Fault) -> None:
        self._note(fault, "broker")
        self._around.broker.restart()

    def _broker_down(self, fault: Fault) -> Callable[[], None]:
        self._note(fault, "broker", f"for {fault.for_s:.0f} s")
        self._enter("broker")
        self._around.broker.up = False
        self._around.broker.restart()

        def end() -> None:
            if self._leave("broker"):
                self._around.broker.open()
                for machine in self._machines:
                    if machine.link is not None and not machine.weather.cut:
                        machine.link.retry()

        return end

    # ---------------------------------------------------------------- gate PCs

    def _kill_agent(self, fault: Fault) -> None:
        self._machine(fault).kill(1 + self._rng.randrange(_STEPS))

    def _cut_agent(self, fault: Fault) -> None:
        machine = self._machine(fault)
        if fault.strength < 0.8:
            machine.cut_in_write()
        else:
            machine.cut_now()

    def _stop_agent(self, fault: Fault) -> Callable[[], None]:
        machine, key = self._machine(fault), f"stop {fault.who}"
        self._enter(key)
        machine.wanted = False
        machine.stop()

        def end() -> None:
            if self._leave(key):
                machine.wanted = True
                machine.start()

        return end

    def _disk_full(self, fault: Fault) -> Callable[[], None]:
        return self._bad_disk(fault, full=True)

    def _disk_error(self, fault: Fault) -> Callable[[], None]:
        return self._bad_disk(fault, full=False)

    def _bad_disk(self, fault: Fault, *, full: bool) -> Callable[[], None]:
        machine, key = self._machine(fault), f"disk {fault.who}"
        self._enter(key)
        machine.spoil(full=full, failing=not full)

        def end() -> None:
            if self._leave(key):
                machine.spoil()

        return end

    def _clock_step(self, fault: Fault) -> None:
        machine, rng = self._machine(fault), self._rng
        right = rng.random() < 0.4
        hours = rng.choice((1, 24, 365 * 24 * 3))
        wrong = rng.choice((-1, 1)) * rng.randint(1100, hours * 3_600_000)
        machine.clock.step(rng.randint(-900, 900) if right else wrong)

    def _clone(self, fault: Fault) -> None:
        """Another PC gets a copy of the disk, name and all, and is switched on."""
        if len(self._machines) > self._around.plan.agents:
            return
        machine = self._machine(fault)
        clone = self._add(machine)
        clone.disk.put(machine.disk.image())
        clone.start()

    def _roll_back(self, fault: Fault) -> Callable[[], None]:
        """The disk is put back to a copy of some time ago, as a technician does."""
        machine = self._machine(fault)
        image = machine.disk.image()
        at_ms = machine.clock.true_ms()

        def end() -> None:
            machine.cut_now(instead=image)
            self._forgive(machine, at_ms)

        return end

    def _forgive(self, machine: Machine, since_ms: int) -> None:
        """What was on the disk alone, and newer than the copy, is lost and nobody's fault."""
        now_ms = machine.clock.true_ms()
        machine.lost.append((since_ms, now_ms))
        for id_, at_ms in self._oracle.acknowledged.items():
            if self._oracle.posted[id_][0] == machine.agent and since_ms - 1000 <= at_ms <= now_ms:
                self._oracle.forgiven.add(id_)

    # ---------------------------------------------------------------- the centre

    def _kill_server(self, fault: Fault) -> None:
        server = self._centre.servers[fault.who]
        self._note(fault, server.name)
        server.kill(1 + self._rng.randrange(_STEPS))

    def _kill_after_commit(self, fault: Fault) -> None:
        server = self._centre.servers[fault.who]
        self._note(fault, server.name)
        server.kill_after_commit = True

    def _cut_centre(self, fault: Fault) -> None:
        self._note(fault, "centre")
        if fault.strength < 0.7:
            self._centre.cut_next = True
        else:
            self._centre.cut()

    def _db_down(self, fault: Fault) -> Callable[[], None]:
        self._note(fault, "centre", f"for {fault.for_s:.0f} s")
        self._enter("db")
        self._centre.down = True

        def end() -> None:
            if self._leave("db"):
                self._centre.down = False

        return end

    def _db_slow(self, fault: Fault) -> Callable[[], None]:
        self._note(fault, "centre", f"for {fault.for_s:.0f} s")
        self._enter("slow")
        self._centre.latency_s = self._rng.choice((2.0, 20.0))

        def end() -> None:
            if self._leave("slow"):
                self._centre.latency_s = self._around.plan.commit_latency_s

        return end
