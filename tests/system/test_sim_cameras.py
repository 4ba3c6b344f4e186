"""The simulated cameras, seen by our own eye and by FFmpeg (PyAV), which we did not write."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import av
import pytest

from edge.clock import SystemClock
from edge.look import Look, LookLimits, look
from edge.picture.decoder import AvDecoder
from edge.redact import Secret
from edge.rtsp.session import Limits
from edge.rtsp.url import CameraUrl
from sim.clips import ClipCache, ClipSpec
from sim.faults import CUTS_SESSIONS, EXPECTED, PICTURE_FAULTS, Fault
from sim.fleet import CameraSpec, Fleet, Lockout
from wire.vocabulary import Cause, State

SMALL = ClipSpec(width=320, height=180)
FAST = LookLimits(
    total_s=9.0, stall_s=3.0, measure_s=1.0, session=Limits(handshake_s=2.0, connect_s=1.0)
)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> ClipCache:
    return ClipCache(tmp_path_factory.mktemp("clips"))


@pytest.fixture
async def fleet(cache: ClipCache) -> AsyncIterator[Fleet]:
    made = Fleet(
        [
            CameraSpec(id="h264", clip=SMALL, password="p@ss/w:o#rd ễ"),
            CameraSpec(id="h265", clip=replace(SMALL, codec="h265")),
        ],
        cache=cache,
    )
    await made.start()
    yield made
    await made.stop()


async def seen(fleet: Fleet, camera: str) -> Look:
    decoder = AvDecoder()
    try:
        url = CameraUrl.parse(fleet.url(camera))
        return await look(url, clock=SystemClock(), decoder=decoder, limits=FAST)
    finally:
        decoder.close()


def frames(url: str, wanted: int) -> tuple[str, int, int]:
    """Play with FFmpeg; return codec, width and how many pictures came."""
    options = {"rtsp_transport": "tcp", "stimeout": "5000000"}
    with av.open(url, options=options, timeout=(8.0, 8.0)) as container:
        stream = container.streams.video[0]
        count = 0
        for _ in container.decode(stream):
            count += 1
            if count >= wanted:
                break
        return stream.codec_context.name, stream.codec_context.width, count


@pytest.mark.parametrize("codec", ["h264", "h265"])
async def test_our_own_eye_sees_a_healthy_camera(fleet: Fleet, codec: str) -> None:
    found = await seen(fleet, codec)
    assert found.verdict.state is State.UP, found
    assert (found.codec, found.width, found.height) == (codec, 320, 180)
    assert found.fps == pytest.approx(12, abs=1)
    assert found.loss == 0


@pytest.mark.parametrize(("codec", "name"), [("h264", "h264"), ("h265", "hevc")])
async def test_ffmpeg_plays_the_stream(fleet: Fleet, codec: str, name: str) -> None:
    found = await asyncio.to_thread(frames, fleet.url(codec), 20)
    assert found == (name, 320, 20)


@pytest.mark.parametrize("codec", ["h264", "h265"])
async def test_each_fault_is_seen_for_what_it_is(cache: ClipCache, codec: str) -> None:
    faults = sorted(set(EXPECTED) - PICTURE_FAULTS | {Fault.BLACK})
    clip = replace(SMALL, codec=codec)
    fleet = Fleet([CameraSpec(id=str(fault), clip=clip) for fault in faults], cache=cache)
    await fleet.start()
    for fault in faults:
        fleet.set_fault(str(fault), fault, share=0.3)
    looks = await asyncio.gather(*(seen(fleet, str(fault)) for fault in faults))
    await fleet.stop()
    causes = {fault: found.cause for fault, found in zip(faults, looks, strict=True)}
    assert causes == {fault: EXPECTED[fault] for fault in faults}


async def test_a_black_picture_is_seen_and_goes_when_it_is_repaired(fleet: Fleet) -> None:
    fleet.set_fault("h264", Fault.BLACK)
    assert (await seen(fleet, "h264")).cause is EXPECTED[Fault.BLACK]
    fleet.set_fault("h264", None)
    assert (await seen(fleet, "h264")).state is State.UP


async def test_what_is_repaired_works_again_at_once(fleet: Fleet) -> None:
    for fault in sorted(CUTS_SESSIONS):
        fleet.set_fault("h264", fault)
        fleet.set_fault("h264", None)
    assert (await seen(fleet, "h264")).state is State.UP


async def test_two_cameras_fail_apart(fleet: Fleet) -> None:
    fleet.set_fault("h264", Fault.REFUSE)
    assert (await seen(fleet, "h264")).state is State.DOWN
    assert (await seen(fleet, "h265")).state is State.UP


async def test_a_wrong_password_and_udp_are_refused(fleet: Fleet) -> None:
    with pytest.raises(av.error.HTTPUnauthorizedError):
        await asyncio.to_thread(frames, fleet.url("h264", with_password=False), 1)
    answer = await asked(
        fleet,
        "h265",
        "SETUP {url}/trackID=1 RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP;client_port=5000-5001",
    )
    assert answer.startswith(b"RTSP/1.0 401")


async def test_junk_costs_a_connection_and_no_more(fleet: Fleet) -> None:
    assert await asked(fleet, "h264", "\x00\x01junk") == b""
    assert (await asked(fleet, "h264", "OPTIONS * RTSP/1.0\r\nCSeq: 9")).startswith(b"RTSP/1.0 200")
    assert (await seen(fleet, "h264")).state is State.UP


async def asked(fleet: Fleet, camera: str, text: str) -> bytes:
    """Send one request by hand; return what comes back until the end or the blank line."""
    url = CameraUrl.parse(fleet.url(camera))
    reader, writer = await asyncio.open_connection(url.host, url.port)
    try:
        writer.write(f"{text.format(url=url.request_uri)}\r\n\r\n".encode())
        async with asyncio.timeout(5):
            return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""
    finally:
        writer.transport.abort()


def test_a_clip_is_encoded_once(tmp_path: Path) -> None:
    cache, spec = ClipCache(tmp_path), ClipSpec(width=160, height=90, fps=4, gop_s=1)
    assert cache.missing({spec}) == [spec]
    steps: list[tuple[int, int]] = []
    cache.prepare({spec}, lambda done, total: steps.append((done, total)))
    assert steps == [(0, 1), (1, 1)]
    assert cache.missing({spec}) == []
    clip = cache.get(spec)
    assert len(clip.units) == spec.frames
    assert clip.keys == tuple(range(0, spec.frames, spec.fps))
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"cut short")
    assert len(cache.get(spec).units) == spec.frames


async def test_a_recorder_counts_wrong_passwords_of_all_its_channels_and_locks(
    cache: ClipCache,
) -> None:
    lockout = Lockout(failures=3, within_s=30, lasts_s=60, status=403)
    fleet = Fleet(
        [CameraSpec(id=f"{i}", clip=SMALL, recorder="nvr", lockout=lockout) for i in range(4)],
        cache=cache,
    )
    await fleet.start()
    for channel in fleet.cameras[:3]:
        wrong = CameraUrl.parse(fleet.url(channel)).with_password(Secret("no"))
        found = await look(wrong, clock=SystemClock(), decoder=AvDecoder(), limits=FAST)
        assert found.cause is Cause.RTSP_AUTH
    login = fleet.login("3")
    assert (login.password_tries, login.logins, login.locks) == (3, 0, 1)
    locked = await seen(fleet, "3")
    assert locked.cause is Cause.RTSP_AUTH
    assert "403" in (locked.verdict.detail or "")
    assert login.password_tries == 3  # it answers 403 before it is told a password
    fleet.set_fault("3", None)
    assert (await seen(fleet, "3")).state is State.UP
    assert (login.password_tries, login.logins) == (3, 1)
    await fleet.stop()
