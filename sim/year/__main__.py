"""``python -m sim.year``: ``write`` the example's files, or ``load`` them into a database.

``load`` runs ``vonggac-server replay`` as a process of its own: the real ingest and closing, under
the clock of then. Exit codes: 0 done, 1 can't, 64 wrong usage.
"""

import argparse
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from sim.year.drama import make_drama
from sim.year.papers import joined, units_yaml, year_lines
from sim.year.totals import totals

FOLDER: Final = Path("configs/example-year")
YEAR: Final = "year.jsonl.gz"
_USAGE: Final = 64


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sim.year", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    write = commands.add_parser("write", help="make units.yaml, year.jsonl.gz and truth.json anew")
    write.add_argument("--out", type=Path, default=FOLDER, metavar="DIR")
    load = commands.add_parser("load", help="live through the year, into an empty database")
    load.add_argument("--config", type=Path, default=FOLDER / "server.yaml", metavar="FILE")
    try:
        given = parser.parse_args(arguments)
    except SystemExit as ended:
        return _USAGE if ended.code else 0
    return write_files(given.out) if given.command == "write" else _load(given.config)


def write_files(folder: Path) -> int:
    """Write the made files, the same bytes each time."""
    drama = make_drama()
    (folder / "units.yaml").write_text(units_yaml(), encoding="utf-8", newline="\n")
    packed = gzip.compress(joined(year_lines(drama)), 9, mtime=0)
    (folder / YEAR).write_bytes(packed)
    told = json.dumps(totals(drama), ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "truth.json").write_text(told + "\n", encoding="utf-8", newline="\n")
    return 0


def _load(config: Path) -> int:
    command = ("server.cli", "replay", str(config.parent / YEAR), "--config", str(config))
    done = subprocess.run([sys.executable, "-m", *command], check=False)  # noqa: S603 (our own)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
