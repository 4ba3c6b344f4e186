"""What a course of changes does to the calls of its incidents. Pure.

The live path and a replay of the past both go through ``page``, so that a preview can't differ from
what is then sent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from server.domain.incident.model import Change
from server.domain.paging.calls import calls_for, withdrawn
from server.domain.paging.directory import Directory
from server.domain.paging.people import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """New calls, and the ids of calls that stood and are void."""

    calls: tuple[Call, ...]
    withdrawn: frozenset[str]


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
    be missing. Of an absorbed incident's end nobody is told who was told of one of its heirs.
    """
    now = {name: dict(calls) for name, calls in standing.items()}
    for change in changes:
        mine = now.setdefault(change.incident.id, {})
        for name in withdrawn(change, mine.values()):
            del mine[name]
        heard = {c.receiver for heir in change.heirs for c in now.get(heir, {}).values()}
        told = tuple(c for c in mine.values() if c.receiver not in heard)
        for call in calls_for(change, directory, told):
            mine.setdefault(call.id, call)
    before = {name: call for calls in standing.values() for name, call in calls.items()}
    after = {name: call for calls in now.values() for name, call in calls.items()}
    new = (call for name, call in after.items() if before.get(name) != call)
    return Paged(
        calls=tuple(sorted(new, key=lambda call: (call.at, call.id))),
        withdrawn=frozenset(n for n, call in before.items() if after.get(n) != call),
    )
