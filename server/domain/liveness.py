"""Whether an agent is heard, and what a camera is doing *now*.

Claims end at the newest watermark, up to a minute behind now. While the agent reports, the last
claimed state is carried to now: no news is no change. Once it is silent nothing is carried, and
the camera is ``unknown`` from the end of its last claim, not from the moment of noticing.

A last will only hints. It proves silence once it is ``HINT_GRACE_S`` old without a newer report
(a flapping link sends wills by the dozen). Silence is dated by the last report, which may be a
minute older than the cut; or by the will where that is nearer: a broker tells it when it has missed
one and a half keep-alives, so the connection still lived ``MISSED_S`` before at the latest.

A server that has only just begun to listen (``listening_since``) has no right to call anybody
silent: until it has listened for as long as an agent may be quiet, the agent is ``awaited``: its
cameras are unknown, and no bell rings.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from server.domain.clocks import Grade
from server.domain.interval import Interval
from server.domain.timeline import Claim, Span, Timeline, build, newest_claims
from server.domain.units import Source
from wire.vocabulary import State

HINT_GRACE_S: Final = 10
MISSED_S: Final = 30
"""One and a half keep-alives of the oldest agents (20 s; now 15)."""
CARRY_MARGIN_S: Final = 30
HOLE_S: Final = 5


class Heard(Protocol):
    """What the server has heard of one agent (``server.storage.AgentSeen`` is one)."""

    @property
    def last_report_at(self) -> datetime | None:
        """Server time of the newest report's receipt."""
        ...

    @property
    def online_hint(self) -> bool | None:
        """The newest retained status."""
        ...

    @property
    def hint_at(self) -> datetime | None:
        """Server time of that status' receipt."""
        ...


class PresenceKind(StrEnum):
    """The server's view of an agent."""

    REPORTING = "reporting"
    AWAITED = "awaited"
    SILENT = "silent"
    NEVER_SEEN = "never_seen"


class PresenceWhy(StrEnum):
    """What the view rests on."""

    REPORTED_IN_TIME = "reported_in_time"
    BEGAN_TO_LISTEN = "began_to_listen"
    QUIET_TOO_LONG = "quiet_too_long"
    LAST_WILL = "last_will"
    NEVER_REPORTED = "never_reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """An agent's presence.

    ``since``: of a silent one the last moment at which it is known to have been there, of an
    awaited one its last report; else None.
    """

    kind: PresenceKind
    why: PresenceWhy
    since: datetime | None = None

    @property
    def reporting(self) -> bool:
        """Whether the agent's word holds now."""
        return self.kind is PresenceKind.REPORTING


_IN_TIME: Final = Presence(kind=PresenceKind.REPORTING, why=PresenceWhy.REPORTED_IN_TIME)
"""What nearly all agents are, at every look."""


class UnknownWhy(StrEnum):
    """Why nobody can say what a camera does."""

    AGENT_SILENT = "agent_silent"
    AGENT_AWAITED = "agent_awaited"
    AGENT_NEVER_SEEN = "agent_never_seen"
    CLOCK_SUSPECT = "clock_suspect"
    """An agent reports on the camera, but nobody knows of which time: see ``clocks``."""
    NOT_REPORTED = "not_reported"
    """The agent reports, but not (or no longer) about this camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """What a camera does now.

    Attributes:
        since: Since when this state *and cause*; None when nothing was ever claimed.
        state_since: Since when this state, whatever its causes.
        trouble_since: Since when not up, whatever the state; None while up.
        why: Set exactly when the state is unknown.
    """

    state: State
    cause: str | None = None
    detail: str | None = None
    since: datetime | None = None
    state_since: datetime | None = None
    trouble_since: datetime | None = None
    why: UnknownWhy | None = None


_NEAREST_FIRST: Final = {
    PresenceKind.REPORTING: UnknownWhy.NOT_REPORTED,
    PresenceKind.AWAITED: UnknownWhy.AGENT_AWAITED,
    PresenceKind.SILENT: UnknownWhy.AGENT_SILENT,
}


def presence(
    heard: Heard | None,
    now: datetime,
    *,
    silent_after_s: int,
    listening_since: datetime | None = None,
) -> Presence:
    """Tell whether an agent is reporting, silent (and since when) or was never seen.

    ``listening_since``: when this server began to take reports, where the caller knows it.
    """
    if heard is None or heard.last_report_at is None:
        return Presence(kind=PresenceKind.NEVER_SEEN, why=PresenceWhy.NEVER_REPORTED)
    last = heard.last_report_at
    allowed = timedelta(seconds=silent_after_s)
    is_new = listening_since is not None and abs(now - listening_since) <= allowed
    if last - now > allowed:  # by a clock of the server's that was put back since
        return _heard_some_time(now, listening_since, is_new=is_new)
    will = _last_will(heard, last, listening_since)
    since = last if will is None else max(last, will - timedelta(seconds=MISSED_S))
    if will is not None and now - will >= timedelta(seconds=HINT_GRACE_S):
        return Presence(kind=PresenceKind.SILENT, why=PresenceWhy.LAST_WILL, since=since)
    if now - last <= allowed:
        return _IN_TIME
    if is_new:
        return Presence(kind=PresenceKind.AWAITED, why=PresenceWhy.BEGAN_TO_LISTEN, since=last)
    return Presence(kind=PresenceKind.SILENT, why=PresenceWhy.QUIET_TOO_LONG, since=since)


def _heard_some_time(now: datetime, listening_since: datetime | None, *, is_new: bool) -> Presence:
    """Return what is known of an agent whose last report has no time: it is late by now or not.

    Who lives reports again within the minute, and has a time then.
    """
    if is_new:
        return Presence(kind=PresenceKind.AWAITED, why=PresenceWhy.BEGAN_TO_LISTEN, since=now)
    since = now if listening_since is None else min(listening_since, now)
    return Presence(kind=PresenceKind.SILENT, why=PresenceWhy.QUIET_TOO_LONG, since=since)


def _last_will(heard: Heard, last: datetime, listening_since: datetime | None) -> datetime | None:
    """Return when a last will came that no report has followed; None: there is none.

    A will from before this server listened proves nothing: the broker, and with it every agent's
    connection, may have been restarted in between.
    """
    at = heard.hint_at
    if heard.online_hint is not False or at is None or at < last:
        return None
    return None if listening_since is not None and at < listening_since else at


def carried(
    claims: Iterable[Claim], presences: Mapping[str, Presence], now: datetime, *, carry_s: int
) -> list[Claim]:
    """Stretch the newest open claim of each reporting agent to now.

    For what is shown as now; sums of the past take claims as they are. A claim whose end is older
    than ``carry_s`` is left alone: the agent is still catching up, or has stopped looking.
    """
    by_source: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_source[claim.source].append(claim)
    second = now.replace(microsecond=0)
    oldest = second - timedelta(seconds=carry_s)
    stretched: list[Claim] = []
    for source, found in by_source.items():
        who = presences.get(source.partition("/")[0])
        stretched.extend(found)
        if who is not None and who.reporting:
            stretched.extend(
                replace(newest, end=second)
                for newest in newest_claims(found)
                if newest.open and oldest <= newest.end < second
            )
    return stretched


def live_state(
    sources: Collection[Source],
    claims: Iterable[Claim],
    presences: Mapping[str, Presence],
    now: datetime,
    *,
    carry_s: int,
) -> LiveState:
    """Return what one camera does now.

    Args:
        sources: The camera's (``units.Camera.sources``); they say why it is unknown.
        claims: Of all its sources, at least those that reach into the last hour (older ones only
            make ``since`` reach further back). A claim's source is ``agent/camera``.
        presences: By agent; one that is missing was never seen.
        now: UTC.
        carry_s: How old a claim's end may be and still be carried to now: the seconds of silence
            that are allowed, plus ``CARRY_MARGIN_S``.
    """
    told = list(claims)
    known = carried(told, presences, now, carry_s=carry_s)
    second = now.replace(microsecond=0)
    first = min((c.start for c in known), default=second)
    if first >= second:
        return LiveState(state=State.UNKNOWN, why=_why(sources, told, presences))
    timeline = build(known, Interval(first, second))
    last = timeline[-1]
    unknown = last.state is State.UNKNOWN
    return LiveState(
        state=last.state,
        cause=last.cause,
        detail=last.detail,
        since=_since(timeline, lambda s: (s.state, s.cause) == (last.state, last.cause)),
        state_since=_since(timeline, lambda s: s.state is last.state),
        trouble_since=None
        if last.state is State.UP
        else _since(timeline, lambda s: s.state is not State.UP),
        why=_why(sources, told, presences) if unknown else None,
    )


def _since(timeline: Timeline, same: Callable[[Span], bool]) -> datetime:
    """Return where the last run of ``same`` spans begins; the last span is one.

    Seconds that nobody knows do not break it where it goes on behind them: an agent whose clock has
    drifted leaves such a hole when it begins a new boot by the right time.
    """
    began = timeline[-1].interval.start
    for span in reversed(timeline):
        if same(span):
            began = span.interval.start
        elif span.state is not State.UNKNOWN or span.interval.seconds > HOLE_S:
            break
    return began


def _why(
    sources: Iterable[Source], claims: Iterable[Claim], presences: Mapping[str, Presence]
) -> UnknownWhy:
    """Say why nobody knows: the reason of the agent that is nearest to knowing."""
    kinds = {presences[s.agent].kind for s in sources if s.agent in presences}
    if PresenceKind.REPORTING in kinds and any(_is_undated(c, presences) for c in claims):
        return UnknownWhy.CLOCK_SUSPECT
    for kind, why in _NEAREST_FIRST.items():
        if kind in kinds:
            return why
    return UnknownWhy.AGENT_NEVER_SEEN


def _is_undated(claim: Claim, presences: Mapping[str, Presence]) -> bool:
    """Tell whether a reporting agent looks at the camera at a time that nobody knows."""
    who = presences.get(claim.source.partition("/")[0])
    return claim.open and claim.clock is Grade.SUSPECT and who is not None and who.reporting
