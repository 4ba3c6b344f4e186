"""How gate PCs stand: whether they are heard, how full their spool is, how right their clock. Pure.

A limit that has to be crossed further to come back keeps a figure that trembles from telling.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from server.domain.incident.signals import Aspect, Signal, Subject
from server.domain.liveness import Presence, PresenceKind
from server.storage import AgentSeen
from server.watching.heard import Finding, Heard

SILENT: Final = "agent.silent"
FILLING: Final = "spool.filling"
CLOCK_OFF: Final = "clock.off"
_FULL: Final = 0.8
_ROOM: Final = 0.7
_OFF_MS: Final = 60_000
_RIGHT_MS: Final = 30_000


def presence_findings(
    presences: Mapping[str, Presence], heard: Heard, now: datetime
) -> Iterable[Finding]:
    """Yield how agents stand that are not well, or were not; who was never heard is left out."""
    for subject in heard.subjects():
        known = presences.get(subject.id) if subject.aspect is Aspect.AGENT else None
        if known is not None and known.reporting:
            yield Finding(subject=subject, signal=Signal.OK, since=now)
    for agent, presence in presences.items():
        if presence.kind in {PresenceKind.SILENT, PresenceKind.AWAITED}:
            silent = presence.kind is PresenceKind.SILENT
            yield Finding(
                subject=Subject(Aspect.AGENT, agent),
                signal=Signal.TROUBLE if silent else Signal.UNKNOWN,
                since=presence.since or now,
                cause=SILENT if silent else "",
            )


def vitals_findings(seen: Iterable[AgentSeen], heard: Heard, now: datetime) -> Iterable[Finding]:
    """Yield how full spools are and how right clocks are, of agents that have told it lately."""
    for agent in seen:
        found = (_spool(agent, heard), _clock(agent, heard))
        for aspect, trouble, detail in filter(None, found):
            yield Finding(
                subject=Subject(aspect, agent.agent),
                signal=Signal.TROUBLE if trouble else Signal.OK,
                since=agent.vitals_at or now,
                cause=trouble or "",
                detail=detail if trouble else None,
            )


def _spool(seen: AgentSeen, heard: Heard) -> tuple[Aspect, str | None, str] | None:
    vitals = seen.vitals
    if vitals is None or not vitals.spool_max_bytes:
        return None
    share = vitals.spool_bytes / vitals.spool_max_bytes
    limit = _ROOM if heard.of(Subject(Aspect.SPOOL, seen.agent)) else _FULL
    return Aspect.SPOOL, FILLING if share >= limit else None, f"{share:.0%}"


def _clock(seen: AgentSeen, heard: Heard) -> tuple[Aspect, str | None, str] | None:
    off_ms = seen.clock_offset_ms
    if off_ms is None:
        return None
    limit = _RIGHT_MS if heard.of(Subject(Aspect.CLOCK, seen.agent)) else _OFF_MS
    trouble = CLOCK_OFF if abs(off_ms) >= limit else None
    return Aspect.CLOCK, trouble, f"{-off_ms / 1000:+.0f} s"
