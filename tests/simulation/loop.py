"""A loop whose time is virtual, and processes that can die between any two of its steps.

``time()`` stands still while anything can run and jumps to the next timer when nothing can. Nothing
waits for a socket or a thread: there are none.

A ``Process`` is a context: whatever is scheduled from within it belongs to it (tasks, timers, a
future's callbacks), and once it is dead none of that runs any more. A task is thus killed between
two awaits, as a process is: nothing of it is cancelled, no ``finally`` runs.
"""

import asyncio
import contextlib
import contextvars
import heapq
from asyncio import events
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVarTuple, Unpack

_Ts = TypeVarTuple("_Ts")
STEPS_MAX: Final = 3_000_000
_process: contextvars.ContextVar["Process | None"] = contextvars.ContextVar("process", default=None)


class Stuck(Exception):  # noqa: N818 (a finding, told as such)
    """Nothing will ever happen again, or nothing comes to rest."""


class Process:
    """What runs and dies together: a context, and everything that was begun in it."""

    def __init__(self, loop: "VirtualLoop", name: str) -> None:
        self.name = name
        self.alive = True
        self.steps = 0
        self.on_death: Callable[[], None] = lambda: None
        self.loop = loop
        self._die_at: int | None = None
        self._tasks: list[asyncio.Task[Any]] = []
        self.context = contextvars.Context()
        self.context.run(_process.set, self)

    def call(self, act: Callable[..., Any], *values: Any) -> None:
        """Call ``act`` within the process, soon."""
        self.loop.call_soon(act, *values, context=self.context)

    def start(self, coroutine: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Run a coroutine within the process."""
        return self.loop.create_task(coroutine, context=self.context)

    def kill(self) -> None:
        """Die now."""
        if self.alive:
            self.alive = False
            self.on_death()

    def kill_in(self, steps: int) -> None:
        """Die just before the step after so many more of them; nothing if it takes no more."""
        self._die_at = self.steps + steps

    def may_step(self) -> bool:
        """Count a step; tell whether it may be taken."""
        if self._die_at is not None and self.steps >= self._die_at:
            self._die_at = None
            self.kill()
        self.steps += 1
        return self.alive


class _Handle(events.Handle):
    """A callback that runs only while its process is alive."""

    __slots__ = ("owner",)

    owner: Process | None

    def _run(self) -> None:
        if self.owner is None or self.owner.may_step():
            super()._run()


class _Timer(events.TimerHandle):
    """A timer that fires only while its process is alive."""

    __slots__ = ("owner",)

    owner: Process | None

    def _run(self) -> None:
        if self.owner is None or self.owner.may_step():
            super()._run()


class VirtualLoop(asyncio.BaseEventLoop):
    """The loop of one simulation. ``run_until`` instead of ``run_until_complete``."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = 0
        self.failures: list[str] = []
        self._now = 0.0
        self._clock_resolution = 1e-6
        self._selector = self
        self._begun: list[asyncio.Task[Any]] = []
        self.set_exception_handler(self._note_failure)
        self.set_task_factory(self._make_task)

    # ---------------------------------------------------------------- what BaseEventLoop asks for

    def time(self) -> float:
        """Return the virtual time, s."""
        return self._now

    def select(self, timeout: float | None) -> list[Any]:
        """Let time pass instead of waiting for sockets."""
        if timeout is None:
            raise Stuck("nobody waits for anything that will happen")
        if timeout > 0:
            self._now += timeout
        return []

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody sleeps."""

    def call_soon(
        self,
        callback: Callable[[Unpack[_Ts]], object],
        *args: *_Ts,
        context: contextvars.Context | None = None,
    ) -> events.Handle:
        """Schedule for this instant."""
        self.steps += 1
        if self.steps > STEPS_MAX:
            raise Stuck(f"{STEPS_MAX} steps and no rest")
        owner = _process.get() if context is None else context.get(_process)
        handle = _Handle(callback, args, self, context)
        handle.owner = owner
        self._ready.append(handle)  # type: ignore[attr-defined]
        return handle

    call_soon_threadsafe = call_soon

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[_Ts]], object],
        *args: *_Ts,
        context: contextvars.Context | None = None,
    ) -> events.TimerHandle:
        """Schedule for a moment."""
        owner = _process.get() if context is None else context.get(_process)
        timer = _Timer(when, callback, args, self, context)
        timer.owner = owner
        heapq.heappush(self._scheduled, timer)  # type: ignore[attr-defined]
        timer._scheduled = True  # type: ignore[attr-defined]
        return timer

    # ---------------------------------------------------------------- running

    def run_until(self, when: float) -> None:
        """Let everything happen up to a moment."""
        events._set_running_loop(self)
        try:
            while self._next() <= when:
                self._run_once()  # type: ignore[attr-defined]
            self._now = max(self._now, when)
        finally:
            events._set_running_loop(None)
        if self.failures:
            raise Stuck("; ".join(self.failures))

    def _next(self) -> float:
        if self._ready:  # type: ignore[attr-defined]
            return self._now
        timers = self._scheduled  # type: ignore[attr-defined]
        return timers[0].when() if timers else float("inf")

    def _make_task(
        self,
        loop: asyncio.AbstractEventLoop,
        coroutine: Any,
        context: contextvars.Context | None = None,
    ) -> "asyncio.Task[Any]":
        task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, context=context)
        self._begun.append(task)  # a dead process's tasks must not be collected: ``finally`` runs
        if len(self._begun) > 2000:
            self._begun = [t for t in self._begun if not t.done()]
        return task

    def _note_failure(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.failures.append(f"{context.get('message')}: {context.get('exception')!r}")

    def end(self) -> None:
        """Take the remains apart; by now whatever they might touch is dead."""
        self._ready.clear()  # type: ignore[attr-defined]
        self._scheduled.clear()  # type: ignore[attr-defined]
        for task in self._begun:
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            with contextlib.suppress(BaseException):
                task.get_coro().close()
        self._ready.clear()  # type: ignore[attr-defined]
        self._begun.clear()
        self.close()
