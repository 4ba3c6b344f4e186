"""What is wrong with a gate PC itself follows from its clocks, its gaps and its health."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.domain.clocks import BootClock, Doubt
from server.storage.gaps import GapRow
from server.storage.rows import AgentSeen
from server.web.pages.warnings import (
    NO_SIGNS,
    AgentWarning,
    Kind,
    signs_of,
    warnings_of,
)
from wire.messages import Vitals

NOW = datetime(2026, 11, 24, 2, 42, 10, tzinfo=UTC)
HEALTHY = Vitals(
    version="1",
    uptime_s=1,
    cpu=0.1,
    memory=1,
    disk_free=1,
    spool_items=0,
    spool_bytes=10,
    spool_max_bytes=1000,
)
SEEN = AgentSeen(agent="pc", last_report_at=NOW, vitals=HEALTHY, clock_offset_ms=40)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def boot(
    name: str,
    start: datetime,
    end: datetime,
    *,
    measured: bool = True,
    machine: str | None = None,
) -> BootClock:
    zero_ms = int(start.timestamp() * 1000)
    return BootClock(
        agent="pc",
        boot=name,
        zero_ms=zero_ms,
        last_ms=int(end.timestamp() * 1000) - zero_ms,
        measured=measured,
        machine=machine,
    )


def of_clocks(*clocks: BootClock) -> tuple[AgentWarning, ...]:
    return warnings_of("pc", SEEN, signs_of(clocks, ()), NOW)


def of_health(seen: AgentSeen) -> tuple[AgentWarning, ...]:
    return warnings_of("pc", seen, NO_SIGNS, NOW)


def test_a_healthy_gate_pc_has_no_warning() -> None:
    assert of_clocks(boot("b1", ago(days=2), ago(days=1)), boot("b2", ago(days=1), NOW)) == ()
    assert warnings_of("pc", None, NO_SIGNS, NOW) == ()


def test_what_is_wrong_with_another_gate_pc_is_not_told_of_this_one() -> None:
    other = replace(boot("b1", ago(hours=2), NOW), agent="other")
    pair = [other, replace(other, boot="b2")]
    assert warnings_of("pc", SEEN, signs_of(pair, ()), NOW) == ()
    assert warnings_of("other", None, signs_of(pair, ()), NOW) != ()


@pytest.mark.parametrize(
    ("ended", "until"),
    [(NOW, None), (ago(minutes=9), None), (ago(hours=3), ago(hours=3))],
    ids=["now", "a moment ago", "this morning"],
)
def test_two_machines_with_one_name_are_named(ended: datetime, until: datetime | None) -> None:
    one = boot("b1", ago(days=1), NOW, machine="pc-1 · 10.0.0.5")
    other = boot("b2", ago(hours=9), ended, machine="pc-2 · 10.0.0.9")
    assert of_clocks(one, other) == (
        AgentWarning(
            kind=Kind.TWINS,
            since=ago(hours=9),
            until=until,
            machines=("pc-1 · 10.0.0.5", "pc-2 · 10.0.0.9"),
        ),
    )


def test_twins_of_last_week_are_history() -> None:
    one, other = boot("b1", ago(days=9), ago(days=8)), boot("b2", ago(days=9), ago(days=8))
    assert of_clocks(one, other) == ()


def test_time_that_nobody_can_date_is_added_up() -> None:
    ancient = datetime(2010, 1, 1, tzinfo=UTC)
    one = boot("b1", ancient, ancient + timedelta(hours=3), measured=False)
    other = boot("b2", ancient, ancient + timedelta(hours=1), measured=False)
    [found] = of_clocks(one, other, boot("b3", ago(days=1), NOW))
    assert (found.kind, found.seconds) == (Kind.CLOCK_SUSPECT, 4 * 3600)
    assert found.doubt is Doubt.ANCIENT


def test_what_was_dropped_is_told_as_one_with_its_span() -> None:
    gaps = [
        GapRow(
            agent="pc",
            kind="segment",
            count=40,
            reason="full",
            received_at=NOW,
            start=ago(days=5),
            end=ago(days=4),
            cameras=("c1", "c2"),
        ),
        GapRow(
            agent="pc",
            kind="segment",
            count=2,
            reason="full",
            received_at=NOW,
            start=ago(days=4),
            end=ago(days=3),
            cameras=("c2",),
        ),
        GapRow(agent="pc", kind="segment", count=1, reason="full", received_at=NOW),
    ]
    assert warnings_of("pc", SEEN, signs_of((), gaps), NOW) == (
        AgentWarning(kind=Kind.DROPPED, since=ago(days=5), until=ago(days=3), count=43, cameras=2),
    )


@pytest.mark.parametrize(
    ("used", "limit", "share"),
    [(799, 1000, None), (800, 1000, 0.8), (5000, 1000, 1.0), (5, 0, None)],
)
def test_a_spool_that_fills_is_told_before_it_is_full(
    used: int, limit: int, share: float | None
) -> None:
    vitals = Vitals(
        version="1",
        uptime_s=1,
        cpu=0.1,
        memory=1,
        disk_free=1,
        spool_items=9,
        spool_bytes=used,
        spool_max_bytes=limit,
    )
    assert [w.share for w in of_health(replace(SEEN, vitals=vitals))] == [share] * (
        share is not None
    )


def test_items_that_the_centre_does_not_take_are_counted() -> None:
    vitals = Vitals(
        version="1",
        uptime_s=1,
        cpu=0,
        memory=1,
        disk_free=1,
        spool_items=0,
        spool_bytes=1,
        set_aside=3,
    )
    assert of_health(replace(SEEN, vitals=vitals)) == (AgentWarning(kind=Kind.SET_ASIDE, count=3),)


@pytest.mark.parametrize(
    ("offset_ms", "seconds"), [(2000, None), (-2000, None), (-180_000, 180), (180_000, -180)]
)
def test_a_clock_that_is_off_is_fast_where_the_centre_is_behind_it(
    offset_ms: int, seconds: int | None
) -> None:
    found = of_health(replace(SEEN, clock_offset_ms=offset_ms))
    assert [w.seconds for w in found] == ([] if seconds is None else [seconds])


def test_the_worst_comes_first() -> None:
    clocks = [boot("b1", ago(days=1), NOW), boot("b2", ago(hours=9), NOW)]
    seen = replace(SEEN, clock_offset_ms=9000)
    found = warnings_of("pc", seen, signs_of(clocks, ()), NOW)
    assert [w.kind for w in found] == [Kind.TWINS, Kind.CLOCK_WRONG]
