"""Jobs on the spool's file: in order, many in one transaction, one sync for all.

``Jobs`` owns the connection and runs a batch; who calls it, and from where, is a ``Runner``. The
product's is ``Writer``, a thread; a simulation may run jobs where they are asked for.
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

from edge.spool.file import SpoolError
from edge.spool.packing import FILE_ERRORS, is_damage
from edge.spool.reserve import Reserve

T = TypeVar("T")
Work: TypeAlias = Callable[[sqlite3.Connection], T]
_AT_ONCE: Final = 1000


class SpoolFull(SpoolError):  # noqa: N818 (a state of the disk, answered with 507)
    """No room: the disk is full, or the spool has reached its limit with gate events alone."""


class Runner(Protocol):
    """Has jobs run, in the order in which they were submitted."""

    def submit(self, work: Work[T]) -> "asyncio.Future[T]":
        """Put ``work`` in line at once; the future ends once what it did is on the disk.

        It fails with what ``work`` raises, ``SpoolFull`` or ``SpoolError``.
        """
        ...

    def close(self) -> None:
        """Finish the jobs that are waiting, then close the file."""
        ...


@dataclass(slots=True, eq=False)
class Job(Generic[T]):
    """Work on the connection, its outcome, and who waits for it."""

    work: Work[T]
    future: "asyncio.Future[T]"
    result: T | None = None
    error: Exception | None = None

    def settle(self) -> None:
        """Tell who waits, in the loop's thread, once ``Jobs.run`` has returned."""
        if self.future.done():  # cancelled
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]  # set by run


class Jobs:
    """Runs jobs against the connection that it owns.

    When the file turns out to be damaged, ``reopen`` gives a connection to a mended one, and the
    jobs run again. Until that succeeds, jobs fail. When the disk is full, they run again within
    ``reserve``.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        reopen: Callable[[], sqlite3.Connection],
        reserve: Reserve,
    ) -> None:
        self._connection = connection
        self._reopen = reopen
        self._reserve = reserve
        self._is_damaged = False

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def run(self, jobs: Sequence[Job[Any]]) -> None:
        """Run the jobs in one transaction; their outcomes stand only once this returns.

        If it fails as a whole (a full disk), each is tried alone: a small one may still fit.
        """
        try:
            self._mend()
            self._reserve.keep(self._connection)
            self._run(jobs)
            if self._is_damaged:
                self._mend()
                self._run(jobs)
        except SpoolError as error:  # it could not be mended
            for job in jobs:
                job.error = error

    @property
    def _may_tighten(self) -> bool:
        return bool(self._reserve.size) and not self._reserve.is_tight

    def _mend(self) -> None:
        if self._is_damaged:
            self._connection.close()
            self._connection = self._reopen()
            self._is_damaged = False

    def _run(self, jobs: Sequence[Job[Any]]) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for job in jobs:
                self._run_job(job)
            self._connection.execute("COMMIT")
        except FILE_ERRORS as error:
            self._is_damaged = is_damage(error)
            self._roll_back()
            if self._may_tighten and _is_full(error):
                self._reserve.tighten(self._connection)
                self._run(jobs)
                return
            if len(jobs) > 1 and not self._is_damaged:
                for job in jobs:
                    self._run([job])
                return
            for job in jobs:
                job.error = _spool_error(error)

    def _run_job(self, job: Job[Any]) -> None:
        """Run one job; what it did is undone if it fails, the others' work is not.

        Raises one of ``FILE_ERRORS`` if the file is damaged or the whole transaction is undone.
        """
        job.error = None
        self._connection.execute("SAVEPOINT job")
        try:
            job.result = job.work(self._connection)
        except FILE_ERRORS as error:
            is_all = is_damage(error) or not self._connection.in_transaction
            if is_all or (self._may_tighten and _is_full(error)):
                raise
            job.error = _spool_error(error)
        except Exception as error:  # noqa: BLE001 (the top of the job's loop: the caller gets it)
            job.error = error
        if job.error is not None:
            self._connection.execute("ROLLBACK TO job")
        self._connection.execute("RELEASE job")

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # the first error is the one to tell
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


class Writer:
    """The ``Runner`` of a real agent: one thread; what waits shares one transaction."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._waiting: queue.SimpleQueue[Job[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> "asyncio.Future[T]":
        """Put ``work`` in line at once; see ``Runner``."""
        job: Job[T] = Job(work=work, future=asyncio.get_running_loop().create_future())
        self._waiting.put(job)
        return job.future

    def close(self) -> None:
        """Finish the jobs that are waiting, then close the file."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_:
            taken = self._take()
            open_ = None not in taken
            jobs = [job for job in taken if job is not None]
            self._jobs.run(jobs)
            for job in jobs:
                _call_back(job)
        self._jobs.close()

    def _take(self) -> list[Job[Any] | None]:
        """Wait for a job; return it with all that came meanwhile."""
        taken = [self._waiting.get()]
        while taken[-1] is not None and len(taken) < _AT_ONCE and not self._waiting.empty():
            taken.append(self._waiting.get())
        return taken


def _call_back(job: Job[Any]) -> None:
    try:
        job.future.get_loop().call_soon_threadsafe(job.settle)
    except RuntimeError:  # the loop has ended; nobody waits any more
        return


def _is_full(error: Exception) -> bool:
    return getattr(error, "sqlite_errorname", "") == "SQLITE_FULL"


def _spool_error(error: Exception) -> SpoolError:
    if _is_full(error):
        return SpoolFull("the disk is full")
    return SpoolError(f"the spool cannot be used: {error}")
