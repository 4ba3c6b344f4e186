"""What a power cut, a failing disk and a bad sector leave of a spool, and what is made of it.

Cuts and flips are sampled; ``VONGGAC_EVERY_BYTE=1`` tries each byte there is (half an hour).
"""

import asyncio
import os
import random
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge.spool import Spool, SpoolError
from edge.spool.boots import backlog
from edge.spool.file import FILE_NAME, open_file
from edge.spool.items import find, read
from edge.spool.packing import Damage, thing
from tests.pure.edge.inline_spool import opened, quick_folder
from wire.messages import BootStory, GateEvent, Segment
from wire.vocabulary import State

pytestmark = pytest.mark.long

EVERY_BYTE = bool(os.environ.get("VONGGAC_EVERY_BYTE"))
BOOTS = [str(uuid.UUID(int=number, version=4)) for number in range(1, 9)]
FRAME = 24 + 4096
LOG = f"{FILE_NAME}-wal"
Held = dict[tuple[str, int], object]


def segment(boot: str, number: int, end_ms: int | None = None, detail: str = "d") -> Segment:
    return Segment(
        boot=boot,
        number=number,
        camera="c",
        state=State.UP,
        start_ms=number * 10,
        end_ms=end_ms,
        detail=detail,
    )


def event(number: int) -> GateEvent:
    name = str(uuid.UUID(int=number, version=4))
    return GateEvent(id=name, gate="g", kind="passage", occurred_utc_ms=number, accepted_utc_ms=1)


def held(folder: Path) -> Held:
    """Open the file as the agent does; return all that it holds, and close it."""
    connection = open_file(folder, agent="a1")
    try:
        return all_of(connection)
    finally:
        connection.close()


def all_of(connection: sqlite3.Connection) -> Held:
    found: Held = {}
    for left in backlog(connection, ""):
        place = find(connection, left.spool)
        assert place is not None
        for seq, kind, body in read(connection, place, 0, 10_000):
            found[left.spool, seq] = thing(kind, body)
    return found


@dataclass
class Life:
    """A spool that has lived a little: its files' bytes, and what it held after each commit."""

    main: bytes = b""
    log: bytes = b""
    after: list[tuple[int, Held]] = field(default_factory=list)

    @property
    def last(self) -> Held:
        return self.after[-1][1]


async def live(folder: Path) -> Life:
    """Two boots, some dozens of commits, some of them acks; the end is a power cut."""
    life, kept = Life(), Held()
    first = opened(folder)
    await first.begin(BootStory(id=BOOTS[0], origin_utc_ms=1))
    for number in range(1, 21):
        seqs = await first.append([segment(BOOTS[0], number)])
        kept[BOOTS[0], seqs[0]] = segment(BOOTS[0], number)
    first.close()
    spool = opened(folder)

    def note() -> None:
        life.after.append(((folder / LOG).stat().st_size, dict(kept)))

    await spool.begin(BootStory(id=BOOTS[1], origin_utc_ms=2))
    note()
    for number in range(1, 13):
        (seq,) = await spool.append([segment(BOOTS[1], number, number * 10 + 5)])
        kept[BOOTS[1], seq] = segment(BOOTS[1], number, number * 10 + 5)
        note()
        saved = await spool.append_event(event(number))
        kept[BOOTS[1], saved.seq] = event(number)
        note()
        await spool.ack(BOOTS[0], number)
        kept.pop((BOOTS[0], number))
        note()
        story = BootStory(id=BOOTS[1], origin_utc_ms=2)
        await spool.save_watermark(story, until_ms=number * 10 + 9, held=())
        note()
    life.main, life.log = (folder / FILE_NAME).read_bytes(), (folder / LOG).read_bytes()
    spool.close()
    return life


@pytest.fixture(scope="module")
def life() -> Life:
    with quick_folder() as folder:
        return asyncio.run(live(folder))


def lay_out(folder: Path, main: bytes, log: bytes) -> Path:
    for old in folder.iterdir():
        old.unlink()
    (folder / FILE_NAME).write_bytes(main)
    (folder / LOG).write_bytes(log)
    return folder


def cuts(log: bytes) -> list[int]:
    """Return lengths to which a log may be cut."""
    if EVERY_BYTE:
        return list(range(len(log) + 1))
    within = (0, 1, 8, 23, 24, 1000, FRAME - 1)
    frames = range(32, len(log), FRAME)
    return [0, 1, 31, *(begin + at for begin in frames for at in within), len(log)]


def test_a_log_cut_anywhere_leaves_exactly_what_was_committed_before(life: Life) -> None:
    assert len(life.after) > 40
    with quick_folder() as folder:
        for cut in cuts(life.log):
            lay_out(folder, life.main, life.log[:cut])
            committed = [kept for size, kept in life.after if size <= cut]
            if committed:
                assert held(folder) == committed[-1], cut
            else:
                assert len(held(folder)) == 20, cut  # the first boot's
            assert not list(folder.glob("*.broken-*")), cut


def test_rubbish_behind_the_cut_is_no_commit(life: Life) -> None:
    chance = random.Random(1)
    with quick_folder() as folder:
        for cut in range(32 + FRAME, len(life.log), 3 * FRAME):
            rubbish = chance.randbytes(chance.randrange(3 * FRAME))
            lay_out(folder, life.main, life.log[:cut] + rubbish)
            committed = [kept for size, kept in life.after if size <= cut]
            assert not committed or held(folder) == committed[-1], cut


def checkpointed(life: Life) -> bytes:
    """Return the main file as it is once the log has been moved into it."""
    with quick_folder() as folder:
        lay_out(folder, life.main, life.log)
        connection = sqlite3.connect(folder / FILE_NAME)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return (folder / FILE_NAME).read_bytes()


def test_a_checkpoint_torn_in_any_way_loses_nothing(life: Life) -> None:
    """Until it is whole the log stays, and what it says counts."""
    new, chance = checkpointed(life), random.Random(2)
    pages = range(0, len(new), 4096)
    old = life.main.ljust(len(new), b"\0")
    with quick_folder() as folder:
        for _ in range(60):
            torn = b"".join((new if chance.random() < 0.5 else old)[at : at + 4096] for at in pages)
            lay_out(folder, torn[: chance.choice((len(life.main), len(new)))], life.log)
            assert held(folder) == life.last


def lost(folder: Path) -> int:
    """Return how many items the next boot tells as lost."""

    async def told() -> int:
        spool = opened(folder)
        await spool.begin(BootStory(id=BOOTS[7], origin_utc_ms=3))
        names = [*(left.spool for left in await spool.backlog()), BOOTS[7]]
        for name in names:
            await spool.peek(name, 0, 10_000)
        items = await spool.peek(BOOTS[7], 0, 10_000)
        spool.close()
        return sum(item.gap.count for item in items if item.gap)

    return asyncio.run(told())


def check_after_damage(folder: Path, before: Held, what: object) -> None:
    """Whatever is left is true, and what is missing is counted."""
    missing = lost(folder)
    found = {key: value for key, value in held(folder).items() if key[0] != BOOTS[7]}
    by_number = {seq: value for (_, seq), value in found.items()}
    wrong = [key for key, value in found.items() if key in before and before[key] != value]
    assert not wrong, what
    strangers = [v for v in by_number.values() if v not in before.values() and v is not None]
    assert not any(isinstance(v, GateEvent) for v in strangers), what
    gone = [v for v in before.values() if v not in found.values()]
    assert missing >= bool(gone), (what, missing, gone)


def test_a_byte_that_flips_in_the_file_costs_little_and_is_counted(life: Life) -> None:
    main, chance = checkpointed(life), random.Random(3)
    step = 1 if EVERY_BYTE else 211
    with quick_folder() as folder:
        for at in [*range(0, 100, 3), *range(100, len(main), step)]:
            spoiled = bytearray(main)
            spoiled[at] ^= 1 << chance.randrange(8)
            lay_out(folder, bytes(spoiled), b"")
            check_after_damage(folder, life.last, at)


def test_a_byte_that_flips_in_the_log_ends_it_there(life: Life) -> None:
    step = 1 if EVERY_BYTE else 1999
    with quick_folder() as folder:
        for at in range(0, len(life.log), step):
            spoiled = bytearray(life.log)
            spoiled[at] ^= 0x10
            lay_out(folder, life.main, bytes(spoiled))
            found = held(folder)
            assert found in [kept for _, kept in life.after] or len(found) == 20, at


@pytest.mark.parametrize("page", range(12))
def test_a_page_that_is_lost_costs_its_own_items_alone(life: Life, page: int) -> None:
    main = bytearray(checkpointed(life))
    if page * 4096 >= len(main):
        pytest.skip("the file has no such page")
    main[page * 4096 : (page + 1) * 4096] = os.urandom(4096)
    with quick_folder() as folder:
        lay_out(folder, bytes(main), b"")
        check_after_damage(folder, life.last, page)
        found = list(held(folder).values())
    events = [value for value in life.last.values() if isinstance(value, GateEvent)]
    assert sum(value in found for value in events) >= len(events) // 3


async def test_a_file_that_breaks_under_a_running_agent_is_mended_under_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool = Spool.open(tmp_path, agent="a1", max_bytes=2**24)
    story = BootStory(id=BOOTS[0], origin_utc_ms=1)
    await spool.begin(story)
    first = await spool.append_event(event(1))
    await spool.append([segment(BOOTS[0], 1)])
    tries = 0

    def notice(_: sqlite3.Connection) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise Damage("as SQLite would say")

    _, second = await asyncio.gather(spool._runner.submit(notice), spool.append_event(event(2)))
    assert tries == 2
    assert (tmp_path / f"{FILE_NAME}.broken-1").exists()
    assert "the spool was broken" in caplog.text
    assert second.seq > first.seq + 1000  # no number that may have been given is given again
    items = await spool.peek(BOOTS[0], 0, 10)
    assert [item.gate_event for item in items if item.gate_event] == [event(1), event(2)]
    assert not (await spool.append_event(event(1))).is_new
    assert not any(item.gap for item in items)
    await spool.save_watermark(story, until_ms=9, held=())
    assert await spool.stories(BOOTS) == (story,)
    spool.close()


async def test_a_running_boot_that_a_wreck_has_lost_goes_on_beyond_its_numbers(
    tmp_path: Path,
) -> None:
    spool = Spool.open(tmp_path, agent="a1", max_bytes=2**24)
    await spool.begin(BootStory(id=BOOTS[0], origin_utc_ms=1))
    await spool.append([segment(BOOTS[0], 1)])

    def wreck(connection: sqlite3.Connection) -> None:
        path = tmp_path / FILE_NAME
        if not list(tmp_path.glob("*.broken-*")):
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("BEGIN")
            path.write_bytes(os.urandom(path.stat().st_size))
            raise Damage("as SQLite would say")

    await spool._runner.submit(wreck)
    (seq,) = await spool.append([segment(BOOTS[0], 2)])
    assert seq > 10**9
    (gap, kept) = await spool.peek(BOOTS[0], 0, 10)
    assert gap.gap is not None
    assert gap.gap.count >= 1
    assert kept.segment == segment(BOOTS[0], 2)
    assert len(await spool.stories([BOOTS[0]])) == 1
    spool.close()


def test_a_mending_that_a_crash_ended_is_finished_or_begun_again(
    tmp_path: Path, life: Life
) -> None:
    draft = tmp_path / f"{FILE_NAME}.mending"
    lay_out(tmp_path, life.main, life.log)
    draft.write_bytes(b"half of it")
    assert held(tmp_path) == life.last
    assert not draft.exists()
    (tmp_path / FILE_NAME).rename(draft)
    assert held(tmp_path) == life.last


def test_a_disk_that_breaks_every_file_is_not_filled_with_them(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / FILE_NAME).write_bytes(b"rubbish %d" % number * 1000)
        assert held(tmp_path) == {}
    kept = sorted(path.name for path in tmp_path.glob("*.broken-*"))
    assert kept == [f"{FILE_NAME}.broken-{number}" for number in (4, 5, 6)]


@pytest.fixture
def disk_error(tmp_path: Path) -> Iterator[Callable[[bool], None]]:
    """Turns errors of writing on and off: files of this process can't grow any more."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def turn(on: bool) -> None:
        size = (tmp_path / LOG).stat().st_size + 100 if on else 0
        resource.setrlimit(resource.RLIMIT_FSIZE, (size if on else soft, hard))

    yield turn
    turn(False)


async def test_a_disk_that_fails_to_write_is_told_and_goes_on_when_it_can(
    tmp_path: Path, disk_error: Callable[[bool], None]
) -> None:
    spool = opened(tmp_path)
    await spool.begin(BootStory(id=BOOTS[0], origin_utc_ms=1))
    await spool.append([segment(BOOTS[0], 1)])
    disk_error(True)
    for _ in range(3):
        with pytest.raises(SpoolError, match="disk I/O error"):
            await spool.append_event(event(1))
    assert len(await spool.peek(BOOTS[0], 0, 10)) == 1
    disk_error(False)
    assert (await spool.append_event(event(1))).seq == 2
    assert len(await spool.peek(BOOTS[0], 0, 10)) == 2
    spool.close()
    assert len(held(tmp_path)) == 2
    assert not (tmp_path / f"{FILE_NAME}.broken-1").exists()


async def test_the_log_stays_short_and_the_file_grows_small_again(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    await spool.begin(BootStory(id=BOOTS[0], origin_utc_ms=1))
    for begin in range(1, 6_001, 50):
        numbers = range(begin, begin + 50)
        await spool.append([segment(BOOTS[0], n, n * 10 + 5, "d" * 500) for n in numbers])
    assert (tmp_path / LOG).stat().st_size < 5 * 2**20
    largest = (await spool.stats()).bytes
    assert largest > 3 * 2**20
    for through in range(100, 6_001, 100):
        await spool.ack(BOOTS[0], through)
    spool.close()
    assert (tmp_path / FILE_NAME).stat().st_size < largest * 3 // 4
