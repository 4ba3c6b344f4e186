"""Real processes under faults: is every event there once, and every second what it was?

``python -m tests.bench.faults [--seconds 120] [--seed 1] [--agents 4] [--keep DIR] [--json]``

Two servers behind a shared subscription on one PostgreSQL, Mosquitto, gate PCs with scripted
cameras (all else is the product), a faulty line in front of each. Faults come at random, and may
overlap, while four events a second are posted at each gate; then all is healed and the run waits
until the database holds everything, five minutes at most. Prints one table; exits with 1 if
anything that was acknowledged is lost, anything is twice or invented, any watched second is wrong
or missing, or a program ended by itself or met what it did not expect.

Ctrl-C (or SIGTERM) ends the faults, a second one ends the waiting: each time the table comes.
"""

import argparse
import asyncio
import json
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from tests.bench.faults_district import District, district
from tests.bench.faults_gate import Posts, post
from tests.bench.faults_nemesis import Nemesis
from tests.bench.faults_verdict import Looker, Outcome, ends_of, errors_of, table

__all__ = ["Outcome", "run", "table"]

_CALM_S: Final = 5
_SETTLE_S: Final = 12
_DRAIN_S: Final = 300
"""An agent whose disk failed or whom nobody answered is silent for a minute or two by design."""
_NOT_YET_S: Final = 15
_LAST_WORDS_S: Final = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """What whoever started the run has asked for meanwhile."""

    heal: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)

    def once_more(self) -> None:
        """Take a Ctrl-C."""
        (self.hurry if self.heal.is_set() else self.heal).set()


async def run(
    folder: Path,
    *,
    seconds: float,
    seed: int,
    agents: int,
    say: Callable[[str], None],
    asked: Asked | None = None,
) -> Outcome:
    """Make a district, hurt it, heal it, and judge what its database holds."""
    asked = asked or Asked()
    plan = {"seed": seed, "begin_utc_s": int(time.time()) - 60, "seconds": int(seconds) + 900}
    async with district(folder, plan, agents=agents) as where:
        posts, nemesis = Posts(), Nemesis(where, random.Random(seed), say)
        await _hurt(where, posts, nemesis, seconds, asked)
        say("all is healed")
        begin = time.monotonic()
        looker = Looker(where, posts, plan, say)
        is_there = await looker.wait(_DRAIN_S, asked.hurry, not_yet_s=_NOT_YET_S)
        drained_s = round(time.monotonic() - begin, 1) if is_there else None
        say(f"all is there after {drained_s} s" if is_there else "waits no longer")
        ends = ends_of(where)
        await asyncio.gather(*(agent.service.end() for agent in where.agents))
        await looker.wait(_LAST_WORDS_S if is_there else 0, asked.hurry)
        return Outcome(
            faults=dict(nemesis.made),
            answers=dict(posts.answers),
            found=looker.found,
            drained_s=drained_s,
            waits_for=looker.waits_for,
            ends=ends_of(where) | ends,
            refusals=sum(service.refusals for service in where.ours),
            errors=(*nemesis.errors, *errors_of(where)),
        )


async def _hurt(
    where: District, posts: Posts, nemesis: Nemesis, seconds: float, asked: Asked
) -> None:
    """Post events from before the first fault until a while after everything is healed."""
    done = asyncio.Event()
    posters = [asyncio.create_task(post(agent, posts, done)) for agent in where.agents]
    await asyncio.sleep(_CALM_S)
    await nemesis.run(seconds, asked.heal)
    where.heal()
    for service in where.services:
        service.start()
    await asyncio.sleep(_SETTLE_S)
    done.set()
    await asyncio.gather(*posters)


async def _run(args: argparse.Namespace, folder: Path) -> Outcome:
    begin, asked = time.monotonic(), Asked()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.once_more)

    def say(text: str) -> None:
        print(f"{time.monotonic() - begin:6.1f} s  {text}", file=sys.stderr, flush=True)

    return await run(
        folder, seconds=args.seconds, seed=args.seed, agents=args.agents, say=say, asked=asked
    )


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--agents", type=int, default=4)
    parser.add_argument("--keep", type=Path, help="keep logs and spools in this folder")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vg-faults-") as folder:
        where = args.keep or Path(folder)
        where.mkdir(parents=True, exist_ok=True)
        outcome = asyncio.run(_run(args, where))
    print(json.dumps(asdict(outcome), indent=2) if args.json else table(outcome))
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
