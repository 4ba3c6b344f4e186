"""How gates stand: forced, held open, and gate logs that have fallen dumb. Pure.

A gate's own events (``IS_DOOR`` in the schema): ``forced`` (opened without a pass), ``held_open``
(open for longer than its controller allows), ``closed`` (shut again: all is well). What came late
or by a doubtful clock rings no bell. Not every controller says ``closed``, so each of the two ends
by itself after a while in which nothing more was said.

A gate log is dumb if nothing came for an hour of required time in which something came, often
enough, in the same hour of at least three of the last four weeks. Fewer is no evidence.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from server.domain.incident.signals import Aspect, Signal, Subject
from server.storage import GateCount, GateEventRow
from server.watching.heard import Finding, Heard

FORCED: Final = "gate.forced"
HELD: Final = "gate.held"
DUMB: Final = "gate.silent"
NEWS_FOR: Final = timedelta(minutes=10)
"""Older events of a gate are history."""
QUIET_FOR: Final = timedelta(hours=1)
WEEKS: Final = 4
_CAUSES: Final = {"forced": FORCED, "held_open": HELD}
_ENDS_AFTER: Final = {FORCED: timedelta(hours=1), HELD: timedelta(hours=12)}
_ENOUGH: Final = 5
_WEEKS_LEAST: Final = 3


def door_findings(events: Iterable[GateEventRow], heard: Heard, now: datetime) -> Iterator[Finding]:
    """Yield how gates stand by their own latest events, and those that have said no more."""
    newest: dict[str, GateEventRow] = {}
    for event in events:
        if not event.clock_suspect and now - NEWS_FOR <= event.occurred_at <= now:
            newest[event.gate] = event
    for gate, event in newest.items():
        cause = _CAUSES.get(event.kind, "")
        yield Finding(
            subject=Subject(Aspect.GATE_DOOR, gate),
            signal=Signal.TROUBLE if cause else Signal.OK,
            since=event.occurred_at,
            cause=cause,
            detail=event.note,
        )
    for subject in heard.subjects():
        told = heard.of(subject)
        if subject.aspect is Aspect.GATE_DOOR and subject.id not in newest and told is not None:
            end = told.since + _ENDS_AFTER.get(told.cause, NEWS_FOR)
            if now >= end:
                yield Finding(subject=subject, signal=Signal.OK, since=end)


def dumb_findings(
    now: Sequence[GateCount],
    before: Sequence[Sequence[GateCount]],
    *,
    speaking: Iterable[str],
    start: datetime,
    heard: Heard,
) -> Iterator[Finding]:
    """Yield which gate logs are dumb and which of them speak again.

    ``now`` counts the last hour, which began at ``start``; ``before`` the same hour of each of the
    last weeks; ``speaking`` are gates whose agents report, at schools whose places must be watched
    all that hour.
    """
    today = _sums(now)
    usual: Counter[str] = Counter()
    for week in before:
        usual.update(gate for gate, count in _sums(week).items() if count >= _ENOUGH)
    for gate in speaking:
        subject = Subject(Aspect.GATE_STREAM, gate)
        if today.get(gate, 0):
            yield Finding(subject=subject, signal=Signal.OK, since=start)
        elif usual[gate] >= _WEEKS_LEAST and heard.of(subject) is None:
            yield Finding(subject=subject, signal=Signal.TROUBLE, since=start, cause=DUMB)


def _sums(counts: Iterable[GateCount]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for one in counts:
        found[one.gate] += one.count
    return found
