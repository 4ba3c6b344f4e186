"""The store: one object over one database, made of its parts.

``open`` brings the schema up to date and ``close`` ends it; the methods are in the parts.
"""

from server.storage.accounts import Accounts
from server.storage.audit import Audit
from server.storage.clocks import Clocks
from server.storage.closed import Closed
from server.storage.closed_bulk import ClosedNumbers
from server.storage.database import open_engine
from server.storage.duty import Duties
from server.storage.facts import Facts
from server.storage.gaps import Gaps
from server.storage.inbox import Inbox
from server.storage.incidents import Incidents
from server.storage.keepsakes import Keepsakes
from server.storage.lettercounts import LetterCounts
from server.storage.letters import Letters
from server.storage.news import News
from server.storage.posting import Posting
from server.storage.reading import Reading
from server.storage.records import Records
from server.storage.restoring import Restoring
from server.storage.seen import Seen
from server.storage.writing import Writing


class Store(
    Writing,
    Reading,
    Seen,
    Facts,
    Incidents,
    Inbox,
    LetterCounts,
    Letters,
    Posting,
    Accounts,
    Audit,
    Closed,
    ClosedNumbers,
    Clocks,
    Gaps,
    Records,
    Restoring,
    Keepsakes,
    Duties,
    News,
):
    """Everything that is kept. Safe to share between the tasks of one event loop."""

    @classmethod
    async def open(cls, url: str) -> "Store":
        """Open ``sqlite:///path`` or ``postgresql://...`` and migrate it.

        Raises ``UnusableError`` (path, permission, broken file, newer schema, wrong password) or
        ``UnavailableError`` (not reachable now).
        """
        return cls(await open_engine(url))
