"""Whoever's turn has begun hears what is open: letters put once, said as one message."""

from datetime import datetime
from typing import Final

from server.domain.incident.model import Severity
from server.domain.paging.directory import Directory
from server.domain.paging.handover import HandOver, Known, handed_over
from server.domain.paging.people import Occasion
from server.notifier.escalation import call_of
from server.notifier.telling import Said, headline
from server.storage import Store
from server.storage.incident_rows import IncidentFilter, IncidentRow
from server.texts.tongue import N_

_MOST: Final = 10_000
_OPEN: Final = IncidentFilter(open=True)
_TAKEN: Final = N_("%(line)s (%(by)s took it on)")


async def put_hand_over(store: Store, directory: Directory, one: HandOver, *, now: datetime) -> int:
    """Put the letters of a hand-over; return how many are new. Raises ``StoreError``."""
    rows = await store.incidents(_OPEN, limit=_MOST)
    letters = await store.letters_about([row.incident.id for row in rows])
    known = (
        Known(row.incident, tuple(map(call_of, letters.get(row.incident.id, ())))) for row in rows
    )
    calls = handed_over(one, directory, known, now)
    return await store.put_letters(calls, now=now) if calls else 0


def handed_lines(rows: list[IncidentRow], said: Said) -> tuple[str, list[str]]:
    """Return the first line of a hand-over's message, and a line for each of its incidents.

    What is over by now comes last and is not counted.
    """
    still = [row for row in rows if row.incident.closed_at is None]
    still.sort(key=lambda r: (r.incident.severity is not Severity.URGENT, r.began_at))
    over = [row for row in rows if row.incident.closed_at is not None]
    lines = [_open_line(row, said) for row in still]
    subject = said.tongue.text("Your turn begins: nothing is open any more")
    if still:
        subject = said.tongue.count(
            "Your turn begins: %(num)s incident is open",
            "Your turn begins: %(num)s incidents are open",
            len(still),
        )
        subject = f"{subject}: {lines[0]}"
    return subject, [*lines, *(headline(Occasion.RECOVERED, row, said) for row in over)]


def _open_line(row: IncidentRow, said: Said) -> str:
    line = headline(Occasion.HANDOVER, row, said)
    if row.acknowledged_by is None:
        return line
    return said.tongue.text(_TAKEN, line=line, by=row.acknowledged_by)
