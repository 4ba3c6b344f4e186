"""Faults out of timelines: each time that a camera was down or spoilt for long enough. Pure.

A blink of the network is no fault that anybody repairs, so only what took half an hour of required
time or more is one; papers say so. Time in which nobody looked is never a fault by itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from server.domain.calendar import local_date
from server.domain.incidents import Outage, outages
from server.domain.interval import Interval, intersect
from server.domain.timeline import Timeline
from server.domain.units import School
from server.reports.facts import LEAST_S, Fault
from wire.vocabulary import State

_BROKEN: Final = frozenset({State.DOWN, State.DEGRADED})


def faults(
    school: School,
    timelines: Mapping[str, Timeline],
    required: Sequence[Interval],
    *,
    words: Mapping[str, str],
    counts: Iterable[str] = (),
) -> list[Fault]:
    """Return a school's faults by the day on which they began.

    ``timelines``: of each camera over the period; ``counts``: causes with which a camera still
    counts as watching.
    """
    zones = {z.id: z.name for z in school.zones}
    fine = frozenset(counts)
    found = [
        _fault(school.name, camera.name, zones.get(camera.zone, ""), outage, seconds, words)
        for camera in school.cameras
        for outage in outages(timelines.get(camera.id, ()), counted=required)
        if outage.cause not in fine
        if (seconds := _lost(outage, required)) >= LEAST_S
    ]
    return sorted(found, key=lambda f: (f.since, f.camera))


def _lost(outage: Outage, required: Sequence[Interval]) -> int:
    """Return the required seconds of an outage in which it is known that nothing was watched."""
    lost = [span.interval for span in outage.history if span.state in _BROKEN]
    return sum(span.seconds for span in intersect(lost, required))


def _fault(
    school: str, camera: str, zone: str, outage: Outage, seconds: int, words: Mapping[str, str]
) -> Fault:
    cause = outage.cause or ""
    since = local_date(outage.start)
    until = outage.end or _end(outage)
    return Fault(
        school=school,
        camera=camera,
        zone=zone,
        cause=words.get(cause, cause) or _PLAIN[outage.state],
        since=since,
        began_before=outage.cut_at_start,
        repaired=None if outage.end is None else local_date(outage.end),
        days=_days(since, local_date(until)),
        seconds=seconds,
    )


_PLAIN: Final = {State.DOWN: "mất kết nối", State.DEGRADED: "hình ảnh kém"}


def _end(outage: Outage) -> datetime:
    return outage.history[-1].interval.end


def _days(first: date, last: date) -> int:
    return (last - first).days + 1
