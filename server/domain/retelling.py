"""What late history makes of an incident's times. It changes what is shown, and rings no bell.

An incident about a camera is opened and closed on what was known then. A gate PC that comes back
says first what is true now, and what happened meanwhile later: the trouble may have begun days
before the incident's beginning, or have been over long before its end.
"""

from collections.abc import Iterator
from datetime import datetime

from server.domain.interval import Interval
from server.domain.timeline import Timeline
from wire.vocabulary import State


def retold(
    timeline: Timeline, began: datetime, ended: datetime | None
) -> tuple[datetime, datetime | None]:
    """Return when the trouble of an incident really began and ended (None stays None).

    It is all the runs of being down that the incident's time touches: the first one's start, the
    last one's end. A run goes on through time of which nobody knows, as an open incident does.
    Where the timeline shows none, or ends within the last one, the incident's own moment stays.
    """
    runs = [
        run for run in _runs(timeline) if run.end > began and (ended is None or run.start < ended)
    ]
    if not runs:
        return began, ended
    last = runs[-1].end
    over = ended if ended is None or last == timeline[-1].interval.end else last
    return runs[0].start, over


def _runs(timeline: Timeline) -> Iterator[Interval]:
    """Yield each stretch that begins down and holds nothing but down and unknown."""
    start: datetime | None = None
    for span in timeline:
        if span.state is State.DOWN and start is None:
            start = span.interval.start
        elif span.state in {State.UP, State.DEGRADED} and start is not None:
            yield Interval(start, span.interval.start)
            start = None
    if start is not None:
        yield Interval(start, timeline[-1].interval.end)
