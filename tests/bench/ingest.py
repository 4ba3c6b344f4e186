"""From the gate to the database: how fast, how cheap, and how soon after an outage.

``python -m tests.bench.ingest [--json] [--quick] [--seconds 6] [--database both] [--only WORD]``

* ``paths``: segments and gate events, live (50 to a report) and history (500), from a fleet's
  spools through the broker and ``vonggac-server`` to PostgreSQL (Mosquitto) and to SQLite (embedded
  broker), until the fleet has heard the ack; each beside its floor, the very same rows by raw COPY
  and merge or raw sqlite3. ``ratios`` are floor ÷ ours.
* ``district``, ``city``: what quiet days cost, in percent of one core.
* ``storm``: 500 agents come back at once, each with eight hours in its spool.

Every part counts the rows in the database and fails if they are not those that were sent. The
agents' half is simulated but for the forwarding window; everything from the broker on is real.
"""

import argparse
import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import ingest_paths, ingest_steady, storm
from tests.bench.ingest_world import Database

PARTS = ("paths", "district", "city", "storm")
ROWS_PER_SECOND = 40_000


def progress(text: str) -> None:
    """Say on standard error what is being measured."""
    print(text, file=sys.stderr, flush=True)


async def paths(args: argparse.Namespace) -> dict[str, Any]:
    """Measure the paths on the databases that are wanted."""
    rows = int((args.seconds or (1.0 if args.quick else 6.0)) * ROWS_PER_SECOND)
    wanted = list(Database) if args.database == "both" else [Database(args.database)]
    found = []
    for database in wanted:
        progress(f"paths on {database}")
        found += await ingest_paths.measure(
            database,
            rows=rows,
            repeats=1 if args.quick else 3,
            say=progress,
            profile=Path(args.profile) if args.profile else None,
        )
    return {"paths": found, "ratios": {row["path"]: row["floor_over_ours"] for row in found}}


async def steady(size: ingest_steady.Size, args: argparse.Namespace) -> dict[str, Any]:
    """Measure a district or a city."""
    progress(size.name)
    seconds = args.seconds or (20.0 if args.quick else 120.0)
    warm_up_s = (10.0 if args.quick else 30.0) + size.agents / (100 if args.quick else 40)
    profile = Path(args.profile) if args.profile else None
    return await ingest_steady.measure(size, seconds=seconds, warm_up_s=warm_up_s, profile=profile)


async def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Measure the parts that are wanted."""
    found: dict[str, Any] = {
        "machine": {"cores": os.cpu_count(), "load": os.getloadavg()},
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    wanted = [part for part in PARTS if args.only in part]
    if "paths" in wanted:
        found |= await paths(args)
    if "district" in wanted:
        found["district"] = await steady(ingest_steady.DISTRICT, args)
    if "city" in wanted:
        found["city"] = await steady(ingest_steady.CITY, args)
    if "storm" in wanted:
        progress("storm")
        found["storm"] = await storm.measure(storm.QUICK if args.quick else storm.WHOLE)
    return found


def print_paths(rows: list[dict[str, Any]]) -> None:
    """Print what the paths reached."""
    print(
        f"{'path':<28} {'rows/s':>8} {'floor':>8} {'floor/ours':>10}"
        f" {'ack p50':>8} {'p99 ms':>7}  CPU µs/row: server, broker, PostgreSQL, fleet; floor"
    )
    for row in rows:
        cpu = [row.get(f"{n}_us_per_row") for n in ("server", "broker", "postgresql", "fleet")]
        print(
            f"{row['path']:<28} {row['rows_per_s']:>8.0f} {row['floor_rows_per_s']:>8.0f}"
            f" {row['floor_over_ours']:>10.2f} {row['ack_p50_ms']:>8.0f} {row['ack_p99_ms']:>7.0f}"
            f"  {', '.join('-' if one is None else f'{one:.1f}' for one in cpu)};"
            f" {row['floor_us_per_row']:.1f}"
        )


def print_table(found: dict[str, Any]) -> None:
    """Print everything for people."""
    print_paths(found.get("paths", []))
    for size in (found[name] for name in ("district", "city") if name in found):
        parts = ", ".join(f"{name} {percent}" for name, percent in size["cpu_percent"].items())
        print(
            f"{size['name']}: {size['cameras']} cameras, {size['reports_per_s']} reports/s:"
            f" {size['cpu_percent_total']} % of one core (goal {size['goal_percent']}): {parts};"
            f" ack p50 {size['ack_p50_ms']} ms, p99 {size['ack_p99_ms']} ms; RSS {size['rss_mb']}"
        )
    if "storm" in found:
        storm.print_table(found["storm"])


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    parser.add_argument("--quick", action="store_true", help="fewer, shorter and smaller runs")
    parser.add_argument("--seconds", type=float, help="how long each thing is measured")
    parser.add_argument("--database", default="both", choices=["both", *Database])
    parser.add_argument("--only", default="", help=f"parts whose name holds this: {PARTS}")
    parser.add_argument("--profile", help="write the server's profile here (its loop's thread)")
    args = parser.parse_args()
    found = asyncio.run(measure(args))
    print(json.dumps(found, indent=1)) if args.json else print_table(found)


if __name__ == "__main__":
    main()
