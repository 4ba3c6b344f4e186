"""Configuration: three YAML files, each parsed once into frozen values.

``load_server`` (this server), ``load_units`` (units, schools, cameras), ``load_plan`` (what the
authority asks for); ``load`` reads all three and checks them against each other. Every mistake is
one ``ConfigError`` that names file, key, line and why.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from server.config.address import Address
from server.config.alerts import (
    ADDRESS_PLACE,
    Addressing,
    Alerts,
    AppriseUrl,
    Channel,
    DeadMan,
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
from server.config.errors import ConfigError
from server.config.plan_file import load_plan, parse_plan
from server.config.secret import Secret
from server.config.server_file import load_server
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
from server.config.units_file import load_units
from server.config.yaml_file import read_text
from server.domain.plan import Plan
from server.domain.register import Register

__all__ = [
    "ADDRESS_PLACE",
    "Address",
    "Addressing",
    "Alerts",
    "AppriseUrl",
    "Channel",
    "ConfigError",
    "Configuration",
    "DeadMan",
    "Email",
    "EmbeddedBroker",
    "ExternalBroker",
    "Figures",
    "Http",
    "Language",
    "Metrics",
    "Reminders",
    "Secret",
    "ServerConfig",
    "SmtpSecurity",
    "Telegram",
    "Way",
    "Webhook",
    "ZaloAccount",
    "ZaloOa",
    "ZaloZns",
    "ZnsParameter",
    "ZnsTemplate",
    "load",
    "load_plan",
    "load_server",
    "load_units",
    "parse_plan",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """All three files. ``plan_text``: the plan's file word for word."""

    server: ServerConfig
    register: Register
    plan: Plan
    plan_text: str


def load(path: Path | str, *, environ: Mapping[str, str] = os.environ) -> Configuration:
    """Read the server's settings and the plan and units that they name."""
    config = load_server(path, environ=environ)
    text = read_text(config.plan)
    plan = parse_plan(text, file=config.plan)
    register = load_units(config.units, plan=plan)
    return Configuration(server=config, register=register, plan=plan, plan_text=text)
