"""Whose turn it is and when it began, and when quiet hours end. Pure; local time is Viet Nam's."""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from server.domain.calendar import LOCAL
from server.domain.paging.people import QuietHours, Rota

_MIDNIGHT = time(0)
_BEFORE = timedelta(microseconds=1)


class Begun(NamedTuple):
    """A turn that began: of which rota (its id), whose, and when (UTC)."""

    at: datetime
    rota: str
    receiver: str


def turns_begun(rota: Rota, start: datetime, end: datetime) -> tuple[Begun, ...]:
    """Return the turns that begin in (start, end], in order: at a hand-over, or by a stand."""
    found = []
    first, last = (moment.astimezone(LOCAL).date() for moment in (start, end))
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        for clock in sorted({_MIDNIGHT, rota.handover}):
            at = datetime.combine(day, clock, LOCAL).astimezone(UTC)
            who = on_turn(rota, at)
            if start < at <= end and who is not None and who != on_turn(rota, at - _BEFORE):
                found.append(Begun(at, rota.id, who))
    return tuple(found)


def on_turn(rota: Rota, at: datetime) -> str | None:
    """Return the receiver who has the turn at ``at`` (UTC); None: nobody.

    A turn goes from hand-over to hand-over, a stand from midnight to midnight. Before ``start``
    nobody has it.
    """
    local = at.astimezone(LOCAL)
    for stand in rota.stands:
        if stand.first <= local.date() <= stand.last:
            return stand.receiver or None
    shift = local.date()
    if local.time() < rota.handover:
        shift -= timedelta(days=1)
    days = (shift - rota.start).days
    if days < 0 or not rota.members or rota.days < 1:
        return None
    return rota.members[days // rota.days % len(rota.members)]


def after_quiet(quiet: QuietHours | None, at: datetime) -> datetime:
    """Return ``at``, or the end of the quiet hours that it lies in (UTC)."""
    if quiet is None or quiet.start == quiet.end:
        return at
    local = at.astimezone(LOCAL)
    clock = local.timetz().replace(tzinfo=None)
    over_night = quiet.start > quiet.end
    late, early = clock >= quiet.start, clock < quiet.end
    inside = (late or early) if over_night else (late and early)
    if not inside:
        return at
    day = local.date() + timedelta(days=1 if over_night and late else 0)
    return datetime.combine(day, quiet.end, LOCAL).astimezone(UTC)
