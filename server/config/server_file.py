"""The server's own file, ``vonggac.server/1``. Relative paths are relative to the file itself."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from server.config.address import listen_address, remote_address, url_parts
from server.config.document import Field, Record
from server.config.secret import Secret
from server.config.secrets_file import Vault
from server.config.settings import (
    Address,
    Alerts,
    Email,
    EmbeddedBroker,
    ExternalBroker,
    Figures,
    Http,
    Language,
    Reminders,
    ServerConfig,
    SmtpSecurity,
    Webhook,
)
from server.config.yaml_file import read

SCHEMA: Final = "vonggac.server/1"
DAY_S: Final = 86_400
_HOURS_AT_MOST: Final = 72
_DAYS_AT_MOST: Final = 366
MQTT_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}


def load_server(path: Path | str, *, environ: Mapping[str, str] = os.environ) -> ServerConfig:
    """Read the server's settings; ``${NAME}`` comes from its secrets file, then ``environ``."""
    root = read(path, SCHEMA).mapping(
        "schema",
        "data_dir",
        "database",
        "units",
        "plan",
        "secrets_file",
        "http",
        "mqtt",
        "alerts",
        "figures",
        "reminders",
        "language",
    )
    secrets_file = root.get("secrets_file")
    vault = Vault(environ, None if secrets_file is None else _path(secrets_file))
    language = root.get("language")
    data_dir = _path(root.need("data_dir"))
    return ServerConfig(
        file=root.field.file.absolute(),
        data_dir=data_dir,
        database=_database(root.get("database"), data_dir, vault),
        units=_path(root.need("units")),
        plan=_path(root.need("plan")),
        http=_http(root.need("http")),
        mqtt=_mqtt(root.need("mqtt"), vault),
        alerts=_alerts(root.get("alerts"), vault),
        figures=_figures(root.get("figures")),
        reminders=_reminders(root.get("reminders")),
        language=Language.VI if language is None else language.choice(Language),
    )


def _path(field: Field) -> Path:
    """Return an absolute path; a relative one starts at the file that names it."""
    return _absolute(field, field.text())


def _absolute(field: Field, path: str) -> Path:
    return Path(os.path.normpath(field.file.absolute().parent / path))


def _database(field: Field | None, data_dir: Path, vault: Vault) -> Secret:
    """Return a database's URL; by default SQLite in the data folder."""
    if field is None:
        return Secret(f"sqlite:///{data_dir / 'vonggac.db'}")
    url = vault.secret(field, url=True)
    if url.reveal().startswith("sqlite:"):
        return _sqlite(field, url.reveal())
    parts = url_parts(field, url.reveal(), ("postgresql", "sqlite"))
    if not parts.path.strip("/"):
        raise field.error("the URL names no database: postgresql://user@host/database")
    return url


def _sqlite(field: Field, url: str) -> Secret:
    """Return the URL with an absolute path. In memory is refused: nothing may be lost."""
    path = url.removeprefix("sqlite:///")
    if path in {url, "", ":memory:"}:
        raise field.error("SQLite's URL is sqlite:///path, with three slashes before the path")
    return Secret(f"sqlite:///{_absolute(field, path)}")


def _http(field: Field) -> Http:
    told = field.mapping("listen", "public_url")
    public = told.get("public_url")
    if public is not None:
        url_parts(public, public.text(), ("http", "https"))
    return Http(
        listen=listen_address(told.need("listen")),
        public_url=None if public is None else public.text().rstrip("/"),
    )


def _mqtt(field: Field, vault: Vault) -> EmbeddedBroker | ExternalBroker:
    told = field.mapping("embedded", "broker")
    embedded, broker = told.get("embedded"), told.get("broker")
    if embedded is not None and broker is not None:
        raise field.error("either 'embedded' or 'broker', not both")
    if embedded is not None:
        return EmbeddedBroker(listen=listen_address(embedded.mapping("listen").need("listen")))
    if broker is None:
        raise field.error("either 'embedded' or 'broker' is needed")
    return _broker(broker.mapping("url", "user", "password", "ca_file", "shared"), vault)


def _broker(told: Record, vault: Vault) -> ExternalBroker:
    url = told.need("url")
    parts = url_parts(url, url.text(secret=True), tuple(MQTT_PORTS))
    if parts.username is not None or parts.password is not None:
        raise url.error("user and password stand in keys of their own, not in the URL")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise url.error("nothing may follow the port")
    user, password, ca_file = told.get("user"), told.get("password"), told.get("ca_file")
    shared = told.get("shared")
    if password is not None and user is None:
        raise password.error("a password needs a user beside it")
    if ca_file is not None and parts.scheme != "mqtts":
        raise ca_file.error("only mqtts:// uses it")
    return ExternalBroker(
        address=Address(host=parts.hostname or "", port=parts.port or MQTT_PORTS[parts.scheme]),
        tls=parts.scheme == "mqtts",
        user=None if user is None else user.text(),
        password=None if password is None else vault.secret(password),
        ca_file=None if ca_file is None else _path(ca_file),
        shared=True if shared is None else shared.boolean(),
    )


def _alerts(field: Field | None, vault: Vault) -> Alerts:
    if field is None:
        return Alerts()
    told = field.mapping("gate_camera_down_s", "agent_silent_s", "email", "webhook")
    email, webhook = told.get("email"), told.get("webhook")
    return Alerts(
        gate_camera_down_s=_seconds(told, "gate_camera_down_s", Alerts().gate_camera_down_s),
        agent_silent_s=_seconds(told, "agent_silent_s", Alerts().agent_silent_s),
        email=None if email is None else _email(email, vault),
        webhook=None if webhook is None else _webhook(webhook, vault),
    )


def _figures(field: Field | None) -> Figures:
    if field is None:
        return Figures()
    told = field.mapping("close_after_h", "fault_after_s")
    hours = told.get("close_after_h")
    return Figures(
        close_after_h=Figures().close_after_h
        if hours is None
        else hours.integer(0, _HOURS_AT_MOST),
        fault_after_s=_seconds(told, "fault_after_s", Figures().fault_after_s),
    )


def _reminders(field: Field | None) -> Reminders | None:
    if field is None:
        return None
    told = field.mapping("at_hour", "days_before", "every_days")
    before, every = told.get("days_before"), told.get("every_days")
    if before is None and every is None:
        raise field.error("days_before or every_days is needed: no day is the software's own idea")
    return Reminders(
        at_hour=told.need("at_hour").integer(0, 23),
        days_before=None if before is None else before.integer(1, _DAYS_AT_MOST),
        every_days=None if every is None else every.integer(1, _DAYS_AT_MOST),
    )


def _seconds(told: Record, name: str, default: int) -> int:
    field = told.get(name)
    return default if field is None else field.integer(1, DAY_S)


def _email(field: Field, vault: Vault) -> Email:
    told = field.mapping("smtp", "security", "user", "password", "sender", "to")
    user, password = told.get("user"), told.get("password")
    security = told.need("security").choice(SmtpSecurity)
    if (user is None) != (password is None):
        raise field.error("user and password stand together or not at all")
    if password is not None and security is SmtpSecurity.NONE:
        raise password.error("with security: none it would travel in the clear")
    to = tuple(_mailbox(item) for item in told.need("to").items())
    if not to:
        raise told.need("to").error("at least one address is needed")
    return Email(
        smtp=remote_address(told.need("smtp")),
        security=security,
        sender=_mailbox(told.need("sender")),
        to=to,
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


def _webhook(field: Field, vault: Vault) -> Webhook:
    told = field.mapping("url", "secret")
    key = told.get("secret")
    url = vault.secret(told.need("url"), url=True)
    url_parts(told.need("url"), url.reveal(), ("http", "https"))
    return Webhook(url=url, secret=None if key is None else vault.secret(key))
