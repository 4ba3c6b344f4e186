"""Takes the ``units:`` file in: what it changes of the file before becomes part of the register.

The first file holds since ever; what a later one changes holds from the day on which it is taken
in, where it names no days of its own. What people changed in the register meanwhile stays.
"""

import logging
from datetime import date, datetime
from typing import Final, NamedTuple

from server.domain.dated import EVER
from server.domain.flaws import Kinds, flaws
from server.domain.histories import SchoolHistory, UnitHistory
from server.domain.merging import merged_school, merged_unit
from server.domain.register import Register
from server.register.stored import Stored, Told, digest_of, load, told, told_digest
from server.storage import ConflictError, Store

log = logging.getLogger(__name__)

BY: Final = "units file"
_TRIES: Final = 5


class Difference(NamedTuple):
    """The units and schools that a file changes, as they are to be."""

    units: tuple[UnitHistory, ...]
    schools: tuple[SchoolHistory, ...]


def difference(register: Register, former: Register, new: Register, today: date) -> Difference:
    """Return what a file changes in the register, given what the former file said."""
    since = today if former.units or former.schools else EVER
    units = (
        merged_unit(register.units.get(u), former.units.get(u), new.units.get(u), since)
        for u in dict.fromkeys([*new.units, *former.units])
    )
    schools = (
        merged_school(register.schools.get(s), former.schools.get(s), new.schools.get(s), since)
        for s in dict.fromkeys([*new.schools, *former.schools])
    )
    return Difference(
        units=tuple(u for u in units if u is not None and u != register.units.get(u.id)),
        schools=tuple(s for s in schools if s is not None and s != register.schools.get(s.id)),
    )


async def take_in(store: Store, new: Register, *, now: datetime, today: date) -> Stored:
    """Take a file in unless it is the one that was taken in last; return the register.

    Several servers may do so at once: whoever comes second finds it done. A file that does not hold
    together with what people changed meanwhile is left out, with an error in the log.
    """
    digest = digest_of(new)
    for _ in range(_TRIES):
        # The file first, the register after it: what another server takes in between the two reads
        # is then in the register, or a conflict.
        taken = await told_digest(store) == digest
        former = None if taken else await told(store)
        stored = await load(store)
        if former is None or former.digest == digest:
            return stored
        try:
            return await _take(store, stored, former, new, now=now, today=today)
        except ConflictError as error:
            log.info("%s; looking again", error)
    return await load(store)


async def _take(
    store: Store, stored: Stored, former: Told, new: Register, *, now: datetime, today: date
) -> Stored:
    found = difference(stored.register, former.register, new, today)
    whole = stored.register.with_changes(*found)
    known = set(flaws(stored.register, Kinds()))
    if new_flaws := [flaw for flaw in flaws(whole, Kinds()) if flaw not in known]:
        log.error(
            "the units file is not taken in: with what people changed since the last one it does"
            " not hold together: %s",
            "; ".join(f"{f.thing.what} {f.thing.id}: {f.wrong} {f.of}" for f in new_flaws[:5]),
        )
        return stored
    puts = [*stored.puts(found.units, found.schools), *former.puts(new)]
    await store.put_records(puts, by=BY, now=now)
    first = not former.digest
    told_how = "took the units file in: %d units and %d schools are new or changed"
    log.log(logging.DEBUG if first else logging.INFO, told_how, *map(len, found))
    return await load(store, stored)
