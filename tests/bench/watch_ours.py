"""The whole agent, measured from outside: CPU and memory of its processes, and what it saw."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml

from tests.bench.watch_streams import served

PICTURE_EVERY_S = 10.0
VISIT_EVERY_S = 30.0
UP_WITHIN_S = 40.0
SETTLE_S = 10.0  # the first pictures come closer together than the later ones
STOP_S = 60.0
MB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One measurement of ours."""

    kind: str
    cameras: int
    mode: str = "hold"
    picture_every_s: float = PICTURE_EVERY_S

    @property
    def way(self) -> str:
        """Its name: ``ours_packets`` holds and counts, and judges a picture an hour."""
        return "ours_packets" if self.picture_every_s > PICTURE_EVERY_S else f"ours_{self.mode}"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process tree has cost so far: CPU seconds, octets of RSS, and of PSS."""

    cpu_s: float
    rss: int
    pss: int
    processes: int


def cost(root: psutil.Process) -> Cost:
    """Read a tree's costs. PSS shares libraries' pages among their users; Linux alone has it."""
    tree = [root, *root.children(recursive=True)]
    full = [process.memory_full_info() for process in tree]
    return Cost(
        cpu_s=sum(sum(process.cpu_times()[:4]) for process in tree[:1])
        + sum(sum(process.cpu_times()[:2]) for process in tree[1:]),
        rss=sum(one.rss for one in full),
        pss=sum(getattr(one, "pss", 0) for one in full),
        processes=len(tree),
    )


class Agent:
    """The agent's process and its counters."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.root = psutil.Process(process.pid)
        self.stopped_s = 0.0

    def counters(self) -> dict[str, Any]:
        """Ask it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found


@contextmanager
def agent(folder: Path, urls: list[str], run: Run) -> Iterator[Agent]:
    """Run an agent until the block ends."""
    config = folder / "edge.yaml"
    content = {
        "schema": "vonggac.edge/1",
        "agent": "bench",
        "data_dir": str(folder / "var"),
        "centre": {"url": "mqtt://127.0.0.1:1", "password": "bench"},
        "watch": {
            "picture_every_s": run.picture_every_s,
            "mode": run.mode,
            "visit_every_s": VISIT_EVERY_S,
        },
        "cameras": [{"id": f"c{i}", "url": url} for i, url in enumerate(urls)],
    }
    config.write_text(yaml.safe_dump(content), "utf-8")
    with (folder / "agent.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.watch_agent", str(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdin is not None
    assert process.stdout is not None
    watching = Agent(process)
    try:
        yield watching
    finally:
        began_s = time.monotonic()
        process.stdin.close()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        watching.stopped_s = time.monotonic() - began_s
        process.stdout.close()


def measure(folder: Path, run: Run, seconds: float) -> dict[str, Any]:
    """Let the agent watch, and return what it cost and what it saw."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        served(folder, run.kind, run.cameras) as streams,
        agent(Path(scratch), streams.urls, run) as watching,
    ):
        all_up_s = _until_up(watching, run.cameras)
        time.sleep(SETTLE_S)
        began_s, before, counted = time.monotonic(), cost(watching.root), watching.counters()
        sent_cpu_s = streams.cpu_s()
        time.sleep(seconds)
        wall_s, after, now = time.monotonic() - began_s, cost(watching.root), watching.counters()
        sent_cpu_s = streams.cpu_s() - sent_cpu_s
    passed = {key: now[key] - counted[key] for key in ("pictures", "packets", "octets", "lost")}
    spent_s = after.cpu_s - before.cpu_s
    due = run.cameras * wall_s / (run.picture_every_s if run.mode == "hold" else VISIT_EVERY_S)
    troubles = {
        cause: count - counted["changes"].get(cause, 0)
        for cause, count in now["changes"].items()
        if cause != "up" and count > counted["changes"].get(cause, 0)
    }
    return {
        "way": run.way,
        "stream": run.kind,
        "cameras": run.cameras,
        "up": now["up"],
        "all_up_s": round(all_up_s, 1),
        "stopped_s": round(watching.stopped_s, 1),
        "troubles": troubles,
        "cpu_percent": round(100 * spent_s / wall_s, 2),
        "cpu_percent_per_camera": round(100 * spent_s / wall_s / run.cameras, 4),
        "cpu_ms_per_picture": round(1000 * spent_s / max(passed["pictures"], 1), 1),
        "pictures_of_due": round(passed["pictures"] / due, 3),
        **(_rates(passed, wall_s) if run.mode == "hold" else {}),
        "pss_mb": round(after.pss / MB, 1),
        "rss_mb": round(after.rss / MB, 1),
        "processes": after.processes,
        "sender_cpu_percent": round(100 * sent_cpu_s / wall_s, 1),
    }


def _rates(passed: dict[str, int], wall_s: float) -> dict[str, Any]:
    """What came in; of visits only the open ones could be counted."""
    return {
        "packets_per_s": round(passed["packets"] / wall_s),
        "mbit_per_s": round(passed["octets"] * 8 / wall_s / 1e6, 1),
        "lost": passed["lost"],
    }


def _until_up(watching: Agent, cameras: int) -> float:
    """Wait until all cameras are up, or as long as is reasonable."""
    began_s = time.monotonic()
    while time.monotonic() - began_s < UP_WITHIN_S:
        if watching.counters()["up"] >= cameras:
            break
        time.sleep(0.5)
    return time.monotonic() - began_s
