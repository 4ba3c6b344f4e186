"""What rules would have sent over a time that was observed. Pure.

The same engine and the same calls as the live path, over the observations as they were made: so a
preview equals what is then sent. Escalations are left out: whether somebody would have taken an
incident on that never was, nobody can know.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from server.domain.incident.engine import Engine
from server.domain.incident.model import Change, Incident, Kind
from server.domain.incident.rules import Rules
from server.domain.incident.signals import Observation
from server.domain.incident.world import World
from server.domain.interval import Interval
from server.domain.paging.directory import Directory
from server.domain.paging.people import Call
from server.domain.paging.replaying import replayed


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Calls within a time, in order, and the incidents of that time as they stood at its end."""

    calls: tuple[Call, ...]
    incidents: tuple[Incident, ...]

    def by_kind(self) -> Counter[Kind]:
        """Count the messages by the kind of their incident."""
        kinds = {incident.id: incident.kind for incident in self.incidents}
        return Counter(kinds[call.incident] for call in self.calls if call.incident in kinds)

    def by_school(self) -> Counter[str | None]:
        """Count the messages by the school of their incident; None: of several, or of none."""
        schools = {incident.id: incident.school for incident in self.incidents}
        return Counter(schools[call.incident] for call in self.calls if call.incident in schools)


def preview(
    observations: Iterable[Observation],
    rules: Rules,
    world: World,
    directory: Directory,
    *,
    over: Interval,
) -> Preview:
    """Replay what was observed up to ``over.end``, and return what falls into ``over``.

    Observations come in order; some of before ``over`` let the engine know how things stood.
    """
    engine, changes = Engine(rules, world), list[Change]()
    for observation in observations:
        changes += engine.observe(observation)
    changes += engine.advance(over.end)
    calls = tuple(c for c in replayed(changes, directory, until=over.end) if over.contains(c.at))
    called = {call.incident for call in calls}
    newest = {change.incident.id: change.incident for change in changes}
    return Preview(
        calls=calls,
        incidents=tuple(i for i in newest.values() if i.id in called or touches(i, over.start)),
    )


def touches(incident: Incident, start: datetime) -> bool:
    """Tell whether an incident was open at some time after ``start``."""
    return incident.closed_at is None or incident.closed_at > start
