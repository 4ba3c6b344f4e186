"""What a history of incidents would have sent, without escalations. Pure."""

from collections.abc import Sequence
from datetime import datetime

from server.domain.incident.model import Change, Incident, Phase
from server.domain.paging.directory import Directory
from server.domain.paging.handover import HandOver, Known, hand_overs, handed_over
from server.domain.paging.people import Call
from server.domain.paging.standing import Course, in_order


def replayed(
    changes: Sequence[Change], directory: Directory, *, until: datetime
) -> tuple[Call, ...]:
    """Return the calls of changes, which are in order, and of the hand-overs among them.

    ``until``: when the history ends; what is open then may be handed over after the last change.
    """
    if not changes:
        return ()
    course, open_ = Course(directory), dict[str, Incident]()
    waiting = list(hand_overs(directory, changes[0].at, until))[::-1]
    for change in changes:
        while waiting and waiting[-1].due < change.at:
            _hand_over(waiting.pop(), course, open_)
        course.change(change)
        open_[change.incident.id] = change.incident
        if change.incident.phase is Phase.CLOSED:
            del open_[change.incident.id]
    while waiting:
        _hand_over(waiting.pop(), course, open_)
    return in_order(call for calls in course.calls.values() for call in calls.values())


def _hand_over(one: HandOver, course: Course, open_: dict[str, Incident]) -> None:
    known = [Known(incident, course.of(name)) for name, incident in open_.items()]
    course.add(handed_over(one, course.directory, known, one.due))
