"""How the database grows: bytes per camera-day, gate event, agent and closed day; a city's year.

``python -m tests.bench.growth [--json] [--quick] [--database both]``

What is measured is filled in by ``growth_fill``; the city's year is arithmetic on that, and prints
the assumptions it stands on. Whoever expects other shares of bad cameras, or more passages, puts in
their own: ``--flapping 0.01 --typical 0.09 --events-per-gate-day 1000 --school-days 200``.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from server.storage import Store
from server.storage.incidents import KEEP_OBSERVATIONS
from tests.bench.growth_fill import (
    PROFILES,
    Profile,
    Scale,
    fill_boots,
    fill_changes,
    fill_closed,
    fill_events,
    fill_minutes,
    fill_observations,
)
from tests.bench.ingest_world import Database, Rows, postgres

GIB: Final = 2**30
AGENTS: Final = 3000
CAMERAS: Final = 45_000
DAYS: Final = 365
BOOTS_PER_DAY: Final = 2


@asynccontextmanager
async def scale(database: Database) -> AsyncIterator[Scale]:
    """Open a new database."""
    with tempfile.TemporaryDirectory(prefix="vg-growth-") as folder:
        if database is Database.SQLITE:
            async with _opened(f"sqlite:///{folder}/growth.db") as found:
                yield found
            return
        with postgres("autovacuum_naptime=1s") as (cluster, _):
            async with _opened(cluster.url()) as found:
                yield found


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Scale]:
    store = await Store.open(url)
    rows = await Rows.open(url)
    try:
        yield Scale(store, rows)
    finally:
        await rows.close()
        await store.close()


async def measure(database: Database, *, quick: bool) -> dict[str, Any]:
    """Fill one database and return what it weighs."""
    found: dict[str, Any] = {"database": str(database)}
    async with scale(database) as one:
        for profile in PROFILES:
            found[profile.name] = await fill_changes(one, _lessened(profile, quick=quick))
            progress(f"  {profile.name}: {found[profile.name]}")
        found["gate_event"] = await fill_events(one, 5_000 if quick else 50_000)
        found["per_agent"] = await fill_minutes(one, agents=100, minutes=20 if quick else 240)
        found["per_boot"] = await fill_boots(one, agents=100, boots=2 if quick else 20)
        found["closed_camera_day"] = await fill_closed(
            one, schools=100 if quick else 1000, days=3 if quick else 10
        )
        found["observation"] = await fill_observations(one, 2_000 if quick else 20_000)
    return found


def _lessened(profile: Profile, *, quick: bool) -> Profile:
    return replace(profile, cameras=max(profile.cameras // 10, 15)) if quick else profile


def progress(text: str) -> None:
    """Say on standard error what is being measured."""
    print(text, file=sys.stderr, flush=True)


def year(found: dict[str, Any], args: argparse.Namespace) -> dict[str, float]:
    """Return a city's year in GiB, part by part."""
    shares = {
        "healthy": 1 - args.typical - args.flapping,
        "typical": args.typical,
        "flapping": args.flapping,
    }
    days = {"healthy": DAYS, "typical": DAYS, "flapping": args.school_days}
    parts = {
        f"segments, {name}": CAMERAS * shares[name] * days[name] * found[name]["per_camera_day"]
        for name in shares
    }
    passages = AGENTS * args.school_days * args.events_per_gate_day
    parts["gate events"] = passages * found["gate_event"]
    parts["boots"] = AGENTS * DAYS * BOOTS_PER_DAY * sum(found["per_boot"].values())
    parts["closed figures"] = CAMERAS * DAYS * found["closed_camera_day"]
    parts["observations"] = found["observation"] * sum(
        CAMERAS * shares[p.name] * min(days[p.name] / DAYS, 1) * p.changes_per_day
        for p in PROFILES
    ) * KEEP_OBSERVATIONS.days  # fmt: skip
    parts["agents"] = AGENTS * sum(found["per_agent"].values())
    parts["all"] = sum(parts.values())
    return {name: round(size / GIB, 2) for name, size in parts.items()}


def print_table(found: dict[str, Any], args: argparse.Namespace) -> None:
    """Print the figures for people."""
    print(f"{'database':<12} {'per camera-day':>40} {'gate event':>11} {'closed':>7}  other")
    for one in found["databases"]:
        days = ", ".join(f"{p.name} {one[p.name]['per_camera_day']:.0f}" for p in PROFILES)
        print(
            f"{one['database']:<12} {days:>40} {one['gate_event']:>11.0f}"
            f" {one['closed_camera_day']:>7.1f}  per boot {one['per_boot']},"
            f" per agent {one['per_agent']}, per observation {one['observation']}"
        )
    print(
        f"\nA city's year in GiB: {AGENTS} agents, {CAMERAS} cameras,"
        f" {1 - args.typical - args.flapping:.0%} healthy, {args.typical:.0%} typical,"
        f" {args.flapping:.0%} flapping in school hours on {args.school_days} days;"
        f" {args.events_per_gate_day} gate events per gate and school day"
        f" ({AGENTS * args.events_per_gate_day * args.school_days / 1e6:.0f} million);"
        f" {BOOTS_PER_DAY} boots a day"
    )
    for name, sizes in found["city_year_gib"].items():
        print(f"{name:<12} {', '.join(f'{part} {size}' for part, size in sizes.items())}")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    parser.add_argument("--quick", action="store_true", help="smaller fillings, rougher figures")
    parser.add_argument("--database", default="both", choices=["both", *Database])
    parser.add_argument("--typical", type=float, default=0.09, help="share with 20 changes a day")
    parser.add_argument("--flapping", type=float, default=0.01, help="share that flaps")
    parser.add_argument("--events-per-gate-day", type=int, default=1000)
    parser.add_argument("--school-days", type=int, default=200)
    args = parser.parse_args()
    wanted = list(Database) if args.database == "both" else [Database(args.database)]
    weighed = []
    for database in wanted:
        progress(str(database))
        weighed.append(asyncio.run(measure(database, quick=args.quick)))
    found = {
        "databases": weighed,
        "city_year_gib": {one["database"]: year(one, args) for one in weighed},
    }
    print(json.dumps(found, indent=1)) if args.json else print_table(found, args)


if __name__ == "__main__":
    main()
