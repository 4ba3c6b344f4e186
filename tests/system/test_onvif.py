"""Cameras found and asked over real UDP and HTTP, with their brands' quirks; loopback only."""

import asyncio
import contextlib
import io
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

import psutil
import pytest

from edge.cli import main
from edge.clock import SystemClock
from edge.config import CameraConfig, OnvifConfig, RecordingsConfig, WatchConfig, load
from edge.onvif.answers import (
    CLOCK,
    DETAILS,
    RECORDINGS,
    Answer,
    Ask,
    Login,
    RecorderAsk,
)
from edge.onvif.asker import Asker
from edge.onvif.follow import Follower, Following
from edge.onvif.memory import Memory
from edge.onvif.multicast import discover
from edge.onvif.sweep import sweep
from edge.onvif.worker import answers_to
from edge.picture.decoder import AvDecoder
from edge.picture.judge import Judge
from edge.redact import Secret
from edge.rtsp.session import Pump
from edge.rtsp.url import CameraUrl, Credentials
from edge.sighting import Sighting
from edge.watcher import watch
from sim.clips import ClipCache, ClipSpec
from sim.fleet import CameraSpec, Fleet
from sim.onvif import Face, FaceSpec, Quirk, Responder, Track
from sim.onvif.envelopes import Profile
from sim.onvif.street import Street
from tests.system.edge_sink import Agent, broker_and_sink, configure, until
from wire.messages import CameraFacts
from wire.vocabulary import Cause

PASSWORD = "matkhau-123"
RIGHT = Login(user="viewer", password=PASSWORD)
WRONG = Login(user="viewer", password="sai-mật-khẩu")
STREAMS = (
    Profile(token="Main", url="rtsp://127.0.0.1:8554/Streaming/Channels/101"),
    Profile(token="Sub", url="rtsp://127.0.0.1:8554/Streaming/Channels/102", width=640, height=360),
)
STREAM = CameraUrl.parse("rtsp://127.0.0.1:8554/")
CLOCK_S = SystemClock()


@pytest.fixture
async def faces() -> AsyncIterator[Callable[..., Any]]:
    running: list[Face] = []

    async def start(**more: Any) -> Face:
        number = len(running) + 1
        spec = FaceSpec(
            id=f"f{number}",
            endpoint=f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
            profiles=STREAMS,
        )
        face = Face(replace(spec, **more))
        await face.start()
        running.append(face)
        return face

    yield start
    for face in running:
        await face.stop()


def ask(face: Face, *wants: str, login: Login | None = RIGHT, recorder: Any = None) -> Ask:
    return Ask(key=face.spec.id, url=face.service, wants=wants, login=login, recorder=recorder)


async def answer_of(face: Face, *wants: str, login: Login | None = RIGHT) -> Answer:
    (answer,) = await answers_to([ask(face, *wants, login=login)])
    return answer


# ------------------------------------------------------------ discovery


async def test_every_device_answers_over_multicast_and_directly(faces: Callable[..., Any]) -> None:
    devices = (
        await faces(title="Cổng chính"),
        await faces(quirks=frozenset({Quirk.WRONG_XADDR})),
        await faces(quirks=frozenset({Quirk.UNDECLARED_PREFIX})),
        await faces(quirks=frozenset({Quirk.GARBAGE})),
    )
    responder = Responder(lambda: devices)
    await responder.start()
    try:
        for target in ((responder.group, responder.port), ("127.0.0.1", responder.port)):
            found = await discover(
                ["127.0.0.1"], clock=CLOCK_S, seconds=1, target=target, sadp=None
            )
            by_endpoint = {match.endpoint: match for match in found}
            assert set(by_endpoint) == {face.spec.endpoint for face in devices[:3]}
            assert by_endpoint[devices[0].spec.endpoint].name == "Cổng chính"
            assert {match.service for match in found} == {face.service for face in devices[:3]}
        assert responder.probes == 8
    finally:
        responder.stop()


@pytest.mark.parametrize("to_group", [False, True])
async def test_a_hikvision_whose_onvif_is_off_is_found_by_its_own_discovery(
    faces: Callable[..., Any], *, to_group: bool
) -> None:
    face = await faces(brand="Hikvision", model="DS-2CD1043G0-I")
    responder = Responder(lambda: (face,), to_group=to_group)
    await responder.start()
    try:
        found = await discover(
            ["127.0.0.1"],
            clock=CLOCK_S,
            seconds=1,
            target=("127.0.0.1", 9),
            sadp=(responder.group, responder.port),
            hear_group=to_group,
        )
    finally:
        responder.stop()
    (match,) = found
    assert (match.serial, match.mac, match.service) == (face.spec.serial, face.spec.mac, "")


async def test_an_interface_that_cannot_send_is_told_and_the_others_go_on() -> None:
    failed: list[str] = []
    found = await discover(
        ["203.0.113.7", "127.0.0.1"],
        clock=CLOCK_S,
        seconds=0.2,
        target=("127.0.0.1", 9),
        sadp=None,
        on_failed=lambda address, _: failed.append(address),
    )
    assert (found, failed) == ((), ["203.0.113.7"])


# ------------------------------------------------------------ asking

BROKEN = "its answers are of no use"
QUIRKS: dict[str, tuple[frozenset[Quirk], float, set[str], int]] = {
    # quirks, the clock's error, what can't be answered, streams
    "plain": (frozenset(), 0, set(), 2),
    "behind a NAT": (frozenset({Quirk.WRONG_XADDR}), 0, set(), 2),
    "clock of 2025": (frozenset(), -400 * 86_400, set(), 2),
    "HTTP Digest": (frozenset({Quirk.HTTP_DIGEST}), 3600, set(), 2),
    "old firmware": (frozenset({Quirk.NO_SERVICES}), 0, set(), 2),
    "shy of its network": (frozenset({Quirk.NO_INTERFACES}), 0, set(), 2),
    "no profile": (frozenset({Quirk.NO_MEDIA}), 0, set(), 0),
    "events alone": (frozenset({Quirk.PULL_POINT_ONLY}), 0, set(), 0),
    "open": (frozenset({Quirk.OPEN}), -5000, set(), 2),
    "open, shy": (frozenset({Quirk.OPEN, Quirk.NO_INTERFACES}), 0, set(), 2),
    "open, HTTP Digest": (frozenset({Quirk.OPEN, Quirk.HTTP_DIGEST}), 0, set(), 2),
    "login for the time": (frozenset({Quirk.LOGIN_FOR_TIME}), 0, {CLOCK}, 2),
    "no time": (frozenset({Quirk.NO_TIME}), 0, {CLOCK}, 2),
    "garbage": (frozenset({Quirk.GARBAGE}), 0, {CLOCK, DETAILS}, 0),
    "entities": (frozenset({Quirk.ENTITIES}), 0, {CLOCK, DETAILS}, 0),
    "faults": (frozenset({Quirk.FAULTS}), 0, {CLOCK, DETAILS}, 0),
}


async def test_what_brands_do_and_what_is_learned_of_them_with_no_wrong_try(
    faces: Callable[..., Any],
) -> None:
    devices = {
        name: await faces(id=name, quirks=quirks, clock_off_s=off_s)
        for name, (quirks, off_s, _, _) in QUIRKS.items()
    }
    asks = [ask(face, CLOCK, DETAILS) for face in devices.values()]
    answers = {answer.key: answer for answer in await answers_to(asks)}
    assert set(answers) == set(QUIRKS)
    for name, (_, off_s, failed, streams) in QUIRKS.items():
        answer, face = answers[name], devices[name]
        assert set(answer.failed) == failed, name
        assert answer.refused == (() if name != "login for the time" else (CLOCK,)), name
        assert face.login.password_tries == 0, name
        if answer.clock:
            assert abs(answer.clock.utc_ms - off_s * 1000) <= answer.clock.error_ms + 20, name
        if answer.details:
            assert answer.details.serial == face.spec.serial, name
            assert len(answer.details.streams) == streams, name
            for stream, wanted in zip(answer.details.streams, STREAMS, strict=False):
                assert stream.url == wanted.url, name
                assert (stream.width, stream.height) == (wanted.width, wanted.height), name
    assert answers["shy of its network"].details.mac == ""  # type: ignore[union-attr]
    assert answers["plain"].details.mac == devices["plain"].spec.mac  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "quirks", [(), (Quirk.HTTP_DIGEST,), (Quirk.OPEN,), (Quirk.OPEN, Quirk.HTTP_DIGEST)]
)
async def test_a_wrong_password_is_tried_once_and_never_again(
    faces: Callable[..., Any], quirks: tuple[Quirk, ...]
) -> None:
    now = datetime.now(UTC)
    track = Track(channel=1, name="x", spans=((now - timedelta(days=3), now),))
    face = await faces(quirks=frozenset(quirks), tracks=(track,))
    recorder = RecorderAsk(via="onvif", url=face.service, login=WRONG)
    asks = [
        replace_key(ask(face, CLOCK, DETAILS, RECORDINGS, login=WRONG, recorder=recorder), key)
        for key in ("c1", "c2", "c3")
    ]
    answers = await answers_to(asks)
    assert {answer.refused for answer in answers} == {(DETAILS, RECORDINGS)}
    assert all(answer.clock for answer in answers)
    assert face.login.password_tries == 1


def replace_key(one: Ask, key: str) -> Ask:
    return Ask(key=key, url=one.url, wants=one.wants, login=one.login, recorder=one.recorder)


async def test_without_a_login_no_password_is_sent(faces: Callable[..., Any]) -> None:
    face = await faces()
    answer = await answer_of(face, CLOCK, DETAILS, login=None)
    assert answer.clock is not None
    assert answer.failed == {DETAILS: "it wants a login"}
    assert face.login.password_tries == 0


async def test_local_time_called_utc_is_told_as_it_is(faces: Callable[..., Any]) -> None:
    bare = await faces(quirks=frozenset({Quirk.LOCAL_AS_UTC}))
    told = await faces(quirks=frozenset({Quirk.LOCAL_AS_UTC_TOLD}))
    answers = {a.key: a for a in await answers_to([ask(bare, CLOCK), ask(told, CLOCK)])}
    zone_ms = 7 * 3_600_000
    for face in (bare, told):
        clock = answers[face.spec.id].clock
        assert clock is not None
        assert abs(clock.utc_ms - zone_ms) < 1500
        assert (clock.local_ms is None) == (face is bare)


async def test_who_hangs_costs_nobody_else_an_answer(faces: Callable[..., Any]) -> None:
    slow = await faces(quirks=frozenset({Quirk.SLOW}))
    endless = await faces(quirks=frozenset({Quirk.ENDLESS}))
    sound = await faces()
    answers = {a.key: a for a in await answers_to([ask(f, CLOCK) for f in (slow, endless, sound)])}
    assert answers[sound.spec.id].clock is not None
    assert "over 512 KiB" in answers[endless.spec.id].failed[CLOCK]
    assert answers[slow.spec.id].failed == {CLOCK: "no answer in time"}


async def test_a_run_that_takes_too_long_is_ended(faces: Callable[..., Any]) -> None:
    slow, began = await faces(quirks=frozenset({Quirk.SLOW})), time.monotonic()
    assert await answers_to([ask(slow, CLOCK)], limit_s=0.5) == ()
    assert time.monotonic() - began < 5


async def test_a_run_that_is_cancelled_leaves_no_process_behind(faces: Callable[..., Any]) -> None:
    face = await faces(quirks=frozenset({Quirk.SLOW}))
    began, children = time.monotonic(), set(psutil.Process().children())
    asking = asyncio.create_task(answers_to([ask(face, CLOCK)]))
    await eventually(lambda: set(psutil.Process().children()) - children, "it runs")
    (process,) = set(psutil.Process().children()) - children
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await eventually(lambda: not process.is_running(), "it has ended", 5)
    assert time.monotonic() - began < 10


# ------------------------------------------------------------ recordings


def days(now: datetime, *spans: tuple[float, float]) -> tuple[tuple[datetime, datetime], ...]:
    return tuple((now - timedelta(days=a), now - timedelta(days=b)) for a, b in spans)


@pytest.mark.parametrize(
    ("via", "quirks"),
    [("onvif", ()), ("hikvision", ()), ("hikvision", (Quirk.NEWEST_FIRST,))],
)
async def test_a_recorder_tells_its_newest_and_oldest(
    faces: Callable[..., Any], via: str, quirks: tuple[Quirk, ...]
) -> None:
    now, off = datetime.now(UTC), timedelta(minutes=-40)
    many = days(now + off, *((k / 96 + 0.0095, k / 96) for k in range(150, -1, -1)))
    spans = (*days(now + off, (31, 12), (11.5, 8)), *many)
    face = await faces(
        tracks=(Track(channel=1, name="Cổng"), Track(channel=2, name="Sân", spans=spans)),
        clock_off_s=off.total_seconds(),
        quirks=frozenset(quirks),
        disks=("ok", "notexist"),
    )
    url = face.service if via == "onvif" else face.url

    def asked(key: str, channel: str | None) -> Ask:
        recorder = RecorderAsk(via=via, url=url, channel=channel, login=RIGHT)
        return replace_key(ask(face, RECORDINGS, recorder=recorder), key)

    yard = "Sân" if via == "onvif" else "2"
    answers = await answers_to(
        [asked("full", yard), asked("empty", "rec-1" if via == "onvif" else "1")]
    )
    by_key = {answer.key: answer.recording for answer in answers}
    full, empty = by_key["full"], by_key["empty"]
    assert full is not None
    assert empty is not None
    assert (empty.oldest_utc_ms, empty.newest_utc_ms) == (None, None)
    now_ms = now.timestamp() * 1000
    off_ms = 1_800_000 if quirks else 3000
    assert full.oldest_utc_ms == pytest.approx(now_ms - 31 * 86_400_000, abs=off_ms)
    assert full.newest_utc_ms == pytest.approx(now_ms, abs=3000)
    if via == "hikvision":
        assert (full.disk, full.gaps) == ("ok", 96)
    assert face.login.password_tries == 0


async def test_a_recorder_with_many_recordings_wants_to_know_which(
    faces: Callable[..., Any],
) -> None:
    face = await faces(tracks=(Track(channel=1, name="a"), Track(channel=2, name="b")))
    recorder = RecorderAsk(via="onvif", url=face.service, login=RIGHT)
    (answer,) = await answers_to([ask(face, RECORDINGS, recorder=recorder)])
    assert answer.failed == {
        RECORDINGS: "it has no recording (none was named); there are: rec-1, rec-2"
    }


@pytest.mark.parametrize("via", ["onvif", "hikvision"])
async def test_a_refused_recorder_sees_one_try_through_restarts_and_channels(
    tmp_path: Path, faces: Callable[..., Any], via: Literal["onvif", "hikvision"]
) -> None:
    now = datetime.now(UTC)
    face = await faces(tracks=(Track(channel=1, name="x", spans=days(now, (3, 0))),))

    async def run(password: str) -> Asker:
        recordings = RecordingsConfig(
            via=via,
            url=face.service if via == "onvif" else face.url,
            credentials=Credentials("viewer", Secret(password)),
        )
        asker = Asker(
            [
                CameraConfig(id=f"c{n}", name="", url=STREAM, recordings=recordings)
                for n in range(8)
            ],
            clock=CLOCK_S,
            memory=Memory(tmp_path),
            ours_off_ms=lambda: 0,
        )
        await asker.run_once()
        return asker

    for _ in range(3):
        await run("sai")
    assert face.login.password_tries == 1
    asker = await run(PASSWORD)
    facts = [asker.facts(CameraFacts(camera=f"c{n}")).recording for n in range(8)]
    assert all(recording and recording.newest_utc_ms for recording in facts)
    assert face.login.password_tries == 1


# ------------------------------------------------------------ the command


@pytest.fixture
async def street(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Fleet, Street]]:
    cache = ClipCache(tmp_path_factory.getbasetemp() / "clips")
    small = ClipSpec(width=320, height=180)
    cameras = [CameraSpec(id=f"c{n}", title=f"Cổng {n}", clip=small) for n in (1, 2)]
    fleet = Fleet(cameras, cache=cache)
    await fleet.start()
    street = Street(fleet, cameras, host="127.0.0.1", discovery_port=0)
    await street.start()
    yield fleet, street
    await street.stop()
    await fleet.stop()


async def discover_command(street: Street, *arguments: str, password: str = "") -> tuple[int, str]:
    """Run the command in a thread of ours; what it says of its progress is looked through too."""
    output, errors = io.StringIO(), io.StringIO()
    target = f"127.0.0.1:{street.responder.port}"
    line = ["discover", "--interface", "127.0.0.1", "--seconds", "1", "--probe-target", target]

    def run() -> int:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CAMERA_PASSWORD", password)
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
                return main([*line, *arguments])

    code = await asyncio.to_thread(run)
    assert not password or password not in output.getvalue() + errors.getvalue()
    return code, output.getvalue()


async def test_discover_writes_a_configuration_that_watches(
    tmp_path: Path, street: tuple[Fleet, Street]
) -> None:
    code, text = await discover_command(street[1], "--user", "viewer", "--yaml", password=PASSWORD)
    assert code == 0
    (tmp_path / "edge.yaml").write_text(text, "utf-8")
    names = {"CAMERA_PASSWORD": PASSWORD, "VONGGAC_AGENT_PASSWORD": "x"}
    config = load(tmp_path / "edge.yaml", names)
    assert sorted(camera.id for camera in config.cameras) == ["cong-1", "cong-2"]
    for camera in config.cameras:
        assert camera.sub_url is not None
        assert camera.sub_url.target.endswith("?sub")
        assert camera.onvif is not None
        assert camera.onvif.mac
    assert {f.login.password_tries for f in street[1].faces.values()} == {0}


async def test_discover_says_what_is_new_known_and_gone(
    tmp_path: Path, street: tuple[Fleet, Street]
) -> None:
    heads = [
        f"- {{id: cong-{n}, url: 'rtsp://10.1.2.{n}/', onvif: {{endpoint: '{one.spec.endpoint}'}}}}"
        for n, one in enumerate(street[1].faces.values(), start=1)
    ]
    centre = "centre: {url: 'mqtt://127.0.0.1'}"
    text = "\n".join(["schema: vonggac.edge/1", "agent: a1", centre, "cameras:", *heads])
    (tmp_path / "edge.yaml").write_text(text, "utf-8")
    street[1].responder.silent.add("c2")
    config = ("--config", str(tmp_path / "edge.yaml"))
    code, shown = await discover_command(street[1], *config, "--lang", "en", password=PASSWORD)
    assert code == 0
    assert "[has a new address: cong-1]" in shown
    assert "In the configuration, but not found: cong-2" in shown
    assert "a login is needed: add --user" in shown
    _, as_json = await discover_command(street[1], *config, "--json")
    told = json.loads(as_json)
    assert told["missing"] == ["cong-2"]
    assert told["devices"][0]["standing"] == "moved"


async def test_discover_tries_a_wrong_password_once_a_camera(street: tuple[Fleet, Street]) -> None:
    code, shown = await discover_command(street[1], "--user", "viewer", password="sai")
    assert code == 0
    assert shown.count("camera từ chối mật khẩu; không thử lại") == 2
    assert [f.login.password_tries for f in street[1].faces.values()] == [1, 1]


async def test_nothing_found_is_said_and_is_no_success(street: tuple[Fleet, Street]) -> None:
    street[1].responder.silent.update({"c1", "c2"})
    code, shown = await discover_command(street[1])
    assert code == 1
    assert "Không tìm thấy thiết bị nào" in shown


async def test_a_subnet_s_ports_are_looked_at_without_a_password(
    street: tuple[Fleet, Street],
) -> None:
    fleet, faces = street[0], tuple(street[1].faces.values())
    rtsp = CameraUrl.parse(fleet.url("c1")).port
    done: list[tuple[int, int]] = []
    found = await sweep(
        ["127.0.0.1", "127.0.0.9"],
        clock=CLOCK_S,
        rtsp_ports=(rtsp, faces[0].port),
        onvif_ports=(faces[0].port, rtsp),
        on_progress=lambda *pair: done.append(pair),
    )
    (one,) = found
    assert (one.address, one.rtsp_ports, one.service) == ("127.0.0.1", (rtsp,), faces[0].service)
    assert done[-1] == (8, 8)
    assert fleet.login("c1").password_tries == 0


# ------------------------------------------------------------ the agent


async def test_a_camera_with_a_new_address_is_watched_there(tmp_path: Path) -> None:
    """The camera leaves 127.0.0.2 and turns up at 127.0.0.3, on real sockets."""
    cache, spec = ClipCache(tmp_path), CameraSpec(id="c1", clip=ClipSpec(width=320, height=180))
    home = Fleet([spec], cache=cache, host="127.0.0.2")
    await home.start()
    url = CameraUrl.parse(home.url("c1"))
    face = FaceSpec(id="c1")
    camera = CameraConfig(
        id="c1",
        name="c1",
        url=url,
        watch=WatchConfig(picture_every_s=1, connect_timeout_s=1, stall_after_s=1),
        onvif=OnvifConfig(url="http://127.0.0.2/onvif/device_service", endpoint=face.endpoint),
    )
    responder = Responder(lambda: (Face(face, host="127.0.0.3"),), host="127.0.0.3", group="")
    await responder.start()
    at = ("127.0.0.3", responder.port)
    follower = Follower(
        [camera],
        clock=CLOCK_S,
        probe=lambda: discover(["127.0.0.1"], clock=CLOCK_S, seconds=0.4, target=at, sadp=None),
        macs=dict,
    )
    seen: list[Sighting] = []
    decoder, pump = AvDecoder(), Pump(CLOCK_S)
    watching = asyncio.create_task(
        watch(
            camera,
            clock=CLOCK_S,
            opener=Following(pump, follower, "c1"),
            decoder=decoder.for_camera("c1"),
            judge=Judge(freeze_after_ms=60_000),
            on_sighting=lambda sighting: seen.append(follower.see(sighting)),
        )
    )
    pumping = asyncio.create_task(pump.run())
    away = Fleet([replace(spec, port=url.port)], cache=cache, host="127.0.0.3")
    try:
        await eventually(lambda: seen and seen[-1].verdict.cause is None, "it is up")
        await home.stop()
        await away.start()
        await eventually(lambda: seen[-1].verdict.cause is Cause.NETWORK_REFUSED, "it is gone")
        follower._followed["c1"].lost_ms = 0  # as if it had been gone for long
        await follower.run_once()
        await eventually(lambda: seen[-1].verdict.cause is None, "it is up again")
        detail = seen[-1].verdict.detail
        assert detail == "at its new address 127.0.0.3, formerly 127.0.0.2"
    finally:
        for task in (watching, pumping):
            task.cancel()
        await asyncio.gather(watching, pumping, return_exceptions=True)
        decoder.close()
        responder.stop()
        await home.stop()
        await away.stop()


async def eventually(true: Callable[[], Any], what: str, bound_s: float = 60) -> None:
    end = time.monotonic() + bound_s
    while not true():
        assert time.monotonic() < end, f"not within {bound_s} s: {what}"
        await asyncio.sleep(0.02)


async def test_an_agent_says_that_a_clock_is_wrong_and_that_recordings_are_missing(
    tmp_path: Path, street: tuple[Fleet, Street]
) -> None:
    fleet, faces = street[0], street[1].faces
    faces["c1"].spec = replace(faces["c1"].spec, clock_off_s=-1200)
    old = days(datetime.now(UTC), (30, 3))
    faces["c2"].spec = replace(faces["c2"].spec, tracks=(Track(channel=1, name="x", spans=old),))
    cameras: list[dict[str, Any]] = [
        {"id": name, "url": fleet.url(name), "onvif": {"url": faces[name].service}}
        for name in ("c1", "c2")
    ]
    cameras[1]["recordings"] = {"via": "onvif", "url": faces["c2"].service, "days": 30}

    with broker_and_sink(tmp_path) as (broker, sink):

        def is_said(camera: str, cause: Cause) -> bool:
            return [s.cause for s in sink.segments(camera) if s.end_ms is None][-1:] == [cause]

        agent = await asyncio.to_thread(Agent, configure(tmp_path, broker.port, cameras))
        with contextlib.closing(Killed(agent)):
            for camera, cause in (("c1", Cause.CLOCK_DRIFT), ("c2", Cause.RECORDING_MISSING)):
                await asyncio.to_thread(until, partial(is_said, camera, cause), cause)
            faces["c1"].spec = replace(faces["c1"].spec, clock_off_s=0)
            vitals = await asyncio.to_thread(
                until,
                lambda: [r.vitals for r in sink.reports if r.vitals and r.vitals.cameras],
                "f",
            )
            assert vitals
            assert await asyncio.to_thread(agent.stop) == 0
            assert "Traceback" not in agent.log
            assert PASSWORD not in agent.log
    assert {face.login.password_tries for face in faces.values()} == {0}


class Killed:
    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def close(self) -> None:
        self._agent.kill()
