"""Whether this server itself is well: its broker, its database, its disk, its line. Pure.

What is wrong with the centre must not be told as trouble of three thousand schools.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from server.domain.incident.signals import Aspect, Signal, Subject
from server.domain.liveness import Presence, PresenceKind
from server.storage import AgentSeen, ChannelHealth
from server.watching.heard import Finding, Heard

BROKER: Final = Subject(Aspect.CENTRE, "broker")
DATABASE: Final = Subject(Aspect.CENTRE, "database")
DISK: Final = Subject(Aspect.CENTRE, "disk")
LINE: Final = Subject(Aspect.CENTRE, "line")
CHANNEL_FAILING: Final = "channel.failing"

SLOW_S: Final = 10.0
"""A look that has waited so long for the database says that it is slow."""
_REPORT_S: Final = 60.0
"""How often an agent says at least that all is as it was."""
_MARGIN_S: Final = 5.0
_AGENTS_LEAST: Final = 8
"""Of fewer agents nobody can tell the centre's line from theirs."""
_CHANCE: Final = 1e-6
_STILL: Final = timedelta(minutes=10)
_GOODBYE: Final = timedelta(seconds=25)
_FULL: Final = 0.05
_ROOM: Final = 0.08
_FULL_BYTES: Final = 500 * 2**20
_ROOM_BYTES: Final = 800 * 2**20
_FAILING_FOR: Final = timedelta(minutes=5)


def trouble(subject: Subject, since: datetime, detail: str | None = None) -> Finding:
    """Return that something of the centre's is not well."""
    return Finding(
        subject=subject,
        signal=Signal.TROUBLE,
        since=since,
        cause=f"centre.{subject.id}",
        detail=detail,
    )


def well(subject: Subject, since: datetime) -> Finding:
    """Return that something of the centre's is well."""
    return Finding(subject=subject, signal=Signal.OK, since=since)


def disk_finding(free: int, total: int, heard: Heard, now: datetime) -> Finding:
    """Return how the disk of the data stands; sizes in bytes."""
    known = heard.of(DISK) is not None
    share, least = (_ROOM, _ROOM_BYTES) if known else (_FULL, _FULL_BYTES)
    if total and (free < least or free / total < share):
        return trouble(DISK, now, f"{free / 2**30:.1f} GB")
    return well(DISK, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What was heard of the agents: by name, whether each is silent, and since when we listen."""

    seen: Mapping[str, AgentSeen]
    presences: Mapping[str, Presence]
    listening_since: datetime


def line_finding(word: Word, heard: Heard, now: datetime) -> Finding:
    """Return whether this server's own way to its agents is cut.

    It is, when nobody at all has said a word for so long that chance can't be the reason, or when
    most of those that spoke a while ago are overdue at once. It is well again when most speak.
    Whoever said goodbye counts for nothing: gate PCs are switched off in the evening. Time counts
    from when this server began to listen: it was itself away before.
    """
    words = sorted(
        s.last_report_at
        for agent, s in word.seen.items()
        if agent in word.presences and s.last_report_at is not None and not _said_goodbye(s)
    )
    told = heard.of(LINE)
    if told is not None:
        words = [w for w in words if w >= told.since - _STILL]
        back = sum(1 for w in words if w > told.since + timedelta(seconds=_MARGIN_S))
        is_back = 2 * back > len(words)
        return well(LINE, now) if is_back else trouble(LINE, told.since)
    start = word.listening_since
    words = [max(w, start) for w in words if start - w <= _STILL and now - w <= _STILL]
    if len(words) < _AGENTS_LEAST:
        return well(LINE, now)
    overdue = [w for w in words if (now - w).total_seconds() > _REPORT_S + _MARGIN_S]
    nobody = (now - words[-1]).total_seconds() > _silence_s(len(words))
    if nobody or 2 * len(overdue) > len(words):
        since = words[-1] if nobody else overdue[-1]
        return trouble(LINE, since, f"{len(words)}")
    return well(LINE, now)


def _said_goodbye(seen: AgentSeen) -> bool:
    """Tell whether an agent left in order, or its connection was closed by its own side.

    A broker takes longer to notice that a line is dead: one and a half keep-alives, 30 s.
    """
    if seen.online_hint is not False or seen.hint_at is None or seen.last_report_at is None:
        return False
    return timedelta(0) <= seen.hint_at - seen.last_report_at < _GOODBYE


def _silence_s(agents: int) -> float:
    """Return after how long a silence of so many agents is no chance any more.

    Each speaks once in ``_REPORT_S``, at a second of its own: that none of n does for t seconds has
    the chance (1 - t/60)^n.
    """
    return float(max(15.0, _REPORT_S * (1 - _CHANCE ** (1 / agents)) + _MARGIN_S))


def channel_findings(
    health: Mapping[str, ChannelHealth], channels: Collection[str], heard: Heard, now: datetime
) -> Iterable[Finding]:
    """Yield which ways out keep failing; one that is no longer configured is gone."""
    for name in channels:
        subject = Subject(Aspect.CHANNEL, name)
        known = health.get(name)
        failing = known.failing_since if known is not None else None
        if failing is not None and now - failing >= _FAILING_FOR:
            detail = known.last_error if known is not None else None
            yield Finding(
                subject=subject,
                signal=Signal.TROUBLE,
                since=failing,
                cause=CHANNEL_FAILING,
                detail=detail,
            )
        elif failing is None:
            yield Finding(subject=subject, signal=Signal.OK, since=_ok_at(known, now))
    for subject in heard.subjects():
        if subject.aspect is Aspect.CHANNEL and subject.id not in channels:
            yield Finding(subject=subject, signal=Signal.GONE, since=now)


def _ok_at(known: ChannelHealth | None, now: datetime) -> datetime:
    return now if known is None or known.last_ok_at is None else known.last_ok_at


def is_speaking(presence: Presence | None) -> bool:
    """Tell whether an agent's word holds now."""
    return presence is not None and presence.kind is PresenceKind.REPORTING
