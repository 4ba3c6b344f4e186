"""A month of a small district with realistic troubles: nothing missed, false or told twice."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache

from server.domain.incident.model import Kind
from tests.alerts.centre import Played
from tests.alerts.noise import Noise
from tests.alerts.post import Sent
from tests.alerts.year import Judge, Months, Tally, drawn_and_played

SMALL = Months(days=30, schools=10, cameras=8, seed=5)


def test_a_month_misses_nothing_tells_nothing_twice_and_nothing_false() -> None:
    noise, played = played_month()
    tally = Judge(noise.woes, noise.truth).judged(played)
    assert tally.is_good, (tally.missed, tally.duplicate, tally.false)
    assert not tally.false
    assert not tally.late
    assert tally.strict > 5


def test_the_judge_sees_what_is_missed_twice_false_and_late() -> None:
    missed = judged(lambda sent: [s for s in sent if not of(s, Kind.CAMERA)])
    assert missed.missed
    assert not missed.duplicate
    again = timedelta(minutes=3)
    twice = judged(lambda sent: [*sent, *(replace(s, at=s.at + again) for s in sent)])
    assert twice.duplicate
    assert not twice.missed
    never = timedelta(days=2)
    assert judged(lambda sent: [replace(s, at=s.at + never) for s in sent]).false
    late = judged(lambda sent: [replace(s, at=s.at + timedelta(seconds=40)) for s in sent])
    assert late.late
    assert not late.missed


def of(sent: Sent, kind: Kind) -> bool:
    return sent.incident is not None and sent.incident.kind is kind


def judged(change: Callable[[Sequence[Sent]], Sequence[Sent]]) -> Tally:
    """Return what the judge says of the month's messages after a change."""
    noise, played = played_month()
    return Judge(noise.woes, noise.truth).judged(replace(played, sent=tuple(change(played.sent))))


@cache
def played_month() -> tuple[Noise, Played]:
    return drawn_and_played(SMALL)
