"""What watching costs: the whole agent beside OpenCV, PyAV and ffprobe on the same streams.

``python -m tests.bench.watch [--quick] [--json] [--seconds 30] [--only WORD] [--most 200]``

Cameras are simulated, in other processes, over loopback. Ours is the whole agent (``vonggac-edge
run``: watchers, spool, evidence, uplink with no centre to reach) with its decoder's process: CPU
and memory of its tree by psutil, while every packet is counted and of every camera a key frame is
decoded and judged each 10 s. The other ways only read, or decode, and judge nothing. Each way runs
by itself, one after the other, and is measured by CPU time, so that other load on the machine
shows little. A peer that can't keep up is charged by the frames that it did take.

``ratios`` are peer ÷ ours, per camera held, or per look (``visit``); ``_packets`` holds those that
decode nothing against ours without pictures (``ours_packets``).
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.bench import watch_peers
from tests.bench.watch_ours import VISIT_EVERY_S, Run, measure
from tests.bench.watch_streams import KINDS, prepare, served

PEER_CAMERAS = 2


def plan(*, quick: bool, most: int) -> list[Run]:
    """What of ours is measured."""
    if quick:
        return [
            Run(kind="main264", cameras=16),
            Run(kind="sub264", cameras=16),
            Run(kind="main264", cameras=16, picture_every_s=3600),
            Run(kind="main264", cameras=16, mode="visit"),
        ]
    runs = [Run(kind=kind, cameras=16) for kind in KINDS]
    runs += [Run(kind="main264", cameras=64), Run(kind="sub264", cameras=64)]
    runs += [Run(kind="main264", cameras=most)] if most > 64 else []
    runs += [Run(kind=kind, cameras=64, picture_every_s=3600) for kind in ("main264", "sub264")]
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


COMPARED = (
    ("cpu_percent_per_camera", "ours_hold", "cpu_percent_per_camera", ""),
    ("cpu_percent_per_camera", "ours_packets", "cpu_percent_per_camera", "_packets"),
    ("cpu_ms_per_look", "ours_visit", "cpu_ms_per_picture", ""),
)
"""A peer's figure, which way of ours it is held against, by which figure, and the ratio's name."""


def ratios(ours: list[dict[str, Any]], others: list[dict[str, Any]]) -> dict[str, float]:
    """Return peer ÷ ours per camera held (``_packets``: without pictures), and per look."""
    found: dict[str, float] = {}
    for row in others:
        for figure, way, per, suffix in COMPARED:
            same = [o for o in ours if o["stream"] == row["stream"] and o["way"] == way]
            if figure in row and same and (not suffix or row["way"] in watch_peers.DECODES_NOTHING):
                ratio = row[figure] / same[-1][per]
                found[f"{row['way']}_{row['stream']}{suffix}"] = round(ratio, 1)
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
        name = f"{row['way']}_{row['stream']}"
        times = found["ratios"].get(f"{name}_packets") or found["ratios"].get(name)
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
        if args.only in f"{run.way} {run.kind} {run.cameras}"
    ]
    kinds = ["main264", "sub264"] if args.quick else list(KINDS)
    folder, streams = prepare(kinds)
    ours = []
    for run in runs:
        progress(f"{run.way} {run.kind} x {run.cameras}")
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
