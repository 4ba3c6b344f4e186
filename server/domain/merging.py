"""A three-way join of stories: what a new telling changes of a former one, put onto a third.

The new file changes only what differs from the former file, so whatever people have changed in the
register meanwhile stays. It is done day by day and, within a day, attribute by attribute.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any, TypeVar

from server.domain.dated import EVER, OPEN, Story, joined, replaced
from server.domain.histories import SchoolHistory, UnitHistory

T = TypeVar("T")


def merged_unit(
    mine: UnitHistory | None, former: UnitHistory | None, new: UnitHistory | None, since: date
) -> UnitHistory | None:
    """Put onto ``mine`` what ``new`` changes of ``former``: see ``merged_school``."""
    some = mine or new
    if some is None:
        return None
    return UnitHistory(
        id=some.id,
        story=merged(*(() if x is None else x.story for x in (mine, former, new)), since=since),
        merged_into=_three_way(*(x and x.merged_into for x in (mine, former, new))),
    )


def merged_school(
    mine: SchoolHistory | None,
    former: SchoolHistory | None,
    new: SchoolHistory | None,
    since: date,
) -> SchoolHistory | None:
    """Put onto ``mine`` what ``new`` changes of ``former``.

    Where neither telling names a day, the change holds from the day ``since`` on; a telling with
    days of its own is about those days. None where all three are.
    """
    some = mine or new
    if some is None:
        return None
    three = (mine, former, new)
    return SchoolHistory(
        id=some.id,
        headers=merged(*(() if x is None else x.headers for x in three), since=since),
        zones=_parts(*(() if x is None else x.zones for x in three), since=since),
        gates=_parts(*(() if x is None else x.gates for x in three), since=since),
        agents=_parts(*(() if x is None else x.agents for x in three), since=since),
        cameras=_parts(*(() if x is None else x.cameras for x in three), since=since),
        contacts=_parts(*(() if x is None else x.contacts for x in three), since=since),
        merged_into=_three_way(*(x and x.merged_into for x in three)),
    )


def merged(mine: Story[T], former: Story[T], new: Story[T], *, since: date) -> Story[T]:
    """Put onto the story ``mine`` what ``new`` changes of ``former``."""
    if former == new:
        return mine
    first = EVER if _names_days(former) or _names_days(new) else since
    return replaced(mine, joined(_three_way, mine, former, new), first)


def _parts(
    mine: Sequence[Story[Any]],
    former: Sequence[Story[Any]],
    new: Sequence[Story[Any]],
    *,
    since: date,
) -> tuple[Story[Any], ...]:
    """Join what stands in a school thing by thing; what is new comes last."""
    stories = [_by_id(x) for x in (mine, former, new)]
    names = dict.fromkeys([*stories[0], *stories[2]])
    found = (merged(*(x.get(name, ()) for x in stories), since=since) for name in names)
    return tuple(story for story in found if story)


def _by_id(stories: Iterable[Story[Any]]) -> dict[str, Story[Any]]:
    return {story[0].value.id: story for story in stories}


def _names_days(story: Story[Any]) -> bool:
    return any(piece.first > EVER or piece.last < OPEN for piece in story)


def _three_way(mine: Any, former: Any, new: Any) -> Any:
    """Return one value: ``mine`` where the two tellings agree, else with what ``new`` changes."""
    if former == new:
        return mine
    if former is None:
        return new
    if mine is None or new is None:  # what has ended on either side stays so
        return None
    if isinstance(new, str):
        return new
    changed = {
        f.name: value
        for f in fields(new)
        if (value := getattr(new, f.name)) != getattr(former, f.name)
    }
    return replace(mine, **changed)
