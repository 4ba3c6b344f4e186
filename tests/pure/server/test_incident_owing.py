"""Who was told of an incident that a wider one took over, and not of that one, hears its end."""

from collections.abc import Sequence
from types import MappingProxyType

from server.domain.incident.model import Change, Kind, Step
from server.domain.incident.rules import Rules
from server.domain.incident.signals import Signal
from server.domain.paging.directory import Directory
from server.domain.paging.people import Call, Occasion, Policy, Receiver, Stage, Target, Way
from server.domain.paging.standing import concerned, page
from server.domain.units import Organisation
from tests.pure.server.incident_world import Day, at

ABSORBED, OPENED, RECOVERED = Step.ABSORBED, Step.OPENED, Step.RECOVERED
DUTY = Stage(after_s=0, target=Target.RECEIVER, id="duty")
GUARD = Stage(after_s=0, target=Target.RECEIVER, id="guard")
NARROW = (Kind.AGENT, Kind.CAMERA, Kind.NETWORK)


def directory(*, ends: bool = True, guards: tuple[Kind, ...] = NARROW) -> Directory:
    """The duty room is told of all, the guard of what is narrow."""
    receivers = {
        name: Receiver(id=name, name=name, ways=(Way(channel="email", address=f"{name}@x.vn"),))
        for name in ("duty", "guard")
    }
    return Directory(
        organisation=Organisation(units=(), schools=()),
        receivers=MappingProxyType(receivers),
        policies=(
            Policy(id="a", name="a", stages=(DUTY,)),
            Policy(id="b", name="b", stages=(GUARD,), kinds=guards, recovery=ends),
        ),
    )


def said(calls: Sequence[Call], day: Day, receiver: str = "guard") -> list[tuple[str, str, float]]:
    """Return what somebody is told: occasion, the incident's root, and when in seconds."""
    roots = {c.incident.id: c.incident.root for c in day.changes if c.step is OPENED}
    return [
        (c.occasion, roots[c.incident or ""], (c.at - at()).total_seconds())
        for c in calls
        if c.receiver == receiver
    ]


def live(changes: Sequence[Change], book: Directory) -> list[Call]:
    """Return the calls if each change is a transaction of its own, as in the database."""
    kept: dict[str, dict[str, Call]] = {}
    for change in changes:
        known = {name: kept.get(name, {}) for name in concerned([change])}
        paged = page([change], book, known)
        for calls in kept.values():
            for name in paged.withdrawn & calls.keys():
                del calls[name]
        for call in paged.calls:
            kept.setdefault(call.incident or "", {})[call.id] = call
    return sorted((c for calls in kept.values() for c in calls.values()), key=lambda c: c.at)


def heard(day: Day, *, receiver: str = "guard", ends: bool = True) -> list[tuple[str, str, float]]:
    """Return what somebody is told: by a replay of it all, as transaction by transaction."""
    book = directory(ends=ends)
    whole, single = page(day.changes, book, {}).calls, live(day.changes, book)
    assert {(c.id, c.at) for c in whole} == {(c.id, c.at) for c in single}
    assert len({c.id for c in whole}) == len(whole)
    return said(whole, day, receiver)


def line(schools: int = 10, *, rules: Rules | None = None) -> Day:
    """The first school's silence is told before it looks like a line."""
    day = Day(rules=rules or Rules())
    for n in range(schools):
        day.town.add_school(f"s{n}", cameras=1)
    day.silent("s0-a0", 75, since=0)
    day.until(84)
    for n in range(1, schools):
        day.silent(f"s{n}-a0", 85 + n, since=80)
    day.until(400)
    assert day.steps(OPENED, ABSORBED) == [
        (OPENED, "agent:s0-a0"), (OPENED, "line:u"), (ABSORBED, "agent:s0-a0")
    ]  # fmt: skip
    return day


def back(day: Day, s: float, *, left: int = 0, schools: int = 10) -> None:
    for n in range(left, schools):
        day.heard(f"s{n}-a0", s)


def test_who_was_told_of_the_part_alone_hears_its_end_with_the_lines() -> None:
    day = line()
    back(day, 1000)
    day.until(3000)
    first, last = heard(day)
    assert first[:2] == (Occasion.OPENED, "agent:s0-a0")
    assert last == (Occasion.RECOVERED, "agent:s0-a0", 1060)


def test_who_was_told_of_both_hears_the_lines_end_alone() -> None:
    day = line()
    back(day, 1000)
    day.until(3000)
    duty = heard(day, receiver="duty")
    assert [(o, r) for o, r, _ in duty] == [
        (Occasion.OPENED, "agent:s0-a0"),
        (Occasion.OPENED, "line:u"),
        (Occasion.RECOVERED, "line:u"),
    ]


def test_the_end_has_its_own_length() -> None:
    day = line()
    day.heard("s0-a0", 900)
    back(day, 1000, left=1)
    day.until(3000)
    last = day.last("agent:s0-a0")
    assert (last.ended_at, last.closed_at) == (at(900), at(1060))
    assert [m.until for m in last.members] == [at(900)]


def test_whose_policy_leaves_ends_out_hears_none() -> None:
    day = line()
    back(day, 1000)
    day.until(3000)
    assert len(heard(day, ends=False)) == 1


def test_what_was_not_told_when_it_was_taken_over_is_owed_nothing() -> None:
    day = Day()
    day.town.always = False
    for n in range(10):
        day.town.add_school(f"s{n}", cameras=1)
    day.silent("s0-a0", 75, since=0)
    day.until(84)
    for n in range(1, 10):
        day.silent(f"s{n}-a0", 85 + n, since=80)
    day.until(400)
    back(day, 1000)
    day.until(3000)
    assert heard(day) == []
    assert day.engine.memory.owed == ()


def test_who_stays_behind_is_over_with_the_incident_that_it_becomes() -> None:
    day = line()
    back(day, 1000, left=1)
    day.until(1500)
    day.heard("s0-a0", 1600)
    day.until(3000)
    assert heard(day) == [
        (Occasion.OPENED, "agent:s0-a0", 84),
        (Occasion.OPENED, "agent:s0-a0", 1090),
        (Occasion.RECOVERED, "agent:s0-a0", 1660),
    ]


def test_who_stays_behind_and_is_well_before_that_is_told_is_over_then() -> None:
    day = line()
    back(day, 1000, left=1)
    day.heard("s0-a0", 1070)
    day.until(3000)
    assert heard(day) == [
        (Occasion.OPENED, "agent:s0-a0", 84),
        (Occasion.RECOVERED, "agent:s0-a0", 1070),
    ]


def test_nobody_is_told_of_the_end_of_what_is_no_longer_registered() -> None:
    day = line()
    day.see(next(iter(day.engine.memory.ailments)).subject, Signal.GONE, 500, cause="")
    back(day, 1000, left=1)
    day.until(3000)
    assert len(heard(day)) == 1
    assert day.engine.memory.owed == ()


def test_a_camera_that_a_silent_gate_pc_took_over_and_that_stays_away_is_not_over() -> None:
    day = Day()
    day.town.add_school("s", cameras=8)
    day.down("s.1", 20, since=0)
    day.until(70)
    day.silent("s-a0", 110, since=35)
    day.unknown("s.1", 110)
    day.until(300)
    assert (ABSORBED, "camera:s.1") in day.steps()
    day.heard("s-a0", 600)
    day.down("s.1", 610, since=0)
    day.until(800)
    before = heard(day)
    day.up("s.1", 2000)
    day.until(4000)
    assert (Occasion.RECOVERED, "camera:s.1") not in [(o, r) for o, r, _ in before]
    last = [x for x in heard(day) if x[0] == Occasion.RECOVERED and x[1] == "camera:s.1"]
    assert last == [(Occasion.RECOVERED, "camera:s.1", 2120)]


def test_a_line_that_is_never_told_leaves_the_end_to_all_who_were_told_of_the_part() -> None:
    day = line()
    kinds = directory(guards=())
    told = page([c for c in day.changes if c.incident.root != "line:u"], kinds, {}).calls
    back(day, 1000)
    day.until(3000)
    ends = [c for c in day.changes if c.heirs]
    paged = page(ends, kinds, {ends[0].incident.id: {c.id: c for c in told}})
    assert sorted(c.receiver for c in paged.calls) == ["duty", "guard"]


def test_what_is_owed_survives_restarts() -> None:
    day, other = line(), line()
    other.restart()
    for one in (day, other):
        back(one, 1000, left=1)
        if one is other:
            one.restart()
        one.until(1300)
        if one is other:
            one.restart()
        one.heard("s0-a0", 1600)
        one.until(3000)
    assert other.changes == day.changes
