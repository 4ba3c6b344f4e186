"""The dead man's switch: an outside address is asked while all is well, and only then."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from server.config import DeadMan as DeadManConfig
from server.config.secret import Secret
from server.notifier import DeadMan, Pulse
from server.storage import Store, UnavailableError
from tests.pure.server.paging_people import MORNING
from tests.system.fixtures_notifier import MovedClock

SENTINEL = "s3cr3t-p4th"


@dataclass
class Outside:
    """Counts who asks; ``status`` is its answer."""

    status: int = 200
    asked: int = 0
    port: int = 0

    async def take(self, _request: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(status=self.status)


@asynccontextmanager
async def outside() -> AsyncIterator[Outside]:
    one = Outside()
    app = web.Application()
    app.router.add_get(f"/{SENTINEL}", one.take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        one.port = runner.addresses[0][1]
        yield one
    finally:
        await runner.cleanup()


@dataclass
class Facts:
    """What a pulse is taken from."""

    listening: datetime | None = MORNING
    behind: datetime | None = None
    looked: datetime | None = MORNING
    clock: MovedClock = field(default_factory=MovedClock)

    def dead_man(self, store: Store, port: int) -> DeadMan:
        pulse = Pulse(
            store=store,
            listening_since=lambda: self.listening,
            behind_since=lambda: self.behind,
            looked_at=lambda: self.looked,
        )
        url = Secret(f"http://127.0.0.1:{port}/{SENTINEL}")
        config = DeadManConfig(url=url, every_s=60)
        return DeadMan(config=config, trouble=pulse.trouble, clock=self.clock)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite:///{tmp_path / 'c.db'}")
    yield opened
    await opened.close()


OLD = MORNING - timedelta(seconds=61)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (Facts(), True),
        (Facts(behind=MORNING - timedelta(seconds=59)), True),
        (Facts(listening=None), False),
        (Facts(behind=OLD), False),
        (Facts(looked=OLD), False),
        (Facts(looked=None), False),
    ],
)
async def test_the_outside_is_asked_only_while_all_is_well(
    store: Store, facts: Facts, *, told: bool
) -> None:
    async with outside() as there, aiohttp.ClientSession() as http:
        assert await facts.dead_man(store, there.port).run_once(http) is told
        assert there.asked == int(told)


async def test_it_is_not_asked_while_the_database_is_away(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_self: Store) -> int:
        raise UnavailableError("away")

    monkeypatch.setattr(Store, "count_users", away)
    async with outside() as there, aiohttp.ClientSession() as http:
        assert not await Facts().dead_man(store, there.port).run_once(http)
        assert there.asked == 0


async def test_an_address_that_fails_is_told_without_its_secret(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async with outside() as there, aiohttp.ClientSession() as http:
        there.status = 500
        assert not await Facts().dead_man(store, there.port).run_once(http)
        port = there.port
    with caplog.at_level(logging.DEBUG):
        async with aiohttp.ClientSession() as http:
            assert not await Facts().dead_man(store, port).run_once(http)
    assert "not reached" in caplog.text
    assert SENTINEL not in caplog.text


async def test_it_is_asked_as_soon_as_all_is_well_and_what_is_wrong_is_said_once(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    facts = Facts(looked=None)
    async with outside() as there, aiohttp.ClientSession() as http:
        dead_man = facts.dead_man(store, there.port)
        for _ in range(3):
            assert not await dead_man.run_once(http)
        facts.looked = MORNING
        assert await dead_man.run_once(http)
        assert there.asked == 1
    assert caplog.text.count("not told") == 1
