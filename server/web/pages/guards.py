"""Pages of guards: every school's posts and training, and one school in full."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from server.domain.duties import Guards
from server.domain.guards import Post, Rostered, Trained, Training, TrainingState, training_state
from server.domain.points import Met
from server.domain.presence import DutySpan
from server.domain.units import School
from server.guards.book import Guard, Kept, Roster
from server.guards.duty import PlaceDuty

MOST_SPANS: Final = 40
"""So many spans of evidence are shown of one place, the newest first."""


class GuardState(StrEnum):
    """By what schools are picked from the list."""

    NO_POST = "no_post"
    UNTRAINED = "untrained"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardLine:
    """A guard with how their training stands."""

    id: str
    guard: Guard
    revision: int
    training: TrainingState


@dataclass(frozen=True, slots=True, kw_only=True)
class PostLine:
    """A post with who has it today, by record id and in words."""

    id: str
    post: Post
    revision: int
    gate: str
    today: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftLine:
    """An entry of the roster."""

    id: str
    entry: Rostered
    revision: int
    post: str
    guard: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolGuards:
    """One school: its guards (who are there), posts, roster, and whether enough were there."""

    school: School
    guards: tuple[GuardLine, ...]
    posts: tuple[PostLine, ...]
    roster: tuple[ShiftLine, ...]
    trainings: tuple[tuple[str, str, Training, int], ...]
    places: tuple[PlaceDuty, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardsRow:
    """One school among many."""

    school: School
    guards: int
    posts: int
    gates_without: int
    trained: Counter[Trained]


def rows(schools: Iterable[School], roster: Roster, asked: Guards, today: date) -> list[GuardsRow]:
    """Return one line a school."""
    guards: dict[str, list[str]] = {}
    for name, kept in roster.there(today).items():
        guards.setdefault(kept.value.school, []).append(name)
    posts: dict[str, list[Post]] = {}
    for post in roster.posts.values():
        posts.setdefault(post.value.school, []).append(post.value)
    trained: dict[str, list[Training]] = {}
    for training in roster.trainings.values():
        trained.setdefault(training.value.guard, []).append(training.value)
    return [
        GuardsRow(
            school=school,
            guards=len(guards.get(school.id, ())),
            posts=len(posts.get(school.id, ())),
            gates_without=_without(school, posts.get(school.id, ())),
            trained=Counter(
                training_state(asked, trained.get(name, ()), today).state
                for name in guards.get(school.id, ())
            ),
        )
        for school in schools
    ]


def in_state(row: GuardsRow, which: str) -> bool:
    """Tell whether a school is in the state that is asked for; empty: any."""
    match which:
        case GuardState.NO_POST:
            return row.gates_without > 0
        case GuardState.UNTRAINED:
            return row.trained[Trained.EXPIRED] + row.trained[Trained.NEVER] > 0
        case _:
            return True


def _without(school: School, posts: Sequence[Post]) -> int:
    held = {post.gate for post in posts}
    return sum(1 for gate in school.gates if gate.id not in held)


def school_guards(
    school: School, roster: Roster, asked: Guards, places: Sequence[PlaceDuty], today: date
) -> SchoolGuards:
    """Return one school's view."""
    names = {name: called(kept.value) for name, kept in roster.guards.items()}
    gates = {gate.id: gate.name for gate in school.gates}
    posts = {name: _post_name(kept, gates) for name, kept in roster.posts.items()}
    guards = [
        GuardLine(
            id=name,
            guard=kept.value,
            revision=kept.revision,
            training=training_state(asked, roster.trainings_of(name), today),
        )
        for name, kept in roster.there(today).items()
    ]
    shifts = [
        ShiftLine(
            id=name,
            entry=kept.value,
            revision=kept.revision,
            post=posts.get(kept.value.post, "?"),
            guard=names.get(kept.value.guard, "?"),
        )
        for name, kept in roster.shifts.items()
    ]
    return SchoolGuards(
        school=school,
        guards=tuple(sorted(guards, key=lambda line: line.guard.code)),
        posts=tuple(_post_lines(roster, gates, names, today)),
        roster=tuple(sorted(shifts, key=lambda s: (s.post, s.entry.first, s.guard))),
        trainings=tuple(_trainings(roster, names)),
        places=tuple(places),
    )


def called(guard: Guard) -> str:
    """Return what a guard is called here: the code alone once the name is erased."""
    return f"{guard.name} ({guard.code})" if guard.name else guard.code


def _post_name(kept: Kept[Post], gates: dict[str, str]) -> str:
    return f"{gates.get(kept.value.gate, kept.value.gate)}, {kept.value.name}"


def _post_lines(
    roster: Roster, gates: dict[str, str], names: dict[str, str], today: date
) -> Iterable[PostLine]:
    found = sorted(
        roster.posts.items(), key=lambda pair: (pair[1].value.gate, pair[1].value.start_min)
    )
    for name, kept in found:
        here = (
            entry.value.guard
            for entry in roster.shifts.values()
            if entry.value.post == name and entry.value.holds(today)
        )
        yield PostLine(
            id=name,
            post=kept.value,
            revision=kept.revision,
            gate=gates.get(kept.value.gate, kept.value.gate),
            today=tuple(sorted(names.get(guard, "?") for guard in here)),
        )


def _trainings(roster: Roster, names: dict[str, str]) -> Iterable[tuple[str, str, Training, int]]:
    """Yield every training: its id, whose it is, what it says, its revision; the newest first."""
    found = sorted(roster.trainings.items(), key=lambda pair: pair[1].value.day, reverse=True)
    for name, kept in found:
        yield name, names.get(kept.value.guard, "?"), kept.value, kept.revision


def evidence(place: PlaceDuty) -> list[DutySpan]:
    """Return when there were too few guards, or nobody can tell; the newest first."""
    return [span for span in reversed(place.spans) if span.met is not Met.MET]
