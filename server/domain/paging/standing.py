"""What a course of changes does to the calls of its incidents. Pure.

The live path and a replay of the past both go through ``Course``, so that a preview can't differ
from what is then sent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from server.domain.incident.model import Change
from server.domain.paging.calls import calls_for, withdrawn
from server.domain.paging.directory import Directory
from server.domain.paging.people import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """New calls, and the ids of calls that stood and are void."""

    calls: tuple[Call, ...]
    withdrawn: frozenset[str]


@dataclass(slots=True)
class Course:
    """The calls of incidents (by incident and id), as changes add to them and take from them."""

    directory: Directory
    calls: dict[str, dict[str, Call]] = field(default_factory=dict)

    def change(self, change: Change) -> None:
        """Do what a change does.

        Of the end of what was absorbed nobody hears who was told of one of its heirs.
        """
        mine = self.calls.setdefault(change.incident.id, {})
        for name in withdrawn(change, mine.values()):
            del mine[name]
        heard = {c.receiver for heir in change.heirs for c in self.calls.get(heir, {}).values()}
        told = tuple(c for c in mine.values() if c.receiver not in heard)
        self.add(calls_for(change, self.directory, told))

    def add(self, calls: Iterable[Call]) -> None:
        """Put calls of incidents that are not there yet."""
        for call in calls:
            if call.incident is not None:
                self.calls.setdefault(call.incident, {}).setdefault(call.id, call)

    def of(self, incident: str) -> tuple[Call, ...]:
        """Return all calls of an incident so far."""
        return tuple(self.calls.get(incident, {}).values())


def concerned(changes: Iterable[Change]) -> list[str]:
    """Return the ids of the incidents whose calls decide what changes lead to."""
    return sorted({name for c in changes for name in (c.incident.id, *c.heirs)})


def page(
    changes: Iterable[Change],
    directory: Directory,
    standing: Mapping[str, Mapping[str, Call]],
) -> Paged:
    """Return what changes, in their order, add to the calls that stand, and take from them.

    ``standing``: all calls so far of ``concerned``, by incident and id; an incident without any may
    be missing.
    """
    course = Course(directory, {name: dict(calls) for name, calls in standing.items()})
    for change in changes:
        course.change(change)
    before = {name: call for calls in standing.values() for name, call in calls.items()}
    after = {name: call for calls in course.calls.values() for name, call in calls.items()}
    new = (call for name, call in after.items() if before.get(name) != call)
    return Paged(
        calls=in_order(new),
        withdrawn=frozenset(n for n, call in before.items() if after.get(n) != call),
    )


def in_order(calls: Iterable[Call]) -> tuple[Call, ...]:
    """Return calls as they are due."""
    return tuple(sorted(calls, key=lambda call: (call.at, call.id)))
