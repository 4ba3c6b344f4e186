"""What the agent has seen and the centre has not yet committed: one SQLite file.

Durability: WAL with ``synchronous=FULL``, so that a commit that returned survives a power cut
(NORMAL may lose the last ones). One thread owns the connection (``writer``); jobs that wait share
one transaction and one sync, so that a burst of gate events costs one fsync and not one each. Jobs
run in the order in which they were asked for.

Who deletes: an ack, and ``room`` when the file would outgrow its limit: the oldest segments go, a
counted ``Gap`` takes their place. A gate event that got its 201 is never dropped; when nothing else
is left to drop, new events are refused (507). Numbers are never used twice.

A file that SQLite can't read is moved aside, never deleted, and a new spool is begun under a new
UUID. A file that belongs to another agent is refused, and so is one that another process holds.
"""

from edge.spool.file import SpoolError
from edge.spool.spool import Saved, Spool, Stats
from edge.spool.writer import SpoolFull

__all__ = ["Saved", "Spool", "SpoolError", "SpoolFull", "Stats"]
