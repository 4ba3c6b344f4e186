"""Cameras that flood: nothing of ours grows without bounds."""

import socket
from collections.abc import Iterator

import pytest

from edge.rtsp.link import Link, TroubleError
from wire.vocabulary import Cause


@pytest.fixture
def pair() -> Iterator[tuple[Link, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    yield Link(ours), theirs
    ours.close()
    theirs.close()


def send_often(link: Link, message: bytes) -> None:
    for _ in range(100_000):
        link.send(message)


def test_a_camera_that_asks_and_never_reads_is_given_up(pair: tuple[Link, socket.socket]) -> None:
    link, _ = pair
    with pytest.raises(TroubleError, match="reads no answer") as given_up:
        send_often(link, b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n")
    assert given_up.value.trouble.cause is Cause.RTSP_PROTOCOL
    assert len(link._unsent) < 70_000


def test_what_a_slow_camera_has_not_read_yet_is_sent_later(
    pair: tuple[Link, socket.socket],
) -> None:
    link, theirs = pair
    sent = b"".join(b"%d\n" % number for number in range(60_000))
    got = b""
    for start in range(0, len(sent), 1000):
        link.send(sent[start : start + 1000])
        got += theirs.recv(1100)
    link.flush()
    while len(got) < len(sent):
        got += theirs.recv(65536)
        link.flush()
    assert got == sent
