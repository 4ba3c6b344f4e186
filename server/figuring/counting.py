"""Counts local days of a batch of schools from the store's claims.

The claims are fetched on the loop and counted in a thread. A batch is small (``SCHOOLS_AT_ONCE``
schools, ``DAYS_AT_ONCE`` days), so that neither holds the loop up.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Final, Protocol, TypeVar

from server.domain.basis import Basis
from server.domain.calendar import local_day
from server.domain.evidence import Proof, proofs
from server.domain.figures import DayFigures, figures_of, vouched_until
from server.domain.interval import Interval
from server.domain.timeline import Claim, Timeline, build, cut_to
from server.domain.units import Source
from server.storage import Store

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

SCHOOLS_AT_ONCE: Final = 20
DAYS_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A school's day to be counted under a basis.

    Attributes:
        began: Nothing counts before it; None: nothing counts.
        now: Set for the present day, which counts up to where its cameras were vouched for.
    """

    school: str
    day: date
    basis: Basis
    began: datetime | None
    now: datetime | None = None


class Tell(Protocol[T_co]):
    """What is asked of a day: ``figures.figures_of``, ``evidence.proofs``."""

    def __call__(
        self,
        basis: Basis,
        day: date,
        *,
        began: datetime | None,
        timelines: Mapping[str, Timeline],
        until: datetime | None,
    ) -> T_co:
        """Return it."""


async def count_days(store: Store, wanted: Sequence[Wanted]) -> list[DayFigures]:
    """Return the figures of some days near each other, in their order. Raises ``StoreError``."""
    return await _each(store, wanted, figures_of)


async def prove_days(store: Store, wanted: Sequence[Wanted]) -> list[list[Proof]]:
    """Return what the figures of some days near each other rest on. Raises ``StoreError``."""
    return await _each(store, wanted, proofs)


async def _each(store: Store, wanted: Sequence[Wanted], tell: Tell[T]) -> list[T]:
    """Return what ``tell`` says of each day."""
    if not wanted:
        return []
    sources = {s for one in wanted for _, eyes in one.basis.cameras for s in eyes}
    days = [one.day for one in wanted]
    window = Interval(local_day(min(days)).start, local_day(max(days)).end)
    claims = await store.claims(sources, window)
    return await asyncio.to_thread(_told, wanted, claims, window, tell)


def _told(
    wanted: Iterable[Wanted],
    claims: Mapping[Source, Sequence[Claim]],
    window: Interval,
    tell: Tell[T],
) -> list[T]:
    whole: dict[tuple[Source, ...], Timeline] = {}
    for one in wanted:
        for _, eyes in one.basis.cameras:
            if eyes not in whole:
                whole[eyes] = build(chain.from_iterable(claims[s] for s in eyes), window)
    return [
        tell(
            one.basis,
            one.day,
            began=one.began,
            timelines={c: cut_to(whole[eyes], local_day(one.day)) for c, eyes in one.basis.cameras},
            until=None if one.now is None else _until(one, claims, one.now),
        )
        for one in wanted
    ]


def _until(one: Wanted, claims: Mapping[Source, Sequence[Claim]], now: datetime) -> datetime:
    return vouched_until(
        (chain.from_iterable(claims[s] for s in eyes) for _, eyes in one.basis.cameras), now
    )
