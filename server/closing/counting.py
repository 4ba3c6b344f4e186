"""Counts one local day of a batch of schools from the store's claims.

The claims are fetched on the loop and counted in a thread. A batch is small (``SCHOOLS_AT_ONCE``),
so that neither holds the loop up: a city's day is some 150 batches.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Final

from server.domain.calendar import local_day
from server.domain.basis import Basis
from server.domain.figures import DayFigures, figures_of
from server.domain.timeline import Claim, build
from server.domain.units import Source
from server.storage import Store

SCHOOLS_AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A school's day to be counted under a basis. ``began``: nothing counts before it."""

    school: str
    basis: Basis
    began: datetime | None


async def count_day(store: Store, day: date, wanted: Sequence[Wanted]) -> list[DayFigures]:
    """Return the figures of one day, in the order of ``wanted``. Raises ``StoreError``."""
    sources = {s for one in wanted for _, eyes in one.basis.cameras for s in eyes}
    claims = await store.claims(sources, local_day(day))
    return await asyncio.to_thread(_count, day, wanted, claims)


def _count(
    day: date, wanted: Iterable[Wanted], claims: Mapping[Source, Sequence[Claim]]
) -> list[DayFigures]:
    return [
        figures_of(
            one.basis,
            day,
            began=one.began,
            timelines={
                camera: build(chain.from_iterable(claims[s] for s in eyes), local_day(day))
                for camera, eyes in one.basis.cameras
            },
        )
        for one in wanted
    ]
