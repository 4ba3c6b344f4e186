"""Small secrets that all servers share, and letters counted: on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta

from server.domain.paging.people import Call, Occasion, Way
from server.storage import Store
from tests.system.fixtures_server import postgres, postgres_url, store  # noqa: F401 (fixtures)


async def test_of_many_who_write_one_version_one_does(store: Store) -> None:  # noqa: F811 (a fixture)
    assert await store.keepsake("key") is None
    for expected in range(3):
        values = [f"{expected}-{who}".encode() for who in range(5)]
        wrote = await asyncio.gather(*(store.keep("key", v, expected=expected) for v in values))
        assert sum(wrote) == 1
        assert await store.keepsake("key") == (expected + 1, values[wrote.index(True)])
    assert not await store.keep("key", b"late", expected=1)
    assert not await store.keep("other", b"early", expected=1)
    assert await store.keepsake("other") is None


NOW = datetime(2026, 11, 23, tzinfo=UTC)


async def test_letters_are_counted_by_channel(store: Store) -> None:  # noqa: F811
    ages = {"old": -90, "new": -30, "later": 3600, "lost": -60}
    calls = [
        Call(
            id=name,
            incident=None,
            occasion=Occasion.TEST,
            receiver="r",
            way=Way(channel="nhom"),
            language="vi",
            at=NOW + timedelta(seconds=seconds),
        )
        for name, seconds in ages.items()
    ]
    await store.put_letters(calls, now=NOW)
    (lost,) = [one for one in await store.letters_due(now=NOW) if one.id == "lost"]
    await store.letter_tried(lost, ok=False, detail="HTTP 403", now=NOW, next_at=None)
    oldest = NOW - timedelta(seconds=90)
    assert await store.letters_waiting(NOW) == {"nhom": (2, oldest)}
    second = timedelta(seconds=1)
    assert await store.letters_given_up(NOW - timedelta(days=1), NOW) == {}
    assert await store.letters_given_up(NOW, NOW + second) == {"nhom": 1}
    assert await store.letters_given_up(NOW + second, NOW + 2 * second) == {}
