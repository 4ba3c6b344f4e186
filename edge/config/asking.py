"""What cameras and recorders are asked beside their pictures: ``onvif`` and ``recordings``."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from edge.config.shape import OnvifForm, RecordingsForm
from edge.config.values import ConfigError, OnvifConfig, RecordingsConfig
from edge.redact import Secret
from edge.rtsp.url import CameraUrl, Credentials

_SERVICE: Final = "/onvif/device_service"
_MAC: Final = re.compile(r"[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){5}", re.IGNORECASE)
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def onvif(path: Path, key: str, form: OnvifForm | None, camera: CameraUrl) -> OnvifConfig | None:
    """Return how a camera answers over ONVIF; its login is the stream's, unless another is given.

    Raises ``ConfigError``.
    """
    if form is None:
        return None
    return OnvifConfig(
        url=_url(path, f"{key}.url", form.url) if form.url else _base(camera) + _SERVICE,
        credentials=_login(path, key, form.user, form.password) or camera.credentials,
        endpoint=_endpoint(path, f"{key}.endpoint", form.endpoint),
        mac=_mac(path, f"{key}.mac", form.mac),
        serial=form.serial or "",
    )


def recordings(
    path: Path,
    key: str,
    form: RecordingsForm | None,
    camera: CameraUrl,
    asked: OnvifConfig | None,
) -> RecordingsConfig | None:
    """Return who records a camera; without an address, its own. Raises ``ConfigError``."""
    if form is None:
        return None
    own = asked.url if asked and form.via == "onvif" else None
    if form.url:
        own = _url(path, f"{key}.url", form.url)
    elif own is None:
        own = _base(camera) + (_SERVICE if form.via == "onvif" else "")
    channel = None if form.channel is None else str(form.channel)
    if form.via == "hikvision" and channel is not None and not channel.isdecimal():
        raise ConfigError(path, f"{key}.channel", f"{channel!r} is no channel number")
    login = _login(path, key, form.user, form.password)
    return RecordingsConfig(
        via=form.via,
        url=own,
        credentials=login or (asked.credentials if asked else None) or camera.credentials,
        channel=channel,
        days=form.days,
        newest_within_h=form.newest_within_h,
    )


def _base(camera: CameraUrl) -> str:
    return f"http://[{camera.host}]" if ":" in camera.host else f"http://{camera.host}"


def _login(path: Path, key: str, user: str | None, password: str | None) -> Credentials | None:
    if user is None and password is None:
        return None
    if user is None or password is None:
        missing = "user" if user is None else "password"
        raise ConfigError(path, f"{key}.{missing}", "is missing; user and password go together")
    return Credentials(user, Secret(password))


def _url(path: Path, key: str, text: str) -> str:
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise ConfigError(path, key, "must look like http://192.168.1.20 or https://...")
    if "@" in parts.netloc:
        raise ConfigError(path, key, "has no login in it; user and password have their own keys")
    if parts.fragment:
        raise ConfigError(path, key, "has no # in it")
    return text


def _endpoint(path: Path, key: str, text: str | None) -> str:
    if text is None:
        return ""
    found = _UUID.search(text)
    if found is None:
        raise ConfigError(path, key, "must look like urn:uuid:01234567-89ab-cdef-0123-456789abcdef")
    return f"urn:uuid:{found[0].lower()}"


def _mac(path: Path, key: str, text: str | None) -> str:
    if text is None:
        return ""
    if not _MAC.fullmatch(text):
        raise ConfigError(path, key, "must look like 4c:bd:8f:01:02:03")
    digits = re.sub(r"[^0-9a-f]", "", text.lower())
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))
