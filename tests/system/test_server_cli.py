"""``vonggac-server`` as a user meets it: one clear line, the right exit code, never a traceback."""

import os
import re
import signal
import socket
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from server.config import load
from server.domain.calendar import local_date, local_day
from server.storage import Role, Store, verify_password
from tests.system.agents import Peer
from tests.system.centre import AGENT, Child, command, configure
from tests.system.fixtures_server import free_port
from tests.system.late_district import HandClock, LateSchool


def one_line(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    assert done.returncode == code, done
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_help_and_version() -> None:
    assert "agent-password" in command("--help").stdout
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", command("--version").stdout)


@pytest.mark.parametrize(
    "arguments", [(), ("run",), ("dance",), ("run", "--config"), ("run", "--config", "x", "y")]
)
def test_wrong_usage_is_64(arguments: tuple[str, ...]) -> None:
    done = command(*arguments)
    assert done.returncode == 64
    assert "usage:" in done.stderr


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "nowhere.yaml" in one_line(
        command("check-config", "--config", str(tmp_path / "nowhere.yaml"))
    )


def test_check_config_reads_all_three(tmp_path: Path) -> None:
    done = command("check-config", "--config", str(configure(tmp_path)))
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 trường" in done.stdout


@pytest.mark.parametrize("which", ["http", "mqtt"])
def test_a_used_port(tmp_path: Path, which: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = {"listen": f"127.0.0.1:{taken.getsockname()[1]}"}
        changes = {"http": listen} if which == "http" else {"mqtt": {"embedded": listen}}
        line = one_line(command("run", "--config", str(configure(tmp_path, **changes))))
    assert listen["listen"] in line
    assert which.upper() in line


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    path = configure(tmp_path, data_dir="/proc/vonggac")
    assert "/proc/vonggac" in one_line(command("run", "--config", str(path)))


def test_a_data_dir_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = configure(tmp_path, data_dir=str(tmp_path / "file"))
    assert "data_dir" in one_line(command("run", "--config", str(path)))


def test_a_broken_database(tmp_path: Path) -> None:
    path = configure(tmp_path)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "vonggac.db").write_bytes(os.urandom(8192))
    assert "vonggac.db: file is not a database" in one_line(command("run", "--config", str(path)))


def test_a_postgresql_that_is_not_there_keeps_its_password(tmp_path: Path) -> None:
    url = f"postgresql://u:hush-hush@127.0.0.1:{free_port()}/db"
    line = one_line(command("run", "--config", str(configure(tmp_path, database=url))))
    assert "not reachable" in line
    assert "hush-hush" not in line


async def test_it_runs_says_where_and_ends_cleanly(tmp_path: Path) -> None:
    child = Child(configure(tmp_path))
    await child.ready()
    assert child.end(signal.SIGTERM) == 0
    assert "Traceback" not in child.log
    (password,) = re.findall(r"mật khẩu / password: +(\S+) ", child.log)
    store = await Store.open(f"sqlite:///{tmp_path}/var/vonggac.db")
    admin = await store.user_by_name("admin")
    await store.close()
    assert admin is not None
    assert verify_password(admin.password_hash, password)
    again = Child(configure(tmp_path))
    await again.ready()
    assert again.end(signal.SIGINT) == 0
    assert "password" not in again.log


async def test_an_agents_new_password_counts_at_once(tmp_path: Path) -> None:
    port = free_port()
    path = configure(tmp_path, mqtt={"embedded": {"listen": f"127.0.0.1:{port}"}})
    child = Child(path)
    await child.ready()
    done = command("agent-password", "--config", str(path), AGENT)
    assert (done.returncode, done.stderr) == (0, "")
    agent = Peer(AGENT, done.stdout.strip())
    assert await agent.connect(port) == "Success"
    await agent.close()
    given = command(
        "agent-password", "--config", str(path), AGENT, "--stdin", stdin="g" * 20 + "\n"
    )
    assert (given.returncode, given.stdout) == (0, "")
    for password, answer in ((done.stdout.strip(), "Not authorized"), ("g" * 20, "Success")):
        agent = Peer(AGENT, password)
        assert await agent.connect(port) == answer
        await agent.close()
    child.end()


def test_agent_passwords_are_checked(tmp_path: Path) -> None:
    path = str(configure(tmp_path))
    short = command("agent-password", "--config", path, AGENT, "--stdin", stdin="short\n")
    assert "at least 20" in one_line(short)
    assert "no agent's name" in one_line(command("agent-password", "--config", path, "A/B"))
    unknown = command("agent-password", "--config", path, "new-one")
    assert unknown.returncode == 0
    assert "not in" in unknown.stderr


async def test_a_users_password(tmp_path: Path) -> None:
    path = str(configure(tmp_path))
    short = command("user-password", "--config", path, "cô Hoa", "--stdin", stdin="short\n")
    assert "at least 10" in one_line(short)
    done = command("user-password", "--config", path, "cô Hoa", "--stdin", stdin="một hai ba bốn\n")
    assert done.returncode == 0
    store = await Store.open(f"sqlite:///{tmp_path}/var/vonggac.db")
    user = await store.user_by_name("cô Hoa")
    await store.close()
    assert user is not None
    assert verify_password(user.password_hash, "một hai ba bốn")
    assert user.role is Role.VIEWER


async def test_an_administrator_says_what_a_user_may_do(tmp_path: Path) -> None:
    path = str(configure(tmp_path))

    async def role_of(name: str) -> Role:
        store = await Store.open(f"sqlite:///{tmp_path}/var/vonggac.db")
        user = await store.user_by_name(name)
        await store.close()
        assert user is not None
        return user.role

    made = ("user-password", "--config", path, "hoa", "--stdin", "--role", "officer")
    assert command(*made, stdin="một hai ba bốn\n").returncode == 0
    assert await role_of("hoa") is Role.OFFICER
    again = command("user-password", "--config", path, "hoa", "--stdin", stdin="năm sáu bảy tám\n")
    assert again.returncode == 0
    assert await role_of("hoa") is Role.OFFICER
    assert command("user-role", "--config", path, "hoa", "viewer").returncode == 0
    assert await role_of("hoa") is Role.VIEWER
    assert "'binh'" in one_line(command("user-role", "--config", path, "binh", "viewer"))
    assert command("user-role", "--config", path, "hoa", "king").returncode == 64


async def test_a_broker_that_others_can_reach_is_warned_of(tmp_path: Path) -> None:
    path = configure(tmp_path, mqtt={"embedded": {"listen": f"127.0.0.1:{free_port()}"}})
    quiet = Child(path)
    await quiet.ready()
    quiet.end()
    assert "not encrypted" not in quiet.log
    for address in ("0.0.0.0", "localhost"):
        listen = {"listen": f"{address}:{free_port()}"}
        child = Child(configure(tmp_path, mqtt={"embedded": listen}))
        await child.ready()
        child.end()
        assert ("not encrypted" in child.log) is (address == "0.0.0.0")


async def test_figures_are_shown_and_closed_by_hand(tmp_path: Path) -> None:
    path = configure(tmp_path)
    assert "Chưa có ngày nào được chốt." in command("figures", "--config", str(path)).stdout
    now = datetime.now(UTC)
    begin = local_day(local_date(now) - timedelta(days=3)).start
    store = await Store.open(load(path).server.database.reveal())
    clock = HandClock(now)
    await LateSchool(store, load(path).register.on(date.max), load(path).plan, "thvq", clock).send(
        now, begin, now
    )
    await store.close()
    done = command("figures", "--config", str(path), "--close", "--school", "thvq")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    assert all("Trường Tiểu học Vĩnh Quỳnh" in line for line in lines)
    assert lines[0].startswith(str(local_date(begin)))
    told = one_line(command("figures", "--config", str(path), "--school", "none"))
    assert told.endswith("there is no school 'none' in the register")


def test_the_register_goes_out_and_comes_back_by_hand(tmp_path: Path) -> None:
    path, out = str(configure(tmp_path)), tmp_path / "out.xlsx"
    done = command("export", "--config", path, "--out", str(out))
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, str(out), "")
    same = command("import", "--config", path, str(out))
    assert (same.returncode, same.stderr) == (0, "")
    assert same.stdout.splitlines()[-1].startswith("0 dòng mới, 0 dòng thay đổi, ")
    sheet = tmp_path / "camera.csv"
    head = "Mã trường,Mã camera,Tên camera,Mã khu vực,Mã máy trực cổng\n"
    sheet.write_text(head + "thvq,moi,Mới,khong-co,c1-thvq-cong\n", encoding="utf-8")
    wrong = command("import", "--config", path, str(sheet))
    assert wrong.returncode == 1
    assert wrong.stdout.startswith("✗ camera.csv, dòng 2: Mã khu vực: ")
    sheet.write_text(head + "thvq,moi,Mới,cong-chinh,c1-thvq-cong\n", encoding="utf-8")
    for options, sign in (("--dry-run", "+"), ("--on=2026-01-01", "+"), ("--dry-run", "1")):
        done = command("import", "--config", path, str(sheet), options)
        assert (done.returncode, done.stderr) == (0, "")
        expected = "+ camera.csv, dòng 2: moi Mới" if sign == "+" else "0 dòng mới, 0 dòng thay đổi"
        assert done.stdout.startswith(expected)
    command("export", "--config", path, "--out", str(tmp_path / "csv"), "--history")
    lines = (tmp_path / "csv" / "camera.csv").read_text(encoding="utf-8-sig")
    assert "thvq;moi;Mới;cong-chinh;c1-thvq-cong;01/01/2026;" in lines
    assert "can't read" in one_line(command("import", "--config", path, str(tmp_path / "none.csv")))
