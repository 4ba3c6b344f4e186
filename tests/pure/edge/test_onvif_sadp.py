"""Hikvision's own discovery: the inquiry, and what is told to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.onvif.markup import parse
from edge.onvif.probe import Match
from edge.onvif.sadp import inquiry, read_inquiry
from sim.onvif.envelopes import sadp_match

UUID = "1f9b2a6c-4e1d-4f5a-9c3e-7a2b5d8e0c11"
ANSWER = sadp_match(
    uuid=UUID, model="DS-2CD1043G0-I", serial="DS-2CD1043G0-IAAWR1", mac="4c:bd:8f:11:22:33",
    firmware="V5.7.3build 220112", address="192.168.1.11",
)  # fmt: skip


def test_an_inquiry_changes_nothing_and_says_nothing_of_us() -> None:
    asked = parse(inquiry(UUID))
    assert [(node.name, node.text) for node in asked.children] == [
        ("Uuid", UUID.upper()),
        ("Types", "inquiry"),
    ]


def test_a_camera_without_onvif_is_known_by_serial_and_mac() -> None:
    (match,) = read_inquiry(ANSWER, "192.168.1.11")
    assert match == Match(
        address="192.168.1.11",
        hardware="DS-2CD1043G0-I",
        mac="4c:bd:8f:11:22:33",
        brand="Hikvision",
        serial="DS-2CD1043G0-IAAWR1",
        firmware="V5.7.3build 220112",
        has_service=False,
    )
    assert match.service == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        inquiry(UUID),
        ANSWER.replace(b"inquiry", b"update"),
        b"<ProbeMatch><Types>inquiry</Types></ProbeMatch>",
        b"<!DOCTYPE a><ProbeMatch/>",
    ],
)
def test_what_is_no_answer_is_nothing(content: bytes) -> None:
    assert read_inquiry(content, "192.168.1.11") == ()


@given(st.binary(max_size=200), st.integers(0, len(ANSWER)))
def test_any_datagram_is_survived(content: bytes, at: int) -> None:
    read_inquiry(ANSWER[:at] + content + ANSWER[at:], "192.168.1.11")
