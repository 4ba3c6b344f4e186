"""What a link opens: the letter it was sent in, the incidents it speaks of, and the deed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from server.domain.paging.people import Occasion
from server.paging.links import is_used, use
from server.storage import Store
from server.storage.incident_rows import IncidentRow, LetterRow

_LONGEST_NAME: Final = 64
"""As the database's columns of persons have it."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """One message of a digest: why, and of which incident."""

    occasion: Occasion
    incident: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What a link opens. ``used``: it was used before; ``incidents``: by id, as they stand."""

    letter: LetterRow
    incidents: Mapping[str, IncidentRow]
    used: bool

    @property
    def waiting(self) -> tuple[IncidentRow, ...]:
        """The incidents that are open and nobody has taken on, the oldest first."""
        found = (
            row
            for row in self.incidents.values()
            if row.acknowledged_at is None and row.incident.closed_at is None
        )
        return tuple(sorted(found, key=lambda row: row.began_at))


def bundled(letter: LetterRow) -> tuple[Bundled, ...]:
    """Return what a digest speaks of; any other letter speaks of its one incident."""
    if letter.occasion is Occasion.DIGEST and letter.body is not None:
        return msgspec.json.decode(letter.body, type=tuple[Bundled, ...])
    return () if letter.incident is None else (Bundled(letter.occasion, letter.incident),)


async def look_behind(store: Store, letter_id: str) -> Behind | None:
    """Return what a letter's link opens; None: there is no such letter. Raises ``StoreError``."""
    letter = await store.letter(letter_id)
    if letter is None:
        return None
    names = {one.incident for one in bundled(letter)}
    return Behind(
        letter=letter,
        incidents=await store.incidents_of(names),
        used=await is_used(store, letter_id),
    )


async def take_on(store: Store, behind: Behind, *, by: str, now: datetime) -> int:
    """Acknowledge what waits, in the receiver's name; return how many were taken on by this.

    The deed comes before the note that the link was used: a crash in between leaves a link that
    does nothing more. Raises ``StoreError``.
    """
    name = by[:_LONGEST_NAME]
    taken = 0
    for row in behind.waiting:
        taken += await store.acknowledge_incident(row.incident.id, by=name, now=now)
    await use(store, behind.letter.id, by=name, now=now)
    return taken
