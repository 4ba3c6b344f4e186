"""``vonggac-server report``: make a report and write its files into a folder."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

from server.changes import Changes
from server.clock import SystemClock
from server.config import Configuration
from server.domain.calendar import local_date
from server.reports.asking import Wish, asked
from server.reports.forms import FORMS, FormError
from server.reports.gathering import Ground
from server.reports.kinds import KINDS
from server.reports.making import file_name, make
from server.reports.spans import AskError
from server.standing import open_standing
from server.storage import Store
from server.texts.tongue import load

Commands = Any
"""What ``ArgumentParser.add_subparsers`` returns: argparse does not name it."""
_CANNOT: Final = 1
_BAR: Final = 30


def add_command(commands: Commands) -> None:
    """Add ``report``."""
    kinds = "; ".join(f"{name}: {kind.vi}" for name, kind in KINDS.items())
    report = commands.add_parser(
        "report", help="lập báo cáo DOCX, PDF, XLSX / make a report", epilog=kinds
    )
    report.add_argument("kind", choices=tuple(KINDS), metavar="KIND", help=", ".join(KINDS))
    whom = report.add_mutually_exclusive_group(required=True)
    whom.add_argument("--unit", default="", metavar="ID", help="đơn vị / a unit")
    whom.add_argument("--school", default="", metavar="ID", help="trường / a school")
    report.add_argument("--year", default="", metavar="2026-2027", help="năm học / a school year")
    report.add_argument("--month", default="", metavar="2026-10", help="tháng / a month")
    report.add_argument("--from", dest="first", type=date.fromisoformat, metavar="YYYY-MM-DD")
    report.add_argument("--to", dest="last", type=date.fromisoformat, metavar="YYYY-MM-DD")
    report.add_argument("--date", type=date.fromisoformat, help="ngày ký / the paper's own day")
    report.add_argument("--out", type=Path, default=Path(), metavar="DIR")
    report.add_argument("--format", type=_forms, default=tuple(FORMS), metavar="docx,pdf,xlsx")
    report.add_argument("--config", type=Path, required=True, metavar="FILE")
    report.set_defaults(act=_report)


def _forms(text: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(text.split(",")))
    if not set(wanted) <= set(FORMS):
        raise argparse.ArgumentTypeError(f"known are {', '.join(FORMS)}")
    return wanted


def _report(configuration: Configuration, options: argparse.Namespace) -> int:
    try:
        asyncio.run(_make(configuration, options))
    except AskError as error:
        told = load(configuration.server.language).text(error.msgid, **error.values)
        return _fail(told)
    except (FormError, OSError) as error:
        return _fail(str(error))
    return 0


def _fail(text: str) -> int:
    print(f"vonggac-server: {text}", file=sys.stderr)
    return _CANNOT


async def _make(configuration: Configuration, options: argparse.Namespace) -> None:
    clock = SystemClock()
    now = clock.now()
    configuration.server.data_dir.mkdir(parents=True, exist_ok=True)
    store = await Store.open(configuration.server.database.reveal())
    try:
        keeper = await open_standing(configuration, store, clock=clock, changes=Changes())
        standing = keeper.standing
        wish = Wish(
            kind=options.kind,
            unit=options.unit,
            school=options.school,
            year=options.year,
            month=options.month,
            first=options.first,
            last=options.last,
        )
        day = options.date or local_date(now)
        ask = asked(wish, standing.register, standing.plans, today=day)
        ground = Ground(
            store=store,
            register=standing.register,
            plans=standing.plans,
            now=now,
            fault_after_s=configuration.server.figures.fault_after_s,
        )
        paper = await make(ground, ask, options.format, told=_bar())
    finally:
        await store.close()
    options.out.mkdir(parents=True, exist_ok=True)
    for form, data in paper.files.items():
        path = options.out / file_name(ask, form)
        path.write_bytes(data)
        print(path)


def _bar() -> Callable[[float], None]:
    """Return what draws the progress on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda _part: None

    def draw(part: float) -> None:
        full = round(_BAR * part)
        end = "\n" if part >= 1 else ""
        bar = "█" * full + "░" * (_BAR - full)
        print(f"\r{bar} {part:4.0%}", end=end, file=sys.stderr, flush=True)

    return draw
