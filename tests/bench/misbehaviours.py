"""Every misbehaviour, the cause that a real watcher gives it, and how soon: a table.

``python -m tests.bench.misbehaviours [--json] [--gst] [--only NAME ...]``

All cameras misbehave at once on loopback ports; each has a watcher of its own, as in the agent, one
pump and one decoder for all. The exit code is 1 if anything is concluded wrongly.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from edge.picture.decoder import AvDecoder
from tests.bench.rude_rows import all_rows
from tests.bench.rude_run import Result, run_rows


async def measure(only: list[str], *, gst: bool = False) -> list[Result]:
    """Run the rows (all, or those named); return what was concluded.

    ``gst``: with GStreamer's server, too, where there is one.
    """
    decoder = AvDecoder()
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with all_rows(Path(folder), gst=gst) as rows:
                return await run_rows([r for r in rows if not only or r.name in only], decoder)
    finally:
        await asyncio.to_thread(decoder.close)


def table(results: list[Result]) -> str:
    """Return the results as a Markdown table."""
    lines = [
        "| the camera … | cause expected | cause given | after | |",
        "| --- | --- | --- | --- | --- |",
    ]
    for result in results:
        row = result.row
        after = "" if result.seconds is None else f"{result.seconds:.1f} s"
        mark = "right" if not result.wrong else f"**wrong**: {result.wrong}"
        given = result.cause or ("up" if result.seconds is not None else "none")
        lines.append(f"| {row.says} | {row.expect or 'up'} | {given} | {after} | {mark} |")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run, print, return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--gst", action="store_true", help="with GStreamer's server, too")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    results = asyncio.run(measure(options.only, gst=options.gst))
    took_s = round(time.monotonic() - began, 1)
    wrong = [result for result in results if result.wrong]
    if options.json:
        rows = [
            {
                "name": r.row.name,
                "says": r.row.says,
                "expected": r.row.expect,
                "cause": r.cause,
                "detail": r.detail,
                "seconds": r.seconds,
                "wrong": r.wrong,
            }
            for r in results
        ]
        print(json.dumps({"rows": rows, "right": len(results) - len(wrong), "took_s": took_s}))
    else:
        print(table(results))
        print(f"\n{len(results) - len(wrong)} of {len(results)} right, in {took_s} s")
        for r in wrong:
            print(f"WRONG {r.row.name}: {r.wrong} | {r.cause} | {r.detail}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
