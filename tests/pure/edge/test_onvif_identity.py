"""Who is who, what a configuration is suggested, what a neighbour table tells."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import yaml

from edge.config import load
from edge.onvif.answers import (
    DETAILS,
    Answer,
    ClockAnswer,
    DetailsAnswer,
    StreamAnswer,
    Target,
)
from edge.onvif.found import NO_ONVIF, Eye, Found, Swept, eyes_of, learned, together
from edge.onvif.identity import Configured, Standing, absent, place, same
from edge.onvif.interfaces import Interface, NoInterface, choose
from edge.onvif.neighbours import read_arp, read_proc
from edge.onvif.probe import Match
from edge.onvif.suggest import as_yaml, cameras, slug
from edge.onvif.sweep import BadSubnet, hosts_of, server_of

E1, E2 = "urn:uuid:1", "urn:uuid:2"
M1, M2 = "4c:bd:8f:11:22:33", "4c:bd:8f:11:22:44"


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (Target(serial="A1"), Target(serial="a1 "), True),
        (Target(serial="A1", mac=M1), Target(serial="A1", mac=M2), True),
        (Target(serial="DS-2CD1AAWR12345678"), Target(serial="aawr12345678"), True),
        (Target(serial="DS-2CD1AAWR12345678"), Target(serial="5678"), False),
        (Target(serial="A1", endpoint=E1), Target(serial="A2", endpoint=E1), False),
        (Target(mac=M1, endpoint=E1), Target(mac=M2, endpoint=E1), False),
        (Target(mac=M1, endpoint=E1), Target(mac=M1, endpoint=E2), True),
        (Target(endpoint=E1), Target(mac=M1, endpoint=E1), True),
        (Target(endpoint=E1), Target(endpoint=E2), False),
        (Target(mac=M1), Target(endpoint=E1), False),
        (Target(), Target(), False),
    ],
)
def test_the_surest_that_both_know_decides(one: Target, other: Target, *, is_same: bool) -> None:
    assert same(one, other) is is_same
    assert same(other, one) is is_same


def test_a_device_is_known_moved_or_new() -> None:
    configured = (
        Configured(id="gate", host="10.0.0.5", target=Target(mac=M1)),
        Configured(id="yard", host="10.0.0.6", target=Target()),
    )
    assert place(Target(mac=M1), "10.0.0.5", configured) == (Standing.KNOWN, "gate")
    assert place(Target(mac=M1), "10.0.0.9", configured) == (Standing.MOVED, "gate")
    assert place(Target(mac=M2), "10.0.0.9", configured) == (Standing.NEW, None)
    assert place(Target(mac=M2), "10.0.0.6", configured) == (Standing.KNOWN, "yard")
    assert place(Target(mac=M2), "10.0.0.5", configured) == (Standing.NEW, None)
    assert absent(configured, ["gate", None]) == ("yard",)


def test_channels_of_one_recorder_are_at_home_together() -> None:
    channels = tuple(
        Configured(id=f"c{n}", host="10.0.0.5", target=Target(endpoint=E1)) for n in (1, 2)
    )
    assert place(Target(endpoint=E1), "10.0.0.5", channels) == (Standing.KNOWN, "c1")


# ------------------------------------------------------------ found


def stream(width: int, source: str = "s1", url: str = "") -> StreamAnswer:
    height = width * 9 // 16
    where = url or f"rtsp://10.0.0.5/{source}/{width}"
    return StreamAnswer(profile="p", url=where, source=source, width=width, height=height)


def test_the_largest_stream_is_main_and_the_smallest_sub_for_each_source() -> None:
    eyes = eyes_of([stream(640), stream(1920), stream(1280), stream(352, "s2"), stream(704, "s2")])
    assert [(eye.main.width, eye.sub and eye.sub.width) for eye in eyes] == [
        (1920, 640),
        (704, 352),
    ]


def test_one_stream_has_no_sub_and_one_that_is_offered_twice_is_one() -> None:
    assert eyes_of([stream(1920)]) == (Eye(main=stream(1920)),)
    assert eyes_of([stream(1920), stream(1920)])[0].sub is None
    assert eyes_of([]) == ()


def test_what_answered_is_put_together_by_address() -> None:
    matches = [Match(address="10.0.0.12", endpoint=E1), Match(address="10.0.0.5", endpoint=E2)]
    swept = [
        Swept(address="10.0.0.5", rtsp_ports=(554,), server="Rtsp Server"),
        Swept(address="10.0.0.40", rtsp_ports=(8554,)),
    ]
    found = together(matches, swept)
    assert [one.address for one in found] == ["10.0.0.5", "10.0.0.12", "10.0.0.40"]
    assert found[0].rtsp_ports == (554,)
    assert found[2].service == ""


def test_a_hikvision_without_onvif_is_told_of_once_and_why() -> None:
    dark = Match(address="10.0.0.5", brand="Hikvision", serial="S", mac=M1, has_service=False)
    speaking = Match(address="10.0.0.6", endpoint=E1)
    both = replace(dark, address="10.0.0.6", mac=M2)
    found_ones = together([dark, both, speaking], [])
    assert [(one.address, one.brand, one.service) for one in found_ones] == [
        ("10.0.0.5", "Hikvision", ""),
        ("10.0.0.6", "", "http://10.0.0.6/onvif/device_service"),
    ]
    assert learned(found_ones[0], None, {}).why == NO_ONVIF
    swept = Swept(address="10.0.0.5", service="http://10.0.0.5:8000/onvif/device_service")
    assert together([dark], [swept])[0].service == swept.service


def test_answers_fill_in_what_discovery_did_not_tell() -> None:
    one = Found(address="10.0.0.5", service="http://10.0.0.5/s", endpoint=E1, model="old")
    told = DetailsAnswer(brand="B", model="M", serial="S", mac=M1, streams=(stream(640),))
    full = learned(one, Answer(key="k", details=told, clock=ClockAnswer(utc_ms=5, error_ms=1)), {})
    assert (full.brand, full.model, full.serial, full.mac) == ("B", "M", "S", M1)
    assert full.endpoint == E1
    assert full.target == Target(endpoint=E1, mac=M1, serial="S")
    refused = Answer(key="k", refused=(DETAILS,), failed={DETAILS: "its login was refused"})
    less = learned(one, refused, {"10.0.0.5": M2})
    assert (less.refused, less.mac, less.model) == (True, M2, "old")
    assert learned(one, None, {}).why == ""


# ------------------------------------------------------------ suggested configuration


def found(name: str, *streams: StreamAnswer, address: str = "10.0.0.5") -> Found:
    return Found(
        address=address,
        service=f"http://{address}/onvif/device_service",
        name=name,
        endpoint="urn:uuid:00000000-0000-4000-8000-000000000001",
        mac=M1,
        serial="0123",
        eyes=eyes_of(streams),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cổng chính Đông", "cong-chinh-dong"),
        ("  IPC / 2 ", "ipc-2"),
        ("大门", ""),
        ("-x_-", "x"),
        ("a" * 90, "a" * 48),
    ],
)
def test_slugs(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_ids_are_told_apart() -> None:
    ones = [found("IPC", stream(640)), found("IPC", stream(640), address="10.0.0.6")]
    ones += [found("大门", stream(640), stream(640, "s2"), address="10.0.0.7")]
    ids = [e["id"] for e in cameras(ones, user="u", name="PW", taken=["ipc"])]
    assert ids == ["ipc-5", "ipc-6", "camera-1", "camera-2"]


def test_what_is_suggested_is_a_configuration_that_loads(tmp_path: Path) -> None:
    ones = [
        found("Cổng chính", stream(1920), stream(640)),
        msgspec.structs.replace(found("x: [\n"), name="# \"'{}", why="it wants a login"),
    ]
    entries = cameras(ones, user="quản trị@#", name="CAMERA_PASSWORD")
    text = as_yaml(ones, entries, whole=True, secrets_file="camera.env")
    (tmp_path / "edge.yaml").write_text(text, "utf-8")
    secrets = tmp_path / "camera.env"
    secrets.write_text("CAMERA_PASSWORD=m@t/kh#u\nVONGGAC_AGENT_PASSWORD=x\n", "utf-8")
    secrets.chmod(0o600)
    config = load(tmp_path / "edge.yaml", {})
    (camera,) = config.cameras
    assert camera.id == "cong-chinh"
    assert camera.url.credentials is not None
    assert camera.url.credentials.user == "quản trị@#"
    assert camera.url.credentials.password.reveal() == "m@t/kh#u"
    assert camera.sub_url is not None
    assert camera.sub_url.target == "/s1/640"
    assert camera.onvif is not None
    assert camera.onvif.serial == "0123"
    assert camera.onvif.mac == M1
    assert camera.onvif.credentials == camera.url.credentials
    assert "m@t/kh#u" not in text
    assert text.splitlines()[-1] == "# 10.0.0.5 (# \"'{}): it wants a login"


def test_what_is_lacking_is_suggested_alone() -> None:
    one = found("Cổng phụ", stream(640))
    text = as_yaml([one], cameras([one], user="u", name="PW"), whole=False, secrets_file=None)
    assert list(yaml.safe_load(text)) == ["cameras"]


# ------------------------------------------------------------ this machine


def test_linux_s_neighbours() -> None:
    text = """IP address       HW type     Flags       HW address            Mask     Device
192.168.1.11     0x1         0x2         4c:bd:8f:11:22:33     *        eth0
192.168.1.12     0x1         0x0         00:00:00:00:00:00     *        eth0
192.168.1.13     0x1         0x0         4c:bd:8f:11:22:44     *        eth0
"""
    assert read_proc(text) == {"192.168.1.11": M1}
    assert read_proc("") == {}


def test_windows_and_bsd_neighbours() -> None:
    windows = """
Giao diện: 192.168.1.5 --- 0x4
  Địa chỉ Internet      Địa chỉ vật lý        Loại
  192.168.1.11          4c-bd-8f-11-22-33     động
  192.168.1.255         ff-ff-ff-ff-ff-ff     tĩnh
"""
    assert read_arp(windows) == {"192.168.1.11": M1}
    assert read_arp("? (192.168.1.11) at 4c:bd:8f:11:22:33 on en0 ifscope [ethernet]") == {
        "192.168.1.11": M1
    }
    assert read_arp("? (10.0.0.1) at 4:bd:8f:1:2:3 on en0") == {"10.0.0.1": "04:bd:8f:01:02:03"}


def test_interfaces_are_chosen_by_name_or_address() -> None:
    known = (
        Interface("lo", "127.0.0.1"),
        Interface("eth0", "10.0.0.2"),
        Interface("Wi-Fi 2", "10.1.0.2"),
    )
    assert choose(known, None) == ("10.0.0.2", "10.1.0.2")
    assert choose(known, "Wi-Fi 2") == ("10.1.0.2",)
    assert choose(known, "127.0.0.1") == ("127.0.0.1",)
    with pytest.raises(NoInterface, match=r"no such network interface: eth7; there are: lo \(127"):
        choose(known, "eth7")
    with pytest.raises(NoInterface):
        choose(known[:1], None)


# ------------------------------------------------------------ subnets


def test_subnets_are_bounded() -> None:
    assert len(hosts_of("192.168.1.7/24")) == 254
    assert len(hosts_of("10.0.0.0/22")) == 1022
    for text, why in [
        ("10.0.0.0/21", r"/22 \(1024\) is the most"),
        ("fe80::/120", "only IPv4"),
        ("gate", "no subnet"),
    ]:
        with pytest.raises(BadSubnet, match=why):
            hosts_of(text)


@pytest.mark.parametrize(
    ("answer", "server"),
    [
        (
            b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: Hipcam \x1b RealServer/V1.0\r\n\r\n",
            "Hipcam   RealServer/V1.0",
        ),
        (b"RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n\r\n", ""),
        (b"RTSP/1.0 404 Not Found\r\nServer: httpd\r\n\r\n", None),
        (b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n", None),
        (b"", None),
    ],
)
def test_rtsp_servers_name_themselves(answer: bytes, server: str | None) -> None:
    assert server_of(answer) == server
