"""What the REST API answers about a gate PC's own troubles."""

from datetime import datetime

from server.web.api.camera_types import Answer


class WarningOut(Answer, frozen=True):
    """Something that is wrong with a gate PC itself.

    ``kind`` is one of: twins (two computers use its name: ``machines``), dropped (it had to drop
    ``count`` observations of the time ``since`` to ``until``), spool_filling (``share`` of its room
    is taken), clock_suspect (it watched for ``seconds`` and nobody knows when: ``doubt`` is future,
    ancient or overlap), set_aside (``count`` items that the centre does not take), clock_wrong
    (fast by ``seconds``, slow below 0; what it sends is put right).
    """

    kind: str
    since: datetime | None
    until: datetime | None
    machines: tuple[str, ...]
    count: int
    seconds: int
    doubt: str | None
    share: float
