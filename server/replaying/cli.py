"""``vonggac-server replay FILE``: live through a recorded time, into a database of its own."""

import argparse
import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from server.config import Configuration
from server.domain.calendar import local_date
from server.planning.paper import PlanningError
from server.replaying.lines import RecordingError, read_lines
from server.replaying.living import Lived, NotEmptyError, live_through
from server.storage import Store

Commands = Any
"""What ``ArgumentParser.add_subparsers`` returns: argparse does not name it."""
_CANNOT: Final = 1
_FIRST: Final = 1


def add_command(commands: Commands) -> None:
    """Add ``replay``."""
    replay = commands.add_parser(
        "replay",
        help="diễn lại dữ liệu đã ghi vào cơ sở dữ liệu trống / live through a recording",
    )
    replay.add_argument("file", type=Path, metavar="FILE", help="year.jsonl, year.jsonl.gz")
    replay.add_argument("--config", type=Path, required=True, metavar="FILE")
    replay.set_defaults(act=_replay)


def _replay(configuration: Configuration, options: argparse.Namespace) -> int:
    try:
        lived = asyncio.run(_live(configuration, options.file))
    except NotEmptyError:
        where = configuration.server.data_dir
        return _fail(f"the database has reports already; a recording needs an empty one ({where})")
    except (OSError, RecordingError, PlanningError) as error:
        return _fail(f"{options.file}: {error}")
    print(f"OK: {', '.join(f'{count} {what}' for what, count in sorted(lived.lines.items()))}")
    for reason, count in lived.refused.most_common():
        print(f"  {count} refused: {reason}", file=sys.stderr)
    return _CANNOT if lived.refused else 0


async def _live(configuration: Configuration, file: Path) -> Lived:
    data = await asyncio.to_thread(file.read_bytes)
    await asyncio.to_thread(configuration.server.data_dir.mkdir, parents=True, exist_ok=True)
    store = await Store.open(configuration.server.database.reveal())
    try:
        return await live_through(
            configuration, store, read_lines(data), folder=file.parent, told=_month
        )
    finally:
        await store.close()


def _month(night: datetime) -> None:
    """Say on a terminal how far it is, once a month."""
    day = local_date(night)
    if day.day == _FIRST and sys.stderr.isatty():
        print(f"{day:%m/%Y}", file=sys.stderr, flush=True)


def _fail(text: str) -> int:
    print(f"vonggac-server: {text}", file=sys.stderr)
    return _CANNOT
