"""What one agent sends costs the others little: no number, list or name of its makes work grow."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.dialects import sqlite

from server.domain.interval import Interval
from server.storage.boots import Spool
from server.storage.claiming import CLAIMS, claims_asked
from server.storage.commit_sqlite import commit_sqlite
from server.storage.joining import Standing, join
from tests.pure.server.reports import (
    BOOT,
    ORIGIN,
    ORIGIN_MS,
    SPOOL,
    intake,
    item,
    passage,
    segment,
    uuid,
)
from tests.pure.server.tables import tables
from wire.messages import BootStory, Gap, Hold, Watermark

pytestmark = pytest.mark.long

HOUR = Interval(ORIGIN, ORIGIN + timedelta(hours=1))
NEVER = 2**50


def waiting(*marks: Watermark) -> Spool:
    """Return the spool after reports whose watermarks wait for what never comes."""
    standing = Standing()
    for mark in marks:
        boots = (BootStory(id=mark.boot, origin_utc_ms=ORIGIN_MS),)
        standing = join(standing, [intake(boots=boots, watermarks=(mark,))])
    return standing.spools["agent1", SPOOL]


def steps_to_read(connection: sqlite3.Connection) -> int:
    """Return how many of SQLite's steps, in hundreds, reading an hour's claims takes."""
    taken = 0

    def count() -> None:
        nonlocal taken
        taken += 1

    connection.set_progress_handler(count, 100)
    for claims in CLAIMS:
        query = claims.params(claims_asked(["agent1"], HOUR))
        sql = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
        connection.execute(str(sql)).fetchall()
    connection.set_progress_handler(None, 0)
    return taken


def test_segments_that_are_never_closed_are_read_in_time_that_grows_with_their_number() -> None:
    taken = {}
    for n in (500, 4000):
        connection = tables()
        items = [item(k, segment(k, k)) for k in range(1, n + 1)]
        report = intake(*items, watermarks=(Watermark(boot=BOOT, until_ms=10**9),))
        commit_sqlite(connection, [report], known_sources={})
        taken[n] = steps_to_read(connection)
    assert taken[4000] < 16 * taken[500]


def test_watermarks_that_wait_for_ever_are_few_whatever_the_number_of_boots() -> None:
    marks = [Watermark(boot=uuid(n, "b"), until_ms=5, after_seq=NEVER - n) for n in range(1500)]
    kept = waiting(*marks).waiting
    assert len(kept) == 1000
    assert marks[-1].boot in {boot for boot, _ in kept}  # its turn comes first


def test_watermarks_that_wait_for_ever_hold_back_no_more_than_a_megabyte() -> None:
    held = tuple(Hold(camera=f"cam{n}", last_good_ms=1) for n in range(4000))
    marks = [
        Watermark(boot=uuid(n, "b"), until_ms=5, after_seq=NEVER + n, held=held) for n in range(20)
    ]
    kept = waiting(*marks).waiting
    assert 0 < sum(len(mark.held) for _, mark in kept) <= 1024 * 1024


def test_what_was_lost_can_be_added_up_however_much_is_said() -> None:
    connection = tables()
    lost = Gap(first_seq=1, last_seq=2, kind="segment", count=2**53, reason="full")
    commit_sqlite(connection, [intake(item(1, lost))], known_sources={})
    ((count,),) = connection.execute("SELECT count FROM gap")
    assert count * 2**30 < 2**63


def test_an_event_that_was_taken_before_its_boot_began_is_of_a_clock_that_was_wrong() -> None:
    events = [item(1, passage(1)), item(2, passage(2, at_ms=-366 * 86_400_000))]
    connection = tables()
    commit_sqlite(connection, [intake(*events, spool=BOOT)], known_sources={})
    rows = connection.execute("SELECT id, clock_suspect FROM gate_event").fetchall()
    assert dict(rows) == {uuid(1): 0, uuid(2): 1}


def test_what_waited_for_its_database_over_midnight_touches_the_day_that_it_came_on() -> None:
    connection = tables()
    report = intake(item(1, segment(1, 0, 30_000)))
    next_day = datetime.fromtimestamp(report.received_utc_ms / 1000, UTC) + timedelta(days=1)
    now_ms = int(next_day.timestamp() * 1000)
    commit_sqlite(connection, [report], known_sources={}, now_ms=now_ms)
    assert connection.execute("SELECT count(*) FROM late_day").fetchone() == (1,)
