"""A report from the ask to the kept files.

A made report is a record of kind ``report``: what was asked, under which versions of the plan it
was made, and its files, which never change. Making it again later makes another record.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import msgspec

from server.reports.apart import written_here
from server.reports.asking import Ask
from server.reports.document import Document
from server.reports.facts import Facts, Told
from server.reports.forms import FORMS
from server.reports.gathering import Ground, gather, nobody
from server.reports.kinds import KINDS
from server.storage import KeptFile, Put, Record, Store

KIND: Final = "report"
_GATHERED: Final = 0.7

Write = Callable[[Sequence[str], Document], AsyncGenerator[tuple[str, bytes], None]]
"""How files are written: of each form one, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the record of a report holds.

    Attributes:
        kind: A key of ``KINDS``; ``unit`` or ``school``: about whom, ``subject``: in words.
        span: What its days are called; ``first`` and ``last``: both included.
        day: The paper's own day.
        versions: The plan's versions that it was counted under.
        schools: How many schools it is about.
        files: By extension, the SHA-256 of each kept file.
        schedule: The id of the schedule that asked for it; None: a person did.
    """

    kind: str
    unit: str | None
    school: str | None
    subject: str
    span: str
    first: date
    last: date
    day: date
    versions: tuple[str, ...]
    schools: int
    files: Mapping[str, str]
    schedule: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A report's facts, and its files by extension."""

    facts: Facts
    files: Mapping[str, bytes]


async def make(
    ground: Ground,
    ask: Ask,
    forms: Sequence[str],
    *,
    told: Told = nobody,
    write: Write = written_here,
) -> Paper:
    """Gather, write and form a report. Raises ``StoreError``, ``FormError``."""
    facts = await gather(ground, ask, told=lambda part: told(_GATHERED * part))
    document = KINDS[ask.kind].write(facts)
    files: dict[str, bytes] = {}
    async with aclosing(write(forms, document)) as writing:
        async for form, data in writing:
            files[form] = data
            told(_GATHERED + (1 - _GATHERED) * len(files) / len(forms))
    return Paper(facts, files)


async def keep(
    store: Store,
    paper: Paper,
    ask: Ask,
    name: str,
    *,
    by: str,
    now: datetime,
    schedule: str | None = None,
) -> Made:
    """Keep a report's files, then its record ``name``. Raises ``StoreError``."""
    files = {}
    for form, data in paper.files.items():
        title = file_name(ask, form)
        media = FORMS[form].media
        files[form] = await store.keep_file(data, name=title, media=media, by=by, now=now)
    made = _made(paper.facts, ask, files, schedule)
    put = Put(
        kind=KIND,
        id=name,
        expected=0,
        data=msgspec.json.encode(made),
        school=ask.school,
        unit=ask.unit,
        day=ask.day,
    )
    await store.put_records([put], by=by, now=now)
    return made


def _made(facts: Facts, ask: Ask, files: Mapping[str, str], schedule: str | None) -> Made:
    return Made(
        kind=ask.kind,
        unit=ask.unit,
        school=ask.school,
        subject=facts.subject,
        span=ask.span.name,
        first=ask.span.first,
        last=ask.span.last,
        day=ask.day,
        versions=tuple(note.version for note in facts.versions),
        schools=len({s.school.id for s in facts.period.schools}),
        files=files,
        schedule=schedule,
    )


def file_name(ask: Ask, form: str) -> str:
    """Return the name of a report's file: plain letters, what, about whom, which days."""
    return f"{ask.kind}-{ask.unit or ask.school}-{ask.span.first}-{ask.span.last}.{form}"


def made_in(record: Record) -> Made:
    """Return the content of a record of kind ``report``."""
    return msgspec.json.decode(record.data, type=Made)


async def kept(store: Store, name: str, form: str) -> KeptFile | None:
    """Return one file of a made report; None where there is no such report or form."""
    record = await store.record(KIND, name)
    if record is None or record.gone:
        return None
    sha256 = made_in(record).files.get(form)
    return None if sha256 is None else await store.kept_file(sha256)
