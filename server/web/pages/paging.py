"""Who is told, as pages show it: turns of the next weeks, and where somebody is named. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from server.domain.calendar import LOCAL
from server.domain.paging.people import Policy, Rota, Target
from server.domain.paging.turns import on_turn

WEEKS: Final = 4
_WEEK: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnDay:
    """One local day of a rota, from its hand-over: who has the turn (None: nobody).

    ``stand``: why somebody stands in; empty where nobody does.
    """

    day: date
    receiver: str | None
    stand: str
    begins: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """A rota: who has the turn now, and four weeks from this Monday on."""

    rota: Rota
    now: str | None
    weeks: tuple[tuple[TurnDay, ...], ...]


def turns(rota: Rota, now: datetime, today: date) -> Turns:
    """Return whose turn it is and will be."""
    monday = today - timedelta(days=today.weekday())
    days = [_day(rota, monday + timedelta(days=i)) for i in range(WEEKS * _WEEK)]
    shown = [
        TurnDay(
            day=one.day,
            receiver=one.receiver,
            stand=one.stand,
            begins=i == 0 or days[i - 1].receiver != one.receiver,
        )
        for i, one in enumerate(days)
    ]
    weeks = tuple(tuple(shown[i : i + _WEEK]) for i in range(0, len(shown), _WEEK))
    return Turns(rota=rota, now=on_turn(rota, now), weeks=weeks)


def _day(rota: Rota, day: date) -> TurnDay:
    at = datetime.combine(day, rota.handover, LOCAL).astimezone(UTC)
    stand = next((s for s in rota.stands if s.first <= day <= s.last), None)
    said = (stand.reason or "…") if stand else ""
    return TurnDay(day=day, receiver=on_turn(rota, at), stand=said, begins=False)


def named_in(
    receiver: str, rotas: Mapping[str, Rota], policies: Iterable[Policy]
) -> tuple[str, ...]:
    """Return the names of the rotas and policies that name a receiver."""
    found = [
        rota.name
        for rota in rotas.values()
        if receiver in rota.members or any(s.receiver == receiver for s in rota.stands)
    ]
    found += [
        policy.name
        for policy in policies
        if any(s.target is Target.RECEIVER and s.id == receiver for s in policy.stages)
    ]
    return tuple(dict.fromkeys(found))


def turned_by(rota: str, policies: Iterable[Policy]) -> tuple[str, ...]:
    """Return the names of the policies that name a rota."""
    return tuple(
        policy.name
        for policy in policies
        if any(s.target is Target.ROTA and s.id == rota for s in policy.stages)
    )
