"""Which alerts open and close: tables, and a camera's life played second by second."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.alerting import (
    AgentFact,
    CameraFact,
    Close,
    Decision,
    Hold,
    Limits,
    Open,
    OpenAlert,
    Outcome,
    Reason,
    Rule,
    step,
)
from server.domain.liveness import LiveState, Presence, PresenceKind, PresenceWhy
from tests.pure.server.drawn import LETTERS, at
from wire.vocabulary import State

LIMITS = Limits(gate_camera_down_s=60, agent_silent_s=75)
REPORTING = Presence(kind=PresenceKind.REPORTING, why=PresenceWhy.REPORTED_IN_TIME)


def silent(since: int) -> Presence:
    return Presence(kind=PresenceKind.SILENT, why=PresenceWhy.QUIET_TOO_LONG, since=at(since))


def quiet(kind: PresenceKind) -> Presence:
    return Presence(kind=kind, why=PresenceWhy.BEGAN_TO_LISTEN, since=at(0))


def camera(state: State, since: int | None = 0, *, agents: tuple[str, ...] = ("a",)) -> CameraFact:
    when = None if since is None else at(since)
    live = LiveState(state=state, cause="x.y", since=when, state_since=when)
    return CameraFact(camera="c", school="s", agents=agents, live=live)


def opened(rule: Rule, subject: str, *, began: int = 0, number: int = 1) -> OpenAlert:
    return OpenAlert(id=number, rule=rule, subject=subject, began_at=at(began))


def look(
    now: int,
    *,
    cameras: tuple[CameraFact, ...] = (),
    open_alerts: tuple[OpenAlert, ...] = (),
    **agents: Presence,
) -> Outcome:
    facts = [AgentFact(agent=name, school="s", presence=p) for name, p in agents.items()]
    return step(at(now), cameras=cameras, agents=facts, open_alerts=open_alerts, limits=LIMITS)


# ------------------------------------------------------------------ the gate camera


def test_a_gate_camera_down_for_long_enough_opens_dated_when_it_began() -> None:
    outcome = look(160, cameras=(camera(State.DOWN, 100),), a=REPORTING)
    assert outcome.decisions == (
        Open(
            rule=Rule.GATE_CAMERA_DOWN,
            school="s",
            subject="c",
            state="down",
            cause="x.y",
            began_at=at(100),
            reason=Reason.DOWN_TOO_LONG,
        ),
    )
    assert outcome.look_again_at is None


def test_before_that_nothing_happens_and_the_moment_to_look_again_is_known() -> None:
    outcome = look(159, cameras=(camera(State.DOWN, 100),), a=REPORTING)
    assert outcome == Outcome(decisions=(), look_again_at=at(160))


@pytest.mark.parametrize("state", [State.UP, State.DEGRADED, State.UNKNOWN])
def test_another_state_opens_nothing_however_long_it_lasts(state: State) -> None:
    assert look(10**6, cameras=(camera(state),), a=REPORTING).decisions == ()


def test_an_alert_that_is_open_is_not_opened_again() -> None:
    alert = opened(Rule.GATE_CAMERA_DOWN, "c")
    facts = (camera(State.DOWN),)
    assert look(500, cameras=facts, open_alerts=(alert,), a=REPORTING) == Outcome(
        decisions=(), look_again_at=None
    )


@pytest.mark.parametrize("state", [State.UP, State.DEGRADED])
def test_it_closes_when_the_camera_is_no_longer_down_dated_when_that_began(state: State) -> None:
    alert = opened(Rule.GATE_CAMERA_DOWN, "c", began=100)
    outcome = look(500, cameras=(camera(state, 450),), open_alerts=(alert,), a=REPORTING)
    assert outcome.decisions == (
        Close(
            alert=1,
            rule=Rule.GATE_CAMERA_DOWN,
            subject="c",
            ended_at=at(450),
            reason=Reason.NOT_DOWN_ANY_MORE,
        ),
    )


def test_late_data_that_proves_it_was_never_down_closes_without_a_negative_length() -> None:
    alert = opened(Rule.GATE_CAMERA_DOWN, "c", began=100)
    (close,) = look(
        500, cameras=(camera(State.UP, 20),), open_alerts=(alert,), a=REPORTING
    ).decisions
    assert isinstance(close, Close)
    assert close.ended_at == at(100)


@pytest.mark.parametrize("since", [0, None])
def test_unknown_closes_nothing(since: int | None) -> None:
    alert = opened(Rule.GATE_CAMERA_DOWN, "c")
    outcome = look(500, cameras=(camera(State.UNKNOWN, since),), open_alerts=(alert,), a=REPORTING)
    assert outcome.decisions == (
        Hold(rule=Rule.GATE_CAMERA_DOWN, subject="c", reason=Reason.NOT_REPORTED),
    )


def test_trouble_of_the_past_that_late_data_brings_rings_no_bell() -> None:
    """It was down from 100 to 400, we hear of it at 500: now it is up, so nothing opens."""
    assert look(500, cameras=(camera(State.UP, 400),), a=REPORTING).decisions == ()


# ------------------------------------------------------------------ the agent


def test_a_silent_agent_opens_one_alert_dated_from_its_last_report() -> None:
    outcome = look(175, a=silent(100))
    assert outcome.decisions == (
        Open(
            rule=Rule.AGENT_SILENT,
            school="s",
            subject="a",
            state="silent",
            cause="quiet_too_long",
            began_at=at(100),
            reason=Reason.SILENT_TOO_LONG,
        ),
    )


def test_a_last_will_makes_it_silent_at_once_but_rings_only_after_the_limit() -> None:
    assert look(174, a=silent(100)) == Outcome(decisions=(), look_again_at=at(175))


@pytest.mark.parametrize("kind", [PresenceKind.AWAITED, PresenceKind.NEVER_SEEN])
def test_who_is_awaited_or_was_never_seen_rings_no_bell_and_closes_none(
    kind: PresenceKind,
) -> None:
    assert look(10**6, a=quiet(kind)).decisions == ()
    alert = opened(Rule.AGENT_SILENT, "a")
    assert look(10**6, open_alerts=(alert,), a=quiet(kind)).decisions == (
        Hold(rule=Rule.AGENT_SILENT, subject="a", reason=Reason.AGENT_NOT_HEARD),
    )


def test_it_closes_when_the_agent_reports_again() -> None:
    alert = opened(Rule.AGENT_SILENT, "a", began=100)
    assert look(500, open_alerts=(alert,), a=REPORTING).decisions == (
        Close(
            alert=1,
            rule=Rule.AGENT_SILENT,
            subject="a",
            ended_at=at(500),
            reason=Reason.REPORTS_AGAIN,
        ),
    )


# ------------------------------------------------------------------ the parent holds back the child


@pytest.mark.parametrize(
    "parent",
    [silent(0), silent(499), quiet(PresenceKind.AWAITED), quiet(PresenceKind.NEVER_SEEN)],
)
def test_a_camera_whose_agent_is_not_heard_is_not_alerted(parent: Presence) -> None:
    outcome = look(500, cameras=(camera(State.DOWN),), a=parent)
    assert not [d for d in outcome.decisions if isinstance(d, Open) and d.camera]
    assert (
        Hold(rule=Rule.GATE_CAMERA_DOWN, subject="c", reason=Reason.AGENT_SILENT)
        in outcome.decisions
    )


def test_nor_is_its_open_alert_closed() -> None:
    alert = opened(Rule.GATE_CAMERA_DOWN, "c")
    outcome = look(500, cameras=(camera(State.UP),), open_alerts=(alert,), a=silent(490))
    assert not [d for d in outcome.decisions if isinstance(d, Close)]


def test_the_step_in_which_an_agent_comes_back_waits_for_it_to_catch_up() -> None:
    alert = opened(Rule.AGENT_SILENT, "a")
    facts = (camera(State.DOWN),)
    first = look(500, cameras=facts, open_alerts=(alert,), a=REPORTING)
    assert [type(d) for d in first.decisions] == [Close, Hold]
    second = look(501, cameras=facts, a=REPORTING)
    assert [type(d) for d in second.decisions] == [Open]


def test_one_agent_that_is_heard_is_enough() -> None:
    facts = (camera(State.DOWN, agents=("a", "b")),)
    outcome = look(70, cameras=facts, a=silent(60), b=REPORTING)
    assert [type(d) for d in outcome.decisions] == [Open]


# ------------------------------------------------------------------ the rest


def test_an_alert_on_what_is_no_longer_configured_is_closed() -> None:
    alerts = (
        opened(Rule.GATE_CAMERA_DOWN, "gone", number=1),
        opened(Rule.AGENT_SILENT, "gone", number=2),
    )
    outcome = look(500, open_alerts=alerts, a=REPORTING)
    assert [(d.alert, d.reason) for d in outcome.decisions if isinstance(d, Close)] == [
        (1, Reason.NOT_CONFIGURED),
        (2, Reason.NOT_CONFIGURED),
    ]


def test_two_alerts_on_one_subject_are_both_closed() -> None:
    alerts = tuple(opened(Rule.GATE_CAMERA_DOWN, "c", number=n) for n in (1, 2))
    outcome = look(500, cameras=(camera(State.UP),), open_alerts=alerts, a=REPORTING)
    assert [d.alert for d in outcome.decisions if isinstance(d, Close)] == [1, 2]


def test_an_open_decision_names_its_camera_or_its_agent() -> None:
    outcome = look(500, cameras=(camera(State.DOWN, agents=("b",)),), a=silent(0), b=REPORTING)
    assert [(d.camera, d.agent) for d in outcome.decisions if isinstance(d, Open)] == [
        (None, "a"),
        ("c", None),
    ]


def test_of_several_pending_conditions_the_first_to_fall_due_is_told() -> None:
    outcome = look(30, cameras=(camera(State.DOWN, 20),), a=REPORTING, b=silent(1))
    assert outcome.look_again_at == at(76)


class Log:
    """A store of alerts that does what it is told."""

    def __init__(self) -> None:
        self.alerts: list[OpenAlert] = []
        self.closed: list[tuple[OpenAlert, datetime]] = []
        self.held = 0

    def take(self, decisions: tuple[Decision, ...]) -> None:
        for d in decisions:
            if isinstance(d, Open):
                number = len(self.alerts) + len(self.closed)
                self.alerts.append(
                    OpenAlert(id=number, rule=d.rule, subject=d.subject, began_at=d.began_at)
                )
            elif isinstance(d, Close):
                (alert,) = [a for a in self.alerts if a.id == d.alert]
                self.alerts.remove(alert)
                self.closed.append((alert, d.ended_at))
            else:
                self.held += 1


@given(st.text("UUDDDDG?", min_size=1, max_size=60))
@settings(max_examples=300, deadline=None)
def test_a_life_of_minutes_rings_once_for_each_long_enough_downtime(life: str) -> None:
    """One letter is 20 s, a look each 20 s. ``D`` needs three steps (60 s) to ring."""
    log = Log()
    down_since: int | None = None
    ringing = False
    rang = 0
    for i, letter in enumerate(life):
        now = 20 * i
        if letter == "D":
            down_since = now if down_since is None else down_since
            if now - down_since >= 60 and not ringing:
                ringing, rang = True, rang + 1
        else:
            down_since = None
            if letter in "UG":
                ringing = False
        begun = now if down_since is None else down_since
        facts = (camera(LETTERS[letter], begun),)
        outcome = look(now, cameras=facts, open_alerts=tuple(log.alerts), a=REPORTING)
        log.take(outcome.decisions)
        again = look(now, cameras=facts, open_alerts=tuple(log.alerts), a=REPORTING)
        assert not [d for d in again.decisions if not isinstance(d, Hold)]
        assert len(log.alerts) == int(ringing)
        assert all(ended >= alert.began_at for alert, ended in log.closed)
    assert len(log.alerts) + len(log.closed) == rang
