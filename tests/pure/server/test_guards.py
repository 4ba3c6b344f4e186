"""Guards: presence against an oracle that looks at every minute, shifts, training."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.calendar import local_date, local_moment
from server.domain.duties import Guards
from server.domain.guards import (
    Post,
    Shifts,
    Trained,
    Training,
    good_until,
    shifts,
    training_state,
)
from server.domain.interval import Interval
from server.domain.points import Met
from server.domain.presence import (
    EARLY,
    LONGEST,
    DutySpan,
    ShiftEvent,
    duty_seconds,
    duty_spans,
    on_duty,
)
from server.domain.schoolyear import DayKind

ZERO = datetime(2026, 11, 2, tzinfo=UTC)
STEP = timedelta(minutes=30)
TODAY = date(2026, 11, 24)


def at(step: int) -> datetime:
    return ZERO + step * STEP


def span(start: int, length: int) -> Interval:
    return Interval(at(start), at(start + length))


spans = st.builds(span, st.integers(0, 120), st.integers(1, 40))
events = st.builds(
    ShiftEvent,
    at=st.integers(0, 140).map(at),
    guard=st.sampled_from(["a", "b"]),
    taking=st.booleans(),
    sure=st.booleans(),
)


def sure_and_maybe(
    told: Sequence[ShiftEvent], posts: Iterable[Interval], moment: datetime, now: datetime
) -> tuple[int, int]:
    """Look at one moment: how many guards were there for sure, and at best?"""
    sure = maybe = 0
    for guard in {event.guard for event in told}:
        own = sorted({event for event in told if event.guard == guard})
        before = [event for event in own if event.at <= moment]
        # events of one second follow each other at once: only the last one lasts
        last = before[-1] if before else None
        if last is None or not last.taking or moment >= min(now, last.at + LONGEST):
            continue
        maybe += 1
        after = next((event for event in own if event > last), None)
        closed = after is not None and not after.taking and after.at <= min(now, last.at + LONGEST)
        if closed:
            assert after is not None
            sure += last.sure and after.sure
        else:
            end = min((p.end for p in posts if p.end > last.at + EARLY), default=last.at)
            sure += last.sure and moment < end
    return sure, maybe


@settings(max_examples=150)
@given(
    told=st.lists(events, max_size=8),
    posts=st.lists(spans, max_size=4),
    known=st.lists(spans, max_size=3),
    need=st.integers(1, 2),
    now=st.integers(0, 170).map(at),
)
def test_presence_is_that_of_a_look_at_every_moment(
    told: list[ShiftEvent],
    posts: list[Interval],
    known: list[Interval],
    need: int,
    now: datetime,
) -> None:
    heard = [event for event in told if event.at <= now]
    found = duty_spans(need, posts, on_duty(heard, posts, now=now), known)
    seen = 0
    for step in range(170):
        moment = at(step)
        required = any(post.contains(moment) for post in posts)
        here = [s for s in found if s.interval.contains(moment)]
        assert len(here) == required
        if not required:
            continue
        seen += 1
        sure, maybe = sure_and_maybe(heard, posts, moment, now)
        assert (here[0].certain, here[0].possible) == (sure, maybe)
        if not any(k.contains(moment) for k in known):
            assert here[0].met is Met.CANNOT_TELL
        elif sure >= need:
            assert here[0].met is Met.MET
        else:
            assert here[0].met is (Met.CANNOT_TELL if maybe >= need else Met.NOT_MET)
    assert duty_seconds(found).required == seen * STEP.total_seconds()
    for one, after in pairwise(found):
        assert one.interval.end <= after.interval.start
        same = (one.met, one.certain, one.possible, one.known)
        touching = one.interval.end == after.interval.start
        assert not touching or same != (after.met, after.certain, after.possible, after.known)


def told(spans_found: Iterable[DutySpan]) -> list[tuple[Met, float]]:
    return [(s.met, s.interval.seconds / 3600) for s in spans_found]


def test_a_forgotten_hand_over_counts_to_the_end_of_its_own_shift_only() -> None:
    morning, afternoon = span(0, 16), span(16, 16)
    event = ShiftEvent(at=at(0), guard="a", taking=True)
    duties = on_duty([event], [morning, afternoon], now=at(40))
    found = duty_spans(1, [morning, afternoon], duties, [span(0, 40)])
    assert told(found) == [(Met.MET, 8), (Met.CANNOT_TELL, 8)]


def test_who_takes_over_just_before_a_shift_ends_takes_over_for_the_next() -> None:
    morning, afternoon = span(0, 16), span(16, 16)
    event = ShiftEvent(at=at(15), guard="a", taking=True)
    duties = on_duty([event, event], [morning, afternoon], now=at(40))
    found = duty_spans(1, [morning, afternoon], duties, [span(0, 40)])
    assert told(found) == [(Met.NOT_MET, 7.5), (Met.MET, 8.5)]


def test_a_night_shift_reaches_into_the_next_day() -> None:
    night = post(days=(0,), start_min=1320, end_min=1320 + 480)
    tuesday = Interval(local_moment(date(2026, 11, 24), 0), local_moment(date(2026, 11, 24), 1440))
    (found,) = shifts([night], tuesday, kind_of=lambda _: DayKind.SCHOOL).spans
    assert found == Interval(tuesday.start, local_moment(date(2026, 11, 24), 360))


def test_a_late_event_amends() -> None:
    shift, known = span(0, 16), [span(0, 40)]
    assert told(duty_spans(1, [shift], on_duty([], [shift], now=at(40)), known)) == [
        (Met.NOT_MET, 8)
    ]
    late = [
        ShiftEvent(at=at(2), guard="a", taking=True),
        ShiftEvent(at=at(16), guard="a", taking=False),
    ]
    found = duty_spans(1, [shift], on_duty(late, [shift], now=at(40)), known)
    assert told(found) == [(Met.NOT_MET, 1), (Met.MET, 7)]


def post(**more: object) -> Post:
    values: dict[str, object] = {
        "school": "s",
        "gate": "g",
        "name": "Ca sáng",
        "days": (0, 1, 2, 3, 4),
        "start_min": 360,
        "end_min": 840,
        "first": date(2026, 9, 1),
    }
    return Post(**(values | more))  # type: ignore[arg-type]


DAYS = {0: DayKind.SCHOOL, 1: DayKind.OFF, 2: DayKind.UNSET}


@given(
    days=st.sets(st.integers(0, 6), min_size=1).map(lambda d: tuple(sorted(d))),
    start=st.integers(0, 47),
    length=st.integers(1, 48),
    school_days=st.booleans(),
    last=st.none() | st.integers(0, 12),
    window=st.builds(span, st.integers(0, 300), st.integers(1, 100)),
)
def test_shifts_are_those_of_a_look_at_every_half_hour(
    days: tuple[int, ...],
    start: int,
    length: int,
    school_days: bool,
    last: int | None,
    window: Interval,
) -> None:
    first = date(2026, 11, 3)
    one = post(
        days=days,
        start_min=start * 30,
        end_min=(start + length) * 30,
        school_days=school_days,
        first=first,
        last=None if last is None else first + timedelta(days=last),
    )
    found = shifts([one], window, kind_of=lambda day: DAYS[day.day % 3])
    moment = window.start
    while moment < window.end:
        expected = set()
        for day in (local_date(moment), local_date(moment) - timedelta(days=1)):
            begins = local_moment(day, start * 30)
            kind = DAYS[day.day % 3] if school_days else DayKind.SCHOOL
            held = day >= first and (last is None or day <= first + timedelta(days=last))
            if (
                held
                and day.weekday() in days
                and kind is not DayKind.OFF
                and begins <= moment < begins + length * STEP
            ):
                expected.add(kind)
        assert any(s.contains(moment) for s in found.spans) == (DayKind.SCHOOL in expected)
        if DayKind.UNSET in expected:
            assert found.unset
        moment += STEP


def test_days_of_which_nobody_says_anything_are_named_and_never_scored() -> None:
    window = Interval(local_moment(TODAY, 0), local_moment(TODAY, 1440))
    found = shifts([post(school_days=True)], window, kind_of=lambda _: DayKind.UNSET)
    assert found == Shifts(spans=(), unset=(TODAY,))


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": ()},
        {"days": (1, 0)},
        {"days": (7,)},
        {"start_min": 1440, "end_min": 1500},
        {"start_min": 360, "end_min": 360},
        {"start_min": 360, "end_min": 1801},
    ],
)
def test_a_shift_that_is_none_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"not|outside"):
        post(**wrong)


def trained(day: date, certificate: str = "", until: date | None = None) -> Training:
    return Training(school="s", guard="g", day=day, certificate=certificate, valid_until=until)


def test_training_runs_out_on_the_earliest_day_that_anybody_names() -> None:
    plan = Guards(training_every_months=12, certificate_months=6)
    day = date(2026, 8, 31)
    assert good_until(plan, trained(day)) == date(2027, 8, 31)
    assert good_until(plan, trained(day, "12/CN")) == date(2027, 2, 28), "no 31 February"
    assert good_until(plan, trained(day, "12/CN", date(2026, 12, 1))) == date(2026, 12, 1)
    assert good_until(Guards(), trained(day)) is None


@given(days=st.integers(-400, 400))
def test_a_guard_is_trained_until_the_day_itself(days: int) -> None:
    plan = Guards(training_every_months=12)
    last = trained(date(2025, 11, 24) + timedelta(days=days))
    state = training_state(plan, [last, trained(date(2020, 1, 1))], TODAY)
    if last.day > TODAY:
        assert state.state is Trained.EXPIRED, "training to come does not count yet"
        return
    assert state.until is not None
    left = (state.until - TODAY).days
    expected = Trained.EXPIRED if left < 0 else Trained.SOON if left <= 30 else Trained.VALID
    assert state.state is expected


def test_unset_training_is_never_called_expired() -> None:
    assert training_state(Guards(), [trained(date(2001, 1, 1))], TODAY).state is Trained.UNSET
    assert training_state(Guards(), [], TODAY).state is Trained.NEVER
    asked = Guards(certificate_required=True)
    assert training_state(asked, [trained(date(2026, 1, 1))], TODAY).certificate_missing
    assert not training_state(asked, [trained(date(2026, 1, 1), "7")], TODAY).certificate_missing
