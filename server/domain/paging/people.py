"""Who is told: receivers, whose turn it is, and who is next if nobody answers.

All of it is data that people edit. A receiver is somebody (or a group's box) with ways to reach
them; a rota says whose turn it is; a policy says who is told of what, and when.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from server.domain.incident.model import Kind, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to reach a receiver: the name of a configured channel, and the address in it.

    ``address`` is a mail address, a telephone number, a Zalo user id ...; empty where the channel
    itself names the place (a webhook, a group's chat).
    """

    channel: str
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From ``start`` to ``end`` (local, maybe over midnight) only what is urgent is told."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Somebody who is told.

    Attributes:
        ways: All of them are used; for what is urgent ``urgent_ways`` in their place, where given.
        language: ``vi`` or ``en``.
        digest: More than so many messages within ten minutes become one; 0: never.
        daily: Is told each morning how yesterday was, so that silence means trouble.
        handover: Is told what is open when a turn of theirs begins.
        active: Takes messages now.
    """

    id: str
    name: str
    ways: tuple[Way, ...]
    urgent_ways: tuple[Way, ...] = ()
    language: str = "vi"
    quiet: QuietHours | None = None
    digest: int = 5
    daily: bool = False
    handover: bool = True
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """On these days another receiver has the turn (holidays, leave). Local days, both included.

    ``receiver`` empty: nobody has it.
    """

    first: date
    last: date
    receiver: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """Receivers who take turns.

    Attributes:
        members: Ids of receivers, in order.
        start: The local day on which the first member's first turn begins, at ``handover``.
        days: So many days are one turn.
    """

    id: str
    name: str
    members: tuple[str, ...]
    start: date
    handover: time
    days: int = 7
    stands: tuple[Stand, ...] = ()


class Target(StrEnum):
    """What a stage of a policy points at."""

    RECEIVER = "receiver"
    ROTA = "rota"
    SCHOOL = "school"
    """The contacts of the incident's own school (by mail, or what its contact has)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Who is told ``after_s`` seconds after the incident was first told, unless acknowledged."""

    after_s: int
    target: Target
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Who is told of which incidents; every policy that fits counts, each receiver once.

    Attributes:
        units, schools: Only of these (a unit with all below it); both empty: of all.
        kinds: Only these; empty: all.
        least: Only as grave as that.
        recovery: Whether those who were told are told that it is over.
    """

    id: str
    name: str
    stages: tuple[Stage, ...]
    units: tuple[str, ...] = ()
    schools: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    least: Severity = Severity.NORMAL
    recovery: bool = True


class Occasion(StrEnum):
    """Why a message is sent."""

    OPENED = "opened"
    WORSENED = "worsened"
    UNSTABLE = "unstable"
    ESCALATED = "escalated"
    RECOVERED = "recovered"
    HANDOVER = "handover"
    """It is open as their turn begins."""
    DIGEST = "digest"
    ALL_CLEAR = "all_clear"
    """The daily one, with yesterday's figures."""
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One message to one receiver over one way, from ``at`` (UTC) on.

    ``id`` is made of incident, occasion, receiver, channel and address: a repeat has the same.
    ``receiver``: a receiver's id, or ``school:<school>/<contact>``.
    """

    id: str
    incident: str | None
    occasion: Occasion
    receiver: str
    way: Way
    language: str
    at: datetime
