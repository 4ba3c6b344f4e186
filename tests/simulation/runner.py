"""The spool's jobs, run in the loop instead of in a thread; and the power cut in their midst."""

import asyncio
import random
import sqlite3
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from edge.spool.writer import Job, Jobs, Work
from tests.simulation.disk import Disk, Failing, Image, is_durable, torn
from tests.simulation.loop import Process

T = TypeVar("T")
_AT_ONCE: Final = 1000


class InlineRunner:
    """``edge.spool.writer.Runner``: what waits shares one transaction, some time later."""

    def __init__(
        self, jobs: Jobs, *, process: Process, disk: Disk, name: str, latency_s: float
    ) -> None:
        self._jobs = jobs
        self._process = process
        self._disk = disk
        self._name = name
        self._latency_s = latency_s
        self._waiting: list[Job[Any]] = []
        self._scheduled = False
        self._on_cut: Callable[[Image], None] | None = None
        self._rng = random.Random(0)
        self._synced = None if is_durable(self.real) else disk.image()

    @property
    def real(self) -> sqlite3.Connection:
        """The spool's connection, whether its disk fails or not."""
        held: object = self._jobs._connection
        return held.real if isinstance(held, Failing) else self._jobs._connection

    def submit(self, work: Work[T]) -> "asyncio.Future[T]":
        """Put ``work`` in line."""
        loop = asyncio.get_running_loop()
        job: Job[T] = Job(work=work, future=loop.create_future())
        self._waiting.append(job)
        if not self._scheduled:
            self._scheduled = True
            loop.call_later(self._latency_s, self._run, context=self._process.context)
        return job.future

    def close(self) -> None:
        """Finish what waits, close the file."""
        if self._process.alive:
            self._run()
            self._jobs.close()

    def fail(self, *, failing: bool) -> None:
        """Have every statement fail, or none."""
        held: object = Failing(self.real) if failing else self.real
        self._jobs._connection = cast("sqlite3.Connection", held)

    def fill(self, *, full: bool) -> None:
        """Leave no room on the disk, or plenty."""
        (pages,) = self.real.execute("PRAGMA page_count").fetchone()
        self.real.execute(f"PRAGMA max_page_count = {pages if full else 1 << 30}")

    def cut_next(self, on_cut: Callable[[Image], None], rng: random.Random) -> None:
        """Cut the power in the midst of the next transaction."""
        self._on_cut, self._rng = on_cut, rng

    def cut_now(self, rng: random.Random) -> Image:
        """Return what a power cut leaves just now."""
        image = self._disk.image()
        return image if self._synced is None else torn(self._synced, image, self._name, rng)

    def _run(self) -> None:
        self._scheduled = False
        jobs, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
        before = self._disk.image() if self._on_cut else {}
        self._jobs.run(jobs)
        if self._on_cut:
            on_cut, self._on_cut = self._on_cut, None
            on_cut(torn(self._synced or before, self._disk.image(), self._name, self._rng))
            return
        for job in jobs:
            job.settle()
        if self._waiting:
            self._scheduled = True
            self._process.loop.call_soon(self._run, context=self._process.context)
