"""A preview equals what is sent live: whatever the looks, the restarts and the rules."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.domain.incident.engine import Engine
from server.domain.incident.memory import Memory
from server.domain.incident.model import Change, Kind
from server.domain.incident.rules import Rule, Rules
from server.domain.incident.signals import Observation, Signal
from server.domain.interval import Interval
from server.domain.paging.directory import Directory
from server.domain.paging.people import Call, Occasion, Policy, Receiver, Stage, Target, Way
from server.domain.paging.preview import preview
from server.domain.paging.standing import page
from server.domain.units import Organisation
from tests.pure.server.incident_stories import RULES, stories, town
from tests.pure.server.incident_world import at, camera, seen

PATIENT = replace(RULES, kinds={**RULES.kinds, Kind.CAMERA: Rule(grace_s=600)}, flaps=2)
HOA, BINH = (
    Receiver(id=name, name=name, ways=(Way(channel="email", address=f"{name}@x.vn"),))
    for name in ("hoa", "binh")
)
POLICIES = (
    Policy(
        id="all",
        name="all",
        stages=(
            Stage(after_s=0, target=Target.RECEIVER, id="hoa"),
            Stage(after_s=1800, target=Target.RECEIVER, id="binh"),
        ),
    ),
    Policy(
        id="pictures",
        name="pictures",
        stages=(Stage(after_s=0, target=Target.RECEIVER, id="binh"),),
        kinds=(Kind.PICTURE,),
        recovery=False,
    ),
)
DIRECTORY = Directory(
    organisation=Organisation(units=(), schools=()),
    receivers={"hoa": HOA, "binh": BINH},
    policies=POLICIES,
)


def whole(story: Sequence[Observation]) -> Interval:
    first, last = (moment.replace(microsecond=0) for moment in (story[0].at, story[-1].at))
    return Interval(first - timedelta(days=1), last + timedelta(days=4))


def sent_live(
    story: Sequence[Observation], rules: Rules, looks: Sequence[float], end: datetime
) -> list[Call]:
    """Play a story as the centre does: look by look, each written, with a restart after each."""
    engine, standing = Engine(rules, town()), dict[str, dict[str, Call]]()

    def write(changes: Sequence[Change]) -> None:
        names = {change.incident.id for change in changes}
        paged = page(changes, DIRECTORY, {name: standing.get(name, {}) for name in names})
        for name in names:
            kept = standing.get(name, {})
            standing[name] = {k: c for k, c in kept.items() if k not in paged.withdrawn}
        for call in paged.calls:
            assert call.incident is not None
            standing[call.incident][call.id] = call

    for i, observation in enumerate(story):
        before = story[i - 1].at if i else observation.at
        for share in sorted(looks):
            write(engine.advance(before + (observation.at - before) * share))
            engine = Engine(rules, town(), Memory.decode(engine.memory.encode()))
        write(engine.observe(observation))
    write(engine.advance(end))
    return [call for calls in standing.values() for call in calls.values()]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    stories(),
    st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.99]), max_size=2),
    st.sampled_from([RULES, PATIENT, Rules()]),
)
def test_a_preview_is_what_the_engine_then_does_on_the_same_history(
    story: list[Observation], looks: list[float], rules: Rules
) -> None:
    over = whole(story)
    found = preview(story, rules, town(), DIRECTORY, over=over)
    live = sent_live(story, rules, looks, over.end)
    assert sorted(found.calls, key=lambda c: c.id) == sorted(
        (c for c in live if over.contains(c.at)), key=lambda c: c.id
    )
    assert sum(found.by_kind().values()) == len(found.calls) == sum(found.by_school().values())


def test_what_lies_before_the_time_is_known_and_not_counted() -> None:
    door = camera("s.0")
    story = [
        seen(door, Signal.TROUBLE, at(0), cause="network.timeout"),
        seen(door, Signal.OK, at(7200)),
        seen(door, Signal.TROUBLE, at(20_000), cause="network.timeout"),
    ]
    kept = preview(story, RULES, town(), DIRECTORY, over=Interval(at(3600), at(86_400)))
    assert [c.occasion for c in kept.calls] == [Occasion.RECOVERED, Occasion.OPENED]
    assert kept.by_kind() == {Kind.CAMERA: 2}
    assert kept.by_school() == {"s": 2}
    patient = preview(story, PATIENT, town(), DIRECTORY, over=Interval(at(3600), at(20_100)))
    assert [c.occasion for c in patient.calls] == [Occasion.RECOVERED]
