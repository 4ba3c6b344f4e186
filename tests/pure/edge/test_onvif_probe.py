"""WS-Discovery: what is asked, and what brands answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.onvif.markup import parse
from edge.onvif.probe import Match, clean, endpoint_of, mac_of, probe, read_matches
from sim.onvif.envelopes import probe_matches

UUID = "2419d68a-2dd2-21b2-a205-4cbd8f112233"
HIK = f"""<?xml version="1.0" encoding="UTF-8"?>
<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"><env:Header>
<wsadis:MessageID>urn:uuid:{UUID}</wsadis:MessageID></env:Header><env:Body><d:ProbeMatches>
<d:ProbeMatch><wsadis:EndpointReference><wsadis:Address>urn:uuid:{UUID.upper()}</wsadis:Address>
</wsadis:EndpointReference><d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types>
<d:Scopes>onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/hardware/DS-2CD1043G0-I
 onvif://www.onvif.org/name/HIKVISION%20DS-2CD1043G0-I onvif://www.onvif.org/location/city/hangzhou
 onvif://www.onvif.org/MAC/4c:bd:8f:11:22:33 onvif://www.onvif.org/Profile/Streaming</d:Scopes>
<d:XAddrs>http://192.168.1.11/onvif/device_service
http://[fe80::4ebd:8fff:fe11:2233]/onvif/device_service</d:XAddrs>
<d:MetadataVersion>10</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></env:Body></env:Envelope>
"""
DAHUA = f"""<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><s:Body>
<d:ProbeMatches xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><d:ProbeMatch>
<a:EndpointReference><a:Address>uuid:{UUID}</a:Address></a:EndpointReference>
<d:Scopes>onvif://www.onvif.org/name/Dahua onvif://www.onvif.org/hardware/IPC-HFW1230S-S5</d:Scopes>
<d:XAddrs>http://192.168.1.12/onvif/device_service</d:XAddrs></d:ProbeMatch></d:ProbeMatches>
</s:Body></s:Envelope>"""


def test_a_probe_asks_for_one_type_with_its_own_id() -> None:
    asked = parse(probe("11111111-2222-3333-4444-555555555555", "dn:NetworkVideoTransmitter"))
    assert asked.said("MessageID") == "uuid:11111111-2222-3333-4444-555555555555"
    assert asked.said("Probe", "Types") == "dn:NetworkVideoTransmitter"


def test_a_hikvision_answers_with_all_that_it_is() -> None:
    (match,) = read_matches(HIK.encode(), "192.168.1.11")
    assert match == Match(
        address="192.168.1.11",
        endpoint=f"urn:uuid:{UUID}",
        xaddrs=(
            "http://192.168.1.11/onvif/device_service",
            "http://[fe80::4ebd:8fff:fe11:2233]/onvif/device_service",
        ),
        name="HIKVISION DS-2CD1043G0-I",
        hardware="DS-2CD1043G0-I",
        mac="4c:bd:8f:11:22:33",
    )
    assert match.service == "http://192.168.1.11/onvif/device_service"


def test_a_dahua_writes_its_endpoint_otherwise_and_is_the_same() -> None:
    (match,) = read_matches(DAHUA.encode(), "192.168.1.12")
    assert match.endpoint == f"urn:uuid:{UUID}"
    assert match.mac is None


@pytest.mark.parametrize(
    ("xaddrs", "service"),
    [
        (
            "http://10.0.0.9:8000/onvif/device_service",
            "http://192.168.1.7:8000/onvif/device_service",
        ),
        ("", "http://192.168.1.7/onvif/device_service"),
        ("http://10.0.0.9/onvif/dev", "http://192.168.1.7/onvif/dev"),
        ("ftp://x http://192.168.1.7:2020/a", "http://192.168.1.7:2020/a"),
        ("http://[::1 http://h:99999/", "http://192.168.1.7/onvif/device_service"),
    ],
)
def test_the_address_that_answered_is_the_one_that_is_asked(xaddrs: str, service: str) -> None:
    answer = DAHUA.replace("http://192.168.1.12/onvif/device_service", xaddrs)
    (match,) = read_matches(answer.encode(), "192.168.1.7")
    assert match.service == service


def test_undeclared_prefixes_are_read_too() -> None:
    answer = probe_matches(
        relates_to="x", endpoint=f"uuid:{UUID}", xaddr="http://h/", scopes={}, declared=False
    )
    assert len(read_matches(answer, "10.0.0.1")) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\x00", b"<a/>", b"<ProbeMatches/>", b"<ProbeMatches><ProbeMatch/></ProbeMatches>"],
)
def test_what_is_no_answer_is_nothing(content: bytes) -> None:
    assert read_matches(content, "10.0.0.1") == ()


@given(st.binary(max_size=300))
def test_any_datagram_is_survived(content: bytes) -> None:
    read_matches(content, "10.0.0.1")
    read_matches(HIK.encode()[: len(content)] + content + HIK.encode()[len(content) :], "10.0.0.1")


def test_names_are_one_clean_line() -> None:
    assert clean("a\nb\x1b[31m\x85c\u2028d\u202ee") == "a b [31m c d e"
    assert len(clean("x" * 1000)) == 200


@pytest.mark.parametrize(
    ("text", "mac"),
    [
        ("4C:BD:8F:11:22:33", "4c:bd:8f:11:22:33"),
        ("4c-bd-8f-11-22-33", "4c:bd:8f:11:22:33"),
        ("4cbd8f112233", "4c:bd:8f:11:22:33"),
        ("00:00:00:00:00:00", None),
        ("4c:bd:8f", None),
        ("", None),
        (None, None),
    ],
)
def test_macs(text: str | None, mac: str | None) -> None:
    assert mac_of(text) == mac


def test_an_endpoint_without_a_uuid_is_taken_as_it_is() -> None:
    assert endpoint_of("HTTP://device/1") == "http://device/1"
    assert endpoint_of(None) == ""
