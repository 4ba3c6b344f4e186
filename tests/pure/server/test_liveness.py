"""Presence and the state shown now, rule by rule."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.liveness import (
    CARRY_MARGIN_S,
    HINT_GRACE_S,
    LiveState,
    Presence,
    PresenceKind,
    PresenceWhy,
    UnknownWhy,
    carried,
    live_state,
    presence,
)
from server.domain.timeline import Claim
from server.domain.units import Source
from tests.pure.server.drawn import at, claim
from wire.vocabulary import State

SILENT_S = 75
NOW = 1000
UP, DEGRADED, DOWN, UNKNOWN = State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN


@dataclass(frozen=True)
class Seen:
    last_report_at: datetime | None = None
    online_hint: bool | None = None
    hint_at: datetime | None = None


def heard(
    report: int | None = None, *, hint: bool | None = None, hint_at: int | None = None
) -> Seen:
    return Seen(
        last_report_at=None if report is None else at(report),
        online_hint=hint,
        hint_at=None if hint_at is None else at(hint_at),
    )


def kind_at(now: int, seen: Seen | None, *, listening: int | None = None) -> Presence:
    return presence(
        seen,
        at(now),
        silent_after_s=SILENT_S,
        listening_since=None if listening is None else at(listening),
    )


# ------------------------------------------------------------------ presence


def test_a_report_from_the_future_says_nothing_of_now() -> None:
    """The server's clock ran ahead, and was put back: who is dead must not live until then."""
    seen = heard(NOW + 3600)
    put_back = kind_at(NOW, seen, listening=NOW - 10)
    assert (put_back.kind, put_back.since) == (PresenceKind.AWAITED, at(NOW))
    later = kind_at(NOW, seen, listening=NOW - 100)
    assert (later.kind, later.since) == (PresenceKind.SILENT, at(NOW - 100))
    assert kind_at(NOW, seen).kind is PresenceKind.SILENT
    assert kind_at(NOW, seen, listening=NOW + 3600).since == at(NOW)
    assert kind_at(NOW, heard(NOW + 60)).kind is PresenceKind.REPORTING  # another server's clock


@pytest.mark.parametrize(
    ("quiet_s", "kind"),
    [
        (0, PresenceKind.REPORTING),
        (75, PresenceKind.REPORTING),
        (76, PresenceKind.SILENT),
        (10**6, PresenceKind.SILENT),
    ],
)
def test_an_agent_is_silent_when_quiet_for_longer_than_allowed(
    quiet_s: int, kind: PresenceKind
) -> None:
    found = kind_at(NOW, heard(NOW - quiet_s))
    assert found.kind is kind
    assert found.since == (at(NOW - quiet_s) if kind is PresenceKind.SILENT else None)


@pytest.mark.parametrize(
    "seen", [None, heard(), heard(hint=True, hint_at=5), heard(hint=False, hint_at=5)]
)
def test_an_agent_that_never_reported_is_not_silent(seen: Seen | None) -> None:
    assert kind_at(NOW, seen) == Presence(
        kind=PresenceKind.NEVER_SEEN, why=PresenceWhy.NEVER_REPORTED
    )


@pytest.mark.parametrize(
    ("report", "hint", "hint_at", "silent"),
    [
        (980, False, 985, True),  # a will, and nothing since
        (980, False, 990, True),  # exactly as old as the grace
        (980, False, 991, False),  # too young
        (986, False, 985, False),  # a newer report proves it wrong
        (980, True, 985, False),  # online again
        (980, None, 985, False),
        (980, False, None, False),
        (985, False, 985, True),  # in the same instant: the will comes after the report
    ],
)
def test_a_last_will_proves_silence_once_it_stood_for_the_grace(
    report: int, hint: bool | None, hint_at: int | None, silent: bool
) -> None:
    assert HINT_GRACE_S == 10
    found = kind_at(NOW, heard(report, hint=hint, hint_at=hint_at))
    assert (found.kind is PresenceKind.SILENT) == silent
    if silent:
        assert (found.since, found.why) == (at(report), PresenceWhy.LAST_WILL)


@pytest.mark.parametrize(
    ("report", "will", "since"),
    [
        (940, 985, 955),  # the broker missed it for at most half a minute
        (970, 985, 970),  # its last word says more
        (900, 985, 955),  # quiet for too long, and a will
        (900, 995, 965),  # the same: the will need not have stood, nobody doubts that it is gone
        (900, 899, 900),  # it has spoken since
    ],
)
def test_a_silence_is_dated_by_the_last_will_where_that_says_more(
    report: int, will: int, since: int
) -> None:
    found = kind_at(NOW, heard(report, hint=False, hint_at=will))
    assert (found.kind, found.since) == (PresenceKind.SILENT, at(since))


def test_a_will_from_before_the_server_listened_dates_nothing() -> None:
    seen = heard(NOW - 100, hint=False, hint_at=NOW - 80)
    assert kind_at(NOW, seen, listening=NOW - 76).since == at(NOW - 100)


def test_a_server_that_just_began_to_listen_calls_nobody_silent() -> None:
    last_week = heard(0)
    now = 604_800
    awaited = kind_at(now, last_week, listening=now - 75)
    assert (awaited.kind, awaited.since) == (PresenceKind.AWAITED, at(0))
    assert not awaited.reporting
    silent = kind_at(now, last_week, listening=now - 76)
    assert (silent.kind, silent.since) == (PresenceKind.SILENT, at(0))


def test_a_restart_shorter_than_the_allowance_changes_nothing() -> None:
    assert kind_at(NOW, heard(NOW - 60), listening=NOW - 1).reporting


def test_a_will_from_before_the_server_listened_proves_nothing() -> None:
    seen = heard(NOW - 40, hint=False, hint_at=NOW - 35)
    assert kind_at(NOW, seen, listening=NOW - 30).reporting
    assert kind_at(NOW, seen, listening=NOW - 35).kind is PresenceKind.SILENT


@given(st.integers(0, 300), st.integers(0, 300), st.booleans(), st.integers(0, 300))
def test_a_report_heals_every_silence(report: int, hint_at: int, online: bool, now: int) -> None:
    seen = heard(max(report, hint_at + 1, now), hint=online, hint_at=hint_at)
    assert kind_at(max(report, hint_at + 1, now), seen).reporting


# ------------------------------------------------------------------ the state shown now

REPORTING = Presence(kind=PresenceKind.REPORTING, why=PresenceWhy.REPORTED_IN_TIME)
SILENT = Presence(kind=PresenceKind.SILENT, why=PresenceWhy.LAST_WILL, since=at(0))
AWAITED = Presence(kind=PresenceKind.AWAITED, why=PresenceWhy.BEGAN_TO_LISTEN, since=at(0))
NEVER = Presence(kind=PresenceKind.NEVER_SEEN, why=PresenceWhy.NEVER_REPORTED)
CARRY_S = SILENT_S + CARRY_MARGIN_S


def live(claims: list[Claim], now: int = NOW, **presences: Presence) -> LiveState:
    """The agents are a and b; each sees the camera as c."""
    sources = [Source(agent, "c") for agent in presences]
    return live_state(sources, claims, presences, at(now), carry_s=CARRY_S)


def test_while_the_agent_reports_the_last_state_is_carried_to_now() -> None:
    found = live([claim(100, 950, is_open=True)], a=REPORTING)
    assert found == LiveState(state=UP, since=at(100), state_since=at(100))


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (SILENT, UnknownWhy.AGENT_SILENT),
        (AWAITED, UnknownWhy.AGENT_AWAITED),
        (NEVER, UnknownWhy.AGENT_NEVER_SEEN),
    ],
)
def test_otherwise_it_is_unknown_since_the_end_of_its_last_claim(
    who: Presence, why: UnknownWhy
) -> None:
    found = live([claim(100, 950, DOWN, is_open=True)], a=who)
    assert (found.state, found.since, found.why) == (UNKNOWN, at(950), why)
    assert found.trouble_since == at(100)


def test_what_the_agent_has_closed_is_not_carried() -> None:
    found = live([claim(100, 950)], a=REPORTING)
    assert (found.state, found.since, found.why) == (UNKNOWN, at(950), UnknownWhy.NOT_REPORTED)


@pytest.mark.parametrize(("age", "state"), [(CARRY_S, UP), (CARRY_S + 1, UNKNOWN)])
def test_a_claim_that_is_too_old_is_not_carried_even_by_an_agent_that_reports(
    age: int, state: State
) -> None:
    assert live([claim(100, NOW - age, is_open=True)], a=REPORTING).state is state


def test_only_the_newest_claim_is_carried() -> None:
    lost_end = claim(100, 940, UP, is_open=True)
    newer = claim(930, 945, DOWN, number=2, cause="rtsp.auth", is_open=True)
    found = live([newer, lost_end], a=REPORTING)
    assert (found.state, found.cause, found.since) == (DOWN, "rtsp.auth", at(930))


def test_the_word_of_a_former_boot_does_not_outlive_the_new_boots() -> None:
    old = claim(100, 940, UP, boot="zz", number=7, is_open=True)
    new = claim(960, 960, DOWN, boot="aa", is_open=True)
    found = live([old, new], a=REPORTING)
    assert (found.state, found.since) == (DOWN, at(960))


def test_since_when_is_told_for_cause_for_state_and_for_trouble() -> None:
    claims = [
        claim(0, 100),
        claim(100, 200, DEGRADED, number=2, cause="picture.black"),
        claim(200, 300, DOWN, number=3, cause="network.timeout"),
        claim(300, 990, DOWN, number=4, cause="rtsp.auth", is_open=True),
    ]
    assert live(claims, a=REPORTING) == LiveState(
        state=DOWN,
        cause="rtsp.auth",
        since=at(300),
        state_since=at(200),
        trouble_since=at(100),
    )


def test_another_detail_of_the_same_cause_is_no_new_trouble() -> None:
    claims = [
        claim(100, 500, DOWN, cause="x", boot="b1"),
        claim(500, 990, DOWN, cause="x", boot="b2", is_open=True),
    ]
    found = live([*claims[:1], claims[1]], a=REPORTING)
    assert found.since == at(100)


def test_of_two_agents_the_better_word_is_shown_and_silence_leaves_the_other() -> None:
    claims = [
        claim(100, 950, DOWN, source="a/c", cause="x", is_open=True),
        claim(500, 960, UP, source="b/c", is_open=True),
    ]
    assert live(claims, a=REPORTING, b=REPORTING).state is UP
    one_left = live(claims, a=REPORTING, b=SILENT)
    assert (one_left.state, one_left.since) == (DOWN, at(960))


def test_a_camera_of_which_nobody_ever_spoke() -> None:
    assert live([], a=REPORTING) == LiveState(state=UNKNOWN, why=UnknownWhy.NOT_REPORTED)
    assert live([], a=SILENT, b=AWAITED).why is UnknownWhy.AGENT_AWAITED
    assert live([], a=NEVER, b=SILENT).why is UnknownWhy.AGENT_SILENT
    assert live([]).why is UnknownWhy.AGENT_NEVER_SEEN


def test_an_agent_that_nobody_told_us_of_counts_as_never_seen() -> None:
    found = live_state(
        [Source("a", "c")], [claim(0, 990, is_open=True)], {}, at(NOW), carry_s=CARRY_S
    )
    assert (found.state, found.why) == (UNKNOWN, UnknownWhy.AGENT_NEVER_SEEN)


def test_an_edge_clock_that_runs_ahead_does_not_show_the_future() -> None:
    assert live([claim(NOW + 5, NOW + 9, is_open=True)], a=REPORTING).state is UNKNOWN
    claims = [claim(100, NOW + 3), claim(NOW + 3, NOW + 3, DOWN, number=2, is_open=True)]
    assert live(claims, a=REPORTING).state is UP


def test_a_fraction_of_a_second_does_no_harm() -> None:
    now = at(NOW) + timedelta(milliseconds=700)
    claims = [claim(100, 950, is_open=True)]
    found = live_state([Source("a", "c")], claims, {"a": REPORTING}, now, carry_s=CARRY_S)
    assert found.state is UP


def test_carrying_adds_to_the_claims_and_takes_nothing_away() -> None:
    claims = [claim(100, 950, is_open=True), claim(0, 100, source="b/c")]
    found = carried(claims, {"a": REPORTING, "b": REPORTING}, at(NOW), carry_s=CARRY_S)
    assert [(c.source, c.end) for c in found if c not in claims] == [("a/c", at(NOW))]
    assert all(c in found for c in claims)
