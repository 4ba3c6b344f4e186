"""Incidents, their history, observations and letters on SQLite and on PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from server.domain.incident.model import Change, Incident, Kind, Member, Phase, Severity, Step
from server.domain.incident.signals import Aspect, Observation, Signal, Subject
from server.domain.paging.calls import calls_for
from server.domain.paging.directory import Directory, directory_of
from server.domain.paging.people import Call, Occasion, Way
from server.domain.units import Organisation
from server.storage import Brought, EngineState, IncidentBatch, IncidentFilter, Store
from tests.pure.server.reports import ORIGIN
from tests.system.fixtures_server import postgres, postgres_url, store

__all__ = ["postgres", "postgres_url", "store"]

CAMERA = Subject(Aspect.CAMERA, "cam1")


def at(seconds: float) -> datetime:
    return ORIGIN + timedelta(seconds=seconds)


def trouble(name: str = "i1", *, opened: int = 40, school: str = "s1") -> Incident:
    member = Member(subject=CAMERA, cause="net.refused", since=at(0), detail="Cổng chính")
    return Incident(
        id=name,
        kind=Kind.CAMERA,
        root="camera:cam1",
        school=school,
        severity=Severity.URGENT,
        members=(member,),
        affected=("cam1",),
        required=("gate",),
        began_at=at(0),
        opened_at=at(opened),
        tell_at=at(opened),
        why=(("cameras", 1), ("host", "192.168.1.20")),
    )


SEEN = Observation(
    at=at(40), subject=CAMERA, signal=Signal.TROUBLE, since=at(0), cause="net.refused"
)


def closed(incident: Incident, seconds: int) -> Incident:
    ended, believed = at(seconds), at(seconds + 60)
    return replace(incident, phase=Phase.CLOSED, ended_at=ended, closed_at=believed)


def way(channel: str) -> Way:
    return Way(channel=channel, address="a@b.vn")


def nobody(*channels: str) -> Directory:
    """Return the directory of a centre where nobody wrote anything."""
    return directory_of(
        Organisation(units=(), schools=()),
        receivers={},
        rotas={},
        policies=(),
        channels=channels,
    )


def batch_of(*changes: Change, channels: tuple[str, ...] = ()) -> IncidentBatch:
    return IncidentBatch(memory=b"one", directory=nobody(*channels), changes=changes)


def opening(incident: Incident, *channels: str) -> IncidentBatch:
    change = Change(at=at(40), step=Step.OPENED, incident=incident)
    return replace(batch_of(change, channels=channels), observations=(SEEN,))


def ending(incident: Incident, *channels: str, seconds: int = 100) -> IncidentBatch:
    over = closed(incident, seconds)
    assert over.closed_at is not None
    return batch_of(
        Change(at=over.closed_at, step=Step.RECOVERED, incident=over), channels=channels
    )


def call(name: str, occasion: Occasion, *, incident: str | None = "i1", when: float = 40) -> Call:
    return Call(
        id=name,
        incident=incident,
        occasion=occasion,
        receiver="hoa",
        way=way("email"),
        language="vi",
        at=at(when),
    )


async def test_a_look_is_written_once_by_whoever_writes_first(store: Store) -> None:
    assert await store.load_engine() == EngineState()
    batch = opening(trouble(), "email")
    writing = [store.change_incidents(batch, expected=0, now=at(40)) for _ in range(4)]
    assert sorted(await asyncio.gather(*writing)) == [False, False, False, True]
    assert await store.load_engine() == EngineState(version=1, memory=b"one")
    [row] = await store.incidents()
    assert (row.incident, row.told_at, row.began_at) == (trouble(), at(40), at(0))
    assert [s.step for s in await store.incident_steps("i1")] == ["opened"]
    assert await store.observations(at(40), at(41)) == [SEEN]
    assert await store.observations(at(0), at(40)) == []
    [letter] = await store.letters_of("i1")
    assert (letter.way.channel, letter.at, letter.next_at) == ("email", at(40), at(40))


@pytest.mark.parametrize(("grave", "ends"), [(Severity.URGENT, ["w"]), (Severity.NOTED, ["i1"])])
async def test_the_end_of_what_was_absorbed_goes_to_whoever_was_not_told_of_its_heir(
    store: Store, grave: Severity, ends: list[str]
) -> None:
    wide = replace(
        trouble("w"), severity=grave, tell_at=None if grave is Severity.NOTED else at(40)
    )
    over = closed(trouble(), 100)
    steps = (
        Change(at=at(40), step=Step.OPENED, incident=trouble()),
        Change(at=at(50), step=Step.OPENED, incident=wide),
        Change(at=at(50), step=Step.ABSORBED, incident=closed(trouble(), 50), into="w"),
        Change(at=at(160), step=Step.RECOVERED, incident=closed(wide, 100)),
        Change(at=at(160), step=Step.RECOVERED, incident=over, heirs=("w",)),
    )
    for version, step in enumerate(steps):
        batch = batch_of(step, channels=("email",))
        assert await store.change_incidents(batch, expected=version, now=step.at)
    told = [letter for name in ("i1", "w") for letter in await store.letters_of(name)]
    assert [x.incident for x in told if x.occasion is Occasion.RECOVERED] == ends
    row = await store.incident("i1")
    assert row is not None
    assert (row.incident, row.ended_at) == (over, at(100))


async def test_a_later_step_keeps_what_people_did(store: Store) -> None:
    await store.change_incidents(opening(trouble(), "email"), expected=0, now=at(40))
    assert await store.acknowledge_incident("i1", by="cô Hoa", now=at(50))
    assert not await store.acknowledge_incident("i1", by="thầy Nam", now=at(51))
    assert await store.assign_incident("i1", "nhà thầu", by="cô Hoa", now=at(52))
    assert await store.note_incident("i1", "đã gọi", by="cô Hoa", now=at(53))
    assert not await store.note_incident("none", "đã gọi", by="cô Hoa", now=at(53))
    assert await store.change_incidents(ending(trouble(), "email"), expected=1, now=at(160))
    row = await store.incident("i1")
    assert row is not None
    assert (row.acknowledged_by, row.acknowledged_at) == ("cô Hoa", at(50))
    assert (row.assigned_to, row.told_at, row.ended_at) == ("nhà thầu", at(40), at(100))
    assert not await store.assign_incident("i1", "ai khác", by="cô Hoa", now=at(170))
    assert [(s.step, s.by, s.text) for s in await store.incident_steps("i1")] == [
        ("opened", None, ""),
        ("acknowledged", "cô Hoa", ""),
        ("assigned", "cô Hoa", "nhà thầu"),
        ("note", "cô Hoa", "đã gọi"),
        ("recovered", None, ""),
    ]


async def test_incidents_are_found_page_by_page_and_by_words(store: Store) -> None:
    found = [trouble(f"i{n}", opened=40 + n // 2, school=f"s{n % 2}") for n in range(5)]
    found[4] = closed(found[4], 100)
    changes = (Change(at=at(60), step=Step.OPENED, incident=i) for i in found)
    await store.change_incidents(batch_of(*changes), expected=0, now=at(60))
    names = [r.incident.id for r in await store.incidents()]
    assert names == ["i4", "i3", "i2", "i1", "i0"]
    [_, last] = await store.incidents(limit=2)
    key = (last.incident.opened_at, last.incident.id)
    assert [r.incident.id for r in await store.incidents(before=key)] == names[2:]

    async def those(wanted: IncidentFilter) -> list[str]:
        rows = await store.incidents(wanted)
        assert await store.count_incidents(wanted) == len(rows)
        return sorted(r.incident.id for r in rows)

    assert await those(IncidentFilter(open=False)) == ["i4"]
    assert await those(IncidentFilter(schools=frozenset({"s1"}))) == ["i1", "i3"]
    assert await those(IncidentFilter(text="CONG chinh", open=True)) == ["i0", "i1", "i2", "i3"]
    assert await those(IncidentFilter(text="Nguyễn", named=frozenset({"s1"}))) == ["i1", "i3"]
    assert await those(IncidentFilter(kinds=frozenset({Kind.LINE}))) == []
    assert await those(IncidentFilter(told=False, acknowledged=False)) == sorted(names)
    assert await those(IncidentFilter(opened_from=at(41), opened_to=at(42))) == ["i2", "i3"]
    await store.acknowledge_incident("i2", by="hoa", now=at(70))
    await store.assign_incident("i3", "hoa", by="nam", now=at(70))
    assert await those(IncidentFilter(mine="hoa")) == ["i2", "i3"]
    assert set(await store.incidents_of(["i0", "none"])) == {"i0"}


async def test_late_history_tells_times_again_and_a_later_step_leaves_them(store: Store) -> None:
    await store.change_incidents(opening(trouble()), expected=0, now=at(40))
    await store.retell_incidents([("i1", at(-500), None)])
    await store.change_incidents(ending(trouble()), expected=1, now=at(160))
    await store.retell_incidents([("i1", at(-500), at(90))])
    [row] = await store.retellable(ended_after=at(95), limit=5)
    assert (row.began_at, row.ended_at) == (at(-500), at(90))
    assert row.incident.began_at == at(0)
    assert await store.retellable(ended_after=at(100), limit=5) == []
    assert await store.retellable(ended_after=at(0), schools=["s2"], limit=5) == []


async def test_what_is_over_before_it_was_to_be_told_is_never_told(store: Store) -> None:
    early = replace(trouble(), tell_at=at(3000))
    await store.change_incidents(opening(early, "email"), expected=0, now=at(40))
    row = await store.incident("i1")
    assert row is not None
    assert row.told_at == at(3000)
    await store.change_incidents(ending(early, "email"), expected=1, now=at(160))
    row = await store.incident("i1")
    assert row is not None
    assert row.told_at is None
    assert await store.letters_of("i1") == []


async def test_whoever_may_have_been_told_hears_that_it_is_over(store: Store) -> None:
    tomorrow = replace(trouble(), tell_at=at(165))
    await store.change_incidents(opening(tomorrow, "email"), expected=0, now=at(40))
    await store.change_incidents(ending(tomorrow, "email"), expected=1, now=at(166))
    occasions = [x.occasion for x in await store.letters_of("i1")]
    assert occasions == [Occasion.OPENED, Occasion.RECOVERED]


async def test_nobody_is_escalated_to_about_what_is_over_or_taken(store: Store) -> None:
    await store.change_incidents(opening(trouble(), "email"), expected=0, now=at(40))
    assert await store.put_letters([call("e1", Occasion.ESCALATED)], now=at(50)) == 1
    assert await store.put_letters([call("e1", Occasion.ESCALATED)], now=at(51)) == 0
    await store.acknowledge_incident("i1", by="hoa", now=at(52))
    assert await store.put_letters([call("e2", Occasion.ESCALATED)], now=at(53)) == 0
    await store.change_incidents(ending(trouble(), "email"), expected=1, now=at(160))
    ends = [x for x in await store.letters_of("i1") if x.occasion is Occasion.RECOVERED]
    assert {x.receiver for x in ends} == {"mac-dinh", "hoa"}


async def test_the_recovery_waits_for_the_opening_to_leave(store: Store) -> None:
    both = ("email", "zalo")
    await store.change_incidents(opening(trouble(), *both), expected=0, now=at(40))
    await store.change_incidents(ending(trouble(), *both), expected=1, now=at(160))
    first, second = await store.letters_due(now=at(160))
    assert {x.occasion for x in (first, second)} == {Occasion.OPENED}
    await store.letter_tried(first, ok=False, detail="away", now=at(161), next_at=at(180))
    await store.letter_tried(second, ok=True, detail="taken", now=at(161), next_at=None)
    [free] = await store.letters_due(now=at(170))
    assert (free.way, free.occasion) == (second.way, Occasion.RECOVERED)
    [again] = [x for x in await store.letters_due(now=at(180)) if x.id == first.id]
    assert (again.attempts, again.outcome) == (1, "away")
    health = await store.channel_health()
    assert health[first.way.channel].failing_since == at(161)
    assert health[first.way.channel].last_error == "away"
    assert health[second.way.channel].last_ok_at == at(161)
    assert health[second.way.channel].failing_since is None
    await store.letter_tried(again, ok=False, detail="no", now=at(181), next_at=None)
    assert first.way in {x.way for x in await store.letters_due(now=at(181))}
    assert [d.detail for d in await store.deliveries(channel=first.way.channel)] == ["no", "away"]
    assert [d.ok for d in await store.deliveries(letter=second.id)] == [True]


async def test_what_left_before_it_could_be_written_is_a_letter_that_has_left(store: Store) -> None:
    opened = opening(trouble(), "email", "sms")
    calls = calls_for(opened.changes[0], opened.directory)
    left = next(one for one in calls if one.way.channel == "email")
    brought = (
        Brought(letter=left.id, at=at(41), detail="HTTP 204"),
        Brought(letter="of no incident here", at=at(41), detail="HTTP 204"),
    )
    batch = replace(opened, brought=brought)
    assert await store.change_incidents(batch, expected=0, now=at(50))
    letters = {one.way.channel: one for one in await store.letters_of("i1")}
    assert (letters["email"].done_at, letters["email"].attempts) == (at(41), 1)
    assert [one.way.channel for one in await store.letters_due(now=at(60))] == ["sms"]
    assert [(one.letter, one.ok) for one in await store.deliveries()] == [(left.id, True)]
    ended = ending(trouble(), "email", "sms")
    assert await store.change_incidents(ended, expected=1, now=at(160))
    due = await store.letters_due(now=at(200))
    assert Occasion.RECOVERED in {x.occasion for x in due if x.way.channel == "email"}


async def test_letters_are_settled_and_may_have_no_incident(store: Store) -> None:
    daily = call("d1", Occasion.ALL_CLEAR, incident=None)
    await store.put_letters([daily], bodies={"d1": '{"day": 1}'}, now=at(40))
    [letter] = await store.letters_due(now=at(40))
    assert (letter.incident, letter.body) == (None, '{"day": 1}')
    await store.settle_letters(["d1"], outcome="in a digest", now=at(60))
    assert await store.letters_due(now=at(61)) == []
    [settled] = await store.letters_since(at(0))
    assert (settled.done_at, settled.outcome) == (at(60), "in a digest")


async def test_old_observations_go(store: Store) -> None:
    await store.change_incidents(opening(trouble()), expected=0, now=at(40))
    await store.drop_old_observations(at(40) + timedelta(days=60))
    assert len(await store.observations(at(0), at(50))) == 1
    await store.drop_old_observations(at(41) + timedelta(days=60))
    assert await store.observations(at(0), at(50)) == []


async def test_what_is_asked_by_who_sends(store: Store) -> None:
    """Who has something to send, what has just left, what is bundled, overtaken or given up."""
    await store.change_incidents(opening(trouble()), expected=0, now=at(40))
    first, second = call("l1", Occasion.OPENED), call("l2", Occasion.WORSENED)
    later = replace(call("l3", Occasion.OPENED, when=500), receiver="an", way=way("sms"))
    await store.put_letters([first, second, later], now=at(40))
    assert await store.channels_waiting() == {"email": at(40), "sms": at(500)}
    assert [x.id for x in await store.letters_due(now=at(500), channel="sms")] == ["l3"]
    assert await store.overtaken_letters(now=at(500)) == []
    await store.put_letters([call("l4", Occasion.RECOVERED, when=600)], now=at(50))
    assert await store.overtaken_letters(now=at(599)) == []
    assert sorted(await store.overtaken_letters(now=at(600))) == ["l1", "l2"]
    bundle = call("b", Occasion.DIGEST, incident=None)
    await store.bundle_letters(bundle, ["l1", "l2"], body="[]", now=at(60))
    ended = {x.id: (x.outcome, x.next_at) for x in await store.letters_of("i1")}
    assert ended["l1"] == ended["l2"] == ("bundled", None)
    [digest] = [x for x in await store.letters_due(now=at(60)) if x.id == "b"]
    await store.letter_tried(digest, ok=True, detail="taken", now=at(61), next_at=None)
    left = await store.letters_left("email", since=at(61))
    assert {door.receiver: times for door, times in left.items()} == {"hoa": [at(61)]}
    assert await store.letters_left("email", since=at(62)) == {}
    about = await store.letters_about(["i1", "none"])
    assert {name: {x.id for x in found} for name, found in about.items()} == {
        "i1": {"l1", "l2", "l3", "l4"}
    }
    lost = await store.letter("l3")
    assert lost is not None
    await store.letter_tried(lost, ok=False, detail="away", now=at(501), next_at=None)
    assert await store.letters_given_up(at(501), at(502)) == {"sms": 1}
    assert await store.letters_given_up(at(0), at(501)) == {}
    assert await store.letter("none") is None
