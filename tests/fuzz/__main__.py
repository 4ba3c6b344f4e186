"""``python -m tests.fuzz [--seconds 60] [--target rtsp|...|all] [--seed N] [--json] [--keep]``.

Hunts each target for its share of the time. Exit code 1 if anything was found; ``--keep`` writes
what was found beside the seeds, so that ``test_fuzz_kept`` runs it from then on.
"""

import argparse
import json
import random
import sys
import time
from typing import Any

from tests.fuzz import decoder
from tests.fuzz.hunt import CORPUS, TARGETS, Hunt


def main() -> int:
    """Read the command line, hunt, report."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--target", choices=[*TARGETS, "all"], default="all")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", action="store_true", help="write what is found beside the seeds")
    options = parser.parse_args()
    seed = random.randrange(1 << 32) if options.seed is None else options.seed
    names = list(TARGETS) if options.target == "all" else [options.target]
    rows = [row(name, options.seconds / len(names), seed, keep=options.keep) for name in names]
    decoder.close()
    if options.json:
        print(json.dumps({"seed": seed, "targets": rows}, indent=1))
    else:
        show(seed, rows)
    return 1 if any(one["found"] for one in rows) else 0


def row(name: str, seconds: float, seed: int, *, keep: bool) -> dict[str, Any]:
    """Hunt one target; return what to report."""
    hunt = Hunt.seeded(name, seed)
    began_s = time.monotonic()
    for kept in hunt.target.seeds():
        hunt.try_one(kept)
    hunt.run(seconds=seconds)
    spent_s = time.monotonic() - began_s
    for one in hunt.found.values() if keep else ():
        (CORPUS / name / one.name).write_bytes(one.data)
    return {
        "target": name,
        "inputs": hunt.inputs,
        "seconds": round(spent_s, 1),
        "per_s": round(hunt.inputs / spent_s),
        "slowest_ms": round(hunt.slowest_s * 1000, 1),
        "outcomes": len(hunt.outcomes),
        "found": [
            {"why": one.why, "name": one.name, "size": len(one.data), "trace": one.trace}
            for one in hunt.found.values()
        ],
    }


def show(seed: int, rows: list[dict[str, Any]]) -> None:
    """Print the table, then what was found."""
    print(f"seed {seed}")
    print(f"{'target':<9}{'inputs':>9}{'per s':>8}{'slowest ms':>12}{'outcomes':>10}{'found':>7}")
    for one in rows:
        print(
            f"{one['target']:<9}{one['inputs']:>9}{one['per_s']:>8}{one['slowest_ms']:>12}"
            f"{one['outcomes']:>10}{len(one['found']):>7}"
        )
    for one in rows:
        for found in one["found"]:
            print(f"\n{one['target']} {found['name']} ({found['size']} octets): {found['why']}")
            print(found["trace"])


if __name__ == "__main__":
    sys.exit(main())
