"""What watching costs: the whole agent beside OpenCV, PyAV and ffprobe on the same streams.

``python -m tests.bench.watch [--quick] [--json] [--seconds 30] [--only WORD] [--most 200]``

Cameras are simulated, in other processes, over loopback. Ours is the whole agent (``vonggac-edge
run``: watchers, spool, evidence, uplink with no centre to reach) with its decoder's process: CPU
and memory of its tree by psutil, while every packet is counted and of every camera a key frame is
decoded and judged each 10 s. The other ways only read, or decode, and judge nothing. Each way runs
by itself, one after the other, and is measured by CPU time, so that other load on the machine
shows little. A peer that can't keep up is charged by the frames that it did take.

``ratios`` are peer ÷ ours, per camera held, or per look (``visit``).
"""

import argparse
import json
import os
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

from tests.bench import watch_peers
from tests.bench.watch_streams import KINDS, prepare, served

PICTURE_EVERY_S = 10.0
VISIT_EVERY_S = 30.0
UP_WITHIN_S = 40.0
SETTLE_S = 10.0  # the first pictures come closer together than the later ones
STOP_S = 60.0
PEER_CAMERAS = 2
MB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One measurement of ours."""

    kind: str
    cameras: int
    mode: str = "hold"


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
def agent(folder: Path, urls: list[str], mode: str) -> Iterator[Agent]:
    """Run an agent until the block ends."""
    config = folder / "edge.yaml"
    content = {
        "schema": "vonggac.edge/1",
        "agent": "bench",
        "data_dir": str(folder / "var"),
        "centre": {"url": "mqtt://127.0.0.1:1", "password": "bench"},
        "watch": {"picture_every_s": PICTURE_EVERY_S, "mode": mode, "visit_every_s": VISIT_EVERY_S},
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
        agent(Path(scratch), streams.urls, run.mode) as watching,
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
    due = run.cameras * wall_s / (PICTURE_EVERY_S if run.mode == "hold" else VISIT_EVERY_S)
    troubles = {
        cause: count - counted["changes"].get(cause, 0)
        for cause, count in now["changes"].items()
        if cause != "up" and count > counted["changes"].get(cause, 0)
    }
    return {
        "way": f"ours_{run.mode}",
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


# ---------------------------------------------------------------- the run


def plan(*, quick: bool, most: int) -> list[Run]:
    """What of ours is measured."""
    if quick:
        return [
            Run(kind="main264", cameras=16),
            Run(kind="sub264", cameras=16),
            Run(kind="main264", cameras=16, mode="visit"),
        ]
    runs = [Run(kind=kind, cameras=16) for kind in KINDS]
    runs += [Run(kind="main264", cameras=64), Run(kind="sub264", cameras=64)]
    runs += [Run(kind="main264", cameras=most)] if most > 64 else []
    return [*runs, Run(kind="main264", cameras=64, mode="visit"),
            Run(kind="sub264", cameras=64, mode="visit")]  # fmt: skip


def peers(folder: Path, kinds: list[str], seconds: float, only: str) -> list[dict[str, Any]]:
    """Measure the other ways on each kind of stream."""
    rows = []
    for kind in kinds:
        with served(folder, kind, PEER_CAMERAS) as streams:
            for way in watch_peers.available():
                if only in f"{way} {kind}":
                    progress(f"{way} {kind}")
                    found = watch_peers.in_child(way, streams.urls, seconds)
                    rows.append({"way": way, "stream": kind, **found})
                    progress(f"  {found}")
    return rows


def progress(text: str) -> None:
    """Say on standard error what is being measured."""
    print(text, file=sys.stderr, flush=True)


def ratios(ours: list[dict[str, Any]], others: list[dict[str, Any]]) -> dict[str, float]:
    """Return peer ÷ ours per camera held, and per look against a visit."""
    found: dict[str, float] = {}
    for row in others:
        if "cpu_percent_per_camera" in row:
            figure, mode = "cpu_percent_per_camera", "ours_hold"
        else:
            figure, mode = "cpu_ms_per_look", "ours_visit"
        mine = [o for o in ours if o["stream"] == row["stream"] and o["way"] == mode]
        if mine:
            per = "cpu_ms_per_picture" if mode == "ours_visit" else figure
            found[f"{row['way']}_{row['stream']}"] = round(row[figure] / mine[0][per], 1)
    return found


def print_table(found: dict[str, Any]) -> None:
    """Print the rows for people."""
    for name, stream in found["streams"].items():
        print(f"{name}: {stream['kbit_s']} kbit/s, key frames of {stream['key_frame_kb']} kB")
    print(
        f"\n{'way':<12} {'stream':<8} {'cameras':>7} {'CPU %':>7} {'%/camera':>9} {'judged':>7}"
        f" {'Mbit/s':>7} {'PSS MB':>7} {'RSS MB':>7}  trouble"
    )
    for row in found["ours"]:
        print(
            f"{row['way']:<12} {row['stream']:<8} {row['cameras']:>7} {row['cpu_percent']:>7.1f}"
            f" {row['cpu_percent_per_camera']:>9.3f} {row['pictures_of_due']:>7.0%}"
            f" {row.get('mbit_per_s', ''):>7} {row['pss_mb']:>7.1f} {row['rss_mb']:>7.1f}"
            f"  {row['troubles'] or ''}"
        )
    for row in found["peers"]:
        figure = (
            f"{row['cpu_percent_per_camera']:.3f} % of a core per camera"
            if "cpu_percent_per_camera" in row
            else f"{row['cpu_ms_per_look']:.0f} ms of CPU per look"
        )
        times = found["ratios"].get(f"{row['way']}_{row['stream']}")
        print(
            f"{row['way']:<12} {row['stream']:<8} {figure}" + (f": {times} x ours" if times else "")
        )


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs")
    parser.add_argument("--seconds", type=float, help="how long each way is measured")
    parser.add_argument("--only", default="", help="only ways or streams whose name holds this")
    parser.add_argument("--most", type=int, default=200, help="cameras of the largest run")
    args = parser.parse_args()
    seconds = args.seconds or (10.0 if args.quick else 30.0)
    runs = [
        run
        for run in plan(quick=args.quick, most=args.most)
        if args.only in f"ours_{run.mode} {run.kind} {run.cameras}"
    ]
    kinds = ["main264", "sub264"] if args.quick else list(KINDS)
    folder, streams = prepare(kinds)
    ours = []
    for run in runs:
        progress(f"ours {run.mode} {run.kind} x {run.cameras}")
        least_s = VISIT_EVERY_S if run.mode == "visit" else 0
        ours.append(measure(folder, run, max(seconds, least_s)))
        progress(f"  {ours[-1]}")
    others = peers(folder, kinds, seconds, args.only)
    found = {
        "machine": {"cores": os.cpu_count(), "load": os.getloadavg()},
        "streams": streams,
        "ours": ours,
        "peers": others,
        "ratios": ratios(ours, others),
    }
    print(json.dumps(found, indent=1)) if args.json else print_table(found)


if __name__ == "__main__":
    main()
