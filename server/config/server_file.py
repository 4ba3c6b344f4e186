"""The server's own file, ``vonggac.server/1``. Relative paths are relative to the file itself."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from server.config.address import Address, listen_address, url_parts
from server.config.alerts_file import read_alerts, seconds
from server.config.document import Field, Record
from server.config.secret import Secret
from server.config.secrets_file import Vault
from server.config.settings import (
    EmbeddedBroker,
    ExternalBroker,
    Figures,
    Http,
    Language,
    Metrics,
    Reminders,
    ServerConfig,
)
from server.config.yaml_file import read

SCHEMA: Final = "vonggac.server/1"
_TOKEN_AT_LEAST: Final = 20
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
        http=_http(root.need("http"), vault),
        mqtt=_mqtt(root.need("mqtt"), vault),
        alerts=read_alerts(root.get("alerts"), vault),
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


def _http(field: Field, vault: Vault) -> Http:
    told = field.mapping("listen", "public_url", "metrics")
    public, metrics = told.get("public_url"), told.get("metrics")
    if public is not None:
        url_parts(public, public.text(), ("http", "https"))
        if metrics is not None and metrics.mapping("token", "per_camera").get("token") is None:
            raise metrics.error("with a public_url these figures need a token")
    return Http(
        listen=listen_address(told.need("listen")),
        public_url=None if public is None else public.text().rstrip("/"),
        metrics=None if metrics is None else _metrics(metrics, vault),
    )


def _metrics(field: Field, vault: Vault) -> Metrics:
    told = field.mapping("token", "per_camera")
    token, per_camera = told.get("token"), told.get("per_camera")
    secret = None if token is None else vault.secret(token)
    if token is not None and secret is not None and len(secret.reveal()) < _TOKEN_AT_LEAST:
        raise token.error(f"a token of at least {_TOKEN_AT_LEAST} characters is expected")
    return Metrics(token=secret, per_camera=per_camera is not None and per_camera.boolean())


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


def _figures(field: Field | None) -> Figures:
    if field is None:
        return Figures()
    told = field.mapping("close_after_h", "fault_after_s")
    hours = told.get("close_after_h")
    return Figures(
        close_after_h=Figures().close_after_h
        if hours is None
        else hours.integer(0, _HOURS_AT_MOST),
        fault_after_s=seconds(told, "fault_after_s", Figures().fault_after_s),
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
