"""Reports that are being made on this server: one at a time, the others wait their turn.

A job's id is the id of the record that it ends in. Files are written in a process of their own, so
that laying out a PDF holds nobody's page up. A job that a stop of the server cuts off leaves
nothing behind; its person asks again.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from server.changes import Changes
from server.clock import Clock
from server.reports.apart import written_apart
from server.reports.asking import Ask
from server.reports.facts import LEAST_S
from server.reports.forms import FormError
from server.reports.gathering import Ground
from server.reports.making import KIND, Made, keep, make
from server.standing import Standing
from server.storage import Store, StoreError

log = logging.getLogger(__name__)

MOST_WAITING: Final = 8
KEPT: Final = 20
_BEGUN: Final = 0.01
TOPIC: Final = f"records:{KIND}"


class BusyError(Exception):
    """Too many reports wait already."""


@dataclass(slots=True, kw_only=True)
class Job:
    """One report on its way.

    Attributes:
        part: How far it is, from 0 to 1.
        trouble: Why it was given up; None: it was not.
        made: What it came to, once it is kept.
    """

    id: str
    ask: Ask
    forms: tuple[str, ...]
    by: str
    asked_at: datetime
    schedule: str | None = None
    part: float = 0.0
    trouble: str | None = None
    made: Made | None = None

    @property
    def is_over(self) -> bool:
        """Whether it is done or given up."""
        return self.made is not None or self.trouble is not None


@dataclass(slots=True, kw_only=True)
class Jobs:
    """Makes reports; knows the latest ones of this server.

    ``fault_after_s``: from so much lost required time on something is a fault.
    """

    store: Store
    standing: Standing
    clock: Clock
    changes: Changes
    fault_after_s: int = LEAST_S
    _jobs: dict[str, Job] = field(default_factory=dict, init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    _one: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    def start(self, ask: Ask, forms: Sequence[str], *, by: str) -> Job:
        """Begin a report, or put it into the queue. Raises ``BusyError``."""
        if len([job for job in self._jobs.values() if not job.is_over]) >= MOST_WAITING:
            raise BusyError
        job = self._job(ask, forms, by=by, name=uuid.uuid4().hex)
        task = asyncio.create_task(self._run(job), name=f"report-{job.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    async def make_now(
        self, ask: Ask, forms: Sequence[str], *, by: str, name: str, schedule: str
    ) -> Job:
        """Make a report under a given name, and wait for it: its turn, too."""
        job = self._job(ask, forms, by=by, name=name)
        job.schedule = schedule
        await self._run(job)
        return job

    def latest(self) -> list[Job]:
        """Return the jobs that are not over, and those that were given up, the newest first."""
        return [job for job in reversed(self._jobs.values()) if job.made is None]

    async def close(self) -> None:
        """Give up what is on its way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _job(self, ask: Ask, forms: Sequence[str], *, by: str, name: str) -> Job:
        job = Job(id=name, ask=ask, forms=tuple(forms), by=by, asked_at=self.clock.now())
        self._jobs[job.id] = job
        for over in [j.id for j in self._jobs.values() if j.is_over][:-KEPT]:
            del self._jobs[over]
        return job

    async def _run(self, job: Job) -> None:
        try:
            async with self._one:
                await self._make(job)
        except (StoreError, FormError) as error:
            job.trouble = str(error)
            log.warning("could not make the report %s: %s", job.id, error)
        except Exception as error:
            job.trouble = type(error).__name__
            log.exception("could not make the report %s", job.id)

    async def _make(self, job: Job) -> None:
        job.part = _BEGUN
        ground = Ground(
            store=self.store,
            register=self.standing.register,
            plans=self.standing.plans,
            now=self.clock.now(),
            fault_after_s=self.fault_after_s,
        )
        paper = await make(ground, job.ask, job.forms, told=_noting(job), write=written_apart)
        job.made = await keep(
            self.store,
            paper,
            job.ask,
            job.id,
            by=job.by,
            now=self.clock.now(),
            schedule=job.schedule,
        )
        self.changes.publish(TOPIC)


def _noting(job: Job) -> Callable[[float], None]:
    def note(part: float) -> None:
        job.part = part

    return note
