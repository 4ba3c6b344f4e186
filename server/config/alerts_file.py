"""``alerts`` of the server's file: when, and by which ways."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from server.config.address import url_parts
from server.config.alerts import EMAIL, WEBHOOK, Alerts, Channel, DeadMan, Email
from server.config.channels_file import (
    EMAIL_KEYS,
    WEBHOOK_KEYS,
    read_channel,
    read_email,
    read_webhook,
)
from server.config.document import Field, Record
from server.config.secrets_file import Vault
from wire.topics import is_id

DAY_S: Final = 86_400
_LIVES_AT_LEAST_S: Final = 10


def read_alerts(field: Field | None, vault: Vault) -> Alerts:
    """Read when to alert and the ways out."""
    if field is None:
        return Alerts()
    told = field.mapping(
        "gate_camera_down_s", "agent_silent_s", "email", "webhook", "channels", "dead_man"
    )
    dead_man, outdated = told.get("dead_man"), told.get("gate_camera_down_s")
    return Alerts(
        gate_camera_down_s=None if outdated is None else outdated.integer(1, DAY_S),
        agent_silent_s=seconds(told, "agent_silent_s", Alerts().agent_silent_s),
        channels=_channels(told, vault),
        dead_man=None if dead_man is None else _dead_man(dead_man, vault),
    )


def seconds(told: Record, name: str, default: int) -> int:
    """Return a length of at most a day, in whole seconds."""
    field = told.get(name)
    return default if field is None else field.integer(1, DAY_S)


def _channels(told: Record, vault: Vault) -> Mapping[str, Channel]:
    """Return all ways out: the two short forms first, then those with names of their own."""
    email, webhook, named = told.get("email"), told.get("webhook"), told.get("channels")
    found: dict[str, Channel] = {}
    if email is not None:
        found[EMAIL] = Channel(name=EMAIL, way=_email(email, vault))
    if webhook is not None:
        way = read_webhook(webhook.mapping(*WEBHOOK_KEYS), vault)
        found[WEBHOOK] = Channel(name=WEBHOOK, way=way)
    for name, field in () if named is None else named.entries():
        if name in {EMAIL, WEBHOOK}:
            raise field.error(f"the name '{name}' belongs to alerts.{name}")
        found[name] = read_channel(_checked(name, field), field, vault)
    return MappingProxyType(found)


def _checked(name: str, field: Field) -> str:
    if not is_id(name):
        raise field.error(
            "a channel's name is of small letters a-z, digits, - and _, at most 64,"
            " the first and the last a letter or digit"
        )
    return name


def _email(field: Field, vault: Vault) -> Email:
    """Read the mail that is used if nobody has said who is told; so it must know whom."""
    told = field.mapping(*EMAIL_KEYS)
    found = read_email(told, vault)
    if not told.need("to").items():
        raise told.need("to").error("at least one address is needed")
    return found


def _dead_man(field: Field, vault: Vault) -> DeadMan:
    told = field.mapping("url", "every_s")
    url = vault.secret(told.need("url"), url=True)
    url_parts(told.need("url"), url.reveal(), ("http", "https"))
    return DeadMan(url=url, every_s=told.need("every_s").integer(_LIVES_AT_LEAST_S, DAY_S))
