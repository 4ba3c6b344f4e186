"""What the agent's parts are given: frozen values, checked and complete."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge.redact import Secret
from edge.rtsp.url import CameraUrl


class ConfigError(Exception):
    """A configuration that cannot be used.

    Attributes:
        file: The file's path as it was given.
        key: Where in it (``cameras[2].url``, ``line 7, column 3``), or empty for the whole file.
        why: What is wrong and, where it can be said, what would be right.
    """

    def __init__(self, file: Path, key: str, why: str) -> None:
        super().__init__(file, key, why)
        self.file = file
        self.key = key
        self.why = why

    def __str__(self) -> str:
        return ": ".join(part for part in (str(self.file), self.key, self.why) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchConfig:
    """How one camera is watched; all in seconds."""

    picture_every_s: float = 10
    stall_after_s: float = 5
    connect_timeout_s: float = 4
    confirm_s: float = 4
    freeze_after_s: float = 60
    auth_retry_s: float = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraConfig:
    """One camera; ``url`` holds the credentials apart and never prints them."""

    id: str
    name: str
    url: CameraUrl
    watch: WatchConfig = WatchConfig()


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreConfig:
    """The broker that leads to the centre. The user name is the agent's."""

    host: str
    port: int
    tls: bool
    password: Secret | None
    ca_file: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateInputConfig:
    """Where gate readers post their events: a loopback address, with a token."""

    host: str
    port: int
    token: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceConfig:
    """How much is kept of pictures from before and after a change; 0 of either is none."""

    max_bytes: int = 64 * 1024 * 1024
    keep_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeConfig:
    """An agent's whole configuration."""

    agent: str
    data_dir: Path
    language: Literal["vi", "en"]
    centre: CentreConfig
    gate_input: GateInputConfig | None
    watermark_every_s: float
    spool_max_bytes: int
    cameras: tuple[CameraConfig, ...]
    evidence: EvidenceConfig = EvidenceConfig()
