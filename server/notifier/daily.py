"""The morning's message: how yesterday was. If it does not come, the centre is in trouble.

It is put once a local day, at seven, under an id made of the day; a server that was away at seven
sends it until noon.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import msgspec

from server.domain.calendar import LOCAL, local_date
from server.domain.dayrow import PER_PLACE, DayRow
from server.domain.paging.calls import call_id
from server.domain.paging.directory import Directory
from server.domain.paging.people import Call, Occasion
from server.domain.paging.turns import after_quiet
from server.notifier.telling import Said, headline, message
from server.storage import Store
from server.storage.incident_rows import IncidentFilter, IncidentRow, LetterRow
from server.transports import Message

_AT: Final = time(7)
_UNTIL: Final = time(12)
_MOST: Final = 10_000
_SHOWN: Final = 10
_NIGHT: Final = time(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Yesterday:
    """A day's figures, as the letter keeps them.

    Attributes:
        opened, over: Incidents that were told: opened on that day, and how many of those are over.
        open: Ids of all that are open now, as far as they were told.
        agents, reporting: Gate PCs that are registered, and that report now.
        met, not_met, cannot_tell: Seconds of required places in the day's closed figures; all 0
            where nothing was required or the day is not closed yet.
        untold: Messages that were given up on that day.
    """

    day: date
    opened: int
    over: int
    open: tuple[str, ...]
    agents: int
    reporting: int
    met: int
    not_met: int
    cannot_tell: int
    untold: int


def is_time(now: datetime) -> bool:
    """Tell whether today's message may be put."""
    return _AT <= now.astimezone(LOCAL).time() < _UNTIL


def daily_calls(directory: Directory, now: datetime) -> tuple[Call, ...]:
    """Return today's calls to everybody who wants them."""
    today = local_date(now)
    at = datetime.combine(today, _AT, LOCAL).astimezone(UTC)
    return tuple(
        Call(
            id=call_id(Occasion.ALL_CLEAR, today.isoformat(), receiver.id, way),
            incident=None,
            occasion=Occasion.ALL_CLEAR,
            receiver=receiver.id,
            way=way,
            language=receiver.language,
            at=after_quiet(receiver.quiet, at),
        )
        for receiver in directory.receivers.values()
        if receiver.daily and receiver.active
        for way in receiver.ways
    )


async def put_daily(
    store: Store, directory: Directory, *, silent_after_s: int, now: datetime
) -> int:
    """Put today's letters; return how many are new. Raises ``StoreError``."""
    calls = daily_calls(directory, now)
    if not calls:
        return 0
    figures = await _figures(store, directory, silent_after_s=silent_after_s, now=now)
    body = msgspec.json.encode(figures).decode()
    return await store.put_letters(
        calls, bodies=dict.fromkeys((c.id for c in calls), body), now=now
    )


async def _figures(
    store: Store, directory: Directory, *, silent_after_s: int, now: datetime
) -> Yesterday:
    day = local_date(now) - timedelta(days=1)
    start, end = (_midnight(d) for d in (day, day + timedelta(days=1)))
    told = IncidentFilter(told=True, opened_from=start, opened_to=end)
    opened = await store.incidents(told, limit=_MOST)
    open_now = await store.incidents(IncidentFilter(told=True, open=True), limit=_MOST)
    agents = {a.id for school in directory.organisation.schools for a in school.agents}
    heard = await store.heard()
    last = (heard[name].last_report_at for name in agents if name in heard)
    schools = [school.id for school in directory.organisation.schools]
    rows = (await store.day_rows(schools, day, day)).days.values()
    met, not_met, cannot_tell = _sums(row for some in rows for row in some)
    return Yesterday(
        day=day,
        opened=len(opened),
        over=sum(1 for row in opened if row.incident.closed_at is not None),
        open=tuple(row.incident.id for row in open_now),
        agents=len(agents),
        reporting=sum(1 for at in last if at and (now - at).total_seconds() <= silent_after_s),
        met=met,
        not_met=not_met,
        cannot_tell=cannot_tell,
        untold=sum((await store.letters_given_up(start, end)).values()),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, _NIGHT, LOCAL).astimezone(UTC)


def _sums(rows: Iterable[DayRow]) -> tuple[int, int, int]:
    sums = [0] * PER_PLACE
    for row in rows:
        for part in range(PER_PLACE):
            sums[part] += sum(row.places[part::PER_PLACE])
    return sums[0], sums[1], sums[2]


def figures_in(letter: LetterRow) -> Yesterday:
    """Return the figures that a letter keeps."""
    return msgspec.json.decode(letter.body or "", type=Yesterday)


def tell_daily(
    letter: LetterRow, figures: Yesterday, still_open: list[IncidentRow], said: Said
) -> Message:
    """Return the morning's message; ``still_open``: what was open then, as it is now."""
    tongue = said.tongue
    values = {
        "day": tongue.day(figures.day),
        "reporting": tongue.number(figures.reporting),
        "agents": tongue.number(figures.agents),
    }
    well = figures.reporting == figures.agents and not figures.open
    subject = tongue.text(
        "Vọng Gác %(day)s: all is well, %(reporting)s/%(agents)s gate PCs report", **values
    )
    if not well:
        subject = tongue.text(
            "Vọng Gác %(day)s: %(open)s incidents open, %(reporting)s/%(agents)s gate PCs report",
            open=tongue.number(len(figures.open)),
            **values,
        )
    page = said.page("/incidents")
    lines = [subject, "", *_lines(figures, said), *_open_lines(still_open, said), ""]
    lines.append(
        tongue.text("This message comes every morning. If it does not, look at the centre.")
    )
    if page is not None:
        lines.append(tongue.text("Details: %(url)s", url=page))
    facts = {"yesterday": msgspec.to_builtins(figures)}
    return message(letter, subject, lines, said, facts=facts, page=page)


def _lines(figures: Yesterday, said: Said) -> list[str]:
    tongue = said.tongue
    lines = [
        tongue.text(
            "Incidents yesterday: %(opened)s, of which %(over)s are over",
            opened=tongue.number(figures.opened),
            over=tongue.number(figures.over),
        )
    ]
    required = figures.met + figures.not_met + figures.cannot_tell
    if required:
        low, high = figures.met / required, (figures.met + figures.cannot_tell) / required
        share = tongue.percent_range(low, high)
        lines.append(tongue.text("Coverage yesterday: %(share)s", share=share))
    if figures.untold:
        lines.append(
            tongue.count(
                "%(num)s message could not be delivered and was given up",
                "%(num)s messages could not be delivered and were given up",
                figures.untold,
            )
        )
    return lines


def _open_lines(rows: list[IncidentRow], said: Said) -> list[str]:
    if not rows:
        return []
    shown = [f"- {headline(Occasion.OPENED, row, said)}" for row in rows[:_SHOWN]]
    if len(rows) > _SHOWN:
        rest = len(rows) - _SHOWN
        shown.append(said.tongue.count("and %(num)s more", "and %(num)s more", rest))
    return ["", said.tongue.text("Open:"), *shown]
