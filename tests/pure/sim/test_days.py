from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.interval import Interval
from server.domain.timeline import Claim, build
from sim.days import Past, make_past, reports, true_timeline
from sim.district import make_district
from sim.truth import Piece, seconds
from wire.codec import MAX_BYTES, decode_report, encode
from wire.messages import Report

UNTIL = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
DAYS = 5


def past(seed: int, days: int = DAYS) -> Past:
    return make_past(make_district(3, 4).schools[0], days=days, until=UNTIL, seed=seed)


def claims(sent: tuple[Report, ...], camera: str) -> list[Claim]:
    """Put the segments on the UTC axis, as the server does."""
    origins = {boot.id: boot.origin_utc_ms for report in sent for boot in report.boots}

    def at(boot: str, ms: int) -> datetime:
        return datetime.fromtimestamp((origins[boot] + ms) // 1000, UTC)

    found = [i.segment for report in sent for i in report.items if i.segment is not None]
    return [
        Claim(
            source=f"a/{camera}",
            boot=s.boot,
            number=s.number,
            state=s.state,
            start=at(s.boot, s.start_ms),
            end=at(s.boot, s.end_ms or 0),
            open=False,
            cause=s.cause,
        )
        for s in found
        if s.camera == camera
    ]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_server_concludes_the_truth_from_the_reports(seed: int) -> None:
    school = past(seed)
    sent = reports(school, sent_utc_ms=0, seed=seed)
    start = UNTIL - timedelta(days=DAYS)
    for camera in school.troubles:
        spans = build(claims(sent, camera), Interval(start, UNTIL))
        concluded = [
            Piece(state=s.state, cause=s.cause, began_at=s.interval.start, ended_at=s.interval.end)
            for s in spans
        ]
        truth = seconds(true_timeline(school, camera), start, UNTIL)
        assert seconds(concluded, start, UNTIL) == truth


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_reports_are_as_the_wire_wants_them(seed: int) -> None:
    sent = reports(past(seed), sent_utc_ms=1, seed=seed)
    items = [item for report in sent for item in report.items]
    assert [item.seq for item in items] == list(range(1, len(items) + 1))
    assert sent[-1].watermarks
    for report in sent:
        payload = encode(report)
        assert len(payload) < MAX_BYTES / 2
        assert decode_report(payload) == report


def test_the_past_is_mostly_well_and_ends_well() -> None:
    shares = []
    for seed in range(20):
        school = past(seed, days=14)
        for camera in school.troubles:
            pieces = true_timeline(school, camera)
            assert pieces[-1].state == "up"
            assert pieces[-1].ended_at == UNTIL
            assert all(a.ended_at <= b.began_at for a, b in pairwise(pieces))
            sums = seconds(pieces, UNTIL - timedelta(days=14), UNTIL)
            shares.append(sums["up"] / sum(sums.values()))
    assert sum(shares) / len(shares) == pytest.approx(0.985, abs=0.01)


def test_the_gate_pc_was_off_now_and_then_for_minutes_at_least() -> None:
    runs = [past(seed, days=14).awake for seed in range(30)]
    gaps = [b[0] - a[1] for awake in runs for a, b in pairwise(awake)]
    assert len(gaps) > 10
    assert min(gaps) >= timedelta(minutes=10)


def test_gate_events_come_on_school_days_while_somebody_was_there_to_take_them() -> None:
    school = past(3, days=14)
    assert len(school.events) > 300
    assert len({event.id for event in school.events}) == len(school.events)
    for event in school.events:
        at = datetime.fromtimestamp(event.occurred_utc_ms / 1000, UTC)
        assert any(begin <= at < end for begin, end in school.awake)
        assert (at + timedelta(hours=7)).weekday() != 6
        assert event.gate in school.school.gates


def test_the_same_seed_draws_the_same_past() -> None:
    assert reports(past(4), sent_utc_ms=1, seed=4) == reports(past(4), sent_utc_ms=1, seed=4)
    assert past(4) != past(5)
