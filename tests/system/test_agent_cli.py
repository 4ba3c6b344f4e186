"""``vonggac-edge`` as a person meets it: one clear line, the right exit code, no password."""

import asyncio
import json
import os
import pty
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sim.clips import ClipCache, ClipSpec
from sim.faults import Fault
from sim.fleet import CameraSpec, Fleet
from tests.system.edge_sink import Agent, configure, free_port, until

EDGE = [sys.executable, "-c", "import sys; from edge.cli import main; sys.exit(main())"]
PASSWORD = "p@ss/w:o?rd#%41 ễ"
CONFIGS = Path(__file__).parents[2] / "configs"


def edge(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*EDGE, *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        stdin=subprocess.DEVNULL,
        env=os.environ | environment,
        check=False,
    )


@pytest.fixture
async def fleet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    cache = ClipCache(tmp_path_factory.getbasetemp() / "clips")
    clip = ClipSpec(width=320, height=180)
    fleet = Fleet([CameraSpec(id="c1", clip=clip, password=PASSWORD)], cache=cache)
    await fleet.start()
    yield fleet
    await fleet.stop()


def address(fleet: Fleet, who: str) -> str:
    user = fleet.url("c1").partition("://")[2].partition(":")[0]
    return fleet.url("c1", with_password=False).replace("://", f"://{user}{who}@")


async def checked(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:

    return await asyncio.to_thread(edge, "check", *arguments, **environment)


async def test_check_sees_a_camera_and_keeps_its_password(fleet: Fleet, tmp_path: Path) -> None:
    url = address(fleet, ":${CAM_PW}")
    secrets = tmp_path / "secrets"
    secrets.write_text(f"CAM_PW={PASSWORD}\n", "utf-8")
    secrets.chmod(0o600)
    by_environment = await checked(url, "--json", CAM_PW=PASSWORD)
    by_file = await checked(url, "--json", "--secrets-file", str(secrets))
    for done in (by_environment, by_file):
        assert done.returncode == 0, done.stderr
        seen = json.loads(done.stdout)
        assert (seen["state"], seen["cause"]) == ("up", None)
        assert (seen["codec"], seen["width"], seen["height"]) == ("h264", 320, 180)
        assert PASSWORD not in done.stdout + done.stderr


async def test_exit_codes_tell_the_state(fleet: Fleet) -> None:
    url = address(fleet, ":${CAM_PW}")
    fleet.set_fault("c1", Fault.BLACK)
    degraded = await checked(url, "--lang", "en", CAM_PW=PASSWORD)
    assert degraded.returncode == 1, degraded.stdout
    assert "picture.black" in degraded.stdout
    fleet.set_fault("c1", None)
    refused = await checked(url, CAM_PW="wrong")
    assert refused.returncode == 2
    assert "rtsp.auth" in refused.stdout
    assert "Cần làm:            1. " in refused.stdout


def test_check_asks_for_a_password_on_a_terminal(tmp_path: Path) -> None:
    """A user without a password, and a terminal: the prompt comes, the answer stays unseen."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [*EDGE, "check", f"rtsp://viewer@127.0.0.1:{port}/x"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        cwd=tmp_path,
    )
    os.close(terminal)
    said = b""
    while "Mật khẩu của viewer".encode() not in said:
        said += os.read(main, 1000)
    os.write(main, b"typed-secret\n")
    assert process.wait(20) == 2
    said += os.read(main, 10_000)
    assert b"typed-secret" not in said
    os.close(main)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("fly",),
        ("check",),
        ("check", "http://127.0.0.1/"),
        ("check", "rtsp://u:${NOT_SET_ANYWHERE}@127.0.0.1/"),
        ("check", "rtsp://127.0.0.1/", "--prompt"),
        ("check", "rtsp://127.0.0.1/", "--secrets-file", "/no/such/file"),
        ("check-config", "/no/such/file"),
        ("check-config", str(CONFIGS / "bad" / "edge-unknown-key.yaml")),
        ("run", "--config", str(CONFIGS / "bad" / "edge-malformed.yaml")),
    ],
)
def test_bad_usage_is_one_line_and_64(arguments: tuple[str, ...]) -> None:
    done = edge(*arguments)
    assert done.returncode == 64
    lines = [line for line in done.stderr.splitlines() if not line.startswith(("cách dùng", " "))]
    assert len(lines) == 1
    assert lines[0].startswith("vonggac-edge")
    assert done.stdout == ""


def test_check_config_says_what_it_has_read() -> None:
    secrets = {"VONGGAC_AGENT_PASSWORD": "a", "VONGGAC_GATE_TOKEN": "b", "CAM1_PASSWORD": "c"}
    done = edge("check-config", str(CONFIGS / "edge.example.yaml"), **secrets)
    assert done.returncode == 0
    assert done.stdout.startswith("đúng: 4 camera, máy c1-thvq-cong, trung tâm 127.0.0.1:1883")
    done = edge("--lang", "en", "check-config", str(CONFIGS / "edge.example.yaml"), **secrets)
    assert done.stdout.startswith("ok: 4 cameras, agent c1-thvq-cong, centre 127.0.0.1:1883")


def test_help_and_version_answer() -> None:
    assert edge("--version").stdout.startswith("vonggac-edge 0")
    for command in ("run", "check", "check-config"):
        assert command in edge("--help").stdout
        assert edge(command, "--help").returncode == 0


def test_run_says_why_it_cannot_start(tmp_path: Path) -> None:
    config = configure(tmp_path, free_port(), [])
    agent = Agent(config)
    try:
        second = edge("run", "--config", str(config))
        assert second.returncode == 1
        assert "phần mềm đang chạy rồi, với thư mục" in second.stderr
        assert "Traceback" not in second.stderr
        (tmp_path / "two").mkdir()
        other = configure(tmp_path / "two", free_port(), [])
        other.write_text(other.read_text().replace("127.0.0.1:0", f"127.0.0.1:{agent.port}"))
        third = edge("run", "--config", str(other))
        assert third.returncode == 1
        assert f"gate_input: không mở được cổng 127.0.0.1:{agent.port}" in third.stderr
        assert "Traceback" not in third.stderr
    finally:
        assert agent.stop() == 0


def test_run_in_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    config = configure(tmp_path, free_port(), [])
    (tmp_path / "var").write_text("a file where the folder should be")
    done = edge("run", "--config", str(config))
    assert done.returncode == 1
    assert "không ghi được vào thư mục" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_agent_with_a_broken_spool_starts_and_says_so(tmp_path: Path) -> None:
    config = configure(tmp_path, free_port(), [])
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "spool.sqlite3").write_bytes(b"rubbish" * 1000)
    agent = Agent(config)
    until(lambda: "the spool was broken" in agent.log, "it is said")
    assert agent.stop() == 0
    assert (tmp_path / "var" / "spool.sqlite3.broken-1").exists()
