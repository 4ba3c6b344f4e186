"""What holds of the incident engine whatever happens: told by hypothesis, not by stories."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.domain.incident.cases import is_told
from server.domain.incident.engine import Engine
from server.domain.incident.kinds import Track, track_of
from server.domain.incident.memory import Memory
from server.domain.incident.model import Change, Phase, Severity, Step
from server.domain.incident.signals import Aspect, Observation, Signal, Subject
from tests.pure.server.incident_stories import BROKER, RULES, SUBJECTS, stories, town
from tests.pure.server.incident_world import Day, Town, agent, at, seen

AWAY = (Signal.TROUBLE, Signal.UNKNOWN)
ENDS = (Step.RECOVERED, Step.ABSORBED)
laws = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def end_of(story: Sequence[Observation]) -> datetime:
    return story[-1].at + timedelta(days=4)


def play(story: Sequence[Observation], where: Town | None = None) -> list[Change]:
    engine = Engine(RULES, where or town())
    changes = [c for o in story for c in engine.observe(o)]
    return changes + engine.advance(end_of(story))


@laws
@given(stories(), st.data())
def test_looks_and_restarts_between_change_nothing(
    story: list[Observation], data: st.DataObject
) -> None:
    engine, changes = Engine(RULES, town()), []
    for observation, following in zip(story, [*story[1:], None], strict=True):
        changes += engine.observe(observation)
        room = (following.at if following else observation.at) - observation.at
        for share in sorted(
            data.draw(st.lists(st.sampled_from([0.0, 0.01, 0.3, 1.0]), max_size=3))
        ):
            changes += engine.advance(observation.at + room * share)
            engine = Engine(RULES, town(), Memory.decode(engine.memory.encode()))
    changes += engine.advance(end_of(story))
    assert changes == play(story)


@laws
@given(stories())
def test_an_incident_opens_once_and_ends_once_and_no_subject_is_in_two(
    story: list[Observation],
) -> None:
    steps: dict[str, list[Step]] = defaultdict(list)
    open_now: dict[str, set[tuple[Subject, Track]]] = {}
    changes = play(story)
    for change in changes:
        incident = change.incident
        steps[incident.id].append(change.step)
        assert incident.began_at <= incident.opened_at <= change.at
        open_now[incident.id] = {
            (m.subject, track_of(incident.kind)) for m in incident.members if m.until is None
        }
        if change.step in ENDS:
            open_now.pop(incident.id, None)
    for path in steps.values():
        assert path[0] is Step.OPENED
        assert path.count(Step.OPENED) == 1
        assert path.count(Step.UNSTABLE) <= 1
        ends = [s for s in path if s in ENDS]
        assert ends in ([], [Step.ABSORBED], [Step.RECOVERED], [Step.ABSORBED, Step.RECOVERED])
        assert path[len(path) - len(ends) :] == ends
    every = [member for members in open_now.values() for member in members]
    assert len(every) == len(set(every))
    assert [c.at for c in changes] == sorted(c.at for c in changes)


@laws
@given(stories())
def test_no_incident_opens_without_a_trouble_that_lasts(story: list[Observation]) -> None:
    engine = Engine(RULES, town())
    signals: dict[Subject, Signal] = {}

    def check(changes: list[Change]) -> None:
        for change in changes:
            if change.step is Step.OPENED:
                for member in change.incident.members:
                    assert signals[member.subject] is Signal.TROUBLE

    for observation in story:
        check(engine.advance(observation.at))
        check(engine.observe(observation))
        signals[observation.subject] = observation.signal
    check(engine.advance(end_of(story)))


@laws
@given(stories())
def test_what_lasts_is_told_unless_its_parent_explains_it(story: list[Observation]) -> None:
    where = town(always=True)
    engine = Engine(RULES, where)
    changes = [c for o in story for c in engine.observe(o)]
    changes += engine.advance(end_of(story))
    signals = {o.subject: o.signal for o in story}
    causes = {o.subject: o.cause for o in story}
    held = {m.subject: i for i in engine.open for m in i.members if m.until is None}
    blind = signals.get(BROKER) in AWAY
    for subject, signal in signals.items():
        if signal in {Signal.OK, Signal.GONE}:
            assert subject not in held
        if signal is not Signal.TROUBLE or (blind and subject.aspect is not Aspect.CENTRE):
            continue
        if subject not in held:
            assert parents_silent(where, signals, subject)
        elif causes[subject] != "stream.lossy":
            assert held[subject].severity is not Severity.NOTED
            assert held[subject].tell_at is not None


def parents_silent(where: Town, signals: dict[Subject, Signal], subject: Subject) -> bool:
    place = where.camera(subject.id)
    names = place.agents if place is not None else (subject.id,)
    if subject.aspect not in {Aspect.CAMERA, Aspect.SPOOL}:
        return False
    return all(signals.get(agent(name)) in AWAY for name in names)


@laws
@given(stories())
def test_nothing_of_schools_opens_while_the_centre_is_in_trouble(story: list[Observation]) -> None:
    spans, since = [], None
    for o in story:
        if o.subject == BROKER and o.signal is Signal.TROUBLE and since is None:
            since = o.at
        elif o.subject == BROKER and o.signal in {Signal.OK, Signal.GONE} and since is not None:
            spans.append((since, o.at + timedelta(seconds=RULES.settle_s)))
            since = None
    spans += [(since, at(10**9))] if since is not None else []
    for change in play(story):
        if change.step is Step.OPENED and not change.incident.root.startswith("centre:"):
            assert not any(first < change.at < last for first, last in spans)


@laws
@given(stories())
def test_a_recovery_is_told_only_of_what_was_told(story: list[Observation]) -> None:
    for change in play(story):
        incident = change.incident
        if change.step is Step.RECOVERED:
            assert incident.phase is Phase.CLOSED
            assert incident.tell_at is None or incident.tell_at <= change.at


@laws
@given(stories())
def test_whoever_was_told_of_what_another_took_over_hears_its_end_once_all_is_well(
    story: list[Observation],
) -> None:
    engine = Engine(RULES, town())
    changes = [c for o in story for c in engine.observe(o)]
    end = end_of(story)
    for subject in SUBJECTS:
        changes += engine.observe(seen(subject, Signal.OK, end))
    changes += engine.advance(end + timedelta(days=4))
    absorbed = {
        c.incident.id: c
        for c in changes
        if c.step is Step.ABSORBED and c.into and is_told(c.incident, c.at)
    }
    gone = {o.subject for o in story if o.signal is Signal.GONE}
    ends = [c for c in changes if c.heirs]
    assert len({c.incident.id for c in ends}) == len(ends)
    assert {c.incident.id for c in ends} <= absorbed.keys()
    for name, taken in absorbed.items():
        if gone.isdisjoint(m.subject for m in taken.incident.members):
            (last,) = (c for c in ends if c.incident.id == name)
            assert last.heirs[0] == taken.into
            assert last.at >= taken.at
            assert all(m.until is not None for m in last.incident.members)
    assert engine.memory.owed == ()


@laws
@given(
    st.lists(st.tuples(st.integers(1, 4000), st.integers(1, 4000)), min_size=1, max_size=40),
    st.sampled_from(["network.timeout", "picture.covered"]),
)
def test_whatever_comes_and_goes_gives_two_messages_per_calm(
    spells: list[tuple[int, int]], cause: str
) -> None:
    day = Day(town=town(always=True))
    now = 0
    for failed, well in spells:
        day.down("s.0", now, cause=cause)
        day.up("s.0", now + failed)
        now += failed + well
    day.until(now + 100_000)
    times = [s for _, _, s in day.messages()]
    for i, start in enumerate(times):
        for j, end in enumerate(times[i:], i):
            spans = 1 + (end - start) // RULES.steady_s
            assert j - i + 1 <= 2 * (1 + spans)
