"""How fast reports are committed, against the database alone, and what a row weighs.

    python -m tests.bench.commit [--json] [--rows N] [--quick] [--only sqlite|postgresql]

Each figure is the median of three runs, ours and the floor in turn, on new databases that sync each
commit to the disk. ``ratio`` is the floor's rows per second over ours.
"""

import argparse
import asyncio
import gc
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg

from server.storage import Store
from server.storage.statements import Steps, T
from tests.bench.commit_floor import floor_batches, put_postgresql, put_sqlite
from tests.bench.commit_load import Sender, batches, quiet
from tests.bench.commit_sizes import bytes_per_row
from tests.system.fixtures_server import Cluster, folder_of, postgres_bin, running

BATCHES: Final = (100, 1000, 5000)
KINDS: Final = ("segments", "events")
QUIET_AGENTS: Final = 50

NewUrl = Callable[[], Awaitable[str]]


@asynccontextmanager
async def sqlite_urls() -> AsyncIterator[NewUrl]:
    """Give a way to new SQLite databases."""
    with tempfile.TemporaryDirectory(prefix="vg-commit-") as folder:
        made = 0

        async def new() -> str:
            nonlocal made
            made += 1
            return f"sqlite:///{Path(folder) / f'{made}.db'}"

        yield new


@asynccontextmanager
async def postgresql_urls() -> AsyncIterator[NewUrl]:
    """Give a way to new databases of a cluster that syncs its commits."""
    with folder_of("postgres") as folder, _durable(Cluster(folder)) as cluster:
        made = 0

        async def new() -> str:
            nonlocal made
            made += 1
            owner = await asyncpg.connect(cluster.url())
            await owner.execute(f"CREATE DATABASE bench{made}")
            await owner.close()
            return cluster.url(f"bench{made}")

        yield new


@contextmanager
def _durable(cluster: Cluster) -> Iterator[Cluster]:
    options = ("shared_buffers=256MB", "max_wal_size=4GB", "listen_addresses=127.0.0.1")
    command = (
        str(postgres_bin() / "postgres"), "-D", "cluster", "-p", str(cluster.port),
        "-k", str(cluster.folder), *(word for o in options for word in ("-c", o)),
    )  # fmt: skip
    with running(*command, port=cluster.port, user="postgres", cwd=cluster.folder):
        yield cluster


async def measure(new: NewUrl, kind: str, *, per_batch: int, rows: int) -> dict[str, Any]:
    """Return rows per second of the floor, of ours, and of ours where every row is a repeat."""
    warm, work = batches(kind, rows=rows, per_batch=per_batch)
    parents, raw = floor_batches(warm, work)
    count = sum(len(found) for batch in raw for _, found in batch)
    floor: list[float] = []
    first: list[float] = []
    again: list[float] = []
    gc.collect()
    gc.freeze()  # the work, all made beforehand, is no garbage to look through
    for _ in range(3):
        url = await new()
        await (await Store.open(url)).close()
        if url.startswith("sqlite"):
            floor.append(put_sqlite(url.removeprefix("sqlite:///"), parents, raw))
        else:
            floor.append(await put_postgresql(url, parents, raw))
        store = await Store.open(await new())
        await store.commit(warm)
        for times in (first, again):
            began = time.perf_counter()
            for batch in work:
                await store.commit(batch)
            times.append(time.perf_counter() - began)
        await store.close()
    floor_s, ours_s = statistics.median(floor), statistics.median(first)
    return {
        "kind": kind,
        "batch": per_batch,
        "floor_rows_s": round(count / floor_s),
        "rows_s": round(count / ours_s),
        "repeats_rows_s": round(count / statistics.median(again)),
        "ratio": round(ours_s / floor_s, 2),
    }


async def steady(new: NewUrl, *, commits: int) -> dict[str, Any]:
    """Return what commits of quiet reports cost."""
    store = await Store.open(await new())
    senders = [Sender(n) for n in range(1, QUIET_AGENTS + 1)]
    await store.commit([s.report(segments=16) for s in senders])
    await store.commit(quiet(senders))
    statements = _count_statements(store)
    took = []
    for _ in range(commits):
        reports = quiet(senders)
        began = time.perf_counter()
        await store.commit(reports)
        took.append(time.perf_counter() - began)
    await store.close()
    return {
        "reports": QUIET_AGENTS,
        "ms": round(statistics.median(took) * 1000, 2),
        "statements": len(statements) / commits,
    }


def _count_statements(store: Store) -> list[object]:
    """Return a list that fills with the statements of the store's commits."""
    seen: list[object] = []
    run = store._committer.run

    def watched(steps: Steps[T]) -> Steps[T]:
        answer: Any = None
        while True:
            try:
                statement = steps.send(answer)
            except StopIteration as stop:
                found: T = stop.value
                return found
            seen.append(statement)
            answer = yield statement

    store._committer.run = lambda begin: run(lambda: watched(begin()))  # type: ignore[method-assign]
    return seen


async def run(name: str, args: argparse.Namespace) -> dict[str, Any]:
    """Measure one kind of database."""
    urls = sqlite_urls if name == "sqlite" else postgresql_urls
    async with urls() as new:
        paths = [
            await measure(new, kind, per_batch=size, rows=min(args.rows, size * 40))
            for kind in KINDS
            for size in BATCHES
        ]
        return {
            "paths": paths,
            "steady": await steady(new, commits=100),
            "bytes_per_row": await bytes_per_row(await new()),
        }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    args = parser.parse_args()
    if args.quick:
        args.rows //= 10
    names = [args.only] if args.only else ["sqlite", "postgresql"]
    found = {name: asyncio.run(run(name, args)) for name in names}
    if args.json:
        print(json.dumps(found, indent=1))
        return
    for name, result in found.items():
        print(
            f"{name}\n{'kind':>10}{'batch':>7}{'floor/s':>9}{'ours/s':>9}{'ratio':>7}{'repeats/s':>11}"
        )
        for p in result["paths"]:
            print(
                f"{p['kind']:>10}{p['batch']:>7}{p['floor_rows_s']:>9}{p['rows_s']:>9}"
                f"{p['ratio']:>7}{p['repeats_rows_s']:>11}"
            )
        print("  steady:", result["steady"])
        print("  bytes per row:", result["bytes_per_row"])


if __name__ == "__main__":
    main()
