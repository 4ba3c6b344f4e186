"""``vonggac-server import`` and ``export``: the register as XLSX or CSV."""

import argparse
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

from server.clock import SystemClock
from server.config import Configuration
from server.domain.calendar import local_date
from server.domain.plan import Plan
from server.register.exporting import Table, template
from server.register.importing import Imported, Outcome
from server.register.office import File, tables_of, try_import, write_import
from server.register.reading import LARGEST_BYTES, SheetError
from server.register.stored import load
from server.register.words import change_text, place_text, trouble_text
from server.register.writing import csv_files, workbook
from server.storage import ConflictError, Store
from server.texts.tongue import Tongue
from server.texts.tongue import load as load_tongue

Commands = Any
"""What ``ArgumentParser.add_subparsers`` returns: argparse does not name it."""
Act = Callable[[Store, Plan], Awaitable[Any]]
Run = Callable[[Configuration, Act], Any]
"""Opens the store, takes the files in, does something with the store and the plan of today."""

BY: Final = "command line"


class CannotError(Exception):
    """What was asked for can't be done; the text is for a person."""


def add_commands(commands: Commands, run: Run) -> None:
    """Add ``import`` and ``export``."""
    bring = commands.add_parser(
        "import", help="nhập đơn vị, trường, camera từ XLSX, CSV / read the register's sheets"
    )
    bring.add_argument("files", nargs="+", type=Path, metavar="FILE")
    bring.add_argument("--dry-run", action="store_true", help="chỉ thử / change nothing")
    bring.set_defaults(act=partial(_import, run))
    give = commands.add_parser(
        "export", help="xuất đơn vị, trường, camera ra XLSX, CSV / write the register's sheets"
    )
    give.add_argument("--out", type=Path, required=True, metavar="FILE.xlsx|FOLDER")
    which = give.add_mutually_exclusive_group()
    which.add_argument("--history", action="store_true", help="mọi thời kỳ / all that ever held")
    which.add_argument("--template", action="store_true", help="mẫu trống / headings only")
    give.set_defaults(act=partial(_export, run))
    for command in (bring, give):
        command.add_argument(
            "--on", type=date.fromisoformat, metavar="YYYY-MM-DD", help="từ ngày / as of a day"
        )
        command.add_argument("--config", type=Path, required=True, metavar="FILE")


def _import(run: Run, configuration: Configuration, options: argparse.Namespace) -> int:
    tongue = load_tongue(configuration.server.language)
    try:
        files = [_file(path) for path in options.files]
        found: Imported = run(configuration, partial(_tried, files, options))
    except SheetError as error:
        raise CannotError(tongue.text(error.text, **error.values)) from error
    except ConflictError as error:
        raise CannotError(f"{error}; nothing was written") from error
    for line in _lines(tongue, found):
        print(line)
    if not found.clean:
        print(tongue.text("Nothing was written: correct these rows first."))
        return 1
    if options.dry_run:
        print(tongue.text("Only tried; nothing was written."))
    return 0


def _file(path: Path) -> File:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise CannotError(f"{path} is larger than {LARGEST_BYTES >> 20} MiB")
        return File(path.name, path.read_bytes())
    except OSError as error:
        raise CannotError(f"can't read {path}: {error.strerror}") from error


async def _tried(
    files: Sequence[File], options: argparse.Namespace, store: Store, plan: Plan
) -> Imported:
    now = SystemClock().now()
    tried = await try_import(store, files, plan=plan, day=options.on or local_date(now))
    if tried.imported.clean and not options.dry_run:
        await write_import(store, tried, by=BY, now=now)
    return tried.imported


def _export(run: Run, configuration: Configuration, options: argparse.Namespace) -> int:
    tables = template() if options.template else run(configuration, partial(_tables, options))
    try:
        for path in _write(options.out, tables):
            print(path)
    except OSError as error:
        raise CannotError(f"can't write {options.out}: {error.strerror}") from error
    return 0


async def _tables(options: argparse.Namespace, store: Store, plan: Plan) -> Sequence[Table]:
    day = options.on or local_date(SystemClock().now())
    register = (await load(store)).register
    return tables_of(register, plan=plan, day=None if options.history else day, personal=True)


def _write(out: Path, tables: Iterable[Table]) -> Iterator[Path]:
    if out.suffix.lower() == ".xlsx":
        out.write_bytes(workbook(tables))
        yield out
        return
    out.mkdir(parents=True, exist_ok=True)
    for name, data in csv_files(tables).items():
        (out / name).write_bytes(data)
        yield out / name


def _lines(tongue: Tongue, found: Imported) -> Iterator[str]:
    """Yield a line for each row that changes something or is wrong, and the sums."""
    for result in found.results:
        where = place_text(tongue, result.row)
        if result.outcome is Outcome.ERROR:
            for trouble in result.troubles:
                yield f"✗ {where}: {trouble_text(tongue, result.row.what, trouble)}"
        elif result.outcome is not Outcome.SAME:
            what = "; ".join(change_text(result.row.what, c) for c in result.changes)
            name = f"{result.row.cells['id']} {result.row.cells.get('name', '')}"
            sign = "+" if result.outcome is Outcome.NEW else "~"
            yield f"{sign} {where}: {name}{f': {what}' if what else ''}"
    for thing, trouble in found.elsewhere:
        yield f"✗ {thing.school or ''} {thing.id}: {trouble_text(tongue, thing.what, trouble)}"
    counts = found.counts
    yield tongue.text(
        "%(new)s new, %(changed)s changed, %(same)s the same, %(error)s wrong",
        new=counts[Outcome.NEW],
        changed=counts[Outcome.CHANGED],
        same=counts[Outcome.SAME],
        error=counts[Outcome.ERROR] + len(found.elsewhere),
    )
