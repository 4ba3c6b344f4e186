"""From the configuration to transports, by name."""

from importlib import import_module
from typing import assert_never

from server.config import (
    Alerts,
    AppriseUrl,
    Email,
    Telegram,
    Way,
    Webhook,
    ZaloAccount,
    ZaloOa,
    ZaloZns,
)
from server.transports.email import EmailTransport
from server.transports.http import Poster
from server.transports.message import Transport, UnusableChannelError
from server.transports.telegram import TelegramTransport
from server.transports.webhook import WebhookTransport
from server.transports.zalo import ZaloCaller
from server.transports.zalo_oa import ZaloOaTransport
from server.transports.zalo_tokens import Keepsakes, ZaloTokens
from server.transports.zalo_zns import ZaloZnsTransport


def build(alerts: Alerts, keepsakes: Keepsakes) -> dict[str, Transport]:
    """Return the transports that are configured, by name. Raises ``UnusableChannelError``."""
    check(alerts)
    accounts = _Accounts(keepsakes)
    return {name: _made(channel.way, accounts) for name, channel in alerts.channels.items()}


def check(alerts: Alerts) -> None:
    """Raise ``UnusableChannelError`` for a channel that can never work; connect to nothing."""
    for name, channel in alerts.channels.items():
        if isinstance(channel.way, AppriseUrl):
            try:
                _apprise(channel.way)
            except UnusableChannelError as error:
                raise UnusableChannelError(f"alerts.channels.{name}: {error}") from error


class _Accounts:
    """Zalo accounts, each once: two channels of one app must not renew past each other."""

    def __init__(self, keepsakes: Keepsakes) -> None:
        self._keepsakes = keepsakes
        self._known: dict[ZaloAccount, ZaloTokens] = {}

    def caller(self, account: ZaloAccount) -> ZaloCaller:
        tokens = self._known.get(account)
        if tokens is None:
            tokens = self._known[account] = ZaloTokens(account, self._keepsakes)
        return ZaloCaller(tokens=tokens, http=Poster())


def _made(way: Way, accounts: _Accounts) -> Transport:
    match way:
        case Email():
            return EmailTransport(way)
        case Webhook():
            return WebhookTransport(way)
        case AppriseUrl():
            return _apprise(way)
        case Telegram():
            return TelegramTransport(way)
        case ZaloOa():
            return ZaloOaTransport(way, accounts.caller(way.account))
        case ZaloZns():
            return ZaloZnsTransport(way, accounts.caller(way.account))
        case _:
            assert_never(way)


def _apprise(way: AppriseUrl) -> Transport:
    """Make it; Apprise and what it needs are imported only where they are used."""
    module = import_module("server.transports.apprise")
    made: Transport = module.AppriseTransport(way)
    return made
