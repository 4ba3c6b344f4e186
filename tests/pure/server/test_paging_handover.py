"""Whoever's turn begins hears what is open: of which, when, by which way, once. Pure."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from server.domain.calendar import LOCAL
from server.domain.incident.model import Incident, Kind, Phase, Severity
from server.domain.incident.signals import Aspect, Subject
from server.domain.paging.calls import calls_for
from server.domain.paging.directory import Directory
from server.domain.paging.handover import (
    HandOver,
    Known,
    hand_overs,
    handed_over,
    standing_hand_overs,
)
from server.domain.paging.people import (
    Call,
    Occasion,
    Policy,
    QuietHours,
    Receiver,
    Stand,
    Target,
    Way,
)
from server.domain.paging.replaying import replayed
from server.domain.paging.turns import Begun, turns_begun
from tests.pure.server.paging_people import (
    directory,
    incident,
    opened,
    person,
    policy,
    recovered,
    to,
    weekly,
)

ON_DUTY = to("rota", target=Target.ROTA)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=LOCAL).astimezone(UTC)


EIGHT = local(9, 8)
"""Bình's first turn begins."""
BINH = HandOver(at=EIGHT, receiver="binh", rotas=frozenset({"rota"}))


def book(
    *policies: Policy, binh: Receiver | None = None, stands: tuple[Stand, ...] = ()
) -> Directory:
    people = (person("an"), binh or person("binh"), person("chief"))
    chosen = policies or (policy(ON_DUTY),)
    return directory(*chosen, people=people, rotas=(weekly("an", "binh", stands=stands),))


def known(one: Incident | None = None, on: Directory | None = None) -> Known:
    one = one or incident(at=local(9, 7))
    return Known(one, calls_for(opened(one), on or book()))


def told(*those: Known, on: Directory | None = None, now: datetime | None = None) -> list[Call]:
    return list(handed_over(BINH, on or book(), those, now or BINH.due))


# --------------------------------------------------------------------------- when a turn begins
def test_turns_begin_at_hand_overs_where_somebody_else_had_the_turn() -> None:
    found = turns_begun(weekly("an", "binh"), local(1, 0), local(17, 0))
    assert found == (
        Begun(local(2, 8), "rota", "an"),
        Begun(EIGHT, "rota", "binh"),
        Begun(local(16, 8), "rota", "an"),
    )


def test_one_who_is_alone_takes_over_from_nobody() -> None:
    assert turns_begun(weekly("an"), local(3, 0), local(30, 0)) == ()


def test_who_stands_in_begins_at_midnight_and_so_does_whoever_comes_back() -> None:
    stand = Stand(first=date(2026, 11, 11), last=date(2026, 11, 11), receiver="an")
    found = turns_begun(weekly("an", "binh", stands=(stand,)), EIGHT, local(13, 0))
    assert [(b.at, b.receiver) for b in found] == [(local(11, 0), "an"), (local(12, 0), "binh")]


def test_a_moment_belongs_to_one_of_two_spans_that_meet() -> None:
    rota = weekly("an", "binh")
    assert turns_begun(rota, EIGHT, local(10, 0)) == ()
    assert len(turns_begun(rota, local(9, 0), EIGHT)) == 1


def test_rotas_that_begin_for_one_person_at_one_moment_are_one_hand_over() -> None:
    rotas = (weekly("an", "binh"), weekly("an", "binh", id="other"))
    on = directory(people=(person("an"), person("binh")), rotas=rotas)
    due = EIGHT + timedelta(seconds=30)
    (one,) = hand_overs(on, EIGHT, due)
    assert (one.at, one.due) == (EIGHT, due)
    assert one.rotas == {"rota", "other"}
    assert hand_overs(on, due, due + timedelta(days=6)) == ()


@pytest.mark.parametrize(
    ("now", "receivers"),
    [
        (EIGHT + timedelta(seconds=29), []),
        (EIGHT + timedelta(seconds=30), ["binh"]),
        (local(9, 20), ["binh"]),  # the server was away
        (local(9, 21), []),
        (local(10, 0), ["an"]),  # who stands in, and no more Bình
    ],
)
def test_a_hand_over_is_told_late_but_not_to_whoever_has_the_turn_no_more(
    now: datetime, receivers: list[str]
) -> None:
    stand = Stand(first=date(2026, 11, 10), last=date(2026, 11, 10), receiver="an")
    now = now + timedelta(seconds=30) if now == local(10, 0) else now
    assert [h.receiver for h in standing_hand_overs(book(stands=(stand,)), now)] == receivers


# ------------------------------------------------------------------------------------ of which
def test_what_was_told_and_is_open_is_told_to_whoever_takes_over() -> None:
    (call,) = told(known())
    assert (call.receiver, call.occasion, call.at) == ("binh", Occasion.HANDOVER, BINH.due)
    assert call.way == Way(channel="email", address="binh@x")


def test_nothing_is_told_where_nothing_is_open() -> None:
    over = replace(incident(at=local(9, 7)), phase=Phase.CLOSED, closed_at=local(9, 7, 50))
    assert told(known(over)) == []
    assert told() == []


def test_what_is_never_told_or_not_yet_is_not_handed_over() -> None:
    base = incident(at=local(9, 7))
    assert told(known(replace(base, tell_at=None))) == []
    later = replace(base, tell_at=local(9, 12))
    assert told(known(later)) == []
    assert told(Known(later, ())) == []  # nor where nobody will have the turn then


def test_what_falls_due_with_the_hand_over_is_told_as_what_it_is() -> None:
    assert told(known(replace(incident(at=local(9, 7)), tell_at=EIGHT))) == []


def test_what_nobody_was_told_of_since_nobody_had_the_turn_is_handed_over() -> None:
    assert len(told(Known(incident(at=local(9, 7)), ()))) == 1


def test_other_peoples_incidents_are_not_handed_over() -> None:
    assert told(known(), on=book(policy(to("an")))) == []
    assert told(known(), on=book(policy(ON_DUTY, kinds=(Kind.SCHOOL,)))) == []
    assert told(known(), on=book(policy(ON_DUTY, units=("xa2",)))) == []


def test_the_next_in_line_hears_only_of_what_their_rota_was_called_for() -> None:
    on = book(policy(to("chief"), to("rota", 900, Target.ROTA)))
    waiting = known(on=on)
    assert told(waiting, on=on) == []
    raised = replace(waiting.calls[0], receiver="an", occasion=Occasion.ESCALATED)
    assert len(told(Known(waiting.incident, (raised,)), on=on)) == 1


# ------------------------------------------------------------------------- when, how and how often
def test_whoever_switched_it_off_or_takes_no_messages_hears_nothing() -> None:
    assert told(known(), on=book(binh=person("binh", handover=False))) == []
    assert told(known(), on=book(binh=person("binh", active=False))) == []


def test_quiet_hours_hold_it_back_unless_something_is_urgent() -> None:
    quiet = QuietHours(start=time(7), end=time(9))
    urgent = (Way(channel="sms", address="1"),)
    on = book(binh=person("binh", urgent_ways=urgent, quiet=quiet))
    calm = known(incident(at=local(9, 7), severity=Severity.NORMAL))
    (late,) = told(calm, on=on)
    assert (late.at, late.way.channel) == (local(9, 9), "email")
    grave = known(replace(incident(at=local(9, 7)), id="grave"))
    both = told(calm, grave, on=on)
    assert {(c.at, c.way.channel) for c in both} == {(BINH.due, "sms")}
    assert len(both) == 2


def test_a_channels_own_trouble_is_not_handed_over_by_that_channel() -> None:
    subject = Subject(Aspect.CHANNEL, "email")
    broken = incident(Kind.CHANNEL, at=local(9, 7), subject=subject, school=None)
    sms = person("binh", ways=(Way(channel="email"), Way(channel="sms", address="1")))
    (call,) = told(known(broken), on=book(binh=sms))
    assert call.way.channel == "sms"


def test_asked_again_it_is_the_same_and_nothing_is_told_twice() -> None:
    one = known()
    first = told(one)
    assert told(one, now=local(9, 10)) == first
    assert told(Known(one.incident, (*one.calls, *first)), now=local(9, 10)) == []
    new_way = person("binh", ways=(Way(channel="sms", address="1"),))
    again = Known(one.incident, (*one.calls, *first))
    assert told(again, on=book(binh=new_way), now=local(9, 10)) == []


def test_two_turns_that_begin_within_hours_tell_one_incident_once() -> None:
    """Another rota's turn began at one; or the hour of hand-over was moved since."""
    one = known()
    before = replace(told(one)[0], at=local(9, 1), id="before")
    assert told(Known(one.incident, (before,))) == []


def test_a_fortnight_later_it_is_another_hand_over() -> None:
    one = known()
    before = told(one)
    later = HandOver(at=local(23, 8), receiver="binh", rotas=frozenset({"rota"}))
    (call,) = handed_over(later, book(), [Known(one.incident, (*one.calls, *before))], later.due)
    assert call.id != before[0].id


# --------------------------------------------------------------------------------- in a history
def test_a_replay_hands_over_and_whoever_was_told_hears_of_the_end() -> None:
    one = incident(at=local(9, 7))
    changes = [opened(one), recovered(one, timedelta(hours=3))]
    found = [(c.receiver, c.occasion) for c in replayed(changes, book(), until=local(10, 0))]
    assert found[:2] == [("an", Occasion.OPENED), ("binh", Occasion.HANDOVER)]
    assert set(found[2:]) == {("an", Occasion.RECOVERED), ("binh", Occasion.RECOVERED)}


def test_what_is_open_at_the_end_of_a_history_was_handed_over_before_it() -> None:
    changes = [opened(incident(at=local(9, 7)))]
    whole = replayed(changes, book(), until=local(17, 0))
    assert [c.receiver for c in whole] == ["an", "binh", "an"]
    assert len(replayed(changes, book(), until=local(9, 7, 30))) == 1


def test_what_is_over_before_the_hand_over_is_told_ends_is_not_handed_over() -> None:
    one = incident(at=local(9, 7))
    changes = [opened(one), recovered(one, timedelta(minutes=60, seconds=20))]
    assert {c.receiver for c in replayed(changes, book(), until=local(10, 0))} == {"an"}
