"""What the pages are given, and the typed keys under which aiohttp keeps it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from aiohttp import web

from server.changes import Changes
from server.clock import Clock
from server.commands import Commands
from server.config import ServerConfig
from server.domain.plan import Plan
from server.domain.units import Organisation
from server.metrics import Meter
from server.standing import Standing
from server.storage import Session, Store
from server.texts.tongue import Tongue
from server.web.auth import Brake, Passwords
from server.web.rendering import Renderer


@dataclass(frozen=True, slots=True, kw_only=True)
class WebDeps:
    """Everything that pages and API read; built by ``server.app``."""

    store: Store
    standing: Standing
    clock: Clock
    config: ServerConfig
    changes: Changes
    commands: Commands
    meter: Meter = field(default_factory=Meter)
    listening_since: datetime | None = None
    """When this server began to take reports; None: when the pages were made."""

    @property
    def organisation(self) -> Organisation:
        """Today's organisation."""
        return self.standing.organisation

    @property
    def plan(self) -> Plan:
        """The plan that is in force today."""
        return self.standing.plan

    @property
    def https(self) -> bool:
        """Whether browsers reach us over TLS."""
        return (self.config.http.public_url or "").startswith("https://")


DEPS: Final = web.AppKey("deps", WebDeps)
RENDERER: Final = web.AppKey("renderer", Renderer)
PASSWORDS: Final = web.AppKey("passwords", Passwords)
BRAKE: Final = web.AppKey("brake", Brake)

SESSION: Final = web.RequestKey("session", Session)
TONGUE: Final = web.RequestKey("tongue", Tongue)
THEME: Final = web.RequestKey("theme", str)
