"""What a commit leaves behind, whatever the order, the batches and the values."""

import random
import sqlite3
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.ingest.halving import commit_by_halves
from server.storage import Intake, PoisonError, UnavailableError
from server.storage.commit import commit_steps
from server.storage.commit_sqlite import commit_sqlite
from server.storage.statements import Fetch, Lock, Put
from tests.pure.server.any_reports import VITALS, a_life, any_report, pieces
from tests.pure.server.reports import (
    BOOT,
    ORIGIN_MS,
    SPOOL,
    intake,
    item,
    passage,
    segment,
    uuid,
    watermark,
)
from tests.pure.server.tables import tables, watched
from wire.messages import BootStory, Gap, Hold, Refusal, Watermark

pytestmark = pytest.mark.long

STANDING = {
    "segment": "SELECT s.agent, s.camera, b.uuid, g.number, g.start_ms, g.end_ms, g.state, g.cause"
    " FROM segment g JOIN source s ON s.id = g.source_id JOIN boot b ON b.id = g.boot_id",
    "boot": "SELECT agent, uuid, origin_utc_ms, offset_ms, steps, told_utc_ms, zero_ms, last_ms,"
    " until_ms, until_seq, held, machine, latest_zero_ms FROM boot",
    "spool": "SELECT agent, uuid, through, ranges, waiting FROM spool",
    "gate_event": "SELECT agent, id, gate, note, occurred_ms FROM gate_event",
    "gap": "SELECT agent, spool, seq, count, boot, cameras FROM gap",
}


def standing(connection: sqlite3.Connection) -> dict[str, list[Any]]:
    return {
        name: sorted(connection.execute(query).fetchall(), key=repr)
        for name, query in STANDING.items()
    }


def commit(connection: sqlite3.Connection, *intakes: Intake) -> Any:
    return commit_sqlite(connection, intakes, known_sources={})


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_any_order_repeats_and_batches_leave_the_same(seed: int) -> None:
    rng = random.Random(seed)
    reports = [r for agent in ("a", "b") for r in a_life(rng, agent)]
    in_order, shuffled = tables(), tables()
    for report in reports:
        commit(in_order, report)
    mixed = reports + [p for r in rng.choices(reports, k=len(reports)) for p in (r, *pieces(r))]
    rng.shuffle(mixed)
    while mixed:
        size = rng.randrange(1, 9)
        commit(shuffled, *mixed[:size])
        mixed = mixed[size:]
    assert standing(shuffled) == standing(in_order)


@settings(max_examples=80, deadline=None)
@given(st.lists(any_report(), min_size=1, max_size=4))
def test_no_value_that_the_wire_allows_is_poison(reports: list[Intake]) -> None:
    connection = tables()
    for report in reports:
        commit(connection, report)
    assert commit(connection, *reports)  # again, and all in one


def test_a_quiet_minute_writes_two_rows_an_agent_in_two_statements() -> None:
    connection = tables()
    agents = ["a", "b", "c"]
    commit(connection, *(intake(item(1, segment(1, 0)), agent=a, spool=BOOT) for a in agents))
    quiet = [
        intake(agent=a, spool=BOOT, watermarks=(watermark(60_000, 1),), vitals=VITALS, after=1)
        for a in agents
    ]
    lock, known, *puts = watched(connection, commit_steps(quiet, {}))
    assert isinstance(lock, Lock)
    assert isinstance(known, Fetch)
    written = [(p.into.table.name, len(p.rows)) for p in puts if isinstance(p, Put)]
    assert written == [("boot", 3), ("agent_seen", 3)]
    assert len(puts) == 2


@pytest.mark.parametrize("ends", [(None, 9, 10), (10, None, 9), (9, 10, None)])
@pytest.mark.parametrize("at_once", [True, False])
def test_closed_counts_before_open_and_the_earlier_end_before_the_later(
    ends: tuple[int | None, ...], at_once: bool
) -> None:
    connection = tables()
    items = [item(n, segment(1, 0, end)) for n, end in enumerate(ends, 1)]
    for report in [items] if at_once else [[x] for x in items]:
        commit(connection, intake(*report))
    assert connection.execute("SELECT end_ms FROM segment").fetchall() == [(9,)]


def test_many_watermarks_that_wait_push_out_none_of_another_boot() -> None:
    connection = tables()
    boots = [BootStory(id=uuid(n, "b"), origin_utc_ms=ORIGIN_MS) for n in (1, 2)]
    first = watermark(1000, 5, boot=boots[0].id)
    commit(connection, intake(boots=(boots[0],), watermarks=(first,)))
    for n in range(200):
        later = watermark(5000 + n, 5 + n, boot=boots[1].id)
        commit(connection, intake(boots=(boots[1],), watermarks=(later,)))
    (waiting,) = connection.execute("SELECT waiting FROM spool").fetchone()
    assert len(waiting) < 2000
    commit(connection, intake(boots=(boots[1],), kept_from=206))
    untils = connection.execute("SELECT until_ms FROM boot ORDER BY uuid").fetchall()
    assert untils == [(1000,), (5199,)]


def test_a_gap_makes_no_number_received() -> None:
    """An event between its numbers may be on its way; its ack would delete it unseen."""
    connection = tables()
    gap = Gap(first_seq=1, last_seq=9, kind="segment", count=8, reason="full")
    progress = commit(connection, intake(item(10, gap)))
    assert progress["agent1", SPOOL].through == 0
    progress = commit(connection, intake(item(10, gap), after=0))  # now it says what it holds
    assert progress["agent1", SPOOL].through == 10


def test_what_lies_after_the_last_item_is_not_received() -> None:
    connection = tables()
    report = intake(
        item(5, passage(5)), refused=(Refusal(seq=8, reason="no"),), after=4, kept_from=5
    )
    progress = commit(connection, report)["agent1", SPOOL]
    assert (progress.through, [(r.first, r.last) for r in progress.ranges]) == (8, [])
    assert commit(connection, intake(after=20))["agent1", SPOOL].through == 8


def test_who_passes_the_gate_says_nothing_of_cameras() -> None:
    """So a city's five thousand passages a minute make nobody look at fifteen cameras each."""
    connection = tables()

    def told_ms() -> list[int | None]:
        return [row[0] for row in connection.execute("SELECT items_ms FROM agent_seen")]

    commit(connection, intake(item(1, passage(1)), sent_ms=0))
    assert told_ms() == [None]
    commit(connection, intake(item(2, segment(1, 0)), item(3, passage(2)), sent_ms=60_000))
    commit(connection, intake(item(4, passage(3)), sent_ms=120_000))
    assert told_ms() == [ORIGIN_MS + 60_100]


def test_history_is_nobodys_present() -> None:
    connection = tables()
    commit(connection, intake(sent_ms=900_000, watermarks=(watermark(60_000),), vitals=VITALS))
    before = connection.execute("SELECT * FROM agent_seen").fetchall()
    late = intake(item(1, segment(1, 0, 5)), sent_ms=950_000, watermarks=(watermark(30_000),),
                  late=True)  # fmt: skip
    commit(connection, late)
    assert connection.execute("SELECT * FROM agent_seen").fetchall() == before
    other = intake(item(1, segment(1, 0, 5)), agent="agent2", late=True)
    commit(connection, other)
    seen = "SELECT last_report_ms, last_until_ms FROM agent_seen WHERE agent = 'agent2'"
    assert connection.execute(seen).fetchall() == [(None, None)]


def test_what_fails_in_the_middle_leaves_nothing() -> None:
    connection = tables()
    commit(connection, intake(item(1, passage(1))))
    before = standing(connection)
    connection.execute(
        "CREATE TRIGGER no BEFORE INSERT ON gate_event WHEN NEW.note = 'bad'"
        " BEGIN SELECT RAISE(ABORT, 'never'); END"
    )
    bad = intake(item(2, segment(1, 0)), item(3, passage(3, note="bad")))
    with pytest.raises(PoisonError, match="never"):
        commit(connection, bad)
    assert standing(connection) == before
    assert not connection.in_transaction


def test_a_database_that_is_closed_is_unavailable(tmp_path: Any) -> None:
    connection = sqlite3.connect(tmp_path / "empty.db", isolation_level=None)
    with pytest.raises(UnavailableError, match="no such table"):
        commit(connection, intake())
    connection.close()


DAY_MS = 86_400_000
LOCAL_MIDNIGHT_MS = ORIGIN_MS - 7 * 3_600_000
"""Of the day that holds ``ORIGIN``, 07:00 in Viet Nam; days are counted from 1970-01-01."""
TODAY = (LOCAL_MIDNIGHT_MS + 7 * 3_600_000) // DAY_MS
YESTERDAY_BOOT = BootStory(id=BOOT, origin_utc_ms=ORIGIN_MS - DAY_MS)


def late_days(connection: sqlite3.Connection) -> list[int]:
    return [row[0] - TODAY for row in connection.execute("SELECT day FROM late_day ORDER BY day")]


def forget_days(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM late_day")


def reported(*items: Any, marks: Sequence[Watermark] = (), **more: Any) -> Intake:
    return intake(*items, boots=(YESTERDAY_BOOT,), watermarks=tuple(marks), **more)


def test_what_began_and_ended_yesterday_touches_yesterday() -> None:
    connection = tables()
    commit(connection, reported(item(1, segment(1, 0, 3_600_000))))
    assert late_days(connection) == [-1]
    assert connection.execute("SELECT agent, touches FROM late_day").fetchall() == [("agent1", 1)]
    commit(connection, reported(item(1, segment(1, 0, 3_600_000))))
    assert connection.execute("SELECT touches FROM late_day").fetchall() == [(1,)]


def test_what_happens_today_touches_no_day() -> None:
    connection = tables()
    began = item(1, segment(1, 0))
    commit(connection, reported(began, marks=[watermark(17 * 3_600_000 - 1, 1)]))
    assert late_days(connection) == [-1]
    forget_days(connection)
    commit(connection, reported(marks=[watermark(17 * 3_600_000 + 1, 1)]))
    assert late_days(connection) == [-1]  # the last millisecond of it
    forget_days(connection)
    closed = item(2, segment(1, 0, 20 * 3_600_000))
    commit(connection, reported(closed, began, marks=[watermark(21 * 3_600_000, 2)]))
    assert late_days(connection) == []


def test_an_end_that_takes_back_yesterday_touches_it() -> None:
    connection = tables()
    commit(connection, reported(item(1, segment(1, 0)), marks=[watermark(20 * 3_600_000, 1)]))
    forget_days(connection)
    commit(connection, reported(item(2, segment(1, 0, 16 * 3_600_000))))
    assert late_days(connection) == [-1]
    forget_days(connection)
    commit(connection, reported(item(3, segment(1, 0, 15 * 3_600_000))))
    assert late_days(connection) == [-1]
    forget_days(connection)
    commit(connection, reported(item(2, segment(1, 0, 16 * 3_600_000))))
    assert late_days(connection) == []  # of two ends the earlier counts


def test_a_boot_that_moves_touches_where_it_was_and_where_it_is() -> None:
    connection = tables()
    commit(connection, reported(item(1, segment(1, 0, 1000)), item(2, segment(2, 1000, DAY_MS))))
    forget_days(connection)
    moved = BootStory(id=BOOT, origin_utc_ms=ORIGIN_MS - DAY_MS, offset_ms=-5 * DAY_MS)
    commit(connection, intake(boots=(moved,), sent_ms=70_000))
    assert late_days(connection) == [-6, -5, -1]


def test_a_camera_that_was_held_back_yesterday_is_freed_there() -> None:
    connection = tables()
    held = Watermark(boot=BOOT, until_ms=18 * 3_600_000, after_seq=1,
                     held=(Hold(camera="cam1", last_good_ms=16 * 3_600_000),))  # fmt: skip
    commit(connection, reported(item(1, segment(1, 0)), marks=[held]))
    forget_days(connection)
    commit(connection, reported(marks=[watermark(19 * 3_600_000, 1)]))
    assert late_days(connection) == [-1]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.booleans(), max_size=7), min_size=1, max_size=5))
async def test_halving_takes_all_that_is_good_and_refuses_the_rest(batch: list[list[bool]]) -> None:
    connection = tables()
    connection.execute(
        "CREATE TRIGGER no BEFORE INSERT ON gate_event WHEN NEW.note = 'bad'"
        " BEGIN SELECT RAISE(ABORT, 'never'); END"
    )

    async def commit_all(intakes: Sequence[Intake]) -> Any:
        return commit(connection, *intakes)

    reports, good, seq = [], set(), 0
    for is_good in batch:
        after, items = seq, []
        for fine in is_good:
            seq += 1
            items.append(item(seq, passage(seq, note="good" if fine else "bad")))
            good |= {uuid(seq)} if fine else set()
        reports.append(intake(*items, after=after, vitals=VITALS))
    done = await commit_by_halves(commit_all, reports)
    assert {row[0] for row in connection.execute("SELECT id FROM gate_event")} == good
    refused = {r.seq for i, _ in done for r in i.refused}
    assert refused == set(range(1, seq + 1)) - {int(name[-12:]) for name in good}
    assert commit(connection, intake())["agent1", SPOOL].through == seq
