"""What one unit and one school were when: all that the register holds of each."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from server.domain.dated import Story, always, joined
from server.domain.units import Agent, Camera, Contact, Gate, School, Unit, Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitHistory:
    """A managing unit: what it was when. ``merged_into``: the unit that took its place."""

    id: str
    story: Story[Unit]
    merged_into: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolHistory:
    """A school and everything in it: what it was when.

    Attributes:
        headers: Name, kind, levels, unit and pupils: schools without what stands in them.
        merged_into: The school that took its place after its last day.
    """

    id: str
    headers: Story[School]
    zones: tuple[Story[Zone], ...] = ()
    gates: tuple[Story[Gate], ...] = ()
    agents: tuple[Story[Agent], ...] = ()
    cameras: tuple[Story[Camera], ...] = ()
    contacts: tuple[Story[Contact], ...] = ()
    merged_into: str | None = None

    def whole(self) -> Story[School]:
        """Return the story of the whole school, with all that stands in it."""
        parts = (self.zones, self.gates, self.agents, self.cameras, self.contacts)
        ends = [sum(len(p) for p in parts[: n + 1]) for n in range(len(parts))]

        def tell(header: School | None, *things: Any) -> School | None:
            if header is None:
                return None
            return replace(
                header,
                zones=_there(things[: ends[0]]),
                gates=_there(things[ends[0] : ends[1]]),
                agents=_there(things[ends[1] : ends[2]]),
                cameras=_there(things[ends[2] : ends[3]]),
                contacts=_there(things[ends[3] :]),
            )

        return joined(tell, self.headers, *(story for part in parts for story in part))


def school_always(school: School) -> SchoolHistory:
    """Return the history of a school that has been as it is since ever."""
    return SchoolHistory(
        id=school.id,
        headers=always(header_of(school)),
        zones=tuple(always(z) for z in school.zones),
        gates=tuple(always(g) for g in school.gates),
        agents=tuple(always(a) for a in school.agents),
        cameras=tuple(always(c) for c in school.cameras),
        contacts=tuple(always(c) for c in school.contacts),
    )


def agents_ever(school: SchoolHistory) -> tuple[Agent, ...]:
    """Return every agent that a school ever had."""
    return tuple(story[-1].value for story in school.agents if story)


def header_of(school: School) -> School:
    """Return a school without what stands in it."""
    return replace(school, zones=(), gates=(), agents=(), cameras=(), contacts=())


def _there(things: Iterable[Any]) -> tuple[Any, ...]:
    """Return those that exist."""
    return tuple(thing for thing in things if thing is not None)
