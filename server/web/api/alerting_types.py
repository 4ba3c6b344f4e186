"""What the API says of who is told, and when. Receivers, rotas and policies are as they are kept.

Addresses are for officers: others get none.
"""

from datetime import datetime

import msgspec

from server.domain.incident.model import Kind
from server.domain.incident.quiet import Silence
from server.domain.incident.rules import Rule
from server.domain.paging.people import Policy, Receiver, Rota
from server.web.api.camera_types import Answer


class ReceiverKept(Answer, frozen=True):
    """A receiver and the revision that says it."""

    revision: int
    receiver: Receiver


class RotaKept(Answer, frozen=True):
    """A rota, the revision that says it, and who has the turn now."""

    revision: int
    rota: Rota
    on_turn: str | None


class PolicyKept(Answer, frozen=True):
    """A policy and the revision that says it."""

    revision: int
    policy: Policy


class PagingOut(Answer, frozen=True):
    """Everything that people wrote of who is told."""

    receivers: tuple[ReceiverKept, ...]
    rotas: tuple[RotaKept, ...]
    policies: tuple[PolicyKept, ...]


class ReceiverIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A receiver as it is to be; ``revision``: the one that its writer has seen, 0: a new one."""

    receiver: Receiver
    revision: int = 0


class RotaIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A rota as it is to be."""

    rota: Rota
    revision: int = 0


class PolicyIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A policy as it is to be."""

    policy: Policy
    revision: int = 0


class ZoneRule(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A rule of a kind of incident in a kind of zone."""

    kind: Kind
    zone: str
    rule: Rule


class RulesBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The rules; a kind or a figure that is not named is as by default."""

    revision: int
    kinds: dict[Kind, Rule]
    zones: tuple[ZoneRule, ...] = ()
    figures: dict[str, int | float] = {}


class SumsOut(Answer, frozen=True):
    """Messages in number; a school that is null: of several, or of none."""

    messages: int
    incidents: int
    kinds: dict[str, int]
    schools: tuple[tuple[str | None, int], ...]


class PreviewOut(Answer, frozen=True):
    """What rules would have sent from ``start`` on, beside those in force and what was sent."""

    start: datetime
    cut: bool
    observations: int
    asked: SumsOut
    standing: SumsOut
    sent: int
    escalated: int


class SilenceOut(Answer, frozen=True):
    """A pause, who wrote it last, and whether it holds now."""

    id: str
    revision: int
    active: bool
    by: str
    silence: Silence


class SilencesOut(Answer, frozen=True):
    """All pauses, what ends last first."""

    silences: tuple[SilenceOut, ...]


class ChannelOut(Answer, frozen=True):
    """A way out and how it does; ``failing_since``: every try since then has failed."""

    name: str
    kind: str
    addressing: str
    per_minute: int | None
    last_ok_at: datetime | None
    failing_since: datetime | None


class ChannelsOut(Answer, frozen=True):
    """All ways out."""

    channels: tuple[ChannelOut, ...]
