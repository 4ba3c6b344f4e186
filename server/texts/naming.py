"""How things are called in the register: now, or when they were last there. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.domain.units import Organisation


@dataclass(frozen=True, slots=True)
class Names:
    """Names by id; ``former``: of what is no longer there. Unknown ids stay as they are."""

    organisation: Organisation
    former: Mapping[str, str] = field(default_factory=dict)

    def camera(self, camera_id: str | None) -> str:
        """Return a camera's name."""
        found = self.organisation.camera(camera_id or "")
        return found[1].name if found else self._former(camera_id)

    def agent(self, agent_id: str | None) -> str:
        """Return an agent's name."""
        found = self.organisation.agent(agent_id or "")
        return found[1].name if found else self._former(agent_id)

    def school(self, school_id: str | None) -> str:
        """Return a school's name."""
        found = self.organisation.school(school_id or "")
        return found.name if found else self._former(school_id)

    def unit(self, unit_id: str | None) -> str:
        """Return a unit's name."""
        units = self.organisation.units
        return next((u.name for u in units if u.id == unit_id), self._former(unit_id))

    def gate(self, gate_id: str | None) -> str:
        """Return a gate's name."""
        gates = (g for school in self.organisation.schools for g in school.gates)
        return next((g.name for g in gates if g.id == gate_id), self._former(gate_id))

    def _former(self, name: str | None) -> str:
        return self.former.get(name or "", name or "?")
