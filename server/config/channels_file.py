"""A channel of ``alerts.channels``: ``kind`` says which, and so which keys it has."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from server.config.address import remote_address, url_parts
from server.config.alerts import (
    TELEGRAM_SERVER,
    ZALO_LOGIN_SERVER,
    ZALO_OA_SERVER,
    ZALO_ZNS_SERVER,
    AppriseUrl,
    Channel,
    Email,
    SmtpSecurity,
    Telegram,
    Way,
    Webhook,
    ZaloAccount,
    ZaloOa,
    ZaloZns,
    ZnsParameter,
    ZnsTemplate,
)
from server.config.document import Field, Record
from server.config.secrets_file import Vault

_PER_MINUTE_AT_MOST: Final = 6000
_TELEGRAM_PER_MINUTE: Final = 20
"""What Telegram lets a bot say in one group."""
_PARAMETER_AT_MOST: Final = 400
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*)://\S+")
_ACCOUNT: Final = ("app_id", "app_secret", "refresh_token", "login_server")


def read_channel(name: str, field: Field, vault: Vault) -> Channel:
    """Read one channel."""
    kind = dict(field.entries()).get("kind")
    if kind is None:
        raise field.error(f"'kind' is missing: one of {', '.join(_READERS)}")
    keys, read = _READERS[kind.one_of(_READERS)]
    told = field.mapping("kind", "limits", *keys)
    way, limits = read(told, vault), told.get("limits")
    per_minute = None if limits is None else limits.mapping("per_minute").get("per_minute")
    usual = _TELEGRAM_PER_MINUTE if isinstance(way, Telegram) else None
    return Channel(
        name=name,
        way=way,
        per_minute=usual if per_minute is None else per_minute.integer(1, _PER_MINUTE_AT_MOST),
    )


def read_email(told: Record, vault: Vault) -> Email:
    """Read a mail server; addresses of its own may be left out."""
    user, password = told.get("user"), told.get("password")
    security = told.need("security").choice(SmtpSecurity)
    if (user is None) != (password is None):
        raise told.field.error("user and password stand together or not at all")
    if password is not None and security is SmtpSecurity.NONE:
        raise password.error("with security: none it would travel in the clear")
    return Email(
        smtp=remote_address(told.need("smtp")),
        security=security,
        sender=_mailbox(told.need("sender")),
        to=tuple(_mailbox(item) for item in told.items("to")),
        user=None if user is None else user.text(),
        password=None if password is None else vault.secret(password),
    )


def _mailbox(field: Field) -> str:
    """Return an address. Only what would break a header or an envelope is refused."""
    value = field.text()
    local, at, domain = value.rpartition("@")
    if not (local and at and domain) or any(c.isspace() or c in '<>,;"' for c in value):
        raise field.error(f"an e-mail address is expected, found '{value}'")
    return value


def read_webhook(told: Record, vault: Vault) -> Webhook:
    """Read an address to post to."""
    key = told.get("secret")
    url = vault.secret(told.need("url"), url=True)
    url_parts(told.need("url"), url.reveal(), ("http", "https"))
    return Webhook(url=url, secret=None if key is None else vault.secret(key))


def _apprise(told: Record, vault: Vault) -> AppriseUrl:
    field = told.need("url")
    url = vault.secret(field, url=True)
    match = _SCHEME.fullmatch(url.reveal())
    if match is None:
        raise field.error("an Apprise URL is expected: service://...")
    if match[1] in {"tgram", "telegram"}:
        raise field.error("for Telegram use kind: telegram, which waits as long as Telegram asks")
    return AppriseUrl(url=url)


def _telegram(told: Record, vault: Vault) -> Telegram:
    chat = told.get("chat")
    return Telegram(
        token=vault.secret(told.need("token")),
        chat=None if chat is None else chat.text(),
        server=_server(told, "server", TELEGRAM_SERVER),
    )


def _zalo_oa(told: Record, vault: Vault) -> ZaloOa:
    server = _server(told, "server", ZALO_OA_SERVER)
    return ZaloOa(account=_account(told, vault), server=server)


def _zalo_zns(told: Record, vault: Vault) -> ZaloZns:
    named = told.need("templates")
    templates = {occasion: _template(field) for occasion, field in named.entries()}
    if not templates:
        raise named.error("at least one template is needed")
    return ZaloZns(
        account=_account(told, vault),
        templates=MappingProxyType(templates),
        server=_server(told, "server", ZALO_ZNS_SERVER),
    )


def _template(field: Field) -> ZnsTemplate:
    told = field.mapping("id", "parameters")
    parameters = {n: _parameter(p) for n, p in told.need("parameters").entries()}
    return ZnsTemplate(id=told.need("id").text(), parameters=MappingProxyType(parameters))


def _parameter(field: Field) -> ZnsParameter:
    told = field.mapping("fact", "longest")
    return ZnsParameter(
        fact=told.need("fact").text(),
        longest=told.need("longest").integer(1, _PARAMETER_AT_MOST),
    )


def _account(told: Record, vault: Vault) -> ZaloAccount:
    return ZaloAccount(
        app_id=told.need("app_id").text(),
        app_secret=vault.secret(told.need("app_secret")),
        refresh_token=vault.secret(told.need("refresh_token")),
        login_server=_server(told, "login_server", ZALO_LOGIN_SERVER),
    )


def _server(told: Record, name: str, usual: str) -> str:
    """Return where a service is, without a slash at the end."""
    field = told.get(name)
    if field is None:
        return usual
    url_parts(field, field.text(), ("http", "https"))
    return field.text().rstrip("/")


EMAIL_KEYS: Final = ("smtp", "security", "user", "password", "sender", "to")
WEBHOOK_KEYS: Final = ("url", "secret")

_READERS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Record, Vault], Way]]]] = (
    MappingProxyType(
        {
            "email": (EMAIL_KEYS, read_email),
            "webhook": (WEBHOOK_KEYS, read_webhook),
            "apprise": (("url",), _apprise),
            "telegram": (("token", "chat", "server"), _telegram),
            "zalo_oa": ((*_ACCOUNT, "server"), _zalo_oa),
            "zalo_zns": ((*_ACCOUNT, "server", "templates"), _zalo_zns),
        }
    )
)
