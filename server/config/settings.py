"""The server's own settings, parsed once into frozen values."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from server.config.address import Address
from server.config.alerts import Alerts
from server.config.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Figures for Prometheus under ``/metrics``.

    Attributes:
        token: Whoever asks must have it; None, only without a ``public_url``: who asks from
            this machine itself may, and not through a proxy.
        per_camera: A figure for each camera besides: thousands of rows in a large district.
    """

    token: Secret | None = None
    per_camera: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """The pages.

    ``public_url``: how people reach them from outside, for links in messages. ``metrics``: None:
    there are none.
    """

    listen: Address
    public_url: str | None = None
    metrics: Metrics | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedBroker:
    """An MQTT broker in the server's own process. Port 0: any free one."""

    listen: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalBroker:
    """A broker elsewhere. ``tls`` is true for ``mqtts://``; ``ca_file`` None: the system's.

    ``shared``: it speaks MQTT 5, pushes back by a receive window and shares reports out among
    several servers; false for one that knows MQTT 3.1.1 only (NATS).
    """

    address: Address
    tls: bool = False
    user: str | None = None
    password: Secret | None = None
    ca_file: Path | None = None
    shared: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """When a day's figures are closed, and what is a fault.

    Attributes:
        close_after_h: So many hours after its local end a day is closed.
        fault_after_s: From so much lost required time on it is a fault of the register.
    """

    close_after_h: int = 2
    fault_after_s: int = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminders:
    """When a school is reminded by itself, by mail, of papers that it owes. No day: not by these.

    Attributes:
        at_hour: From this local hour of the day on.
        days_before: So many days before a paper is due.
        every_days: Every so many days after it was.
    """

    at_hour: int
    days_before: int | None = None
    every_days: int | None = None


class Language(StrEnum):
    """Languages of pages and messages."""

    VI = "vi"
    EN = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """Everything that ``configs/server.example.yaml`` can say. Paths are absolute.

    ``database`` is a URL: ``sqlite:////abs/path`` or ``postgresql://...`` (no driver named; a
    password in it is percent-encoded).
    """

    file: Path
    data_dir: Path
    database: Secret
    units: Path
    plan: Path
    http: Http
    mqtt: EmbeddedBroker | ExternalBroker
    alerts: Alerts
    language: Language
    figures: Figures = Figures()
    reminders: Reminders | None = None
