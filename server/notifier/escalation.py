"""The next in line is told while nobody takes an incident on."""

from datetime import datetime
from typing import Final

from server.domain.paging.directory import Directory
from server.domain.paging.escalating import Unsettled, escalations
from server.domain.paging.people import Call
from server.storage import Store
from server.storage.incident_rows import IncidentFilter, LetterRow

_MOST: Final = 10_000
_WAITING: Final = IncidentFilter(open=True, acknowledged=False, told=True)


async def escalate(store: Store, directory: Directory, *, now: datetime) -> int:
    """Put the letters of all stages that are due; return how many are new. Raises ``StoreError``.

    A stage is put again and again under one id, so nothing has to be remembered between rounds.
    """
    if not any(stage.after_s > 0 for policy in directory.policies for stage in policy.stages):
        return 0
    rows = await store.incidents(_WAITING, limit=_MOST)
    letters = await store.letters_about([row.incident.id for row in rows])
    unsettled = (
        Unsettled(
            incident=row.incident,
            acknowledged=False,
            calls=tuple(call_of(letter) for letter in letters.get(row.incident.id, ())),
        )
        for row in rows
    )
    calls = escalations(unsettled, directory, now)
    return await store.put_letters(calls, now=now) if calls else 0


def call_of(letter: LetterRow) -> Call:
    """Return the call that a letter was written for."""
    return Call(
        id=letter.id,
        incident=letter.incident,
        occasion=letter.occasion,
        receiver=letter.receiver,
        way=letter.way,
        language=letter.language,
        at=letter.at,
    )
