"""Tells incidents' times again where late history contradicts them: see ``domain.retelling``.

Only those of a single camera: what many had in common is dated by all of them. Two ways lead here.
Short incidents of the last days are looked at in turn, a few each minute, because
history of today marks no day. Longer ones are looked at when a day of one of their agents was
marked, because their windows are long to read.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from server.domain.calendar import local_date
from server.domain.dated import at
from server.domain.incident.signals import Aspect
from server.domain.interval import Interval
from server.domain.register import Register
from server.domain.retelling import retold
from server.domain.timeline import build
from server.domain.units import Camera
from server.storage import IncidentRow, Store

log = logging.getLogger(__name__)

SHORT: Final = timedelta(hours=36)
_LOOK_BACK: Final = timedelta(days=7)
_AT_ONCE: Final = 100
_MARGIN: Final = timedelta(seconds=2)
_BOOTS_AT_MOST: Final = 20


async def retell_short(store: Store, register: Register, now: datetime, turn: int) -> int:
    """Look at some of the short incidents, others each ``turn``; return how many changed."""
    found = await store.retellable(ended_after=now - SHORT, limit=_AT_ONCE * _AT_ONCE)
    short = [a for a in found if now - a.began_at < SHORT]
    turns = max(1, -(-len(short) // _AT_ONCE))
    return await _retell(store, register, short[turn % turns :: turns], now)


async def retell_marked(
    store: Store, register: Register, schools: Collection[str], now: datetime
) -> int:
    """Look at all incidents of schools whose past days were touched; return how many changed."""
    found = await store.retellable(schools=schools, ended_after=now - _LOOK_BACK, limit=_AT_ONCE)
    return await _retell(store, register, found, now)


async def _retell(
    store: Store, register: Register, incidents: Sequence[IncidentRow], now: datetime
) -> int:
    changed = []
    for incident in incidents:
        began, ended = await _times(store, register, incident, now)
        if (began, ended) != (incident.began_at, incident.ended_at):
            name = incident.incident.id
            changed.append((name, began, ended))
            log.info("incident %s is told again: since %s until %s", name, began, ended)
    if changed:
        await store.retell_incidents(changed)
    return len(changed)


async def _times(
    store: Store, register: Register, incident: IncidentRow, now: datetime
) -> tuple[datetime, datetime | None]:
    """Return the incident's times as they are known now; each boot leads to the one before it."""
    camera = _camera_then(register, incident)
    began, ended = incident.began_at, incident.ended_at
    if camera is None:
        return began, ended
    for _ in range(_BOOTS_AT_MOST):
        window = _window(began, ended, now)
        claims = await store.claims(camera.sources, window)
        told = list(chain.from_iterable(claims.values()))
        first = min([window.start, *(c.start for c in told)])
        times = retold(build(told, Interval(first, window.end)), began, ended)
        if times[0] >= began:
            return times
        began = times[0]
    return began, ended


def _camera_then(register: Register, row: IncidentRow) -> Camera | None:
    """Return the incident's one camera, with the eyes that it had on the day when it began."""
    incident = row.incident
    cameras = {m.subject.id for m in incident.members if m.subject.aspect is Aspect.CAMERA}
    if len(cameras) != 1 or incident.school is None:
        return None
    school = at(register.school(incident.school), local_date(row.began_at))
    return next((c for c in school.cameras if c.id in cameras), None) if school else None


def _window(began: datetime, ended: datetime | None, now: datetime) -> Interval:
    """Return an incident's time and a little on both sides, in whole seconds."""
    start, end = began.replace(microsecond=0), (ended or now).replace(microsecond=0)
    return Interval(start - _MARGIN, max(start, end) + _MARGIN)
