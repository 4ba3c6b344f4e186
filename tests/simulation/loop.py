"""A loop whose time is virtual, and processes that can die between any two of its steps.

``time()`` stands still while anything can run and jumps to the next timer when nothing can. Nothing
waits for a socket or a thread: there are none.

A ``Process`` is a context: whatever is scheduled from within it belongs to it (tasks, timers, a
future's callbacks), and once it is dead none of that runs any more. A task is thus killed between
two awaits, as a process is: nothing of it is cancelled, no ``finally`` runs.

It is no ``BaseEventLoop``: a seed takes some ten thousand steps, and what that does for sockets,
threads and debugging took a third of all time.
"""

import asyncio
import contextlib
import contextvars
import heapq
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final

STEPS_MAX: Final = 3_000_000
_SOON_S: Final = 1e-6
_process: contextvars.ContextVar["Process | None"] = contextvars.ContextVar("process", default=None)


class Stuck(Exception):  # noqa: N818 (a finding, told as such)
    """Nothing comes to rest, or an error that nobody took."""


class Process:
    """What runs and dies together: a context, and everything that was begun in it."""

    def __init__(self, loop: "VirtualLoop", name: str) -> None:
        self.name = name
        self.alive = True
        self.is_well = True  # alive, and not about to die
        self.on_death: Callable[[], None] = lambda: None
        self.loop = loop
        self._steps_left: int | None = None
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
            self.alive = self.is_well = False
            self.on_death()

    def kill_in(self, steps: int) -> None:
        """Die just before the step after so many more of them; nothing if it takes no more."""
        self._steps_left = steps
        self.is_well = False

    def may_step(self) -> bool:
        """Count a step of a process that is not well; tell whether it may be taken."""
        if self._steps_left is not None:
            self._steps_left -= 1
            if self._steps_left < 0:
                self._steps_left = None
                self.kill()
        return self.alive


class _Handle(float):
    """Something to do at a moment, only while its process is alive: ``asyncio.TimerHandle``.

    It is its moment: handles are compared more often than anything is done.
    """

    __slots__ = ("act", "context", "owner", "values")

    act: Callable[..., object] | None
    values: tuple[Any, ...]
    context: contextvars.Context
    owner: Process | None

    def cancel(self) -> None:
        """Don't do it."""
        self.act = None
        self.values = ()

    def when(self) -> float:
        """Return the moment."""
        return self


class VirtualLoop(asyncio.AbstractEventLoop):
    """The loop of one simulation. ``run_until`` instead of ``run_until_complete``."""

    get_debug = staticmethod(bool)  # False, and no frame of Python for each future
    is_running = staticmethod(bool)

    def __init__(self) -> None:
        self.steps = 0
        self.failures: list[str] = []
        self.now = 0.0
        self._ready: deque[_Handle] = deque()
        self._timers: list[_Handle] = []
        self._begun: list[asyncio.Task[Any]] = []
        self._look_through_at = 2000

    # ---------------------------------------------------------------- what asyncio asks for

    def time(self) -> float:
        """Return the virtual time, s."""
        return self.now

    def call_soon(  # type: ignore[override]  # the handles are ours
        self,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> _Handle:
        """Schedule for this instant."""
        handle = _Handle(self.now)
        if context is None:
            context = contextvars.copy_context()
        handle.act, handle.values, handle.context = callback, args, context
        handle.owner = context.get(_process)
        self._ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon  # type: ignore[assignment]

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> _Handle:
        """Schedule for a moment."""
        timer = _Handle(when)
        if context is None:
            context = contextvars.copy_context()
        timer.act, timer.values, timer.context = callback, args, context
        timer.owner = context.get(_process)
        heapq.heappush(self._timers, timer)
        return timer

    def call_later(  # type: ignore[override]
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> _Handle:
        """Schedule for some time later."""
        return self.call_at(self.now + delay, callback, *args, context=context)

    def create_future(self) -> "asyncio.Future[Any]":
        """Return a future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Any,
        *,
        name: str | None = None,
        context: contextvars.Context | None = None,
    ) -> "asyncio.Task[Any]":
        """Begin a task; a dead process's tasks must not be collected: ``finally`` would run."""
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=self, name=name, context=context)
        self._begun.append(task)
        if len(self._begun) > self._look_through_at:
            self._begun = [t for t in self._begun if not t.done()]
            self._look_through_at = 2 * len(self._begun) + 2000
        return task

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Note an error that nobody took."""
        self.failures.append(f"{context.get('message')}: {context.get('exception')!r}")

    # ---------------------------------------------------------------- running

    def run_until(self, when: float) -> None:
        """Let everything happen up to a moment. Raises ``Stuck``."""
        events._set_running_loop(self)
        try:
            while self._ready or (self._timers and self._timers[0] <= when):
                self._run_once()
                if self.steps > STEPS_MAX:
                    raise Stuck(f"{STEPS_MAX} steps and no rest")
            self.now = max(self.now, when)
        finally:
            events._set_running_loop(None)
        if self.failures:
            raise Stuck("; ".join(self.failures))

    def _run_once(self) -> None:
        """Let time pass if nothing is to be done; do what can be done now, not what that begets."""
        ready, timers = self._ready, self._timers
        self.steps += len(ready)
        if not ready:
            while self.now < timers[0]:
                self.now += min(timers[0] - self.now, 86400)
        soon = self.now + _SOON_S
        while timers and timers[0] < soon:
            ready.append(heapq.heappop(timers))
        for _ in range(len(ready)):
            handle = ready.popleft()
            act, owner = handle.act, handle.owner
            if act is None or not (owner is None or owner.is_well or owner.may_step()):
                continue
            try:
                handle.context.run(act, *handle.values)
            except Exception as error:  # noqa: BLE001 (nobody else is there to take it)
                self.failures.append(f"Exception in callback {act}: {error!r}")

    def end(self) -> None:
        """Take the remains apart; by now whatever they might touch is dead."""
        self._ready.clear()
        self._timers.clear()
        for task in self._begun:
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            with contextlib.suppress(BaseException):
                task.get_coro().close()
        self._ready.clear()
        self._begun.clear()
