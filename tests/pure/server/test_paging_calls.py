"""Who is told of what: turns, quiet hours, policies, escalation. Pure."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.calendar import LOCAL
from server.domain.incident.model import Change, Kind, Member, Severity, Step
from server.domain.incident.signals import Aspect, Subject
from server.domain.paging.calls import calls_for, withdrawn
from server.domain.paging.directory import EVERYBODY, directory_of
from server.domain.paging.escalating import Unsettled, escalations
from server.domain.paging.people import Call, Occasion, QuietHours, Stand, Target, Way
from server.domain.paging.standing import page
from server.domain.paging.turns import after_quiet, on_turn
from tests.pure.server.paging_people import (
    MORNING,
    NIGHT,
    ORGANISATION,
    SCHOOL_STAGE,
    directory,
    incident,
    opened,
    person,
    policy,
    recovered,
    to,
    weekly,
)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=LOCAL).astimezone(UTC)


def told(calls: tuple[Call, ...]) -> list[str]:
    return sorted(call.receiver for call in calls)


# ------------------------------------------------------------------------------------ turns
@pytest.mark.parametrize(
    ("at", "who"),
    [
        (local(2, 7, 59), None),  # before the first hand-over nobody has it
        (local(2, 8), "an"),
        (local(9, 7, 59), "an"),
        (local(9, 8), "binh"),
        (local(16, 8), "chi"),
        (local(23, 8), "an"),  # and from the beginning
    ],
)
def test_a_turn_goes_from_hand_over_to_hand_over(at: datetime, who: str | None) -> None:
    assert on_turn(weekly("an", "binh", "chi"), at) == who


def test_a_stand_takes_the_turn_for_whole_local_days() -> None:
    stand = Stand(first=date(2026, 11, 10), last=date(2026, 11, 11), receiver="chi")
    rota = weekly("an", "binh", stands=(stand,))
    assert on_turn(rota, local(9, 23, 59)) == "binh"
    assert on_turn(rota, local(10, 0)) == "chi"
    assert on_turn(rota, local(11, 23, 59)) == "chi"
    assert on_turn(rota, local(12, 0)) == "binh"


def test_a_stand_of_nobody_leaves_the_turn_empty() -> None:
    stand = Stand(first=date(2026, 11, 10), last=date(2026, 11, 10), receiver="")
    assert on_turn(weekly("an", stands=(stand,)), local(10, 12)) is None


@pytest.mark.parametrize(
    ("at", "then"),
    [
        (local(10, 21, 59), local(10, 21, 59)),
        (local(10, 22), local(11, 6, 30)),
        (local(11, 3), local(11, 6, 30)),
        (local(11, 6, 30), local(11, 6, 30)),
    ],
)
def test_quiet_hours_over_midnight(at: datetime, then: datetime) -> None:
    assert after_quiet(NIGHT, at) == then


def test_quiet_hours_by_day_and_none() -> None:
    noon = QuietHours(start=time(11, 30), end=time(13))
    assert after_quiet(noon, local(10, 12)) == local(10, 13)
    assert after_quiet(noon, local(10, 13)) == local(10, 13)
    assert after_quiet(QuietHours(start=time(8), end=time(8)), local(10, 8)) == local(10, 8)
    assert after_quiet(None, local(10, 12)) == local(10, 12)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.times(), st.times())  # noqa: DTZ001
def test_who_is_quiet_is_told_within_a_day_and_then_not_quiet(
    naive: datetime, start: time, end: time
) -> None:
    quiet = QuietHours(start=start.replace(microsecond=0), end=end.replace(microsecond=0))
    at = naive.replace(tzinfo=UTC, microsecond=0)
    then = after_quiet(quiet, at)
    assert timedelta(0) <= then - at < timedelta(days=1)
    assert after_quiet(quiet, then) == then


# ---------------------------------------------------------------------------------- policies
def test_one_person_in_several_policies_is_told_once() -> None:
    book = directory(
        policy(to("an")), policy(to("an"), to("binh"), name="q"),
        people=(person("an"), person("binh")),
    )  # fmt: skip
    assert told(calls_for(opened(), book)) == ["an", "binh"]


@pytest.mark.parametrize(
    ("limits", "fits"),
    [
        ({"units": ("xa1",)}, True),
        ({"units": ("tinh",)}, True),
        ({"units": ("xa2",)}, False),
        ({"schools": ("s1",)}, True),
        ({"schools": ("s2",)}, False),
        ({"units": ("xa2",), "schools": ("s1",)}, True),
        ({"kinds": (Kind.AGENT,)}, False),
        ({"kinds": (Kind.AGENT, Kind.CAMERA)}, True),
        ({"least": Severity.URGENT}, True),
    ],
)
def test_a_policy_names_whom_it_concerns(limits: dict[str, Any], *, fits: bool) -> None:
    book = directory(policy(to("an"), **limits), people=(person("an"),))
    assert bool(calls_for(opened(), book)) is fits


def test_what_is_less_grave_than_a_policy_wants_is_not_told_by_it() -> None:
    book = directory(policy(to("an"), least=Severity.URGENT), people=(person("an"),))
    assert not calls_for(opened(incident(severity=Severity.NORMAL)), book)


def test_a_cut_line_is_told_to_those_of_each_school_that_it_touches() -> None:
    line = incident(Kind.LINE, school=None, unit="tinh", subject=Subject(Aspect.AGENT, "s1-a"))
    second = Member(subject=Subject(Aspect.AGENT, "s2-a"), cause="agent.silent", since=MORNING)
    line = replace(line, members=(*line.members, second))
    people = (person("an"), person("binh"))
    mine, other = policy(to("an"), units=("xa1",)), policy(to("binh"), schools=("s2",), name="q")
    assert told(calls_for(opened(line), directory(mine, other, people=people))) == ["an", "binh"]


def test_a_schools_contacts_hear_of_their_own_school_only() -> None:
    book = directory(policy(SCHOOL_STAGE))
    assert [c.way.address for c in calls_for(opened(), book)] == ["ht@s1.example.vn"]
    line = incident(Kind.LINE, school=None, unit="tinh", subject=Subject(Aspect.AGENT, "s1-a"))
    assert not calls_for(opened(line), book)


def test_a_contact_is_told_by_what_it_has() -> None:
    calls = calls_for(opened(), directory(policy(SCHOOL_STAGE), phone=True))
    assert {(c.receiver, c.way.channel) for c in calls} == {
        ("school:s1/ht", "email"),
        ("school:s1/bv", "sms"),
    }


def test_the_centres_own_trouble_is_told_though_every_policy_names_a_place() -> None:
    centre = incident(Kind.CENTRE, school=None, subject=Subject(Aspect.CENTRE, "database"))
    placed = policy(to("an"), units=("xa1",))
    people = (person("an"), person("binh"))
    assert told(calls_for(opened(centre), directory(placed, people=people))) == ["an"]
    both = directory(placed, policy(to("binh"), name="q"), people=people)
    assert told(calls_for(opened(centre), both)) == ["binh"]


def test_nobody_on_turn_means_the_next_in_line_at_once() -> None:
    gone = Stand(first=date(2026, 11, 24), last=date(2026, 11, 24), receiver="")
    book = directory(
        policy(to("rota", target=Target.ROTA), to("chief", 600)),
        people=(person("an"), person("chief")),
        rotas=(weekly("an", stands=(gone,)),),
    )
    assert told(calls_for(opened(), book)) == ["chief"]


def test_who_is_away_is_nobody() -> None:
    book = directory(
        policy(to("an"), to("chief", 600)), people=(person("an", active=False), person("chief"))
    )
    assert told(calls_for(opened(), book)) == ["chief"]


def test_a_broken_channel_is_told_of_by_another() -> None:
    broken = incident(Kind.CHANNEL, school=None, subject=Subject(Aspect.CHANNEL, "email"))
    mail, sms = Way(channel="email", address="an@x"), Way(channel="sms", address="09")
    two = person("an", urgent_ways=(mail,), ways=(mail, sms))
    book = directory(policy(to("an"), to("chief", 600)), people=(two, person("chief")))
    assert [c.way.channel for c in calls_for(opened(broken), book)] == ["sms"]
    only_mail = directory(policy(to("binh"), to("an", 600)), people=(person("binh"), two))
    assert told(calls_for(opened(broken), only_mail)) == ["an"]  # who can be reached is next


def test_what_is_urgent_goes_by_the_urgent_ways_and_wakes_people() -> None:
    night = local(10, 2)
    an = person("an", quiet=NIGHT, urgent_ways=(Way(channel="sms", address="09"),))
    book = directory(policy(to("an")), people=(an,))
    (urgent,) = calls_for(opened(incident(at=night)), book)
    assert (urgent.way.channel, urgent.at) == ("sms", night)
    (calm,) = calls_for(opened(incident(at=night, severity=Severity.NORMAL)), book)
    assert (calm.way.channel, calm.at) == ("email", local(10, 6, 30))


def test_what_is_not_to_be_told_is_not_told() -> None:
    book = directory(policy(to("an")), people=(person("an"),))
    assert not calls_for(opened(incident(tell_at=None)), book)


@pytest.mark.parametrize(
    "step", [Step.JOINED, Step.WIDENED, Step.EASED, Step.RETURNED, Step.ABSORBED]
)
def test_steps_that_nobody_is_told_of(step: Step) -> None:
    book = directory(policy(to("an")), people=(person("an"),))
    first = calls_for(opened(), book)
    assert not calls_for(Change(at=MORNING, step=step, incident=incident()), book, first)


def test_without_records_the_configured_ways_out_are_told() -> None:
    book = directory_of(
        ORGANISATION, receivers={}, rotas={}, policies=(), channels=("email", "webhook")
    )
    calls = calls_for(opened(incident(severity=Severity.NORMAL)), book)
    assert {(c.receiver, c.way) for c in calls} == {
        (EVERYBODY, Way(channel="email")),
        (EVERYBODY, Way(channel="webhook")),
    }


def test_receivers_without_a_policy_are_all_told() -> None:
    people = {one.id: one for one in (person("an"), person("binh"))}
    book = directory_of(ORGANISATION, receivers=people, rotas={}, policies=(), channels=("email",))
    assert told(calls_for(opened(), book)) == ["an", "binh"]


# ------------------------------------------------------------------------------ what follows
def test_those_who_were_told_are_told_that_it_is_over_whoever_has_the_turn_now() -> None:
    people = (person("an"), person("binh"))
    rota = weekly("an", "binh")
    book = directory(policy(to("rota", target=Target.ROTA)), people=people, rotas=(rota,))
    at = local(9, 7, 50)
    first = calls_for(opened(incident(at=at)), book)
    over = recovered(incident(at=at), timedelta(minutes=30))
    last = calls_for(over, book, first)
    assert told(first) == told(last) == ["an"]
    assert [c.occasion for c in last] == [Occasion.RECOVERED]
    assert {c.id for c in first}.isdisjoint(c.id for c in last)


def test_what_is_over_before_it_is_due_is_never_told() -> None:
    book = directory(policy(to("an")), people=(person("an", quiet=NIGHT),))
    night = incident(at=local(10, 2), severity=Severity.NORMAL)
    first = calls_for(opened(night), book)
    over = recovered(night, timedelta(hours=1))
    assert withdrawn(over, first) == {c.id for c in first}
    assert not calls_for(over, book, first)


def test_a_policy_may_spare_people_the_end() -> None:
    book = directory(policy(to("an"), recovery=False), people=(person("an"),))
    first = calls_for(opened(), book)
    over = recovered(incident(), timedelta(minutes=5))
    assert not calls_for(over, book, first)
    both = directory(policy(to("an"), recovery=False), policy(to("an"), name="q"),
                     people=(person("an"),))  # fmt: skip
    assert calls_for(over, both, first)


def test_the_end_of_what_was_not_urgent_wakes_nobody() -> None:
    book = directory(policy(to("an")), people=(person("an", quiet=NIGHT),))
    evening = incident(at=local(10, 21), severity=Severity.NORMAL)
    first = calls_for(opened(evening), book)
    (last,) = calls_for(recovered(evening, timedelta(hours=3)), book, first)
    assert last.at == local(11, 6, 30)


def test_worse_takes_back_what_was_not_yet_due_and_tells_at_once() -> None:
    book = directory(policy(to("an")), people=(person("an", quiet=NIGHT),))
    night = incident(at=local(10, 5), severity=Severity.NORMAL)
    first = calls_for(opened(night), book)
    at = local(10, 6)
    worse = Change(at=at, step=Step.WORSENED,
                   incident=replace(night, severity=Severity.URGENT, tell_at=at))  # fmt: skip
    assert withdrawn(worse, first) == {c.id for c in first}
    (now,) = calls_for(worse, book, first)
    assert (now.occasion, now.at) == (Occasion.WORSENED, at)


def test_what_is_told_at_another_time_moves() -> None:
    book = directory(policy(to("an")), people=(person("an"),))
    night = incident(at=local(10, 2), severity=Severity.NORMAL, tell_at=local(10, 7))
    first = calls_for(opened(night), book)
    moved = Change(at=local(10, 3), step=Step.RETIMED,
                   incident=replace(night, tell_at=local(10, 9)))  # fmt: skip
    paged = page([moved], book, {night.id: {c.id: c for c in first}})
    assert paged.withdrawn == {c.id for c in first} == {c.id for c in paged.calls}
    assert [c.at for c in paged.calls] == [local(10, 9)]


def test_unstable_is_told_to_the_first_in_line_and_to_those_who_were_told() -> None:
    book = directory(policy(to("an")), people=(person("an"), person("binh")))
    binh = replace(calls_for(opened(), book)[0], id="x", receiver="binh")
    change = Change(at=MORNING, step=Step.UNSTABLE, incident=incident())
    assert told(calls_for(change, book, (binh,))) == ["an", "binh"]


# ------------------------------------------------------------------------------- escalation
LADDER = directory(
    policy(to("an"), to("binh", 600), to("chief", 1800)),
    people=(person("an"), person("binh"), person("chief", quiet=NIGHT)),
)


def after(seconds: int, *, acknowledged: bool = False, calls: tuple[Call, ...] | None = None,
          ) -> list[str]:  # fmt: skip
    first = calls_for(opened(), LADDER) if calls is None else calls
    one = Unsettled(incident=incident(), acknowledged=acknowledged, calls=first)
    return told(escalations([one], LADDER, MORNING + timedelta(seconds=seconds)))


def test_stages_come_one_after_the_other_until_somebody_takes_it_on() -> None:
    assert after(599) == []
    assert after(600) == ["binh"]
    assert after(1800) == ["binh", "chief"]
    assert after(7200, acknowledged=True) == []


def test_nobody_is_escalated_to_twice() -> None:
    one = Unsettled(incident=incident(), acknowledged=False, calls=calls_for(opened(), LADDER))
    at = MORNING + timedelta(seconds=600)
    first = escalations([one], LADDER, at)
    again = replace(one, calls=(*one.calls, *first))
    assert not escalations([again], LADDER, at + timedelta(seconds=5))
    assert escalations([one], LADDER, at + timedelta(seconds=5)) == first  # the same ids


def test_what_nobody_was_told_of_is_not_escalated() -> None:
    assert after(7200, calls=()) == []
    later = tuple(replace(c, at=MORNING + timedelta(hours=9)) for c in calls_for(opened(), LADDER))
    assert after(7200, calls=later) == []


def test_stages_count_from_when_it_became_worse() -> None:
    first = calls_for(opened(), LADDER)
    worse = tuple(
        replace(c, id="w", occasion=Occasion.WORSENED, at=MORNING + timedelta(seconds=500))
        for c in first
    )
    assert after(700, calls=(*first, *worse)) == []
    assert after(1100, calls=(*first, *worse)) == ["binh"]


def test_a_stage_goes_to_whoever_has_the_turn_by_then() -> None:
    book = directory(
        policy(to("an"), to("rota", 1800, Target.ROTA)),
        people=(person("an"), person("binh"), person("chi")),
        rotas=(weekly("binh", "chi"),),
    )
    at = local(9, 7, 45)
    one = Unsettled(incident=incident(at=at), acknowledged=False,
                    calls=calls_for(opened(incident(at=at)), book))  # fmt: skip
    assert told(escalations([one], book, at + timedelta(seconds=1800))) == ["chi"]


# -------------------------------------------------------------------------------------- ids
def test_a_repeat_has_the_same_id_and_all_others_differ() -> None:
    book = directory(policy(to("an"), to("binh")), people=(person("an"), person("binh")))
    first, again = calls_for(opened(), book), calls_for(opened(), book)
    assert [c.id for c in first] == [c.id for c in again]
    last = calls_for(recovered(incident(), timedelta(minutes=1)), book, first)
    other = calls_for(opened(incident(Kind.AGENT)), book)
    every = [c.id for c in (*first, *last, *other)]
    assert len(set(every)) == len(every)
