"""Spools that run their jobs where they are asked for, in memory-backed folders where there are."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.spool import Job, Jobs, Spool
from edge.spool.writer import T, Work

_MEMORY = Path("/dev/shm")


class Inline:
    """A ``Runner`` without a thread: each job is its own transaction."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def submit(self, work: Work[T]) -> "asyncio.Future[T]":
        job: Job[T] = Job(work=work, future=asyncio.get_running_loop().create_future())
        self._jobs.run([job])
        job.settle()
        return job.future

    def close(self) -> None:
        self._jobs.close()


def opened(folder: Path, *, max_bytes: int = 2**26, reserve_bytes: int = 0) -> Spool:
    return Spool.open(
        folder, agent="a1", max_bytes=max_bytes, reserve_bytes=reserve_bytes, runner=Inline
    )


@contextmanager
def quick_folder() -> Iterator[Path]:
    where = str(_MEMORY) if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=where, prefix="vonggac-") as folder:
        yield Path(folder)
