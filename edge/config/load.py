"""From a checked file to the values that the agent's parts are given."""

import dataclasses
import ipaddress
import os
import ssl
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import SplitResult, urlsplit

import msgspec

from edge.config.addresses import camera_url, hosts, sub_url
from edge.config.asking import onvif, recordings
from edge.config.secrets import fill, read_secrets
from edge.config.shape import (
    CameraForm,
    CentreForm,
    EdgeForm,
    GateForm,
    GateInputForm,
    WatchForm,
    check,
)
from edge.config.values import (
    CameraConfig,
    CentreConfig,
    ConfigError,
    EdgeConfig,
    EvidenceConfig,
    GateConfig,
    GateInputConfig,
    WatchConfig,
)
from edge.config.yaml_file import read_yaml
from edge.redact import Secret
from wire.topics import is_id

SCHEMA: Final = "vonggac.edge/1"
_BROKER_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
_ID_RULE: Final = "has a-z, 0-9, - and _ (at most 64) and begins and ends with a letter or digit"


def load(path: Path, environment: Mapping[str, str] | None = None) -> EdgeConfig:
    """Return the configuration in ``path``. Raises ``ConfigError`` for anything wrong with it."""
    return build(path, read_yaml(path), environment)


def build(path: Path, content: Any, environment: Mapping[str, str] | None = None) -> EdgeConfig:
    """Return the configuration that a file's ``content`` means. Raises ``ConfigError``."""
    if not isinstance(content, dict):
        raise ConfigError(
            path, "", f"is no agent's configuration: that begins with schema: {SCHEMA}"
        )
    _check_schema(path, content)
    secrets_file = content.get("secrets_file")
    beside = path.parent / secrets_file if isinstance(secrets_file, str) else None
    environment = os.environ if environment is None else environment
    values = ChainMap(read_secrets(beside) if beside else {}, dict(environment))
    form = check(path, fill(path, "", content, values), EdgeForm)
    return _config(path, form, values)


def _check_schema(path: Path, content: dict[str, Any]) -> None:
    schema = content.get("schema")
    if schema != SCHEMA:
        why = f"must be {SCHEMA}, not {schema!r}; is this an agent's file?"
        raise ConfigError(path, "schema", why)


def _config(path: Path, form: EdgeForm, values: Mapping[str, str]) -> EdgeConfig:
    _check_id(path, "agent", form.agent)
    default = _watch(path, "watch", form.watch, WatchConfig())
    cameras = _cameras(path, form.cameras, default, values)
    return EdgeConfig(
        agent=form.agent,
        data_dir=path.parent / form.data_dir,
        language=form.language,
        centre=_centre(path, form.centre),
        gate_input=_gate_input(path, form.gate_input, form.language) if form.gate_input else None,
        watermark_every_s=form.watermark_every_s,
        spool_max_bytes=form.spool.max_mb * 1024 * 1024,
        cameras=cameras,
        hosts=hosts(path, form.hosts, cameras),
        sessions_per_host=form.sessions_per_host,
        evidence=EvidenceConfig(
            max_bytes=form.evidence.max_mb * 1024 * 1024, keep_days=form.evidence.keep_days
        ),
    )


def _cameras(
    path: Path, forms: tuple[CameraForm, ...], default: WatchConfig, values: Mapping[str, str]
) -> tuple[CameraConfig, ...]:
    seen: dict[str, int] = {}
    cameras: list[CameraConfig] = []
    for i, form in enumerate(forms):
        _check_id(path, f"cameras[{i}].id", form.id)
        if form.id in seen:
            why = f"{form.id!r} is already the id of cameras[{seen[form.id]}]"
            raise ConfigError(path, f"cameras[{i}].id", why)
        seen[form.id] = i
        cameras.append(_camera(path, f"cameras[{i}]", form, default, values.__getitem__))
    return tuple(cameras)


def _camera(
    path: Path, key: str, form: CameraForm, default: WatchConfig, lookup: Callable[[str], str]
) -> CameraConfig:
    url = camera_url(path, f"{key}.url", form.url, lookup)
    asked = onvif(path, f"{key}.onvif", form.onvif, url)
    return CameraConfig(
        id=form.id,
        name=form.name or form.id,
        url=url,
        sub_url=sub_url(path, f"{key}.sub_url", form.sub_url, url, lookup),
        watch=_watch(path, f"{key}.watch", form.watch, default),
        onvif=asked,
        recordings=recordings(path, f"{key}.recordings", form.recordings, url, asked),
    )


def _watch(path: Path, key: str, form: WatchForm, default: WatchConfig) -> WatchConfig:
    given = {k: v for k, v in msgspec.structs.asdict(form).items() if v is not None}
    watch = dataclasses.replace(default, **given)
    if watch.visit_s >= watch.visit_every_s:
        why = f"a visit of {watch.visit_s:g} s can't be paid every {watch.visit_every_s:g} s"
        raise ConfigError(path, f"{key}.visit_s", why)
    return watch


def _centre(path: Path, form: CentreForm) -> CentreConfig:
    key = "centre.url"
    parts, port = _split(path, key, form.url)
    if parts.scheme not in _BROKER_PORTS or not parts.hostname:
        raise ConfigError(path, key, "must look like mqtt://host:1883 or mqtts://host:8883")
    if parts.username is not None or parts.path.strip("/") or parts.query or parts.fragment:
        why = (
            "has only a host and a port; the user is the agent's name, the password has its own key"
        )
        raise ConfigError(path, key, why)
    return CentreConfig(
        host=parts.hostname,
        port=port or _BROKER_PORTS[parts.scheme],
        tls=parts.scheme == "mqtts",
        password=Secret(form.password) if form.password else None,
        ca_file=_ca_file(path, form.ca_file),
    )


def _ca_file(path: Path, text: str | None) -> Path | None:
    if text is None:
        return None
    ca_file = path.parent / text
    if not ca_file.is_file():
        raise ConfigError(path, "centre.ca_file", f"there is no file {ca_file}")
    try:
        ssl.create_default_context(cafile=ca_file)
    except (ssl.SSLError, OSError) as error:
        why = f"{ca_file} holds no certificate that can be used"
        raise ConfigError(path, "centre.ca_file", why) from error
    return ca_file


def _gate_input(path: Path, form: GateInputForm, language: Literal["vi", "en"]) -> GateInputConfig:
    key = "gate_input.listen"
    parts, port = _split(path, key, f"//{form.listen}")
    if port is None or not parts.hostname:
        raise ConfigError(path, key, "must look like 127.0.0.1:8787")
    if not _is_loopback(parts.hostname):
        why = f"{parts.hostname} can be reached from other machines; use 127.0.0.1"
        raise ConfigError(path, key, why)
    return GateInputConfig(
        host=parts.hostname,
        port=port,
        token=Secret(form.token),
        gates=_gates(path, form.gates),
        language=language,
    )


def _gates(path: Path, forms: Iterable[GateForm]) -> tuple[GateConfig, ...]:
    """Return the gates of the guards' page."""
    found: dict[str, int] = {}
    for number, form in enumerate(forms):
        key = f"gate_input.gates[{number}].id"
        _check_id(path, key, form.id)
        if form.id in found:
            raise ConfigError(
                path, key, f"{form.id!r} is already the id of gates[{found[form.id]}]"
            )
        found[form.id] = number
    return tuple(GateConfig(id=form.id, name=form.name or form.id) for form in forms)


def _split(path: Path, key: str, url: str) -> tuple[SplitResult, int | None]:
    try:
        return urlsplit(url), urlsplit(url).port
    except ValueError as error:
        why = "has a malformed host or port; a port is a number from 0 to 65535"
        raise ConfigError(path, key, why) from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_id(path: Path, key: str, text: str) -> None:
    if not is_id(text):
        raise ConfigError(path, key, f"{text!r} is no id; an id {_ID_RULE}")
