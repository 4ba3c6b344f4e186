"""Nothing late rings a bell: the real watchdog over real databases."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from server.changes import Changes
from server.domain.alerting import Limits
from server.domain.units import Organisation
from server.storage import Duty, Store
from server.watchdog import Watchdog
from tests.system.fixtures_server import postgres, postgres_url, store
from tests.system.late_world import DOWN, MONDAY, ORGANISATION, SCHOOL, UP, FakeClock, World, local
from wire.vocabulary import State

__all__ = ["postgres", "postgres_url", "store"]

ONE_SCHOOL = Organisation(
    units=ORGANISATION.units, schools=tuple(s for s in ORGANISATION.schools if s.id == SCHOOL)
)
GATES = ["c1-thvq-cong-chinh-1", "c1-thvq-cong-chinh-2"]


@dataclass
class Bell(World):
    """A world with a watchdog, and a count of all letters that were ever posted."""

    async def look(self) -> list[tuple[str, datetime, datetime | None]]:
        """Look twice, as the watchdog does every two seconds; return the alerts, oldest first."""
        watchdog = Watchdog(
            store=self.store,
            organisation=lambda: ONE_SCHOOL,
            limits=Limits(gate_camera_down_s=60, agent_silent_s=75),
            clock=self.clock,
            changes=Changes(),
            transports=("webhook",),
            listening_since=lambda: self.since,
            duty=Duty(None, "alerts"),
        )
        for _ in range(2):
            await watchdog.run_once()
            self.clock.at += timedelta(seconds=2)
        return await self.alerts()

    async def alerts(self) -> list[tuple[str, datetime, datetime | None]]:
        found = reversed(await self.store.alerts())
        return [(a.camera or "agent", a.began_at, a.ended_at) for a in found]

    async def letters(self) -> int:
        return len(await self.store.due_letters(now=self.clock.at + timedelta(days=1), limit=999))

    async def now(self, start: datetime, state: State = UP) -> None:
        """The present, of a boot that began at ``start``, up to now."""
        await self.boot(start, self.clock.at, (start, None, state))


PAST = (
    (local(MONDAY, 10), local(MONDAY, 11), DOWN),
    (local(MONDAY, 11), local(MONDAY, 30), UP),
    (local(MONDAY, 30), local(MONDAY, 50), DOWN),
    (local(MONDAY, 50), local(MONDAY, 72 + 9, 29), UP),
)
RETURN = local(MONDAY, 72 + 9, 30)


async def silent_for_three_days(store: Store) -> Bell:
    """All is well until ten on Monday; then the gate PC is silent until Thursday, 09:30."""
    world = Bell(store, FakeClock(local(MONDAY, 10)))
    await world.boot(local(MONDAY, 5), local(MONDAY, 10))
    assert await world.look() == []
    world.clock.at += timedelta(minutes=5)
    ((who, began, ended),) = await world.look()
    assert (who, began, ended) == ("agent", local(MONDAY, 10), None)
    world.clock.at = RETURN
    assert len(await world.look()) == 1
    return world


@pytest.mark.parametrize("present_first", [True, False])
async def test_outages_that_are_over_ring_no_bell(store: Store, *, present_first: bool) -> None:
    world = await silent_for_three_days(store)
    for step in (present_first, not present_first):
        if step:
            await world.now(RETURN)
        else:
            await world.boot(local(MONDAY, 10), local(MONDAY, 72 + 9, 29), *PAST, late=True)
        await world.look()
        await world.closer.run_once()
    for _ in range(5):
        world.clock.at += timedelta(seconds=60)
        await world.now(RETURN)
        await world.look()
    (silence,) = await world.alerts()
    assert silence[0] == "agent"
    assert silence[2] is not None, "it reports again"
    assert await world.letters() == 1, "the second letter waits for the first"


async def test_what_is_still_down_rings_once_and_is_dated_when_it_began(store: Store) -> None:
    world = await silent_for_three_days(store)
    await world.now(RETURN, DOWN)
    world.clock.at += timedelta(seconds=61)
    await world.now(RETURN, DOWN)
    await world.look()
    (_, _, over), *down = await world.look()
    assert over is not None
    assert [(who, end) for who, _, end in down] == [(c, None) for c in GATES]
    letters = await world.letters()
    began = local(MONDAY, 40)
    past = ((local(MONDAY, 10), began, UP), (began, RETURN, DOWN))
    await world.boot(local(MONDAY, 10), RETURN, *past, late=True)
    for _ in range(3):
        await world.closer.run_once()
        world.clock.at += timedelta(seconds=30)
        await world.now(RETURN, DOWN)
        await world.look()
    assert (await world.alerts())[1:] == [(c, began, None) for c in GATES]
    assert await world.letters() == letters


async def test_an_alert_that_is_over_is_told_again_without_a_letter(store: Store) -> None:
    world = Bell(store, FakeClock(local(MONDAY, 10)))
    down = local(MONDAY, 9, 58)
    await world.boot(
        local(MONDAY, 5), local(MONDAY, 10), (local(MONDAY, 5), down, UP), (down, None, DOWN)
    )
    assert await world.look() == [(c, down, None) for c in GATES]
    world.clock.at = RETURN
    assert len(await world.look()) == 1 + len(GATES), "silent, and held open meanwhile"
    await world.now(RETURN - timedelta(minutes=1))
    await world.look()
    found = await world.look()
    assert [end for who, _, end in found if who != "agent"] == [RETURN - timedelta(minutes=1)] * 2
    letters = await world.letters()
    recovered = local(MONDAY, 15, 20)
    await world.boot(
        local(MONDAY, 10),
        RETURN - timedelta(minutes=1),
        (local(MONDAY, 10), recovered, DOWN),
        (recovered, None, UP),
        late=True,
    )
    await world.amend()
    told = [a for a in await world.alerts() if a[0] != "agent"]
    assert told == [(c, down, recovered) for c in GATES]
    assert await world.letters() == letters


async def test_history_of_this_very_day_dates_an_alert_too(store: Store) -> None:
    """Nothing before today changes, so no day is marked."""
    world = Bell(store, FakeClock(local(MONDAY, 11)))
    await world.boot(local(MONDAY, 7), local(MONDAY, 8))
    await world.now(local(MONDAY, 11), DOWN)
    world.clock.at += timedelta(seconds=61)
    await world.now(local(MONDAY, 11), DOWN)
    assert await world.look() == [(c, local(MONDAY, 11), None) for c in GATES]
    letters = await world.letters()
    began = local(MONDAY, 9, 5)
    past = ((local(MONDAY, 8), began, UP), (began, local(MONDAY, 11), DOWN))
    await world.boot(local(MONDAY, 8), local(MONDAY, 11), *past, late=True)
    assert await store.late_marks(9) == []
    await world.closer.run_once()
    assert await world.alerts() == [(c, began, None) for c in GATES]
    assert await world.letters() == letters
