"""The doctor against real brokers, certificates, cameras and a running agent."""

import asyncio
import json
import os
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from edge.clock import SystemClock
from edge.config import CentreConfig, load
from edge.doctor import Check, Grade, Options, examine, say
from edge.doctor.cameras import Round
from edge.doctor.transport import grade_way, look_at_way
from edge.picture.decoder import AvDecoder
from edge.watcher import LOGINS, Devices, LoginBook
from sim.clips import ClipCache, ClipSpec
from sim.faults import Fault
from sim.fleet import CameraSpec, Fleet
from tests.system.centre import AGENT, SECRET, centre
from tests.system.centre import configure as configure_centre
from tests.system.edge_sink import Agent, broker_and_sink, configure, until
from tests.system.fixtures_broker import make_certificates, tls_broker
from tests.system.fixtures_server import free_port

EDGE = [sys.executable, "-c", "import sys; from edge.cli import main; sys.exit(main())"]
PASSWORD = "p@ss/w:o?rd#%41 ễ"
SERVER = "vonggac-server"
USERS = {SERVER: "w" * 43, AGENT: SECRET}


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> ClipCache:
    return ClipCache(tmp_path_factory.mktemp("clips"))


@pytest.fixture
async def fleet(clips: ClipCache) -> AsyncIterator[Fleet]:
    clip = ClipSpec(width=320, height=180)
    fleet = Fleet(
        [CameraSpec(id=f"c{i}", clip=clip, password=PASSWORD) for i in range(4)], cache=clips
    )
    await fleet.start()
    yield fleet
    await fleet.stop()


def urls(fleet: Fleet, password: str = "${CAM_PW}") -> list[dict[str, Any]]:
    addresses = {c: fleet.url(c, with_password=False) for c in fleet.cameras}
    return [
        {"id": c, "url": a.replace("://", f"://viewer:{password}@")} for c, a in addresses.items()
    ]


def written(folder: Path, cameras: list[dict[str, Any]], **changes: Any) -> Path:
    """Write an agent's configuration whose secrets stand in a file of their own."""
    secrets = folder / "secrets"
    secrets.write_text(f"CAM_PW={PASSWORD}\nAGENT_PW={SECRET}\nTOKEN=gate-token\n", "utf-8")
    secrets.chmod(0o600)
    content = {
        "schema": "vonggac.edge/1",
        "agent": AGENT,
        "data_dir": "var",
        "secrets_file": "secrets",
        "gate_input": {"listen": f"127.0.0.1:{free_port()}", "token": "${TOKEN}"},
        "cameras": cameras,
        **changes,
    }
    path = folder / "edge.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return path


class Examined(NamedTuple):
    checks: tuple[Check, ...]

    def of(self, code: str) -> Check:
        found = [check for check in self.checks if check.code == code]
        assert found, [(check.code, dict(check.values)) for check in self.checks]
        return found[0]

    @property
    def codes(self) -> list[str]:
        return [check.code for check in self.checks]

    @property
    def text(self) -> str:
        said = [say(check, language) for check in self.checks for language in ("vi", "en")]
        return repr(said) + repr(self.checks)


async def examined(path: Path, **options: Any) -> Examined:
    decoder = AvDecoder()
    try:
        return Examined(
            await examine(
                path,
                options=Options(**options),
                clock=SystemClock(),
                decoder=decoder,
                on_check=lambda _: None,
            )
        )
    finally:
        decoder.close()


def centre_at(port: int, *, ca_file: Path | None = None) -> dict[str, Any]:
    scheme = "mqtts" if ca_file else "mqtt"
    where = {"url": f"{scheme}://127.0.0.1:{port}", "password": "${AGENT_PW}"}
    return where | ({"ca_file": str(ca_file)} if ca_file else {})


# ---------------------------------------------------------------- all is well


async def test_a_first_visit_where_all_is_well(fleet: Fleet, tmp_path: Path) -> None:
    """Mosquitto with TLS, a centre behind it, four cameras: the printed list and the JSON."""
    with tls_broker(USERS) as broker:
        mqtt = {"broker": {"url": f"mqtts://127.0.0.1:{broker.port}", "user": SERVER,
                           "password": USERS[SERVER], "ca_file": str(broker.ca_file)}}  # fmt: skip
        (tmp_path / "centre").mkdir()
        async with centre(configure_centre(tmp_path / "centre", mqtt=mqtt)):
            path = written(
                tmp_path, urls(fleet), centre=centre_at(broker.port, ca_file=broker.ca_file)
            )
            await listening(path)
            done = await asyncio.to_thread(doctor, "--config", str(path), "--json")
    found = json.loads(done.stdout)
    codes = [check["code"] for check in found["checks"]]
    assert {"config.ok", "secrets.ok", "folder.ok", "disk.ok", "agent.first", "zone.ok",
            "decoder.ok", "broker.reached", "tls.ok", "login.ok", "centre.ok", "clock.measured",
            "gate.free"} <= set(codes), found  # fmt: skip
    assert codes.count("camera.up") == 4, found
    assert done.returncode == found["exit_code"] <= 1  # a busy machine is a warning
    assert found["seconds"] < 15
    for secret in (PASSWORD, SECRET, "gate-token"):
        assert secret not in done.stdout + done.stderr
    assert not (tmp_path / "var").exists()  # nothing was begun


async def listening(path: Path) -> None:
    """Wait until the centre hears what agents say."""
    for _ in range(20):
        if "centre.ok" in (await examined(path, cameras=False)).codes:
            return
    raise AssertionError("the centre never answered")


def doctor(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*EDGE, "doctor", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"TZ": "Asia/Ho_Chi_Minh"} | environment,
        check=False,
    )


# ---------------------------------------------------------------- the way to the centre


@contextmanager
def tls_port(folder: Path) -> Iterator[int]:
    """Serve TLS with ``server.pem`` and say nothing, until the block ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    taken, _ = listening.accept()
                except OSError:
                    return
                with taken:
                    try:
                        context.wrap_socket(taken, server_side=True).close()
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    ("days", "name", "trusted", "code"),
    [
        (0, "IP:127.0.0.1", True, "tls.expired"),
        (20, "IP:127.0.0.1", True, "tls.ends_soon"),
        (400, "DNS:other.test", True, "tls.wrong_name"),
        (400, "IP:127.0.0.1", False, "tls.untrusted"),
    ],
)
async def test_certificates(tmp_path: Path, days: int, name: str, trusted: bool, code: str) -> None:
    made = tmp_path / "made"
    made.mkdir()
    make_certificates(made, days=days, name=name)
    other = tmp_path / "other"
    other.mkdir()
    ca_file = made / "ca.pem"
    if not trusted:
        make_certificates(other)
        ca_file = other / "ca.pem"
    if days == 0:
        await asyncio.sleep(1.1)  # the certificate is good for its first second
    with tls_port(made) as port:
        where = CentreConfig(host="127.0.0.1", port=port, tls=True, password=None, ca_file=ca_file)
        way = await asyncio.to_thread(look_at_way, where, within_s=5, ms=SystemClock().ms)
    checks = grade_way(way, where, SystemClock().now())
    assert [check.code for check in checks] == ["broker.reached", code]
    assert say(checks[1], "vi").steps


async def test_a_plain_port_behind_mqtts_and_ways_that_do_not_lead_there(tmp_path: Path) -> None:
    def code_of(host: str, port: int, *, tls: bool) -> str:
        where = CentreConfig(host=host, port=port, tls=tls, password=None, ca_file=None)
        way = look_at_way(where, within_s=2, ms=SystemClock().ms)
        return grade_way(way, where, SystemClock().now())[-1].code

    with broker_and_sink(tmp_path) as (broker, _):
        assert await asyncio.to_thread(code_of, "127.0.0.1", broker.port, tls=True) == "tls.none"
    assert code_of("127.0.0.1", free_port(), tls=False) == "broker.refused"
    assert code_of("no-such-host.invalid", 1883, tls=False) == "broker.no_name"


async def test_what_the_broker_refuses(tmp_path: Path) -> None:
    """A wrong password; then rights that lack the reports. Mosquitto hangs up on such a one."""
    mute = "user vonggac-server\ntopic read #\npattern read vg/1/%u/ack\n"
    with tls_broker(USERS, acl=mute) as broker:
        where = centre_at(broker.port, ca_file=broker.ca_file)
        seen = await examined(written(tmp_path, [], centre=where | {"password": "wrong-one"}))
        assert seen.of("login.refused").grade is Grade.FAILED
        assert "wrong-one" not in seen.text
        seen = await examined(written(tmp_path, [], centre=where))
        seen.of("login.ok")
        seen.of("rights.speak")


async def test_a_broker_without_a_centre_behind_it(tmp_path: Path) -> None:
    with tls_broker(USERS) as broker:
        where = centre_at(broker.port, ca_file=broker.ca_file)
        seen = await examined(written(tmp_path, [], centre=where))
    assert seen.of("centre.silent").grade is Grade.WARNING


# ---------------------------------------------------------------- a running agent


async def test_a_running_agent_is_noticed_and_not_disturbed(fleet: Fleet, tmp_path: Path) -> None:
    cameras = [{"id": c, "url": fleet.url(c)} for c in fleet.cameras[:2]]

    def visit() -> None:
        with broker_and_sink(tmp_path) as (broker, sink):
            path = configure(tmp_path, broker.port, cameras)
            path.write_text(path.read_text("utf-8").replace(":0", f":{free_port()}"), "utf-8")
            agent = Agent(path)
            try:
                until(lambda: sink.segments("c1"), "the agent watches")
                seen = asyncio.run(examined(path))
                reports = len(sink.reports)
                until(lambda: len(sink.reports) > reports, "the agent goes on")
            finally:
                agent.stop()
            for code in ("agent.running", "gate.ours", "centre.heard"):
                seen.of(code)
            assert seen.codes.count("camera.up") == 2, seen.codes
            assert 4.0 < seen.of("clock.off").values["offset_s"] < 6.0  # the sink is 5 s ahead
            assert [b"true" in status for status in sink.statuses] == [True, False]
            assert "Traceback" not in agent.log
            assert "ended" not in agent.log

    await asyncio.to_thread(visit)


# ---------------------------------------------------------------- cameras


async def test_a_wrong_password_is_shown_once_to_each_recorder(
    fleet: Fleet, tmp_path: Path
) -> None:
    path = written(tmp_path, urls(fleet, "wrong"), centre=centre_at(free_port()))
    seen = await examined(path)
    assert seen.codes.count("camera.trouble") == 1
    assert seen.codes.count("camera.same_password") == 3
    assert tries(fleet) == 1


def tries(fleet: Fleet) -> int:
    return sum(fleet.login(camera).password_tries for camera in fleet.cameras)


async def test_what_was_refused_is_remembered_with_the_agent(fleet: Fleet, tmp_path: Path) -> None:
    """Doctor after doctor shows a refused password once; --again shows it, but not for ever."""
    (tmp_path / "var").mkdir()
    wrong = written(tmp_path, urls(fleet, "wrong")[:1], centre=centre_at(free_port()))
    (await examined(wrong)).of("camera.trouble")
    assert await looked(wrong) == ["camera.guarded"]
    assert tries(fleet) == 1
    right = written(tmp_path, urls(fleet)[:1], centre=centre_at(free_port()))
    assert await looked(right) == ["camera.up"]  # another password is tried at once
    wrong = written(tmp_path, urls(fleet, "wrong")[:1], centre=centre_at(free_port()))
    for _ in range(4):
        await looked(wrong, again=True)
    assert tries(fleet) == 3


async def looked(path: Path, *, again: bool = False) -> list[str]:
    """Look at the cameras alone, as a new run of the doctor does."""
    config, clock, decoder = load(path), SystemClock(), AvDecoder()
    devices = Devices(LoginBook(config.data_dir / LOGINS, clock))
    codes: list[str] = []
    try:
        await Round(
            clock=clock,
            decoder=decoder,
            devices=devices,
            deadline_ms=clock.ms() + 20_000,
            running=False,
            again=again,
            on_check=lambda check: codes.append(check.code),
        ).make(config.cameras)
        await devices.keep()
    finally:
        decoder.close()
    return codes


async def test_each_camera_gets_its_own_cause(fleet: Fleet, tmp_path: Path) -> None:
    fleet.set_fault("c1", Fault.BLACK)
    fleet.set_fault("c2", Fault.NOT_FOUND)
    fleet.set_fault("c3", Fault.BUSY)
    seen = await examined(written(tmp_path, urls(fleet), centre=centre_at(free_port())))
    causes = {c.subject: (c.grade, str(c.cause)) for c in seen.checks if c.subject}
    assert causes == {
        "c0": (Grade.GOOD, "None"),
        "c1": (Grade.WARNING, "picture.black"),
        "c2": (Grade.FAILED, "rtsp.not_found"),
        "c3": (Grade.FAILED, "rtsp.busy"),
    }
    assert [fleet.viewers(camera) for camera in fleet.cameras] == [0] * 4


async def test_a_dead_host_is_tried_once_and_time_is_kept(fleet: Fleet, tmp_path: Path) -> None:
    """Sixteen channels of a host that accepts and says nothing: the doctor is done in time."""
    fleet.set_fault("c0", Fault.HANG)
    where = fleet.url("c0")
    cameras = [{"id": f"h{i}", "url": where} for i in range(16)]
    clock = SystemClock()
    began_ms = clock.ms()
    seen = await examined(written(tmp_path, cameras, centre=centre_at(free_port())))
    assert seen.codes.count("camera.trouble") == 1
    assert seen.codes.count("camera.same_host") == 15
    assert clock.ms() - began_ms < 12_000


# ---------------------------------------------------------------- this machine


async def test_a_configuration_with_mistakes_opens_no_connection(
    fleet: Fleet, tmp_path: Path
) -> None:
    path = written(
        tmp_path, urls(fleet), centre=centre_at(free_port()), watch={"picture_every_s": 0}
    )
    with path.open("a", encoding="utf-8") as file:
        file.write("unknown: 1\n")
    done = await asyncio.to_thread(doctor, "--config", str(path))
    assert done.returncode == 2
    assert "✗ Tệp cài đặt: unknown: không có khóa này" in done.stdout
    assert "✗ Tệp cài đặt: watch.picture_every_s: phải là số >= 1.0" in done.stdout
    assert all(fleet.login(camera).logins == 0 for camera in fleet.cameras)


async def test_what_is_wrong_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, a port that is taken, a password for all to read."""
    usage = shutil.disk_usage(tmp_path)._replace(free=30 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        gate = {"listen": listen, "token": "${TOKEN}"}
        where = centre_at(free_port()) | {"password": "in-the-open"}
        path = written(tmp_path, [], centre=where, gate_input=gate)
        path.chmod(path.stat().st_mode | stat.S_IROTH)
        seen = await examined(path)
    assert seen.of("disk.full").grade is Grade.FAILED
    assert seen.of("gate.taken").grade is Grade.FAILED
    assert seen.of("secrets.literal").grade is Grade.WARNING
    assert "in-the-open" not in seen.text
