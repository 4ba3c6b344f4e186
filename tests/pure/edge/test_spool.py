"""The spool against a real file: durable, ordered, idempotent, bounded, never silently lost."""

import asyncio
import os
import shutil
import sqlite3
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from edge.spool import Backlog, Spool, SpoolError, SpoolFull
from edge.spool.file import FILE_NAME
from wire.messages import BootStory, GateEvent, Hold, Item, Range, Refusal, Segment, Watermark
from wire.vocabulary import State

pytestmark = pytest.mark.long

BOOT = "0b2c3d4e-1111-4222-8333-444455556666"
BOOT_2 = "0b2c3d4e-1111-4222-8333-444455557777"
BOOT_3 = "0b2c3d4e-1111-4222-8333-444455558888"
MIB = 1024 * 1024


def segment(
    number: int = 1, boot: str = BOOT, *, detail: str | None = None, end_ms: int | None = None
) -> Segment:
    return Segment(
        boot=boot,
        number=number,
        camera="c",
        state=State.UP,
        start_ms=number,
        end_ms=end_ms,
        detail=detail,
    )


def event(note: str = "", event_id: str | None = None) -> GateEvent:
    return GateEvent(
        id=event_id or str(uuid.uuid4()),
        gate="g",
        kind="passage",
        occurred_utc_ms=1,
        accepted_utc_ms=2,
        note=note,
    )


def story(boot: str = BOOT) -> BootStory:
    return BootStory(id=boot, origin_utc_ms=5)


def opened(folder: Path, agent: str = "a1", max_bytes: int = 50 * MIB) -> Spool:
    return Spool.open(folder, agent=agent, max_bytes=max_bytes)


async def begun(folder: Path, boot: str = BOOT, max_bytes: int = 50 * MIB) -> Spool:
    spool = opened(folder, max_bytes=max_bytes)
    await spool.begin(story(boot))
    return spool


def numbers(items: tuple[Item, ...]) -> list[int]:
    return [item.seq for item in items]


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    spool = await begun(tmp_path)
    yield spool
    spool.close()


async def test_what_was_appended_is_there_after_a_restart(tmp_path: Path) -> None:
    first = await begun(tmp_path)
    assert await first.append([segment(1), segment(2)]) == (1, 2)
    saved = await first.append_event(event("x"))
    first.close()
    second = await begun(tmp_path, BOOT_2)
    items = await second.peek(BOOT, 0, 10)
    assert numbers(items) == [1, 2, saved.seq]
    assert items[0].segment == segment(1)
    assert items[2].gate_event is not None
    assert items[2].gate_event.note == "x"
    assert await second.peek(BOOT_2, 0, 10) == ()
    second.close()


async def test_each_boot_counts_from_one_in_a_spool_of_its_own(tmp_path: Path) -> None:
    first = await begun(tmp_path)
    await first.append([segment(1), segment(2)])
    first.close()
    second = await begun(tmp_path, BOOT_2)
    assert second.running == BOOT_2
    assert await second.append([segment(1, BOOT_2)]) == (1,)
    assert (await second.append_event(event())).seq == 2
    assert await second.backlog() == (Backlog(spool=BOOT, items=2, last_seq=2, watermarks=()),)
    await second.ack(BOOT, 2)
    assert await second.backlog() == ()
    assert numbers(await second.peek(BOOT_2, 0, 9)) == [1, 2]
    second.close()


async def test_numbers_go_on_after_everything_was_acknowledged(spool: Spool) -> None:
    await spool.append([segment(1), segment(2)])
    await spool.ack(BOOT, 2)
    assert await spool.append([segment(3)]) == (3,)


async def test_a_boot_turned_over_still_takes_its_last_closings(spool: Spool) -> None:
    await spool.append([segment(1)])
    mark = await spool.save_watermark(story(), until_ms=9, held=())
    await spool.ack(BOOT, 1)
    await spool.begin(story(BOOT_2))
    await spool.watermarks_delivered([mark])
    assert await spool.append([segment(1, end_ms=8), segment(1, BOOT_2)]) == (2, 1)
    assert numbers(await spool.peek(BOOT, 0, 9)) == [2]


async def test_nobody_gives_numbers_of_a_former_run(tmp_path: Path) -> None:
    first = await begun(tmp_path)
    await first.append([segment(1)])
    first.close()
    second = await begun(tmp_path, BOOT_2)
    with pytest.raises(SpoolError, match="of a former run"):
        await second.append([segment(2)])
    with pytest.raises(SpoolError):
        await second.begin(story())
    second.close()


async def test_without_a_boot_nothing_is_taken(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    with pytest.raises(SpoolError, match="no boot has begun"):
        await spool.append_event(event())
    with pytest.raises(SpoolError, match="there is no spool"):
        await spool.append([segment(1)])
    spool.close()


async def test_two_copies_of_one_disk_never_share_a_number(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    first = await begun(tmp_path / "one")
    await first.append_event(event("left over"))
    first.close()
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    one = await begun(tmp_path / "one", BOOT_2)
    two = await begun(tmp_path / "two", BOOT_3)
    mine, other = await one.append_event(event("mine")), await two.append_event(event("other"))
    assert mine.seq == other.seq
    for each in (one, two):  # both hear the ack of one
        await each.ack(BOOT_2, mine.seq)
    assert await one.peek(BOOT_2, 0, 9) == ()
    (kept,) = await two.peek(BOOT_3, 0, 9)
    assert kept.gate_event is not None
    assert kept.gate_event.note == "other"
    left = [await each.peek(BOOT, 0, 9) for each in (one, two)]
    assert left[0] == left[1] != ()
    one.close()
    two.close()


async def test_an_ack_deletes_exactly_what_it_names(spool: Spool) -> None:
    await spool.append([segment(n) for n in range(1, 11)])
    await spool.ack(BOOT, 3, [Range(first=6, last=7)], [Refusal(seq=9, reason="never")])
    await spool.ack(BOOT_2, 100)
    assert numbers(await spool.peek(BOOT, 0, 100)) == [4, 5, 8, 10]
    assert numbers(await spool.peek(BOOT, 5, 1)) == [8]
    stats = await spool.stats()
    assert (stats.items, stats.refused, stats.last_seq) == (4, 1, 10)
    assert stats.max_bytes == 50 * MIB
    assert await spool.kept_from(BOOT) == 4


async def test_an_empty_spool_keeps_from_its_next_number(spool: Spool) -> None:
    assert await spool.kept_from(BOOT) == 1
    await spool.append([segment(1), segment(2)])
    assert await spool.kept_from(BOOT) == 1
    await spool.ack(BOOT, 2)
    assert await spool.kept_from(BOOT) == 3


async def test_what_was_set_aside_comes_again_under_a_new_number(tmp_path: Path) -> None:
    first = await begun(tmp_path)
    await first.append([segment(1)])
    await first.append_event(event("poison"))
    await first.set_aside(BOOT, [Refusal(seq=n, reason="not taken") for n in (1, 2, 77)])
    await first.ack(BOOT, 2)
    first.close()
    second = await begun(tmp_path, BOOT_2)
    assert (await second.stats()).refused == 2
    assert await second.stories([BOOT]) == (story(),)  # the segment may speak of it again
    assert await second.offer_again() == 2
    again, poison = await second.peek(BOOT_2, 0, 9)
    assert (again.seq, again.segment) == (1, segment(1))
    assert poison.gate_event is not None
    assert poison.gate_event.note == "poison"
    assert ((await second.stats()).refused, (await second.stats()).items) == (0, 2)
    assert await second.stories([BOOT]) == (story(),)
    await second.ack(BOOT_2, 2)
    assert await second.stories([BOOT]) == ()
    second.close()


async def test_nothing_is_offered_for_ever(spool: Spool) -> None:
    await spool.append_event(event())
    offered = 0
    for number in range(1, 60):
        await spool.set_aside(BOOT, [Refusal(seq=number, reason="never")])
        offered += await spool.offer_again()
    assert offered == 30
    assert (await spool.stats()).refused == 1


async def test_a_close_takes_the_place_of_what_nobody_heard(spool: Spool) -> None:
    await spool.append([segment(1), segment(2)])
    await spool.append([segment(1, end_ms=50)])
    (two, one) = await spool.peek(BOOT, 0, 9)
    assert (two.seq, two.segment) == (2, segment(2))
    assert (one.seq, one.segment) == (3, segment(1, end_ms=50))
    await spool.mark_sent(BOOT, 2)
    await spool.append([segment(2, end_ms=60)])
    assert numbers(await spool.peek(BOOT, 0, 9)) == [2, 3, 4]  # it was sent: it stays
    assert (await spool.stats()).items == 3


async def test_what_gave_way_between_a_look_and_its_sending_does_not_go(spool: Spool) -> None:
    await spool.append([segment(1), segment(2)])
    looked = await spool.peek(BOOT, 0, 9)
    await spool.append([segment(1, end_ms=50)])
    await spool.mark_sent(BOOT, 2)
    kept_from, still = await spool.standing(BOOT, looked)
    assert (kept_from, numbers(still)) == (2, [2])
    assert await spool.standing(BOOT, ()) == (2, ())


async def test_a_repeated_event_is_kept_once_even_after_its_ack(spool: Spool) -> None:
    same = event()
    first = await spool.append_event(same)
    await spool.ack(BOOT, first.seq)
    again = await spool.append_event(same)
    assert (first.is_new, again.is_new) == (True, False)
    assert again.seq == first.seq
    assert await spool.peek(BOOT, 0, 10) == ()


async def test_events_that_come_together_share_syncs_and_lose_nothing(spool: Spool) -> None:
    transactions = 0
    connection = await spool._runner.submit(lambda c: c)

    def count(statement: str) -> None:
        nonlocal transactions
        transactions += statement == "COMMIT"

    connection.set_trace_callback(count)
    saved = await asyncio.gather(*(spool.append_event(event(str(i))) for i in range(300)))
    assert sorted(each.seq for each in saved) == list(range(1, 301))
    assert transactions < 100
    assert len(await spool.peek(BOOT, 0, 1000)) == 300


async def test_a_watermark_covers_what_was_asked_for_before_it(spool: Spool) -> None:
    held = (Hold(camera="c", last_good_ms=3),)
    _, mark = await asyncio.gather(
        spool.append([segment(1), segment(2)]),
        spool.save_watermark(story(), until_ms=9, held=held),
    )
    assert mark == Watermark(boot=BOOT, until_ms=9, after_seq=2, held=held)


async def test_a_former_boots_watermark_stays_until_it_is_delivered(tmp_path: Path) -> None:
    first = await begun(tmp_path)
    await first.save_watermark(story(), until_ms=9, held=())
    newest = await first.save_watermark(story(), until_ms=19, held=())
    assert await first.backlog() == ()
    first.close()
    second = await begun(tmp_path, BOOT_2)
    left = Backlog(spool=BOOT, items=0, last_seq=0, watermarks=(newest,))
    assert await second.backlog() == (left,)
    assert await second.stories([BOOT, BOOT_2]) == (story(), story(BOOT_2))
    await second.watermarks_delivered([newest])
    assert await second.backlog() == ()
    assert await second.stories([BOOT, BOOT_2]) == (story(BOOT_2),)
    second.close()


async def test_a_watermark_that_was_revised_under_way_is_not_delivered(spool: Spool) -> None:
    held = (Hold(camera="c1", last_good_ms=5),)
    sent = await spool.save_watermark(story(), until_ms=9, held=held)
    await spool.begin(story(BOOT_2))
    revised = await spool.save_watermark(story(), until_ms=10, held=())
    await spool.watermarks_delivered([sent])
    (left,) = await spool.backlog()
    assert left.watermarks == (revised,)
    await spool.watermarks_delivered([revised])
    assert await spool.backlog() == ()


async def test_a_boot_is_known_as_long_as_an_item_speaks_of_it(tmp_path: Path) -> None:
    first = await begun(tmp_path)
    await first.append([segment(1)])
    renewed = BootStory(id=BOOT, origin_utc_ms=7, offset_ms=3)
    await first.save_boot(renewed)
    first.close()
    second = await begun(tmp_path, BOOT_2)
    await second.ack(BOOT, 0)
    assert await second.stories([BOOT]) == (renewed,)
    await second.ack(BOOT, 1)
    assert await second.stories([BOOT]) == ()
    second.close()


async def test_segments_give_way_counted_but_events_never(tmp_path: Path) -> None:
    spool = await begun(tmp_path, max_bytes=MIB // 2)
    await spool.append_event(event("kept"))
    for start in range(0, 6_000, 100):
        numbers_now = range(start + 1, start + 101)
        await spool.append([segment(n, detail="d" * 100, end_ms=n + 1) for n in numbers_now])
    items = await spool.peek(BOOT, 0, 100_000)
    gaps = [item.gap for item in items if item.gap]
    segments = [item for item in items if item.segment]
    assert (await spool.stats()).bytes <= MIB
    assert sum(gap.count for gap in gaps) + len(segments) == 6_000
    assert [item.gate_event.note for item in items if item.gate_event] == ["kept"]
    assert gaps[0].first_seq == 2
    spool.close()


async def test_a_spool_full_of_events_refuses_new_ones_and_keeps_the_old(tmp_path: Path) -> None:
    spool = await begun(tmp_path, max_bytes=MIB // 4)
    many = (spool.append_event(event("n" * 400)) for _ in range(2_000))
    results = await asyncio.gather(*many, return_exceptions=True)
    kept = [result for result in results if not isinstance(result, SpoolFull)]
    assert len(await spool.peek(BOOT, 0, 10_000)) == len(kept)
    assert 100 < len(kept) < 2_000
    await spool.ack(BOOT, len(kept))
    assert (await spool.append_event(event())).is_new
    spool.close()


async def test_one_job_that_fails_does_not_undo_the_others(spool: Spool) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM items")
        raise ValueError("mine")

    results = await asyncio.gather(
        spool.append([segment(1)]),
        spool._runner.submit(fail),
        spool.append([segment(2)]),
        return_exceptions=True,
    )
    assert results[0] == (1,)
    assert isinstance(results[1], ValueError)
    assert results[2] == (2,)
    assert numbers(await spool.peek(BOOT, 0, 10)) == [1, 2]


async def test_every_commit_is_on_the_disk_before_it_returns(spool: Spool) -> None:
    def settings_of(connection: sqlite3.Connection) -> list[object]:
        names = ("synchronous", "journal_mode")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await spool._runner.submit(settings_of) == [2, "wal"]  # 2 is FULL


async def test_a_full_disk_is_said_and_what_was_kept_stays(tmp_path: Path) -> None:
    spool = await begun(tmp_path)
    await spool.append([segment(1)])
    (pages,) = await spool._runner.submit(lambda c: c.execute("PRAGMA page_count").fetchone())
    limit = f"PRAGMA max_page_count = {pages + 2}"
    await spool._runner.submit(lambda c: c.execute(limit).fetchone())
    with pytest.raises(SpoolFull, match="disk is full"):
        await spool.append([segment(n, detail="d" * 500) for n in range(2, 200)])
    assert numbers(await spool.peek(BOOT, 0, 10)) == [1]
    spool.close()


def overwrite(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 500)


def spoil_middle(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)


@pytest.mark.parametrize("spoil", [overwrite, spoil_middle])
async def test_a_broken_file_is_put_aside_and_said(
    tmp_path: Path, spoil: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    first = await begun(tmp_path)
    await first.append([segment(n, detail="d" * 300) for n in range(1, 100)])
    first.close()
    spoil(tmp_path / FILE_NAME)
    broken = (tmp_path / FILE_NAME).read_bytes()
    second = opened(tmp_path)
    assert await second.backlog() == ()
    aside = (tmp_path / f"{FILE_NAME}.broken-1").read_bytes()
    assert aside[4096:] == broken[4096:]
    assert "the spool was broken" in caplog.text
    second.close()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SpoolError, match=r"cannot write in .*file"):
        opened(tmp_path / "file" / "edge")


def test_another_agents_spool_is_refused(tmp_path: Path) -> None:
    opened(tmp_path, "a1").close()
    with pytest.raises(SpoolError, match="belongs to the agent a1, not to a2"):
        opened(tmp_path, "a2")


def test_a_newer_versions_spool_is_left_alone(tmp_path: Path) -> None:
    opened(tmp_path).close()
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("PRAGMA user_version = 99")
    connection.execute("CREATE TABLE what_we_do_not_know (x)")
    connection.close()
    with pytest.raises(SpoolError, match="made by a newer version"):
        opened(tmp_path)


def test_two_agents_never_share_a_folder(tmp_path: Path) -> None:
    first = opened(tmp_path)
    with pytest.raises(SpoolError, match="another agent is running with"):
        opened(tmp_path)
    first.close()


V1 = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (
  seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, boot TEXT, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS items_kind ON items (kind, seq);
CREATE TABLE IF NOT EXISTS events (
  id TEXT PRIMARY KEY, seq INTEGER NOT NULL, accepted_utc_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS events_seq ON events (seq);
CREATE TABLE IF NOT EXISTS refused (
  seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, body BLOB NOT NULL, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS boots (
  id TEXT PRIMARY KEY, number INTEGER NOT NULL, story BLOB NOT NULL, watermark BLOB
) WITHOUT ROWID;
PRAGMA user_version = 1;
"""


def write_v1(path: Path, spool: str, passage: GateEvent) -> Watermark:
    """A file as version 1 left it: two boots in one spool, the first number acknowledged."""
    encode = msgspec.json.encode
    mark = Watermark(boot=BOOT, until_ms=9, after_seq=3)
    connection = sqlite3.connect(path)
    connection.executescript(f"PRAGMA journal_mode = WAL; {V1}")
    meta = [("agent", "a1"), ("spool", spool), ("last_seq", "5")]
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta)
    told = [(2, BOOT, segment(1)), (3, BOOT, segment(1, end_ms=7)), (5, BOOT_2, segment(1, BOOT_2))]
    rows = [(seq, "segment", boot, encode(held)) for seq, boot, held in told]
    connection.executemany("INSERT INTO items VALUES (?, ?, ?, ?)", rows)
    row = (4, "gate_event", None, encode(passage))
    connection.execute("INSERT INTO items VALUES (?, ?, ?, ?)", row)
    connection.execute("INSERT INTO events VALUES (?, 4, 2)", (passage.id,))
    refused = (1, "gate_event", encode(event("refused")), "why")
    connection.execute("INSERT INTO refused VALUES (?, ?, ?, ?)", refused)
    boots = [(BOOT, 1, encode(story()), encode(mark)), (BOOT_2, 2, encode(story(BOOT_2)), None)]
    connection.executemany("INSERT INTO boots VALUES (?, ?, ?, ?)", boots)
    connection.commit()
    connection.close()
    return mark


async def test_a_file_of_version_1_is_taken_over_whole(tmp_path: Path) -> None:
    shared, passage = "0b2c3d4e-2222-4222-8333-444455556666", event("passage")
    mark = write_v1(tmp_path / FILE_NAME, shared, passage)
    spool = await begun(tmp_path, BOOT_3)
    assert await spool.backlog() == (
        Backlog(spool=shared, items=4, last_seq=5, watermarks=(mark,)),
    )
    found = await spool.peek(shared, 0, 10)
    assert numbers(found) == [2, 3, 4, 5]
    assert found[1].segment == segment(1, end_ms=7)
    assert found[2].gate_event == passage
    assert await spool.stories([BOOT, BOOT_2]) == (story(), story(BOOT_2))
    assert not (await spool.append_event(passage)).is_new
    assert (await spool.stats()).refused == 1
    assert await spool.append([segment(1, BOOT_3)]) == (1,)
    await spool.ack(shared, 5)
    await spool.watermarks_delivered([mark])
    assert await spool.backlog() == ()
    (vacuum,) = await spool._runner.submit(lambda c: c.execute("PRAGMA auto_vacuum").fetchone())
    assert vacuum == 2  # it can grow small now
    spool.close()
    again = opened(tmp_path)
    assert (await again.stats()).items == 1
    again.close()
