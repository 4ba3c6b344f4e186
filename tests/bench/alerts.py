"""What people are told, held against what is true: scripted days and a made-up district's year.

``python -m tests.bench.alerts [--json] [--days | --year] [--only WORD] [--seeds 1]
[--from 1] [--start 2026-09-07] [--months 12]``

* ``days``: each day of ``tests.alerts`` is played through the product's own watch, engine, paging
  and posting; what must be told, to whom, and from when until when, is written by hand in each.
* ``year``: 1,000 cameras of 100 schools with the troubles of ``tests.alerts.noise``.

Exits with 1 if anything was missed, told twice, told falsely on a day (or more than once a week in
the year), or later than its limit.
"""

import argparse
import json
import math
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from datetime import date, datetime
from typing import Any, Final

from tests.alerts.all_days import every_day, verdict_of
from tests.alerts.known import KNOWN
from tests.alerts.script import AGENT_S, CAMERA_S, COVERED_S, GATE_S, Verdict
from tests.alerts.year import AUTUMN, Months, Tally, lived

LIMITS_S: Final = {
    "camera": CAMERA_S,
    "camera at a gate": GATE_S,
    "agent": AGENT_S,
    "school": AGENT_S,
    "covered": COVERED_S,
    "covered at a gate": COVERED_S,
    "picture": COVERED_S,
    "picture at a gate": COVERED_S,
}


def say(text: str) -> None:
    """Say on standard error how far it is."""
    print(text, file=sys.stderr, flush=True)


def of_days(only: str, seeds: int) -> tuple[list[dict[str, Any]], bool]:
    """Play the days; return a row for each, and whether all came out as they should."""
    rows, delays = [], defaultdict[str, list[float]](list)
    for name, scripted in every_day().items():
        if only not in name:
            continue
        verdicts = [verdict_of(scripted)]
        verdicts += [verdict_of(scripted, seed=seed) for seed in range(2, seeds + 1)]
        rows.append(_row(name, verdicts))
        for verdict in verdicts:
            for what, delay_s in verdict.delays:
                delays[what].append(delay_s)
    _table(rows)
    in_limits = _delays(delays)
    total = {k: sum(row[k] for row in rows) for k in ("expected", "sent", *_WRONG)}
    print(f"\n{len(rows)} days: {total}")
    return rows, in_limits and all(row["good"] or row["day"] in KNOWN for row in rows)


_WRONG: Final = ("missed", "false", "duplicate", "late")


def _row(name: str, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "day": name,
        "expected": sum(v.expected for v in verdicts),
        "sent": sum(v.sent for v in verdicts),
        "good": all(v.is_good for v in verdicts),
        "known": KNOWN.get(name, ""),
    }
    for what in _WRONG:
        found = [one for v in verdicts for one in getattr(v, what)]
        row[what] = len(found)
        row[f"{what}_words"] = found
    return row


def _table(rows: Iterable[Mapping[str, Any]]) -> None:
    print("| day | expected | sent | missed | false | twice | late |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        figures = " | ".join(str(row[k]) for k in ("expected", "sent", *_WRONG))
        print(f"| {row['day']} | {figures} |")
    for row in rows:
        for what in _WRONG:
            for words in row[f"{what}_words"]:
                say(f"{row['day']}: {what}: {words}")


def _delays(delays: Mapping[str, Sequence[float]]) -> bool:
    """Print delays from truth to message; tell whether each class is within its limit."""
    print("\n| class | messages | p50 s | p99 s | most s | limit s |")
    print("| --- | --- | --- | --- | --- | --- |")
    good = True
    for what, found in sorted(delays.items()):
        ordered, limit = sorted(found), LIMITS_S.get(what)
        p50, p99 = (_percentile(ordered, share) for share in (0.5, 0.99))
        good &= limit is None or p99 <= limit
        print(
            f"| {what} | {len(ordered)} | {p50:.0f} | {p99:.0f} | {ordered[-1]:.0f} |"
            f" {limit or '-'} |"
        )
    return good


def _percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def of_year(months: Months) -> tuple[Tally, bool]:
    """Live a year; return what was found, and whether it is within the limits."""
    began, shown = time.monotonic(), [""]

    def progress(now: datetime) -> None:
        month = f"{now:%Y-%m}"
        if month != shown[0]:
            shown[0] = month
            say(f"seed {months.seed}: {month}, {time.monotonic() - began:.0f} s")

    tally = lived(months, progress)
    print(f"\nSeed {months.seed}: {months.days} days from {months.first},", end=" ")
    print(f"{months.schools} schools,", end=" ")
    print(f"{months.schools * months.cameras} cameras, {time.monotonic() - began:.0f} s")
    print("\n| what truly happened | times |\n| --- | --- |")
    for what, count in sorted(tally.woes.items()):
        print(f"| {what} | {count} |")
    for what, count in tally.messages.items():
        print(f"messages {what}: {count}")
    in_limits = _delays(tally.delays)
    for what in _WRONG:
        found = getattr(tally, what)
        print(f"{what}: {len(found)}")
        for words in found:
            say(f"{what}: {words}")
    print(f"judged strictly: {tally.strict}; excused: {tally.excused}; weeks: {tally.weeks:.1f}")
    print(f"messages of what was over within 90 s: {tally.brief}")
    return tally, tally.is_good and in_limits


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="write the rows as JSON")
    parser.add_argument("--days", action="store_true", help="the scripted days alone")
    parser.add_argument("--year", action="store_true", help="the district-year alone")
    parser.add_argument("--only", default="", help="days whose name holds this")
    parser.add_argument("--seeds", type=int, default=1, help="so many courses of chance")
    parser.add_argument("--from", dest="first", type=int, default=1, help="the year's first seed")
    parser.add_argument("--months", type=float, default=12)
    parser.add_argument("--start", type=date.fromisoformat, default=AUTUMN, help="the first day")
    args = parser.parse_args()
    good, found = True, dict[str, Any]()
    with redirect_stdout(sys.stderr if args.json else sys.stdout):
        if not args.year:
            found["days"], good = of_days(args.only, args.seeds)
        if not args.days:
            for seed in range(args.first, args.first + args.seeds):
                days = round(args.months * 365 / 12)
                tally, well = of_year(Months(first=args.start, days=days, seed=seed))
                good &= well
                found[f"year_{seed}"] = {k: getattr(tally, k) for k in (*_WRONG, "brief", "weeks")}
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
