"""The real things that the centre stands on: PostgreSQL and Mosquitto, ended by pid."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from server.storage import Store

BOUND_S = 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + BOUND_S
    while time.monotonic() < end:
        assert process.poll() is None, f"ended by itself: {process.args!r}"
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on {port}")


def _as_nobody_special(user: str) -> Mapping[str, Any]:
    """Run as ``user`` where we are root: the programs below refuse to serve root, or drop it."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextmanager
def running(*command: str, port: int, user: str, cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (cwd / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=cwd, stdout=log, stderr=log, **_as_nobody_special(user)
        )
        try:
            wait_for_port(port, process)
            yield process
        finally:
            process.send_signal(signal.SIGINT)  # PostgreSQL: end now, and cleanly
            try:
                process.wait(BOUND_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def folder_of(user: str) -> Iterator[Path]:
    """A folder under /tmp (unix sockets want short names) that ``user`` may write in."""
    folder = Path(tempfile.mkdtemp(prefix="vg-"))
    try:
        if os.geteuid() == 0:
            entry = pwd.getpwnam(user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def postgres_bin() -> Path:
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not binaries:
        pytest.skip("PostgreSQL is not installed (tests/system/install.sh)")
    return binaries[-1]


class Cluster:
    """A PostgreSQL cluster in a folder of its own; ``serve`` runs it, as often as one likes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        command = (postgres_bin() / "initdb", "-D", folder / "cluster", "-U", "vonggac")
        options = ("-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        subprocess.run(
            [*command, *options],
            check=True,
            capture_output=True,
            cwd=folder,
            timeout=60,
            **_as_nobody_special("postgres"),
        )

    @contextmanager
    def serve(self) -> Iterator[subprocess.Popen[bytes]]:
        server = (str(postgres_bin() / "postgres"), "-D", "cluster", "-p", str(self.port))
        options = ("-k", str(self.folder), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off")
        with running(
            *server, *options, port=self.port, user="postgres", cwd=self.folder
        ) as process:
            self._wait_until_ready()
            yield process

    def _wait_until_ready(self) -> None:
        """Its port answers a little before it lets anybody in."""
        asked = (postgres_bin() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port))
        end = time.monotonic() + BOUND_S
        while subprocess.run(asked, check=False, timeout=BOUND_S).returncode != 0:
            assert time.monotonic() < end, "PostgreSQL does not get up"
            time.sleep(0.05)

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://vonggac@127.0.0.1:{self.port}/{name}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A cluster of this test run's own."""
    with folder_of("postgres") as folder:
        cluster = Cluster(folder)
        with cluster.serve():
            yield cluster


@pytest.fixture
def postgres_url(postgres: Cluster) -> str:
    """An empty database; it goes with its cluster."""
    name = f"test_{time.monotonic_ns()}"
    address = ("-h", "127.0.0.1", "-p", str(postgres.port), "-U", "vonggac")
    subprocess.run([postgres_bin() / "createdb", *address, name], check=True, timeout=30)
    return postgres.url(name)


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """The store on each database in turn."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'centre.db'}"
    else:
        url = request.getfixturevalue("postgres_url")
    opened = await Store.open(url)
    try:
        yield opened
    finally:
        await opened.close()


def mosquitto_binary() -> str:
    found = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    if not Path(found).exists():
        pytest.skip("Mosquitto is not installed (tests/system/install.sh)")
    return found
