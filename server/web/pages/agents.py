"""The gate PCs: who reports, who is silent and since when, and how healthy each one is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.domain.liveness import PresenceKind
from server.domain.units import Source
from server.storage.rows import RefusalRow
from server.web.pages.looks import AgentLook, Survey
from server.web.pages.warnings import CLOCK_WRONG_MS, Kind
from wire.vocabulary import State

_ORDER: Final = (
    PresenceKind.SILENT,
    PresenceKind.NEVER_SEEN,
    PresenceKind.AWAITED,
    PresenceKind.REPORTING,
)
_WORST_FIRST: Final = tuple(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePcs:
    """The gate PCs, summed up. ``warned``: those that need a hand, the worst first."""

    total: int
    reporting: int
    unheard: tuple[AgentLook, ...]
    waiting: int
    clock_wrong: int
    warned: tuple[AgentLook, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsPage:
    """Everything on the page of gate PCs, the silent ones first."""

    now: datetime
    until: datetime
    sums: GatePcs
    agents: tuple[AgentLook, ...]
    unregistered: tuple[Source, ...]
    refusals: tuple[RefusalRow, ...]


def agents_page(
    survey: Survey, *, unregistered: Sequence[Source], refusals: Sequence[RefusalRow]
) -> AgentsPage:
    """Build the page."""
    looks = sorted(
        survey.agents,
        key=lambda a: (_ORDER.index(a.presence.kind), a.school.name, a.agent.name),
    )
    return AgentsPage(
        now=survey.now,
        until=min((look.until for look in survey.schools), default=survey.now),
        sums=gate_pcs(survey.agents),
        agents=tuple(looks),
        unregistered=tuple(unregistered),
        refusals=tuple(refusals),
    )


def state_of(look: AgentLook) -> State:
    """Return the mark that fits an agent's presence: heard, or not known."""
    return State.UP if look.presence.reporting else State.UNKNOWN


def gate_pcs(agents: Sequence[AgentLook]) -> GatePcs:
    """Sum the gate PCs up."""
    seen = [a.seen for a in agents if a.seen is not None]
    return GatePcs(
        total=len(agents),
        reporting=sum(a.presence.reporting for a in agents),
        unheard=tuple(a for a in agents if not a.presence.reporting),
        waiting=sum(s.vitals.spool_items for s in seen if s.vitals is not None),
        clock_wrong=sum(abs(s.clock_offset_ms or 0) > CLOCK_WRONG_MS for s in seen),
        warned=tuple(sorted((a for a in agents if a.warnings), key=_worst_first)),
    )


def _worst_first(look: AgentLook) -> tuple[int, str, str]:
    return _WORST_FIRST.index(look.warnings[0].kind), look.school.name, look.agent.name
