"""The ways out: channels by name, each of one kind, and the outside address that hears we live.

A channel is what ``server.yaml`` says of it; who is reached over it, and at which address, is data
that people edit (receivers). Whatever lets somebody in, URLs too, is a ``Secret``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from server.config.address import Address
from server.config.secret import Secret

EMAIL: Final = "email"
WEBHOOK: Final = "webhook"
"""The channels that ``alerts.email`` and ``alerts.webhook`` make."""

TELEGRAM_SERVER: Final = "https://api.telegram.org"
ZALO_LOGIN_SERVER: Final = "https://oauth.zaloapp.com"
ZALO_OA_SERVER: Final = "https://openapi.zalo.me"
ZALO_ZNS_SERVER: Final = "https://business.openapi.zalo.me"


class SmtpSecurity(StrEnum):
    """How the way to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """Mail. ``to``: where to if a message names no addresses; may be empty but for ``EMAIL``."""

    smtp: Address
    security: SmtpSecurity
    sender: str
    to: tuple[str, ...] = ()
    user: str | None = None
    password: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A POST to one address. The URL may hold a token, so it is a secret too."""

    url: Secret
    secret: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseUrl:
    """Any service that Apprise knows. ``{address}`` in the URL is a receiver's own address."""

    url: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Telegram:
    """A Telegram bot. ``chat``: where to if a message names no address."""

    token: Secret
    chat: str | None = None
    server: str = TELEGRAM_SERVER


@dataclass(frozen=True, slots=True, kw_only=True)
class ZaloAccount:
    """What lets an app act for a Zalo Official Account.

    ``refresh_token`` is the first one, as the account's owner was given it. Zalo replaces it with
    every use, and the newest is kept in the database; a new one here starts anew.
    """

    app_id: str
    app_secret: Secret
    refresh_token: Secret
    login_server: str = ZALO_LOGIN_SERVER


@dataclass(frozen=True, slots=True, kw_only=True)
class ZaloOa:
    """Text messages to people who follow the Official Account, by their Zalo user ids."""

    account: ZaloAccount
    server: str = ZALO_OA_SERVER


@dataclass(frozen=True, slots=True, kw_only=True)
class ZnsParameter:
    """What a template's parameter is filled with.

    ``fact``: ``subject``, ``text`` or a dotted key of the message's facts; it is cut at ``longest``
    characters, for Zalo refuses what is longer.
    """

    fact: str
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ZnsTemplate:
    """A template that Zalo has approved, by its number, and its parameters by their names."""

    id: str
    parameters: Mapping[str, ZnsParameter]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZaloZns:
    """Notifications to telephone numbers.

    ``templates`` by occasion (``opened``, ``recovered`` ...); ``default`` for all others.
    """

    account: ZaloAccount
    templates: Mapping[str, ZnsTemplate]
    server: str = ZALO_ZNS_SERVER


Way = Email | Webhook | AppriseUrl | Telegram | ZaloOa | ZaloZns


class Addressing(StrEnum):
    """Whether a receiver's address is used by a channel."""

    NONE = "none"
    """The channel itself names the place."""
    OPTIONAL = "optional"
    """Without one the channel's own place is used."""
    NEEDED = "needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way out. ``per_minute``: no more messages than that within a minute; None: no limit."""

    name: str
    way: Way
    per_minute: int | None = None

    @property
    def kind(self) -> str:
        """The word of ``server.yaml`` for its kind."""
        return KINDS[type(self.way)]

    @property
    def is_for_machines(self) -> bool:
        """Whether a program reads it: it gets every message by itself, however many there are."""
        return isinstance(self.way, Webhook)

    @property
    def addressing(self) -> Addressing:
        """Whether a receiver must, may or can't have an address in it."""
        match self.way:
            case Email(to=own):
                return Addressing.OPTIONAL if own else Addressing.NEEDED
            case Telegram(chat=chat):
                return Addressing.OPTIONAL if chat else Addressing.NEEDED
            case AppriseUrl(url=url):
                return Addressing.NEEDED if ADDRESS_PLACE in url.reveal() else Addressing.NONE
            case Webhook():
                return Addressing.NONE
            case ZaloOa() | ZaloZns():
                return Addressing.NEEDED


ADDRESS_PLACE: Final = "{address}"
"""Where in an Apprise URL a receiver's address goes, percent-encoded."""

KINDS: Final[Mapping[type[Way], str]] = MappingProxyType(
    {
        Email: "email",
        Webhook: "webhook",
        AppriseUrl: "apprise",
        Telegram: "telegram",
        ZaloOa: "zalo_oa",
        ZaloZns: "zalo_zns",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadMan:
    """An outside address that is asked every so many seconds while all is well here."""

    url: Secret
    every_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """The ways out by name, in the file's order.

    Attributes:
        agent_silent_s: For how long an agent may say nothing before it counts as silent.
        gate_camera_down_s: Of files of before: how long trouble may last is a rule now, which
            people edit on a page. It is read and counts for nothing.
    """

    gate_camera_down_s: int | None = None
    agent_silent_s: int = 75
    channels: Mapping[str, Channel] = field(default_factory=lambda: MappingProxyType({}))
    dead_man: DeadMan | None = None
