"""What a look makes of what it finds: agents, gates, the centre itself, and what is news."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from server.domain import liveness
from server.domain.incident.memory import Memory
from server.domain.incident.signals import Aspect, Signal, Subject
from server.domain.liveness import LiveState, Presence, PresenceKind, PresenceWhy
from server.domain.units import Agent, Organisation, School
from server.storage import AgentSeen, ChannelHealth, GateCount, GateEventRow
from server.watching.agents import presence_findings, vitals_findings
from server.watching.centre import (
    BROKER,
    DISK,
    LINE,
    Word,
    channel_findings,
    disk_finding,
    line_finding,
    trouble,
    well,
)
from server.watching.eyes import camera_finding
from server.watching.gates import DUMB, FORCED, HELD, door_findings, dumb_findings
from server.watching.heard import Finding, Heard
from tests.pure.server.drawn import T0
from wire.messages import Vitals
from wire.vocabulary import State

OK, TROUBLE, UNKNOWN = Signal.OK, Signal.TROUBLE, Signal.UNKNOWN
CAMERA = Subject(Aspect.CAMERA, "c")


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def finding(signal: Signal, cause: str = "", since: float = 0) -> Finding:
    return Finding(subject=CAMERA, signal=signal, since=at(since), cause=cause)


def lost(cause: str = "network.timeout", since: float = 0) -> Finding:
    return finding(TROUBLE, cause, since)


@pytest.mark.parametrize(
    ("findings", "told"),
    [
        pytest.param([finding(OK)], [], id="who was always well"),
        pytest.param([finding(UNKNOWN)], [], id="who was well and nobody can tell of any more"),
        pytest.param([lost(), lost()], [TROUBLE], id="said twice"),
        pytest.param([lost(), lost("rtsp.auth")], [TROUBLE, TROUBLE], id="another cause"),
        pytest.param([lost(), finding(OK), finding(OK)], [TROUBLE, OK], id="and back"),
        pytest.param(
            [lost(), finding(UNKNOWN), lost()], [TROUBLE, UNKNOWN, TROUBLE], id="lost in between"
        ),
        pytest.param([lost(), finding(UNKNOWN), finding(OK)], [TROUBLE, UNKNOWN, OK], id="unseen"),
        pytest.param([lost(), finding(Signal.GONE)], [TROUBLE, Signal.GONE], id="removed"),
        pytest.param([finding(Signal.GONE)], [], id="removed when well"),
    ],
)
def test_only_what_the_engine_does_not_know_is_news(
    findings: list[Finding], told: list[Signal]
) -> None:
    heard = Heard(Memory())
    found = [o.signal for f in findings for o in heard.news([f], at(100))]
    assert found == told
    assert [o.signal for o in Heard(Memory()).news(findings, at(100))] == told, "in one look"


def test_nothing_is_dated_after_it_was_known() -> None:
    [seen] = Heard(Memory()).news([lost(since=105)], at(100))
    assert (seen.since, seen.at) == (at(100), at(100))


def test_a_loss_is_as_old_as_it_is_whatever_its_causes_were_since() -> None:
    live = LiveState(
        state=State.DOWN, cause="rtsp.auth", since=at(50), state_since=at(10), trouble_since=at(0)
    )
    assert camera_finding("c", live, at(60)) == lost("rtsp.auth", 10)
    poor = LiveState(state=State.DEGRADED, cause="picture.black", since=at(50), state_since=at(0))
    assert camera_finding("c", poor, at(60)) == lost("picture.black", 50)


# ------------------------------------------------------------------ agents


def presence(kind: PresenceKind, since: float | None = None) -> Presence:
    moment = None if since is None else at(since)
    return Presence(kind=kind, why=PresenceWhy.QUIET_TOO_LONG, since=moment)


def agents(
    kinds: Mapping[str, PresenceKind], heard: Heard, now: float
) -> list[tuple[str, Signal, str]]:
    presences = {name: presence(kind, 0) for name, kind in kinds.items()}
    news = heard.news(presence_findings(presences, heard, at(now)), at(now))
    return [(o.subject.id, o.signal, o.cause) for o in news]


def test_agents_are_told_of_when_they_fall_silent_and_come_back() -> None:
    heard = Heard(Memory())
    kinds = {"a": PresenceKind.SILENT, "b": PresenceKind.REPORTING, "n": PresenceKind.NEVER_SEEN}
    assert agents(kinds, heard, 80) == [("a", TROUBLE, "agent.silent")]
    awaited = dict.fromkeys("ab", PresenceKind.AWAITED)
    assert agents(awaited, heard, 90) == [("a", UNKNOWN, "")]
    assert agents(dict.fromkeys("ab", PresenceKind.REPORTING), heard, 95) == [("a", OK, "")]


def vitals(used: int, offset_ms: int | None) -> AgentSeen:
    told = Vitals(
        version="1", uptime_s=1, cpu=0.1, memory=1, disk_free=1, spool_items=1, spool_bytes=used,
        spool_max_bytes=100,
    )  # fmt: skip
    return AgentSeen(agent="a", vitals=told, vitals_at=at(0), clock_offset_ms=offset_ms)


def test_a_silence_that_a_last_will_dates_anew_is_news_once_and_one_that_trembles_is_not() -> None:
    heard = Heard(Memory())

    def news(since: float) -> list[datetime]:
        silent = Presence(kind=PresenceKind.SILENT, why=PresenceWhy.QUIET_TOO_LONG, since=at(since))
        found = presence_findings({"a": silent}, heard, at(100))
        return [o.since for o in heard.news(found, at(100))]

    assert [news(s) for s in (0, 0, 0.9, 20, 20, 5)] == [[at(0)], [], [], [at(20)], [], []]


def test_a_figure_that_trembles_at_its_limit_tells_once() -> None:
    heard = Heard(Memory())
    course = [(79, 59_000), (80, 60_000), (75, 40_000), (81, -61_000), (69, 29_000), (79, None)]
    found = [
        [
            (o.subject.aspect, o.signal)
            for o in heard.news(vitals_findings([vitals(*step)], heard, at(n)), at(n))
        ]
        for n, step in enumerate(course)
    ]
    both = [Aspect.SPOOL, Aspect.CLOCK]
    assert found == [[], [(a, TROUBLE) for a in both], [], [], [(a, OK) for a in both], []]


# ------------------------------------------------------------------ gates


def event(kind: str, when: float, *, gate: str = "g", suspect: bool = False) -> GateEventRow:
    return GateEventRow(
        agent="a", id=f"{kind}{when}", gate=gate, kind=kind, direction=None, subject=None,
        reader=None, note=None, occurred_at=at(when), accepted_at=at(when), received_at=at(when),
        clock_suspect=suspect,
    )  # fmt: skip


def doors(events: Iterable[GateEventRow], heard: Heard, now: float) -> list[tuple[Signal, str]]:
    news = heard.news(list(door_findings(events, heard, at(now))), at(now))
    return [(o.signal, o.cause) for o in news]


def test_a_gate_is_told_of_until_it_is_closed() -> None:
    heard = Heard(Memory())
    assert doors([event("forced", 10)], heard, 11) == [(TROUBLE, FORCED)]
    assert doors([event("forced", 10)], heard, 13) == []
    held = [event("forced", 10), event("held_open", 40)]
    assert doors(held, heard, 41) == [(TROUBLE, HELD)]
    assert doors([*held, event("closed", 60)], heard, 61) == [(OK, "")]


def test_what_came_late_or_by_a_doubtful_clock_rings_no_bell() -> None:
    late, doubtful = event("forced", 10), event("forced", 900, suspect=True)
    assert doors([late, doubtful, event("forced", 1200)], Heard(Memory()), 1000) == []


def test_a_gate_that_never_says_closed_ends_by_itself() -> None:
    heard = Heard(Memory())
    doors([event("forced", 0)], heard, 1)
    assert doors([], heard, 3599) == []
    assert doors([], heard, 3600) == [(OK, "")]


def count(gate: str, events: int) -> GateCount:
    return GateCount(gate=gate, kind="card", direction=None, count=events)


@pytest.mark.parametrize(
    ("weeks", "dumb"),
    [
        ([5, 5, 5, 0], True),
        ([9, 9, 4, 4], False),
        ([900, 900, 0, 0], False),
        ([], False),
    ],
)
def test_a_gate_log_is_dumb_only_where_weeks_of_evidence_say_so(
    weeks: list[int], dumb: bool
) -> None:
    before = [[count("g", n)] for n in weeks]
    heard = Heard(Memory())
    found = dumb_findings([], before, speaking=["g", "new"], start=at(0), heard=heard)
    assert [(f.subject.id, f.cause) for f in found] == ([("g", DUMB)] if dumb else [])


def test_a_gate_log_that_speaks_again_is_well() -> None:
    heard = Heard(Memory())
    before = [[count("g", 9)]] * 4
    silent = list(dumb_findings([], before, speaking=["g"], start=at(0), heard=heard))
    assert len(heard.news(silent, at(0))) == 1
    again = dumb_findings([count("g", 1)], before, speaking=["g"], start=at(60), heard=heard)
    assert [o.signal for o in heard.news(again, at(60))] == [OK]


# ------------------------------------------------------------------ the centre


def district(size: int, last: float | None = None, **more: float) -> dict[str, AgentSeen]:
    """Agents whose last words are spread over the minute before 0, or lie at ``last``."""
    seen = {}
    for n in range(size):
        word = -60 * n / size if last is None else last
        seen[f"a{n}"] = AgentSeen(agent=f"a{n}", last_report_at=at(word))
    return seen | {k: AgentSeen(agent=k, last_report_at=at(v)) for k, v in more.items()}


def organisation(agents: Iterable[str], schools: int = 20) -> Organisation:
    names = list(agents)
    return Organisation(
        units=(),
        schools=tuple(
            School(id=f"s{n}", name="S", kind="tieu_hoc", unit="u",
                   agents=tuple(Agent(id=name, name=name) for name in names[n::schools]))
            for n in range(schools)
        ),
    )  # fmt: skip


def is_cut(
    seen: Mapping[str, AgentSeen],
    now: float,
    heard: Heard | None = None,
    *,
    listening: float = -900,
    schools: int = 20,
) -> bool:
    known = heard or Heard(Memory())
    found = line_of(seen, now, known, listening=listening, schools=schools)
    known.news([found], at(now))
    return found.signal is TROUBLE


def line_of(
    seen: Mapping[str, AgentSeen],
    now: float,
    heard: Heard,
    *,
    listening: float = -900,
    schools: int = 20,
) -> Finding:
    presences = {
        name: liveness.presence(s, at(now), silent_after_s=75, listening_since=at(listening))
        for name, s in seen.items()
    }
    word = Word(seen=seen, presences=presences, listening_since=at(listening), silent_s=75)
    return line_finding(word, organisation(seen, schools), heard, at(now))


def speak(seen: dict[str, AgentSeen], numbers: Iterable[int], when: float) -> None:
    seen.update({f"a{n}": AgentSeen(agent=f"a{n}", last_report_at=at(when)) for n in numbers})


def test_when_nobody_says_a_word_it_is_the_centres_line_soon() -> None:
    assert not is_cut(district(100), 34)
    assert is_cut(district(100), 36)
    assert is_cut(district(12), 36)
    assert is_cut(district(4), 51), "a small centre knows as much"
    assert not is_cut(district(2), 100), "two gate PCs may well be off together"
    assert not is_cut(district(20), 100, schools=2), "two schools may well be dark together"


def missed(size: int, first: float = 8, last: float = 22) -> dict[str, AgentSeen]:
    """Agents whose last wills come one after the other from ``first`` to ``last``, words before."""
    found = {}
    for n, (name, seen) in enumerate(district(size).items()):
        will = first + (last - first) * n / max(1, size - 1)
        found[name] = replace(seen, online_hint=False, hint_at=at(max(will, 22.5 - 60 * n / size)))
    return found


@pytest.mark.parametrize("size", [3, 4, 6, 10, 100])
def test_last_wills_tell_at_once_that_it_is_the_centres_line(size: int) -> None:
    found = line_of(missed(size), 33, Heard(Memory()), schools=size)
    assert found.signal is TROUBLE
    assert at(-20) <= found.since <= at(0)
    assert not is_cut(missed(size), 17), "a will is a hint until it has stood for ten seconds"


@pytest.mark.parametrize(("size", "cut"), [(4, 3), (6, 4), (10, 7), (100, 70)])
def test_a_line_that_some_schools_share_is_not_the_centres(size: int, cut: int) -> None:
    names = [f"a{n}" for n in range(cut)]
    seen = district(size) | {name: missed(size)[name] for name in names}
    speak(seen, range(cut, size), 30)
    assert not is_cut(seen, 40, schools=size)


def test_gate_pcs_that_are_switched_off_one_after_the_other_are_no_cut() -> None:
    seen = {
        f"a{n}": AgentSeen(
            agent=f"a{n}", last_report_at=at(100 * n), online_hint=False, hint_at=at(100 * n + 30)
        )
        for n in range(5)
    }
    assert not is_cut(seen, 441)


def test_agents_that_speak_in_step_are_no_cut() -> None:
    seen = district(100, last=0)
    assert not is_cut(seen, 59)
    speak(seen, range(60), 60)
    assert not is_cut(seen, 66)


def test_a_district_that_is_cut_off_is_not_the_centre() -> None:
    for step in (True, False):  # all in step, or those of one district
        seen = district(100, last=0) if step else district(100)
        for now in range(1, 300):
            speaking = [
                n for n in range(30, 100) if step or (60 - 60 * n / 100) % 60 // 1 == now % 60
            ]
            if not step or now % 60 == 0:
                speak(seen, speaking, now)
            assert not is_cut(seen, now), (step, now)


def test_a_server_that_was_away_itself_gives_everybody_their_time() -> None:
    assert not is_cut(district(100), 360, listening=295)
    assert is_cut(district(100), 371, listening=295)
    assert not is_cut(district(100), 1080, listening=995), "who was there long ago tells nothing"


def test_the_line_is_well_when_most_speak_again() -> None:
    heard, seen = Heard(Memory()), district(100)
    assert is_cut(seen, 36, heard)
    assert is_cut(seen, 4000, heard), "however long it takes"
    speak(seen, range(50), 4010)
    assert is_cut(seen, 4011, heard)
    speak(seen, range(51), 4011)
    assert not is_cut(seen, 4012, heard)


def test_the_line_is_cut_since_the_last_word_that_came_before() -> None:
    seen, heard = district(100), Heard(Memory())
    assert line_of(seen, 36, heard).since == at(0)
    speak(seen, [50], 30)
    found = line_of(seen, 36, heard)
    assert (found.signal, found.since) == (TROUBLE, at(0)), "one in this house still speaks"


def test_a_gate_pc_that_fell_silent_before_does_not_hide_that_the_line_is_cut() -> None:
    assert is_cut(district(100, lone=-300), 36)


def test_most_agents_overdue_at_once_is_the_centres_line() -> None:
    heard, seen = Heard(Memory()), district(100, last=0)
    speak(seen, range(20), 60)
    assert is_cut(seen, 66, heard)
    speak(seen, range(45), 120)
    assert is_cut(seen, 126, heard), "most are still away"


def test_gate_pcs_that_are_switched_off_in_the_evening_are_no_cut() -> None:
    seen = {
        name: AgentSeen(
            agent=name,
            last_report_at=s.last_report_at,
            online_hint=False,
            hint_at=(s.last_report_at or at(0)) + timedelta(seconds=1),
        )
        for name, s in district(100).items()
    }
    assert not is_cut(seen, 90)


@pytest.mark.parametrize(
    ("free", "known", "is_well"),
    [(6, False, True), (4, False, False), (6, True, False), (9, True, True)],
)
def test_a_disk_is_nearly_full_until_there_is_room_again(
    free: int, known: bool, is_well: bool
) -> None:
    heard = Heard(Memory())
    if known:
        heard.news([trouble(DISK, at(0))], at(0))
    found = disk_finding(free * 10 * 2**30, 1000 * 2**30, heard, at(1))
    assert (found.signal is OK) is is_well


def test_a_small_disk_is_judged_by_what_is_left() -> None:
    assert disk_finding(400 * 2**20, 2**30, Heard(Memory()), at(0)).signal is TROUBLE


def test_a_channel_that_keeps_failing_is_told_of_and_one_that_is_gone_is_forgotten() -> None:
    heard = Heard(Memory())

    def news(health: Mapping[str, ChannelHealth], names: list[str], now: float) -> list[Signal]:
        found = list(channel_findings(health, names, heard, at(now)))
        return [o.signal for o in heard.news(found, at(now))]

    failing = {"sms": ChannelHealth(last_ok_at=None, failing_since=at(0), last_error="no")}
    assert news(failing, ["sms", "email"], 299) == []
    assert news(failing, ["sms", "email"], 300) == [TROUBLE]
    assert news(failing, ["email"], 310) == [Signal.GONE]
    assert news(failing, ["sms"], 320) == [TROUBLE]
    fine = {"sms": ChannelHealth(last_ok_at=at(330), failing_since=None)}
    assert news(fine, ["sms"], 340) == [OK]


def test_the_broker_is_well_when_it_is_heard() -> None:
    heard = Heard(Memory())
    assert [o.cause for o in heard.news([trouble(BROKER, at(0))], at(30))] == ["centre.broker"]
    assert [o.signal for o in heard.news([well(BROKER, at(40)), well(LINE, at(40))], at(40))] == [
        OK
    ]
