"""From a camera's configuration to what it is asked, and when. Pure."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from edge.config.values import CameraConfig
from edge.onvif.answers import CLOCK, RECORDINGS, Ask, Login, RecorderAsk
from edge.redact import Secret
from edge.rtsp.url import Credentials


def question(
    camera: CameraConfig, *, moved: Callable[[str], str], may_try: Callable[[str, Login], bool]
) -> Ask:
    """Return what a camera is asked; its recorder only if its login ``may_try``.

    ``moved`` gives a URL at the address that the device has now.
    """
    recorder = _recorder(camera, moved)
    if recorder and recorder.login and not may_try(recorder.url, recorder.login):
        recorder = None
    wants = ((CLOCK,) if camera.onvif else ()) + ((RECORDINGS,) if recorder else ())
    url = moved(camera.onvif.url) if camera.onvif else ""
    return Ask(key=camera.id, url=url, wants=wants, recorder=recorder)


def _recorder(camera: CameraConfig, moved: Callable[[str], str]) -> RecorderAsk | None:
    config = camera.recordings
    if config is None:
        return None
    login = _login(config.credentials)
    return RecorderAsk(via=config.via, url=moved(config.url), channel=config.channel, login=login)


def login_of(ask: Ask) -> tuple[str, Login] | None:
    """Return the login that an ask will try, with where, if it will try any."""
    recorder = ask.recorder
    return (recorder.url, recorder.login) if recorder and recorder.login else None


def in_turn(cameras: Sequence[CameraConfig]) -> Iterator[tuple[int, CameraConfig]]:
    """Yield each camera with its place in line; the channels of one recorder share one."""
    places: dict[str, int] = {}
    for camera in cameras:
        key = urlsplit(camera.recordings.url).netloc if camera.recordings else camera.id
        yield places.setdefault(key, len(places)), camera


def recording_name(camera: CameraConfig) -> str:
    """Name a camera's recording: another recorder or channel is another recording."""
    config = camera.recordings
    return f"{camera.id} {config.url} {config.channel or ''}" if config else camera.id


def secrets_of(camera: CameraConfig) -> list[Secret]:
    """Return what must not appear in any text about a camera's answers."""
    found = [config.credentials for config in (camera.onvif, camera.recordings) if config]
    return [credentials.password for credentials in found if credentials]


def utc(ms: int | None) -> datetime | None:
    """Return milliseconds since 1970 as a time; None for none, and for what no calendar has."""
    if ms is None:
        return None
    try:
        return datetime.fromtimestamp(ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _login(credentials: Credentials | None) -> Login | None:
    if credentials is None:
        return None
    return Login(user=credentials.user, password=credentials.password.reveal())
