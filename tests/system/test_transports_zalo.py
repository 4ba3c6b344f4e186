"""Zalo's two ways over real HTTP: tokens that are good for one use, and what its errors mean."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from server.config import (
    Alerts,
    Channel,
    Secret,
    Way,
    ZaloAccount,
    ZaloOa,
    ZaloZns,
    ZnsParameter,
    ZnsTemplate,
)
from server.storage import Store
from server.transports import GiveUpError, RetryError, Tending, Transport, build
from server.transports.zalo_tokens import Keepsakes
from server.transports.zalo_zns import phone
from tests.system.fixtures_transports import (  # noqa: F401 (a fixture for all)
    AT,
    SENTINEL,
    Zalo,
    message,
    nothing_secret_is_logged,
    open_zalo,
)

USER = ("861",)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite:///{tmp_path / 'centre.db'}")
    yield opened
    await opened.close()


@pytest.fixture
async def zalo() -> AsyncIterator[Zalo]:
    async with open_zalo(Zalo()) as opened:
        yield opened


def account(zalo: Zalo, first: str = f"first-{SENTINEL}") -> ZaloAccount:
    return ZaloAccount(
        app_id="77",
        app_secret=Secret(f"app-{SENTINEL}"),
        refresh_token=Secret(first),
        login_server=zalo.url,
    )


def parameter(fact: str, longest: int) -> ZnsParameter:
    return ZnsParameter(fact=fact, longest=longest)


OPENED = ZnsTemplate(
    id="301",
    parameters={
        "truong": parameter("incident.school_name", 30),
        "noi_dung": parameter("subject", 12),
        "khac": parameter("incident.nothing.here", 10),
    },
)
RECOVERED = ZnsTemplate(id="302", parameters={"noi_dung": parameter("text", 200)})


def both(zalo: Zalo, store: Keepsakes, first: str = f"first-{SENTINEL}") -> dict[str, Transport]:
    ways: dict[str, Way] = {
        "oa": ZaloOa(account=account(zalo, first), server=zalo.url),
        "zns": ZaloZns(
            account=account(zalo, first),
            templates={"default": OPENED, "recovered": RECOVERED},
            server=zalo.url,
        ),
    }
    channels = {name: Channel(name=name, way=way) for name, way in ways.items()}
    return build(Alerts(channels=channels), store)


async def close(transports: dict[str, Transport]) -> None:
    for transport in transports.values():
        await transport.close()


async def test_the_official_account_writes_text_to_a_user(zalo: Zalo, store: Store) -> None:
    transports = both(zalo, store)
    assert await transports["oa"].send(message(to=USER)) == "taken by Zalo"
    await close(transports)
    assert zalo.sent == [{"recipient": {"user_id": "861"}, "message": {"text": message().text}}]


async def test_a_template_is_filled_by_occasion_and_cut_to_what_zalo_takes(
    zalo: Zalo, store: Store
) -> None:
    transports = both(zalo, store)
    await transports["zns"].send(message(to=("0912 345 678",)))
    facts: dict[str, Any] = {"occasion": "recovered"}
    await transports["zns"].send(message(to=("+84912345678",), facts=facts, id="x" * 60))
    await close(transports)
    first, second = zalo.sent
    assert first == {
        "phone": "84912345678",
        "template_id": "301",
        "template_data": {"truong": "Trường Vĩnh Quỳnh", "noi_dung": "Trường Vĩnh…", "khac": "-"},
        "tracking_id": "m-1",
    }
    assert (second["phone"], second["template_id"]) == ("84912345678", "302")
    assert len(second["tracking_id"]) == 32
    assert "\n" not in second["template_data"]["noi_dung"]


@pytest.mark.parametrize(
    "written", ["", "abc", "12345", "0912345678901234", "a@b.vn", "٠٩١٢٣٤٥٦٧٨"]
)
def test_what_is_no_telephone_number(written: str) -> None:
    with pytest.raises(GiveUpError):
        phone(written)


async def test_two_channels_and_a_restart_renew_once(zalo: Zalo, store: Store) -> None:
    for _ in range(2):
        transports = both(zalo, store)
        sending = (t.send(message(to=("0912345678",))) for t in transports.values())
        await asyncio.gather(*sending)
        await close(transports)
    assert zalo.renewals == 1


async def test_a_token_is_renewed_before_its_time_and_when_zalo_no_longer_takes_it(
    zalo: Zalo, store: Store
) -> None:
    transports = both(zalo, store)
    await transports["oa"].send(message(to=USER))
    later = message(to=USER, at=AT + timedelta(hours=24, minutes=30))
    await transports["oa"].send(later)
    assert zalo.renewals == 2
    zalo.access = "gone"
    await transports["oa"].send(later)
    assert zalo.renewals == 3
    await close(transports)
    assert len(zalo.sent) == 3


async def test_it_is_renewed_although_nobody_is_told_anything(zalo: Zalo, store: Store) -> None:
    transports = both(zalo, store)
    clock = Clock()
    tending = Tending(transports=transports, clock=clock, is_mine=_yes)
    for hours in (0, 4, 8, 12, 16, 20):
        clock.at = AT + timedelta(hours=hours)
        await tending.run_once()
    assert zalo.renewals == 2
    await replace(tending, is_mine=_no).run_once()
    zalo.refresh = "revoked"
    clock.at = AT + timedelta(days=2)
    await tending.run_once()  # it is told in the log, and goes on
    await close(transports)


@dataclass
class Clock:
    at: Any = AT

    def now(self) -> Any:
        return self.at

    async def wait(self, seconds: float) -> None:
        raise AssertionError(seconds)


async def _yes() -> bool:
    return True


async def _no() -> bool:
    return False


async def test_whoever_is_cancelled_in_a_renewal_loses_no_token(zalo: Zalo, store: Store) -> None:
    """Cancelled after each number of turns of the loop: the next process can always go on."""
    turns, done = 0, False
    while not done:
        transports = both(zalo, store)
        far = AT + timedelta(days=2 * turns)
        task = asyncio.create_task(transports["oa"].send(message(to=USER, at=far)))
        for _ in range(turns):
            await asyncio.sleep(0)
        done = task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await close(transports)
        fresh = both(zalo, store)
        assert await fresh["oa"].send(message(to=USER, at=far)) == "taken by Zalo"
        await close(fresh)
        turns = turns * 2 + 1
    assert turns > 8


class Forgetful(Store):
    """Loses its next write, as a database does that goes away."""

    fails = 1

    async def keep(self, name: str, value: bytes, *, expected: int) -> bool:
        if self.fails:
            self.fails -= 1
            raise ConnectionError
        return await super().keep(name, value, expected=expected)


async def test_a_token_that_could_not_be_written_is_written_later(
    zalo: Zalo, tmp_path: Path
) -> None:
    store = await Forgetful.open(f"sqlite:///{tmp_path / 'other.db'}")
    transports = both(zalo, store)
    with pytest.raises(ConnectionError):
        await transports["oa"].send(message(to=USER))
    await transports["oa"].send(message(to=USER))
    assert zalo.renewals == 1
    await close(transports)
    await store.close()


@dataclass
class Overtaken:
    """Keepsakes of a server that is overtaken by another between its look and its renewal."""

    store: Store
    other: Transport | None

    async def keepsake(self, name: str) -> tuple[int, bytes] | None:
        found = await self.store.keepsake(name)
        if self.other is not None:
            other, self.other = self.other, None
            await other.send(message(to=USER))
        return found

    async def keep(self, name: str, value: bytes, *, expected: int) -> bool:
        return await self.store.keep(name, value, expected=expected)


async def test_a_server_that_is_overtaken_uses_what_the_other_renewed(
    zalo: Zalo, store: Store
) -> None:
    first = both(zalo, store)
    second = both(zalo, Overtaken(store, first["oa"]))
    assert await second["oa"].send(message(to=USER)) == "taken by Zalo"
    assert (zalo.renewals, len(zalo.sent)) == (1, 2)
    await close(first)
    await close(second)


async def test_a_new_authorisation_starts_anew(zalo: Zalo, store: Store) -> None:
    zalo.refresh = f"second-{SENTINEL}"
    old = both(zalo, store)
    with pytest.raises(RetryError, match="authorise anew") as caught:
        await old["oa"].send(message(to=USER))
    assert SENTINEL not in str(caught.value)
    await close(old)
    new = both(zalo, store, f"second-{SENTINEL}")
    assert await new["oa"].send(message(to=USER)) == "taken by Zalo"
    await close(new)


ERRORS: list[tuple[int, type[Exception], float | None]] = [
    (-32, RetryError, 60.0),
    (-211, RetryError, 3600.0),
    (-9999, RetryError, None),
    (-230, GiveUpError, None),
    (-118, GiveUpError, None),
]


async def test_zalos_error_decides(zalo: Zalo, store: Store) -> None:
    transports = both(zalo, store)
    for number, error, after_s in ERRORS:
        zalo.errors = [number]
        with pytest.raises(error, match=f"error {number}") as caught:
            await transports["oa"].send(message(to=USER))
        assert SENTINEL not in str(caught.value)
        assert getattr(caught.value, "after_s", None) == after_s
    await close(transports)


async def test_a_receiver_without_an_address_is_given_up(zalo: Zalo, store: Store) -> None:
    transports = both(zalo, store)
    for transport in transports.values():
        with pytest.raises(GiveUpError):
            await transport.send(message())
    await close(transports)
