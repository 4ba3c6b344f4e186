"""What people write: every revision stays, two writers never mix; all or none; both databases."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from server.storage import ConflictError, PoisonError, Put, Store
from server.storage.records import LARGEST_FILE
from tests.system.fixtures_server import postgres, postgres_url, store

__all__ = ["postgres", "postgres_url", "store"]

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
DAY = date(2026, 11, 22)


def put(
    name: str, expected: int = 0, text: str = "{}", *, kind: str = "visit", **more: object
) -> Put:
    return Put(kind=kind, id=name, expected=expected, data=text.encode(), **more)  # type: ignore[arg-type]


async def test_every_revision_stays(store: Store) -> None:
    await store.put_records([put("a", text='{"n":1}', school="thvq", day=DAY)], by="lan", now=NOW)
    later = NOW + timedelta(hours=1)
    await store.put_records([put("a", 1, '{"n":"ễ\\u0000"}', gone=True)], by="minh", now=later)
    first, second = await store.record_history("visit", "a")
    assert (first.revision, first.data, first.by, first.at) == (1, b'{"n":1}', "lan", NOW)
    assert (first.school, first.day, first.gone) == ("thvq", DAY, False)
    assert (second.revision, second.data, second.by) == (2, '{"n":"ễ\\u0000"}'.encode(), "minh")
    assert await store.record("visit", "a") == second
    assert await store.records("visit") == []
    assert await store.records("visit", gone=True) == [second]
    assert await store.record("visit", "b") is None


async def test_what_is_erased_is_erased_from_every_revision_and_from_no_other_record(
    store: Store,
) -> None:
    await store.put_records(
        [put("a", text='{"n":"Gác"}'), put("b", text='{"n":1}')], by="lan", now=NOW
    )
    await store.put_records([put("a", 1, '{"n":"Gác"}'), put("a", kind="other")], by="lan", now=NOW)
    await store.erase_record("visit", "a", b'{"n":""}')
    history = await store.record_history("visit", "a")
    assert [(r.revision, r.by, r.data) for r in history] == [
        (1, "lan", b'{"n":""}'),
        (2, "lan", b'{"n":""}'),
    ]
    assert await store.record("visit", "a") == history[-1]
    assert [r.data for r in await store.record_history("visit", "b")] == [b'{"n":1}']
    assert [r.data for r in await store.record_history("other", "a")] == [b"{}"]


async def test_whoever_writes_second_is_told_and_nothing_of_his_is_written(store: Store) -> None:
    await store.put_records([put("a"), put("b")], by="lan", now=NOW)
    with pytest.raises(ConflictError) as told:
        await store.put_records([put("c"), put("a", 0)], by="minh", now=NOW)
    assert (told.value.kind, told.value.name, told.value.found) == ("visit", "a", 1)
    with pytest.raises(ConflictError):
        await store.put_records([put("c"), put("z", 3)], by="minh", now=NOW)
    assert [r.id for r in await store.records("visit")] == ["a", "b"]


async def test_of_many_at_once_one_writes(store: Store) -> None:
    async def write(by: str) -> bool:
        try:
            await store.put_records([put("a", text=f'"{by}"')], by=by, now=NOW)
        except ConflictError:
            return False
        return True

    done = await asyncio.gather(*(write(f"p{n}") for n in range(6)))
    assert sum(done) == 1
    only = await store.record("visit", "a")
    assert only is not None
    assert only.by == f"p{done.index(True)}"
    assert len(await store.record_history("visit", "a")) == 1


async def test_they_are_found_by_school_and_day(store: Store) -> None:
    days = [DAY + timedelta(days=n) for n in range(3)]
    await store.put_records(
        [
            put(f"{school}{n}", school=school, day=day)
            for school in ("s1", "s2")
            for n, day in enumerate(days)
        ]
        + [put("none"), put("other", kind="shift", school="s1", day=DAY)],
        by="lan",
        now=NOW,
    )
    assert [r.id for r in await store.records("visit", schools={"s2"}, first=days[1])] == [
        "s21",
        "s22",
    ]
    assert [r.id for r in await store.records("visit", last=DAY)] == ["s10", "s20"]
    assert next(r.id for r in await store.records("visit")) == "none"
    assert await store.records("visit", schools=[]) == []
    some: list[dict[str, Any]] = [
        {},
        {"schools": ["s1"]},
        {"schools": []},
        {"first": days[1]},
        {"last": DAY},
    ]
    for asked in some:
        whole = [(r.id, r.revision, r.data.decode()) for r in await store.records("visit", **asked)]
        assert sorted(await store.contents("visit", **asked)) == sorted(whole), asked


async def test_bad_ids_and_pairs_are_refused(store: Store) -> None:
    for bad in ([put("")], [put("x" * 129)], [put("a"), put("a")]):
        with pytest.raises(PoisonError):
            await store.put_records(bad, by="lan", now=NOW)
    assert await store.records("visit") == []


async def test_a_file_is_kept_once(store: Store) -> None:
    name = await store.keep_file(b"\x00pic", name="ảnh.jpg", media="image/jpeg", by="lan", now=NOW)
    again = await store.keep_file(b"\x00pic", name="b.jpg", media="image/jpeg", by="minh", now=NOW)
    assert name == again
    kept = await store.kept_file(name)
    assert kept is not None
    assert (kept.data, kept.name, kept.by, kept.at) == (b"\x00pic", "ảnh.jpg", "lan", NOW)
    assert await store.kept_file("0" * 64) is None
    with pytest.raises(PoisonError, match="20 MiB"):
        await store.keep_file(bytes(LARGEST_FILE + 1), name="x", media="x", by="lan", now=NOW)
