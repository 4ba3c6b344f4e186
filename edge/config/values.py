"""What the agent's parts are given: frozen values, checked and complete."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge.redact import Secret
from edge.rtsp.url import CameraUrl, Credentials


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
    """How one camera is watched; ``*_s`` in seconds.

    Attributes:
        mode: ``hold`` keeps the session; ``visit`` opens one every ``visit_every_s`` at the latest,
            stays for ``visit_s`` or so and one picture, and leaves.
        min_fps: Fewer pictures a second than this are too few; None: by what the camera announces.
        max_loss: A greater share of lost packets is too much, 0 to 1.
        max_clock_offset_s: The camera's clock may be so far off (asked over ONVIF, if it has any).
    """

    picture_every_s: float = 10
    stall_after_s: float = 5
    connect_timeout_s: float = 4
    confirm_s: float = 4
    freeze_after_s: float = 30
    auth_retry_s: float = 600
    mode: Literal["hold", "visit"] = "hold"
    visit_every_s: float = 30
    visit_s: float = 3
    min_fps: float | None = None
    max_loss: float = 0.02
    max_clock_offset_s: float = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class OnvifConfig:
    """How a camera answers over ONVIF, and what it is known by wherever its address goes.

    Attributes:
        url: Its device service, without credentials.
        credentials: For what needs a login; None: nothing that needs one is asked.
        endpoint: ``urn:uuid:...`` in lower case, or empty.
        mac: ``aa:bb:cc:dd:ee:ff``, or empty.
        serial: As the camera says it, or empty.
    """

    url: str
    credentials: Credentials | None = None
    endpoint: str = ""
    mac: str = ""
    serial: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingsConfig:
    """Who records a camera, and what must be there.

    Attributes:
        via: How it is asked.
        url: Its device service (``onvif``) or its web address (``hikvision``).
        credentials: For its login.
        channel: Which recording is this camera's; None: the only one, or channel 1.
        days: So many days are to be kept; None: not graded.
        newest_within_h: The newest recording may be so old.
    """

    via: Literal["onvif", "hikvision"]
    url: str
    credentials: Credentials | None = None
    channel: str | None = None
    days: int | None = None
    newest_within_h: float = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraConfig:
    """One camera; ``url`` holds the credentials apart and never prints them.

    ``sub_url`` is its second, smaller stream, if it has one: that is the one to watch.
    """

    id: str
    name: str
    url: CameraUrl
    watch: WatchConfig = WatchConfig()
    sub_url: CameraUrl | None = None
    onvif: OnvifConfig | None = None
    recordings: RecordingsConfig | None = None

    @property
    def watch_url(self) -> CameraUrl:
        """The stream that is watched."""
        return self.sub_url or self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class HostConfig:
    """One device behind one address, with all its ports and channels.

    ``sessions``: so many RTSP sessions at once it may be asked for, None: as many as it gives.
    """

    address: str
    sessions: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreConfig:
    """The broker that leads to the centre. The user name is the agent's."""

    host: str
    port: int
    tls: bool
    password: Secret | None
    ca_file: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateConfig:
    """A gate whose guards use this machine; ``id`` as in the centre's register."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateInputConfig:
    """Where gate readers post their events: a loopback address, with a token.

    ``gates``: those of the guards' page there, which speaks ``language``; none: there is no page.
    """

    host: str
    port: int
    token: Secret
    gates: tuple[GateConfig, ...] = ()
    language: Literal["vi", "en"] = "vi"


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
    hosts: tuple[HostConfig, ...] = ()
    sessions_per_host: int | None = None
    evidence: EvidenceConfig = EvidenceConfig()
