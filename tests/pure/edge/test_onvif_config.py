"""``cameras[].onvif`` and ``cameras[].recordings``: defaults and mistakes."""

from pathlib import Path

import pytest

from edge.config import CameraConfig, ConfigError, load

HEAD = "schema: vonggac.edge/1\nagent: a1\ncentre: {url: 'mqtt://127.0.0.1:1883'}\ncameras:\n"
CAMERA = "- id: c1\n  url: rtsp://viewer:cam@10.0.0.5/1\n"


def camera(folder: Path, more: str) -> CameraConfig:
    path = folder / "edge.yaml"
    path.write_text(HEAD + CAMERA + more, "utf-8")
    return load(path, {"PW": "geheim"}).cameras[0]


def test_without_the_keys_nothing_is_asked(tmp_path: Path) -> None:
    one = camera(tmp_path, "")
    assert (one.onvif, one.recordings) == (None, None)
    assert one.watch.max_clock_offset_s == 60


def test_an_empty_onvif_asks_at_the_usual_place_with_the_stream_s_login(tmp_path: Path) -> None:
    one = camera(tmp_path, "  onvif: {}\n")
    assert one.onvif is not None
    assert one.onvif.url == "http://10.0.0.5/onvif/device_service"
    assert one.onvif.credentials == one.url.credentials
    assert (one.onvif.endpoint, one.onvif.mac, one.onvif.serial) == ("", "", "")


def test_all_can_be_said(tmp_path: Path) -> None:
    one = camera(
        tmp_path,
        "  onvif: {url: 'http://10.0.0.5:8000/s', user: onvif, password: '${PW}', serial: 'A 1',"
        " mac: 4C-BD-8F-11-22-33, endpoint: 'uuid:00000000-0000-4000-8000-00000000000A'}\n"
        "  recordings: {via: hikvision, url: 'http://10.0.0.9', channel: 3, days: 30,"
        " newest_within_h: 2}\n",
    )
    assert one.onvif is not None
    assert one.onvif.credentials is not None
    assert one.onvif.credentials.password.reveal() == "geheim"
    assert one.onvif.mac == "4c:bd:8f:11:22:33"
    assert one.onvif.endpoint == "urn:uuid:00000000-0000-4000-8000-00000000000a"
    assert one.recordings is not None
    assert one.recordings.channel == "3"
    assert (one.recordings.days, one.recordings.newest_within_h) == (30, 2)
    assert one.recordings.credentials == one.onvif.credentials
    assert "geheim" not in repr(one)


@pytest.mark.parametrize(
    ("via", "url"),
    [("onvif", "http://10.0.0.5/onvif/device_service"), ("hikvision", "http://10.0.0.5")],
)
def test_a_camera_may_record_itself(tmp_path: Path, via: str, url: str) -> None:
    one = camera(tmp_path, f"  recordings: {{via: {via}}}\n")
    assert one.recordings is not None
    assert (one.recordings.url, one.recordings.days) == (url, None)


@pytest.mark.parametrize(
    ("more", "key", "why"),
    [
        ("onvif: {url: '10.0.0.5'}", "cameras[0].onvif.url", "must look like http://192.168.1.20"),
        ("onvif: {url: 'http://a:b@h/'}", "cameras[0].onvif.url", "has no login in it"),
        ("onvif: {url: 'http://h:99999/'}", "cameras[0].onvif.url", "must look like"),
        ("onvif: {url: 'http://h/#x'}", "cameras[0].onvif.url", "has no # in it"),
        ("onvif: {user: u}", "cameras[0].onvif.password", "is missing; user and password go"),
        ("onvif: {password: p}", "cameras[0].onvif.user", "is missing; user and password go"),
        ("onvif: {mac: 'x'}", "cameras[0].onvif.mac", "must look like 4c:bd:8f:01:02:03"),
        ("onvif: {endpoint: 'x'}", "cameras[0].onvif.endpoint", "must look like urn:uuid:0123"),
        ("onvif: {endpont: 'x'}", "cameras[0].onvif.endpont", "did you mean 'endpoint'?"),
        ("recordings: {}", "cameras[0].recordings.via", "is missing"),
        ("recordings: {via: x}", "cameras[0].recordings.via", "'x' is not one that is known"),
        ("recordings: {via: hikvision, channel: a}", "cameras[0].recordings.channel", "no channel"),
        ("recordings: {via: onvif, days: 0}", "cameras[0].recordings.days", "must be a whole num"),
        ("watch: {max_clock_offset_s: 0}", "cameras[0].watch.max_clock_offset_s", "must be a num"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, more: str, key: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        camera(tmp_path, f"  {more}\n")
    said = caught.value
    assert said.key == key
    assert why in said.why
