"""One thread that owns the connection: jobs in order, many in one transaction, one sync for all."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from edge.spool.file import SpoolError

T = TypeVar("T")
_AT_ONCE: Final = 1000


class SpoolFull(SpoolError):  # noqa: N818 (a state of the disk, answered with 507)
    """No room: the disk is full, or the spool has reached its limit with gate events alone."""


@dataclass(slots=True, eq=False)
class _Job(Generic[T]):
    """Work on the connection, its outcome, and who waits for it."""

    work: Callable[[sqlite3.Connection], T]
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[T]"
    result: T | None = None
    error: Exception | None = None

    def settle(self) -> None:
        if self.future.cancelled():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]  # set by run


class Writer:
    """Runs jobs against one connection. ``close`` finishes those under way."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        self._thread.start()

    async def do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` in a transaction; return its result once that is on the disk.

        Raises what ``work`` raises, ``SpoolFull`` or ``SpoolError``.
        """
        return await self.submit(work)

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> "asyncio.Future[T]":
        """Put ``work`` in line at once; the future ends as ``do`` does."""
        loop = asyncio.get_running_loop()
        job: _Job[T] = _Job(work=work, loop=loop, future=loop.create_future())
        self._jobs.put(job)
        return job.future

    def close(self) -> None:
        """Finish the jobs that are waiting, then close the file."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_:
            jobs = self._take()
            open_ = None not in jobs
            self._run_once([job for job in jobs if job is not None])
        self._connection.close()

    def _take(self) -> list[_Job[Any] | None]:
        """Wait for a job; return it with all that came meanwhile."""
        jobs = [self._jobs.get()]
        while jobs[-1] is not None and len(jobs) < _AT_ONCE and not self._jobs.empty():
            jobs.append(self._jobs.get())
        return jobs

    def _run_once(self, jobs: list[_Job[Any]]) -> None:
        """Run the jobs in one transaction; nobody hears of success before the commit.

        If it fails as a whole (a full disk), each is tried alone: a small one may still fit.
        """
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for job in jobs:
                self._run_job(job)
            self._connection.execute("COMMIT")
        except (sqlite3.Error, SpoolError) as error:
            self._roll_back()
            if len(jobs) > 1:
                for job in jobs:
                    self._run_once([job])
                return
            for job in jobs:
                job.error = error if isinstance(error, SpoolError) else _spool_error(error)
        for job in jobs:
            _call_back(job)

    def _run_job(self, job: _Job[Any]) -> None:
        """Run one job; what it did is undone if it fails, the others' work is not.

        Raises ``SpoolError`` when SQLite has undone the whole transaction.
        """
        job.error = None
        self._connection.execute("SAVEPOINT job")
        try:
            job.result = job.work(self._connection)
        except sqlite3.Error as error:
            job.error = _spool_error(error)
        except Exception as error:  # noqa: BLE001 (the top of the job's loop: the caller gets it)
            job.error = error
        if not self._connection.in_transaction:
            raise job.error or SpoolError("the transaction was lost")
        if job.error is not None:
            self._connection.execute("ROLLBACK TO job")
        self._connection.execute("RELEASE job")

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # the first error is the one to tell
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


def _call_back(job: _Job[Any]) -> None:
    try:
        job.loop.call_soon_threadsafe(job.settle)
    except RuntimeError:  # the loop has ended; nobody waits any more
        return


def _spool_error(error: sqlite3.Error) -> SpoolError:
    if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
        return SpoolFull("the disk is full")
    return SpoolError(f"the spool cannot be used: {error}")
