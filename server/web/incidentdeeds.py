"""What people do with incidents: take on, hand over, note, pause alerts, end a pause.

One way for pages and the API; each raises one of ``refusals.REFUSALS`` where it is not done.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import uuid4

from server.domain.incident.quiet import Silence
from server.paging.silences import KeptSilence, load_silence, put_silence
from server.storage import ConflictError
from server.storage.incident_rows import IncidentRow
from server.texts.tongue import LOCALE, N_
from server.web import forms
from server.web.forms import BadInputError
from server.web.refusals import NothingThereError
from server.web.writer import Writer

TOPIC: Final = "incidents"
NO_INCIDENT: Final = N_("There is no such incident.")
NO_SILENCE: Final = N_("There is no such pause.")
_NEEDED: Final = N_("must not be empty")


class Scope(StrEnum):
    """What a pause that is asked for at an incident holds for."""

    HERE = "here"
    SCHOOL = "school"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A pause as asked for: up to ``until`` (UTC), for a reason."""

    until: datetime
    reason: str
    scope: Scope = Scope.HERE


async def find(writer: Writer, name: str) -> IncidentRow:
    """Return an incident. Raises ``NothingThereError``."""
    row = await writer.store.incident(name)
    if row is None:
        raise NothingThereError(NO_INCIDENT)
    return row


async def acknowledge(writer: Writer, name: str) -> None:
    """Take an incident on; doing it again, or when it is over, changes nothing."""
    await find(writer, name)
    if await writer.store.acknowledge_incident(name, by=writer.by, now=writer.now):
        writer.changes.publish(TOPIC)


async def assign(writer: Writer, name: str, to: str) -> None:
    """Hand an open incident to somebody."""
    await find(writer, name)
    if not to:
        raise BadInputError("to", _NEEDED)
    if not await writer.store.assign_incident(name, to, by=writer.by, now=writer.now):
        raise BadInputError("to", N_("can take nothing on that is over"))
    writer.changes.publish(TOPIC)


async def note(writer: Writer, name: str, text: str) -> None:
    """Add a line to its course."""
    await find(writer, name)
    if not text:
        raise BadInputError("text", _NEEDED)
    await writer.store.note_incident(name, text, by=writer.by, now=writer.now)
    writer.changes.publish(TOPIC)


async def silence(writer: Writer, name: str, asked: Pause) -> str:
    """Pause an incident's alerts, or all of its school's; return the pause's id."""
    incident = (await find(writer, name)).incident
    forms.in_our_time("until", asked.until)
    whole = asked.scope is Scope.SCHOOL and incident.school is not None
    subjects = tuple(dict.fromkeys(member.subject for member in incident.members))
    made = Silence(
        start=writer.now,
        until=asked.until,
        reason=asked.reason,
        school=incident.school,
        subjects=() if whole else subjects,
    )
    key = await put(writer, made)
    said = f"{asked.reason} (→ {asked.until.astimezone(LOCALE):%H:%M %d/%m/%Y})"
    await writer.store.note_incident(name, said, by=writer.by, now=writer.now, step="silenced")
    writer.changes.publish(TOPIC)
    return key


async def put(writer: Writer, made: Silence) -> str:
    """Enter a pause; return its id. Raises ``BadInputError`` for one without reason or end."""
    forms.in_our_time("until", made.until)
    if not made.reason:
        raise BadInputError("reason", _NEEDED)
    if made.until <= writer.now:
        raise BadInputError("until", N_("must lie in the future"))
    key = uuid4().hex
    await writer.put(put_silence(key, made, expected=0))
    return key


async def end_silence(writer: Writer, name: str, *, seen: int) -> None:
    """End a pause now; one that is over stays as it is."""
    kept: KeptSilence | None = await load_silence(writer.store, name)
    if kept is None:
        raise NothingThereError(NO_SILENCE)
    if kept.revision != seen:
        raise ConflictError("silence", name, kept.revision)
    if kept.silence.until > writer.now:
        until = max(kept.silence.start, writer.now)
        await writer.put(put_silence(name, replace(kept.silence, until=until), expected=seen))
