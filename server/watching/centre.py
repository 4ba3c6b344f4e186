"""Whether this server itself is well: its broker, its database, its disk, its line. Pure.

What is wrong with the centre must not be told as trouble of three thousand schools.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from server.domain.incident.signals import Aspect, Signal, Subject
from server.domain.liveness import Presence, PresenceKind
from server.domain.units import Organisation
from server.storage import AgentSeen, ChannelHealth
from server.watching.heard import Finding, Heard

BROKER: Final = Subject(Aspect.CENTRE, "broker")
DATABASE: Final = Subject(Aspect.CENTRE, "database")
DISK: Final = Subject(Aspect.CENTRE, "disk")
LINE: Final = Subject(Aspect.CENTRE, "line")
CHANNEL_FAILING: Final = "channel.failing"

SLOW_S: Final = 10.0
"""A look that has waited so long for the database says that it is slow."""
_SCHOOLS_LEAST: Final = 3
"""Of fewer nobody can tell the centre's line from theirs."""
_FOR_EACH_LEFT: Final = 3
"""So many are missed for each that is not: a few may be in this house."""
_APART: Final = timedelta(minutes=1)
"""What last words lie apart at most; last wills lie closer together."""
_EARLIER: Final = timedelta(seconds=10)
"""So long before it counts as silent an agent is overdue: its word comes once a minute."""
_JUST_NOW: Final = timedelta(seconds=20)
"""Who has spoken within it may be one of the few to whom there still is a way."""
_STILL: Final = timedelta(minutes=10)
_GOODBYE: Final = timedelta(seconds=20)
"""A broker takes longer to miss a line: one and a half keep-alives (15 s) since the last word."""
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
    """What was heard of the agents.

    Attributes:
        seen: What was heard last, by name; ``presences``: whether each of the register's is silent.
        listening_since: From when on this server has heard everybody.
        silent_s: For how long an agent may say nothing.
    """

    seen: Mapping[str, AgentSeen]
    presences: Mapping[str, Presence]
    listening_since: datetime
    silent_s: int


def line_finding(word: Word, organisation: Organisation, heard: Heard, now: datetime) -> Finding:
    """Return whether this server's own way to its agents is cut.

    It is, when most gate PCs, of several schools, are missed since nearly one time, and hardly any
    other is left. Who was missed before counts for nothing, nor does who said goodbye: gate PCs are
    switched off in the evening. It is cut since the last word that was not heard just now. It is
    well when most speak.
    """
    last = _last_words(word)
    told = heard.of(LINE)
    if told is not None:
        near = [at for at in last.values() if at >= told.since - _STILL]
        back = sum(1 for at in near if at > told.since)
        return well(LINE, now) if 2 * back > len(near) else trouble(LINE, told.since)
    start = word.listening_since
    words = {a: at for a, at in last.items() if start - at <= _STILL and now - at <= _STILL}
    missed = _missed(word, words, now)
    newest = max(missed.values(), default=now)
    together = {agent: at for agent, at in missed.items() if newest - at <= _APART}
    schools = {found[0].id for a in together if (found := organisation.agent(a)) is not None}
    if len(schools) < _SCHOOLS_LEAST or 2 * len(together) < len(words):
        return well(LINE, now)
    others = [at for agent, at in words.items() if agent not in missed]
    if len(together) <= _FOR_EACH_LEFT * _left(word, together, others):
        return well(LINE, now)
    since = max(newest, *(w for w in words.values() if now - w > _JUST_NOW))
    return trouble(LINE, since, f"{len(words)}")


def _missed(word: Word, words: Mapping[str, datetime], now: datetime) -> dict[str, datetime]:
    """Return since when agents are silent, or will be in a moment.

    Time counts from when this server began to listen: it was itself away before.
    """
    limit = timedelta(seconds=word.silent_s) - _EARLIER
    found = {}
    for agent, at in words.items():
        known = word.presences[agent]
        if known.kind is PresenceKind.SILENT:
            found[agent] = known.since or at
        elif now - max(at, word.listening_since + _EARLIER) > limit:
            found[agent] = at
    return found


def _left(word: Word, together: Mapping[str, datetime], others: Iterable[datetime]) -> int:
    """Return how many are left, of those others that are not missed, by their last words.

    A broker beside this server tells all last wills within half a minute: all are left whose did
    not come. Behind a bridge to another broker none comes and they are overdue one after the other:
    only those are left that have spoken since the first of the missed should have. Nor does that
    prove anything before most are overdue: they may speak in step, all of them or a district's.
    """
    wills = sum(word.seen[agent].online_hint is False for agent in together)
    if 2 * wills >= len(together):
        return sum(1 for _ in others)
    first = max(min(together.values()), word.listening_since)
    due = first + timedelta(seconds=word.silent_s) - 2 * _EARLIER
    return sum(at > due for at in others)


def _last_words(word: Word) -> dict[str, datetime]:
    return {
        agent: seen.last_report_at
        for agent, seen in word.seen.items()
        if agent in word.presences and seen.last_report_at is not None and not _said_goodbye(seen)
    }


def _said_goodbye(seen: AgentSeen) -> bool:
    """Tell whether an agent left in order, or its connection was closed by its own side."""
    if seen.online_hint is not False or seen.hint_at is None or seen.last_report_at is None:
        return False
    return timedelta(0) <= seen.hint_at - seen.last_report_at < _GOODBYE


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
