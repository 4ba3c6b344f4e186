"""Configuration: three YAML files, each parsed once into frozen values.

``load_server`` (this server), ``load_units`` (units, schools, cameras), ``load_plan`` (what the
authority asks for); ``load`` reads all three and checks them against each other. Every mistake is
one ``ConfigError`` that names file, key, line and why.
"""

from dataclasses import dataclass
from pathlib import Path

from server.config.errors import ConfigError
from server.config.secret import Secret
from server.config.settings import (
    Address,
    Alerts,
    Email,
    EmbeddedBroker,
    ExternalBroker,
    Http,
    Language,
    ServerConfig,
    SmtpSecurity,
    Webhook,
)
from server.domain.plan import Plan
from server.domain.units import Organisation

__all__ = [
    "Address",
    "Alerts",
    "ConfigError",
    "Configuration",
    "Email",
    "EmbeddedBroker",
    "ExternalBroker",
    "Http",
    "Language",
    "Secret",
    "ServerConfig",
    "SmtpSecurity",
    "Webhook",
    "load",
    "load_plan",
    "load_server",
    "load_units",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """All three files."""

    server: ServerConfig
    organisation: Organisation
    plan: Plan


def load_server(path: Path | str) -> ServerConfig:
    """Read the server's settings; ``${NAME}`` comes from its secrets file, then environment."""
    raise NotImplementedError


def load_units(path: Path | str, *, plan: Plan | None = None) -> Organisation:
    """Read the organisation; with ``plan``, its kinds of zones are checked against it."""
    raise NotImplementedError


def load_plan(path: Path | str) -> Plan:
    """Read the plan."""
    raise NotImplementedError


def load(path: Path | str) -> Configuration:
    """Read the server's settings and the plan and units that they name."""
    config = load_server(path)
    plan = load_plan(config.plan)
    return Configuration(server=config, organisation=load_units(config.units, plan=plan), plan=plan)
