"""Configuration: three YAML files, each parsed once into frozen values.

``load_server`` (this server), ``load_units`` (units, schools, cameras), ``load_plan`` (what the
authority asks for); ``load`` reads all three and checks them against each other. Every mistake is
one ``ConfigError`` that names file, key, line and why.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from server.config.errors import ConfigError
from server.config.plan_file import load_plan, parse_plan
from server.config.secret import Secret
from server.config.server_file import load_server
from server.config.settings import (
    Address,
    Alerts,
    Email,
    EmbeddedBroker,
    ExternalBroker,
    Figures,
    Http,
    Language,
    ServerConfig,
    SmtpSecurity,
    Webhook,
)
from server.config.units_file import load_units
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
    "Figures",
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
    "parse_plan",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """All three files."""

    server: ServerConfig
    organisation: Organisation
    plan: Plan


def load(path: Path | str, *, environ: Mapping[str, str] = os.environ) -> Configuration:
    """Read the server's settings and the plan and units that they name."""
    config = load_server(path, environ=environ)
    plan = load_plan(config.plan)
    return Configuration(server=config, organisation=load_units(config.units, plan=plan), plan=plan)
