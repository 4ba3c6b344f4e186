"""Where cameras and recorders are: their addresses, checked."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edge.config.shape import HostForm
from edge.config.values import CameraConfig, ConfigError, HostConfig
from edge.rtsp.url import CameraUrl, UrlError


def camera_url(path: Path, key: str, text: str, lookup: Callable[[str], str]) -> CameraUrl:
    """Return the address that ``text`` means. Raises ``ConfigError``."""
    try:
        return CameraUrl.parse(text, lookup)
    except UrlError as error:
        raise ConfigError(path, key, str(error)) from error


def sub_url(
    path: Path, key: str, text: str | None, url: CameraUrl, lookup: Callable[[str], str]
) -> CameraUrl | None:
    """Return the second stream's address; one of the same host may leave its credentials out."""
    if text is None:
        return None
    sub = camera_url(path, key, text, lookup)
    if sub.credentials is None and sub.host.lower() == url.host.lower():
        return replace(sub, credentials=url.credentials)
    return sub


def hosts(
    path: Path, forms: tuple[HostForm, ...], cameras: tuple[CameraConfig, ...]
) -> tuple[HostConfig, ...]:
    """Return the hosts. Raises ``ConfigError`` for one that is named twice or has no camera."""
    used = {camera.watch_url.host.lower() for camera in cameras}
    found: dict[str, HostConfig] = {}
    for i, form in enumerate(forms):
        key, address = f"hosts[{i}].address", form.address.strip("[]").lower()
        if address in found:
            raise ConfigError(path, key, f"{form.address!r} is given twice")
        if address not in used:
            why = f"no camera's address is at {form.address!r}; write it as the cameras have it"
            raise ConfigError(path, key, why)
        found[address] = HostConfig(address=address, sessions=form.sessions)
    return tuple(found.values())
