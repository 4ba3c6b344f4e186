"""What gives way when the spool is full, what never does, and how it is told."""

import asyncio
import sqlite3
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from edge.spool import Spool, SpoolFull
from edge.spool.room import _drop_some, make_room, used_bytes
from tests.pure.edge.inline_spool import opened, quick_folder
from wire.messages import BootStory, Gap, GateEvent, Item, Segment
from wire.vocabulary import State

BOOT = "0b2c3d4e-1111-4222-8333-444455556666"
BOOT_2 = "0b2c3d4e-1111-4222-8333-444455557777"
KIB = 1024


def segment(number: int, camera: str = "c1", *, ended: bool = True, boot: str = BOOT) -> Segment:
    return Segment(
        boot=boot,
        number=number,
        camera=camera,
        state=State.UP,
        start_ms=number * 100,
        end_ms=number * 100 + 50 if ended else None,
        detail="d" * 200,
    )


def event() -> GateEvent:
    return GateEvent(
        id=str(uuid.uuid4()),
        gate="g",
        kind="k",
        occurred_utc_ms=1,
        accepted_utc_ms=1,
        note="n" * 200,
    )


async def begun(folder: Path, boot: str, max_bytes: int) -> Spool:
    spool = opened(folder, max_bytes=max_bytes)
    await spool.begin(BootStory(id=boot, origin_utc_ms=1))
    return spool


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    spool = await begun(tmp_path, BOOT, 2**26)
    yield spool
    spool.close()


async def shrink(spool: Spool, part: float) -> None:
    """Have room made as if the spool's limit were this part of what it uses."""

    def work(connection: sqlite3.Connection) -> None:
        limit = int(used_bytes(connection) * part)
        make_room(connection, spool.running, limit, former=spool._former, refusal=None)

    await spool._runner.submit(work)


async def items(spool: Spool, boot: str = BOOT) -> tuple[Item, ...]:
    return await spool.peek(boot, 0, 100_000)


def told(found: tuple[Item, ...]) -> list[Gap]:
    return [item.gap for item in found if item.gap]


def kept(found: tuple[Item, ...]) -> list[int]:
    return [item.segment.number for item in found if item.segment]


async def test_the_camera_that_holds_most_gives_way_first_its_oldest_first(spool: Spool) -> None:
    await spool.append([segment(n, "flapping") for n in range(1, 1_001)])
    await spool.append([segment(n, "calm") for n in range(1_001, 1_021)])
    await shrink(spool, 0.5)
    found = await items(spool)
    left = Counter(item.segment.camera for item in found if item.segment)
    assert left["calm"] == 20
    assert 100 < left["flapping"] < 600
    numbers = [n for n in kept(found) if n <= 1_000]
    assert numbers == list(range(1_001 - len(numbers), 1_001))


async def test_what_went_is_counted_with_boot_camera_and_span(spool: Spool) -> None:
    await spool.append([segment(n, f"c{n % 2}") for n in range(1, 401)])
    await shrink(spool, 0.5)
    found = await items(spool)
    gaps = told(found)
    assert sum(gap.count for gap in gaps) + len(kept(found)) == 400
    assert {gap.boot for gap in gaps} == {BOOT}
    assert {camera for gap in gaps for camera in gap.cameras} == {"c0", "c1"}
    gone = sorted(set(range(1, 401)) - set(kept(found)))
    assert min(gap.start_ms for gap in gaps if gap.start_ms) == gone[0] * 100
    assert max(gap.end_ms for gap in gaps if gap.end_ms) == gone[-1] * 100 + 50
    assert len(gaps) < 5


async def test_the_oldest_boot_gives_way_first_and_the_running_one_tells(tmp_path: Path) -> None:
    first = await begun(tmp_path, BOOT, 2**26)
    await first.append([segment(n) for n in range(1, 201)])
    first.close()
    second = await begun(tmp_path, BOOT_2, 2**26)
    await second.append([segment(n, boot=BOOT_2) for n in range(1, 201)])
    await shrink(second, 0.75)
    assert len(kept(await items(second, BOOT))) < 120
    running = await items(second, BOOT_2)
    assert kept(running) == list(range(1, 201))
    assert {gap.boot for gap in told(running)} == {BOOT}
    assert await second.stories([BOOT]) != ()
    second.close()


async def test_a_close_whose_opening_the_centre_may_know_never_goes(spool: Spool) -> None:
    await spool.append([segment(1, ended=False), segment(2, ended=False), segment(3, ended=False)])
    await spool.mark_sent(BOOT, 2)
    await spool.ack(BOOT, 1)
    await spool.append([segment(n) for n in (1, 2, 3)])
    await spool.append([segment(n) for n in range(4, 200)])
    await shrink(spool, 0.0)
    found = await items(spool)
    assert kept(found) == [2, 1, 2]  # the opening of 2 may be under way; 3 was never told of
    assert sum(gap.count for gap in told(found)) == 197


async def test_what_is_open_goes_last_and_what_is_open_now_never(tmp_path: Path) -> None:
    first = await begun(tmp_path, BOOT, 2**26)
    await first.append([segment(1), segment(2, ended=False)])
    await first.save_watermark(BootStory(id=BOOT, origin_utc_ms=1), until_ms=7_000, held=())
    first.close()
    second = await begun(tmp_path, BOOT_2, 2**26)
    await second.append([segment(1, boot=BOOT_2), segment(2, ended=False, boot=BOOT_2)])
    await second._runner.submit(lambda c: [_drop_some(c, BOOT_2, second._former) for _ in range(2)])
    assert kept(await items(second, BOOT)) == [2]
    await shrink(second, 0.0)
    assert kept(await items(second, BOOT)) == []
    running = await items(second, BOOT_2)
    assert kept(running) == [2]
    (gap,) = [each for each in told(running) if each.boot == BOOT and each.start_ms == 200]
    assert (gap.count, gap.end_ms) == (1, 7_000)  # up to where the boot vouched for it
    second.close()


async def test_what_may_be_under_way_stays(spool: Spool) -> None:
    await spool.append([segment(n) for n in range(1, 101)])
    await spool.mark_sent(BOOT, 60)
    await shrink(spool, 0.0)
    assert kept(await items(spool)) == list(range(1, 61))


async def test_a_gap_that_was_sent_is_not_changed_any_more(spool: Spool) -> None:
    await spool.append([segment(n) for n in range(1, 3)])
    await shrink(spool, 0.0)
    (first,) = await items(spool)
    await spool.mark_sent(BOOT, first.seq)
    await spool.append([segment(n) for n in range(3, 6)])
    await shrink(spool, 0.0)
    before, after = await items(spool)
    assert before == first
    assert after.gap is not None
    assert after.gap.count == 3


async def test_gaps_never_outgrow_what_they_free(tmp_path: Path) -> None:
    spool = await begun(tmp_path, BOOT, 120 * KIB)
    tried = [spool.append_event(event()) for _ in range(1_000)]
    outcomes = await asyncio.gather(*tried, return_exceptions=True)
    assert any(isinstance(outcome, SpoolFull) for outcome in outcomes)
    events = sum(item.gate_event is not None for item in await items(spool))
    for number in range(1, 601, 2):
        await spool.append([segment(number), segment(number + 1)])
    found = await items(spool)
    assert sum(item.gate_event is not None for item in found) == events
    assert sum(gap.count for gap in told(found)) + len(kept(found)) == 600
    assert len(told(found)) <= 5
    assert (await spool.stats()).bytes < 140 * KIB
    with pytest.raises(SpoolFull, match="full of events"):
        await spool.append_event(event())
    await spool.ack(BOOT, 50)
    assert (await spool.append_event(event())).is_new
    spool.close()


@dataclass
class Disk:
    """What a test says is free on the disk."""

    free: int = 2**40

    def usage(self, _: Path) -> "Disk":
        return self


async def test_on_a_full_disk_acks_go_on_and_make_room_within_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = Disk()
    monkeypatch.setattr("edge.spool.reserve.shutil.disk_usage", disk.usage)
    with quick_folder() as folder:
        spool = opened(folder, reserve_bytes=256 * KIB)
        story = BootStory(id=BOOT, origin_utc_ms=1)
        await spool.begin(story)
        disk.free = 100 * KIB
        tried = [spool.append_event(event()) for _ in range(1_000)]
        outcomes = await asyncio.gather(*tried, return_exceptions=True)
        fitted = sum(not isinstance(outcome, BaseException) for outcome in outcomes)
        assert 100 < fitted < 900
        with pytest.raises(SpoolFull, match="the disk is full"):
            await spool.append([segment(1)])
        pages = await pages_of(spool)
        for number in range(300):
            await spool.save_watermark(story, until_ms=number, held=())
        await spool.ack(BOOT, fitted - 10)
        assert (await spool.append_event(event())).is_new
        assert len(await spool.append([segment(1)])) == 1
        assert await pages_of(spool) == pages
        disk.free = 2**40
        await asyncio.gather(*(spool.append_event(event()) for _ in range(1_000)))
        spool.close()


async def pages_of(spool: Spool) -> int:
    def work(connection: sqlite3.Connection) -> int:
        return int(connection.execute("PRAGMA page_count").fetchone()[0])

    return await spool._runner.submit(work)


async def test_no_statement_walks_through_all_items(spool: Spool) -> None:
    """Months of items must not make an append slow; only looking for room may count them."""
    await spool.append([segment(n) for n in range(1, 100)])
    connection = await spool._runner.submit(lambda c: c)
    seen: set[str] = set()
    connection.set_trace_callback(seen.add)
    await spool.append([segment(100, ended=False)])
    await spool.append([segment(100)])
    await spool.append_event(event())
    await spool.peek(BOOT, 3, 10)
    await spool.kept_from(BOOT)
    await spool.tell_lost(Gap(first_seq=1, last_seq=1, kind="k", count=1, reason="r"))
    await spool.ack(BOOT, 7)
    await spool.backlog()
    await spool.stats()
    connection.set_trace_callback(None)
    questions = [text for text in seen if text.startswith(("SELECT", "DELETE", "UPDATE"))]
    assert len(questions) > 10
    for text in questions:
        for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {text}").fetchall():
            assert not step.startswith("SCAN items"), text
            assert "(spool=? AND seq>?)" not in step or "LIMIT" in text, text


async def test_a_clock_that_jumps_changes_neither_order_nor_identity_nor_room(
    tmp_path: Path,
) -> None:
    spool = await begun(tmp_path, BOOT, 2**26)
    seqs: list[int] = []
    for utc_ms in (10**12, 1, 10**13, 0, 5 * 10**11):
        story = BootStory(id=BOOT, origin_utc_ms=utc_ms)
        mark = await spool.save_watermark(story, until_ms=len(seqs) + 1, held=())
        made = msgspec.structs.replace(event(), accepted_utc_ms=utc_ms, occurred_utc_ms=utc_ms)
        seqs.append((await spool.append_event(made)).seq)
        assert mark.after_seq == seqs[-1] - 1
        assert not (await spool.append_event(made)).is_new
        assert await spool.stories([BOOT]) == (story,)
    assert seqs == [1, 2, 3, 4, 5]
    spool.close()
    spool = await begun(tmp_path, BOOT_2, 2**26)
    (left,) = await spool.backlog()
    assert (left.spool, left.items, left.last_seq) == (BOOT, 5, 5)
    spool.close()


async def test_what_a_boot_left_open_that_has_just_turned_does_not_give_way(
    spool: Spool,
) -> None:
    """Its last watermark is yet to come, so that no gap could tell how much went (seed 7050)."""
    await spool.append([segment(1, ended=False)])
    await spool.begin(BootStory(id=BOOT_2, origin_utc_ms=1))
    await shrink(spool, 0.0)
    assert kept(await items(spool, BOOT)) == [1]
