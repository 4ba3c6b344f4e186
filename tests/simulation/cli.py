"""The simulator's command line: seeds spread over processes, progress, and what failed."""

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tests.simulation.mutants import Found, hunt
from tests.simulation.planted import MUTANTS
from tests.simulation.world import Outcome, quiet, simulate

_TOLD_EVERY_S = 5.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run what is asked for; return the exit code."""
    options = _parser().parse_args(argv)
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets is a part of the story
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(
            sys.executable, [sys.executable, "-m", "tests.simulation", *(argv or sys.argv[1:])]
        )
    if options.mutants:
        return _hunt_all(options.mutant, options.jobs, options.most)
    if options.seed is not None:
        return _one(options.seed, verbose=options.verbose)
    seeds = range(options.first, options.first + options.seeds)
    return _many(seeds, options.jobs)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=500, help="so many seeds")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first one")
    parser.add_argument("--seed", type=int, help="one seed alone")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell its story")
    parser.add_argument("--mutants", action="store_true", help="plant bugs, see them caught")
    parser.add_argument("--mutant", action="append", help="only this one (may be repeated)")
    parser.add_argument("--most", type=int, default=300, help="seeds per mutant, at most")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1)
    return parser


def _one(seed: int, *, verbose: bool) -> int:
    quiet()
    outcome = simulate(seed, verbose=verbose)
    _tell_broken(outcome)
    print(f"seed {seed}: story {outcome.digest}, {outcome.days:.2f} days, {outcome.events} events")
    return 1 if outcome.broken else 0


def _outcomes(seeds: Iterable[int], jobs: int) -> Iterator[Outcome]:
    if jobs == 1:
        quiet()
        yield from map(simulate, seeds)
        return
    with multiprocessing.get_context("fork").Pool(jobs, quiet) as pool:
        yield from pool.imap_unordered(simulate, seeds, chunksize=4)


def _many(seeds: Sequence[int], jobs: int) -> int:
    began = told = time.monotonic()
    passed = failed = events = 0
    days = 0.0
    seconds = 0
    faults: Counter[str] = Counter()
    for outcome in _outcomes(seeds, jobs):
        passed, failed = passed + (not outcome.broken), failed + bool(outcome.broken)
        days, events, seconds = (
            days + outcome.days,
            events + outcome.events,
            seconds + outcome.seconds,
        )
        faults += outcome.faults
        if outcome.broken:
            _tell_broken(outcome)
        if time.monotonic() - told > _TOLD_EVERY_S:
            told = time.monotonic()
            done = passed + failed
            print(f"{done} of {len(seeds)} seeds, {failed} failed", file=sys.stderr, flush=True)
    took_s = time.monotonic() - began
    for word, seen in (("injected", False), ("seen", True)):
        counts = [(k, n) for k, n in sorted(faults.items()) if k.startswith("seen: ") == seen]
        print(f"{word}: " + ", ".join(f"{kind.removeprefix('seen: ')} {n}" for kind, n in counts))
    print(
        f"{days:.0f} simulated days in {took_s:.0f} s ({days / took_s * 60:.0f} a minute),"
        f" {events} gate events acknowledged, {seconds} camera seconds judged"
    )
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def _tell_broken(outcome: Outcome) -> None:
    if not outcome.broken:
        return
    print(f"seed {outcome.seed} FAILED", *outcome.broken[:5], sep="\n  ")
    print("  faults:", *outcome.story[-20:], sep="\n    ")
    print(f"  again: python -m tests.simulation --seed {outcome.seed} -v", flush=True)


def _hunt_all(names: Sequence[str] | None, jobs: int, most: int) -> int:
    """Hunt each planted bug; print the table."""
    wanted = [m for m in MUTANTS if not names or m.name in names]
    missed = 0
    print(f"{'planted bug':44} {'seeds':>5}  caught by")
    with multiprocessing.get_context("fork").Pool(jobs, quiet, maxtasksperchild=1) as pool:
        for found in pool.imap_unordered(_Hunt(most), [m.name for m in wanted], chunksize=1):
            missed += found.caught_by is None
            told = f"{found.caught_by} (seed {found.seed})" if found.caught_by else "NOT CAUGHT"
            print(f"{found.name:44} {found.seeds:5}  {told}", flush=True)
    print(f"{len(wanted) - missed} caught, {missed} missed")
    return 1 if missed else 0


class _Hunt:
    def __init__(self, most: int) -> None:
        self._most = most

    def __call__(self, name: str) -> Found:
        return hunt(name, self._most)
