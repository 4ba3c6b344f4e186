"""A centre as it is deployed, for benches: real processes, and what each of them costs.

Either Mosquitto (the shipped configuration without TLS, a password per agent, the shipped ACL),
PostgreSQL (durable: fsync and synchronous_commit on) and ``vonggac-server``; or the server alone
with its embedded broker and SQLite. Schools have one agent, one gate and two cameras that see it.
"""

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import asyncpg
import psutil

from server.storage import Store
from tests.bench.ingest_load import agent_name, camera_name, gate_name
from tests.system.fixtures_server import (
    Cluster,
    folder_of,
    free_port,
    mosquitto_binary,
    postgres_bin,
    running,
)

EXAMPLES: Final = Path(__file__).parents[2] / "configs"
PASSWORD: Final = "p" * 43
_SERVER_USER: Final = "vonggac-server"
_READY: Final = "connected to the MQTT broker"
_START_S: Final = 120.0
_STOP_S: Final = 60.0
_POSTGRES: Final = ("shared_buffers=256MB", "max_wal_size=4GB", "listen_addresses=127.0.0.1")


class Database(StrEnum):
    """Which database, and with it which broker."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class Rows:
    """Plain SQL from outside, on either database; ``?`` and ``$1`` are the caller's business."""

    def __init__(self, url: str, connection: "asyncpg.Connection | sqlite3.Connection") -> None:
        self.url = url
        self._connection = connection

    @classmethod
    async def open(cls, url: str) -> "Rows":
        """Connect."""
        if url.startswith("sqlite:"):
            return cls(url, sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None))
        return cls(url, await asyncpg.connect(url))

    async def fetch(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return rows."""
        if isinstance(self._connection, sqlite3.Connection):
            return self._connection.execute(sql, values).fetchall()
        return [tuple(row) for row in await self._connection.fetch(sql, *values)]

    async def one(self, sql: str, *values: Any) -> Any:
        """Return one value."""
        return (await self.fetch(sql, *values))[0][0]

    async def execute(self, sql: str) -> None:
        """Execute one statement."""
        if isinstance(self._connection, sqlite3.Connection):
            self._connection.execute(sql)
        else:
            await self._connection.execute(sql)

    async def close(self) -> None:
        """Disconnect."""
        closing = self._connection.close()
        if closing is not None:
            await closing


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """A running centre. ``roots`` are its processes; PostgreSQL's has children."""

    port: int
    rows: Rows
    roots: Mapping[str, psutil.Process]
    spare_url: str
    is_profiled: bool = False

    def cpu_s(self) -> dict[str, float]:
        """Return the CPU seconds spent so far by each part, children included."""
        return {name: _cpu_s(root) for name, root in self.roots.items()}

    @contextmanager
    def profiled(self) -> Iterator[None]:
        """Let the server write its profile of what happens meanwhile, if it is to write one."""
        if self.is_profiled:
            self.roots["server"].send_signal(signal.SIGUSR1)
        yield
        if self.is_profiled:
            self.roots["server"].send_signal(signal.SIGUSR2)

    def rss_mb(self) -> dict[str, float]:
        """Return each root process's resident memory."""
        return {name: round(root.memory_info().rss / 2**20, 1) for name, root in self.roots.items()}


def _cpu_s(root: psutil.Process) -> float:
    spent = sum(root.cpu_times()[:4])  # those of children that have ended are in it
    for child in root.children(recursive=True):
        try:
            spent += sum(child.cpu_times()[:2])
        except psutil.NoSuchProcess:
            continue
    return spent


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return the seconds between two readings."""
    return {name: after[name] - before[name] for name in after}


@asynccontextmanager
async def centre(
    database: Database, *, agents: int, cameras: int, profile: Path | None = None
) -> AsyncIterator[Centre]:
    """Run a centre for that many agents; ``profile``: see ``ingest_profiled``."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(folder_of("nobody")))
            _write_units(folder / "units.yaml", agents, cameras)
            roots: dict[str, psutil.Process] = {}
            if database is Database.POSTGRESQL:
                url, spare, mqtt = _outside(stack, roots, agents)
            else:
                url, spare = (f"sqlite:///{folder / name}.db" for name in ("centre", "spare"))
                mqtt = {"embedded": {"listen": f"127.0.0.1:{free_port()}"}}
            for one in (url, spare):
                await _prepare(one, agents if database is Database.SQLITE else 0)
            config = _write_config(folder, url, mqtt)
            roots = {"server": stack.enter_context(_server(config, profile)), **roots}
            rows = await Rows.open(url)
            stack.push_async_callback(rows.close)
            yield Centre(
                port=_port(mqtt),
                rows=rows,
                roots=roots,
                spare_url=spare,
                is_profiled=profile is not None,
            )
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _outside(
    stack: AsyncExitStack, roots: dict[str, psutil.Process], agents: int
) -> tuple[str, str, dict[str, Any]]:
    """Run PostgreSQL and Mosquitto; return two databases' addresses and the server's ``mqtt``."""
    cluster, root = stack.enter_context(postgres())
    roots["postgresql"] = root
    address = ("-h", "127.0.0.1", "-p", str(cluster.port), "-U", "vonggac")
    for name in ("centre", "spare"):
        subprocess.run([postgres_bin() / "createdb", *address, name], check=True, timeout=30)
    port, root = stack.enter_context(_mosquitto(agents))
    roots["broker"] = root
    broker = {"url": f"mqtt://127.0.0.1:{port}", "user": _SERVER_USER, "password": PASSWORD}
    return cluster.url("centre"), cluster.url("spare"), {"broker": broker}


def _port(mqtt: Mapping[str, Any]) -> int:
    address: str = mqtt["broker"]["url"] if "broker" in mqtt else mqtt["embedded"]["listen"]
    return int(address.rpartition(":")[2])


async def _prepare(url: str, agents: int) -> None:
    """Make the tables, and the agents' passwords for the embedded broker."""
    store = await Store.open(url)
    try:
        for index in range(agents):
            await store.set_agent_secret(agent_name(index), PASSWORD, now=datetime.now(UTC))
    finally:
        await store.close()


@contextmanager
def postgres(*options: str) -> Iterator[tuple[Cluster, psutil.Process]]:
    """Run a durable PostgreSQL with further ``options`` of its configuration."""
    with folder_of("postgres") as folder, ExitStack() as stack:
        cluster = Cluster(folder)
        settings = (*_POSTGRES, f"unix_socket_directories={folder}", *options)
        command = (str(postgres_bin() / "postgres"), "-D", "cluster", "-p", str(cluster.port))
        process = stack.enter_context(
            running(*command, *_flags(settings), port=cluster.port, user="postgres", cwd=folder)
        )
        ready = [
            str(postgres_bin() / "pg_isready"),
            "-h",
            "127.0.0.1",
            "-p",
            str(cluster.port),
            "-q",
        ]
        while subprocess.run(ready, check=False, timeout=30).returncode:  # it listens, and recovers
            time.sleep(0.05)
        yield cluster, psutil.Process(process.pid)


def _flags(settings: Sequence[str]) -> list[str]:
    return [word for setting in settings for word in ("-c", setting)]


@contextmanager
def _mosquitto(agents: int) -> Iterator[tuple[int, psutil.Process]]:
    with folder_of("mosquitto") as folder, ExitStack() as stack:
        port = free_port()
        shipped = (EXAMPLES / "mosquitto" / "mosquitto.conf").read_text("utf-8").splitlines()
        tls = ("listener", "cafile", "certfile", "keyfile", "tls_version")
        kept = [line for line in shipped if not line.startswith(tls)]
        (folder / "mosquitto.conf").write_text(
            "\n".join([f"listener {port} 127.0.0.1", *kept, ""]), "utf-8"
        )
        shutil.copy(EXAMPLES / "mosquitto" / "acl", folder / "acl")
        names = [_SERVER_USER, *map(agent_name, range(agents))]
        (folder / "passwd").write_text("".join(f"{n}:{PASSWORD}\n" for n in names), "utf-8")
        subprocess.run(["mosquitto_passwd", "-U", "passwd"], cwd=folder, check=True, timeout=120)
        for path in folder.iterdir():
            path.chmod(0o644)
        process = stack.enter_context(
            running(
                mosquitto_binary(), "-c", "mosquitto.conf", port=port, user="mosquitto", cwd=folder
            )
        )
        yield port, psutil.Process(process.pid)


@contextmanager
def _server(config: Path, profile: Path | None) -> Iterator[psutil.Process]:
    """Run the server until the end; it is ready once it hears the broker."""
    module = ["tests.bench.ingest_profiled", str(profile)] if profile else ["server.cli"]
    log = config.with_suffix(".log")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *module, "run", "--config", str(config)],
            stdout=out,
            stderr=out,
            cwd=EXAMPLES.parent,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    try:
        end = time.monotonic() + _START_S
        while _READY not in log.read_text("utf-8"):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server did not start: {log.read_text('utf-8')[-2000:]}")
            time.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        _say_trouble(log.read_text("utf-8").splitlines())


def _say_trouble(lines: Sequence[str]) -> None:
    trouble = [line for line in lines if " WARNING " in line or " ERROR " in line]
    for line in trouble[:5]:
        print(f"server: {line}", file=sys.stderr)
    if len(trouble) > 5:
        print(f"server: ... and {len(trouble) - 5} more such lines", file=sys.stderr)


def _write_config(folder: Path, url: str, mqtt: Mapping[str, Any]) -> Path:
    path = folder / "server.yaml"
    settings = {
        "schema": "vonggac.server/1",
        "data_dir": str(folder / "var"),
        "database": url,
        "units": "units.yaml",
        "plan": str(EXAMPLES / "plan.example.yaml"),
        "http": {"listen": "127.0.0.1:0"},
        "mqtt": mqtt,
        "language": "vi",
    }
    path.write_text(json.dumps(settings), "utf-8")  # YAML reads JSON
    return path


def _write_units(path: Path, agents: int, cameras: int) -> None:
    schools = [_school(index, cameras) for index in range(agents)]
    unit = {"id": "xa", "name": "Xã", "level": "xa", "parent": None}
    units = {"schema": "vonggac.units/1", "units": [unit], "schools": schools}
    path.write_text(json.dumps(units, ensure_ascii=False), "utf-8")


def _school(index: int, cameras: int) -> dict[str, Any]:
    agent, gate = agent_name(index), gate_name(index)
    zones = {"cong": "cong_truong", "san": "san_truong", "hanh-lang": "hanh_lang"}
    where = ["cong", "cong", "san", *["hanh-lang"] * cameras]
    return {
        "id": f"truong-{index}",
        "name": f"Trường {index}",
        "kind": "tieu_hoc",
        "unit": "xa",
        "zones": [{"id": zone, "name": zone, "kind": kind} for zone, kind in zones.items()],
        "gates": [{"id": gate, "name": "Cổng", "zone": "cong"}],
        "agents": [{"id": agent, "name": agent, "gates": [gate]}],
        "cameras": [
            {"id": camera_name(index, n), "name": f"{n}", "zone": where[n], "agent": agent}
            for n in range(cameras)
        ],
    }
