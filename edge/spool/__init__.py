"""What the agent has seen and the centre has not yet committed: one SQLite file.

Durability: WAL with ``synchronous=FULL``, so that a commit that returned survives a power cut
(NORMAL may lose the last ones). One thread owns the connection (``writer``); jobs that wait share
one transaction and one sync, so that a burst of gate events costs one fsync and not one each. Jobs
run in the order in which they were asked for.

Identity: each boot has a spool of its own, a number space named by a UUID that was made in memory
when the boot began, and only the process that began it gives its numbers. So no two processes ever
give the same number to different things, also where a disk was cloned or restored.

Who deletes: an ack, and ``room`` when the file would outgrow its limit: segments go, a counted
``Gap`` takes their place. A gate event that got its 201 is never dropped; when nothing else is left
to drop, new events are refused (507). Numbers are never used twice.

A file that SQLite can't read is moved aside, never deleted. A file that belongs to another agent is
refused, and so is one that another process holds. See docs/spool.md.
"""

from edge.spool.boots import Backlog
from edge.spool.events import Saved
from edge.spool.file import SpoolError
from edge.spool.reserve import BYTES as RESERVE_BYTES
from edge.spool.spool import Spool, Stats
from edge.spool.writer import Job, Jobs, Runner, SpoolFull

__all__ = [
    "RESERVE_BYTES",
    "Backlog",
    "Job",
    "Jobs",
    "Runner",
    "Saved",
    "Spool",
    "SpoolError",
    "SpoolFull",
    "Stats",
]
