"""``vonggac-server``: run the centre, look at its figures, bring data in and out, set passwords.

Exit codes: 0 done, 1 can't (one line says why), 64 wrong usage.
"""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NoReturn

from server import cli_accounts, cli_alerting, cli_guards, cli_incidents, cli_restored, cli_yearly
from server.app import StartError, serve
from server.changes import Changes
from server.clock import SystemClock
from server.closing.cli import add_options, show
from server.config import ConfigError, Configuration, load
from server.domain.calendar import local_date
from server.figuring import cli as figuring
from server.planning import cli as planning
from server.register import cli as register
from server.register.cli import CannotError
from server.replaying import cli as replaying
from server.reports import cli as reports
from server.standing import Standing, open_standing
from server.storage import Store, StoreError
from server.texts.tongue import load as tongue_of
from server.transports import UnusableChannelError
from server.transports import check as check_channels

_USAGE: Final = 64


class _Parser(argparse.ArgumentParser):
    """Ends with 64 on wrong usage, as both programs do."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(_USAGE, f"{self.prog}: {message}\n")


_SAID: Final = StartError, StoreError, UnusableChannelError, CannotError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    options = _parser().parse_args(argv)
    try:
        configuration = load(options.config) if options.config else None
        code: int = options.act(configuration, options)
    except ConfigError as error:
        return _fail(str(error))
    except _SAID as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return 0
    return code


def _fail(text: str) -> int:
    print(f"vonggac-server: {text}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="vonggac-server", description="Vọng Gác: trung tâm / the centre.")
    parser.add_argument("--version", action="version", version=version("vonggac"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    run = commands.add_parser("run", help="chạy trung tâm / run the centre")
    run.add_argument("--verbose", action="store_true", help="log more")
    run.set_defaults(act=_run)
    check = commands.add_parser("check-config", help="kiểm tra cấu hình / read all three files")
    check.set_defaults(act=_check)
    figures = commands.add_parser(
        "figures", help="số liệu đã chốt và bổ sung / closed days, and what came later"
    )
    add_options(figures)
    figures.set_defaults(act=_figures)
    coverage = commands.add_parser(
        "coverage", help="độ phủ so với kế hoạch / how far the plan was met over a period"
    )
    figuring.add_options(coverage)
    coverage.set_defaults(act=_coverage)
    for command in (run, check, figures, coverage):
        command.add_argument("--config", type=Path, required=True, metavar="FILE")
    cli_accounts.add_commands(commands, _open)
    register.add_commands(commands, _with_plan)
    planning.add_command(commands)
    reports.add_command(commands)
    replaying.add_command(commands)
    cli_guards.add_command(commands, _with_standing)
    cli_yearly.add_command(commands, _with_standing)
    cli_incidents.add_command(commands, _with_standing)
    cli_alerting.add_command(commands, _with_standing)
    cli_restored.add_command(commands, _with_standing)
    return parser


def _run(configuration: Configuration, options: argparse.Namespace) -> int:
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)sZ %(levelname)s %(name)s: %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S",
    )
    logging.Formatter.converter = time.gmtime
    for noisy in ("aiosqlite", "alembic", "asyncio", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    asyncio.run(serve(configuration, say=lambda text: print(text, flush=True)))
    return 0


def _check(configuration: Configuration, _options: argparse.Namespace) -> int:
    check_channels(configuration.server.alerts)
    schools = configuration.register.on(local_date(SystemClock().now())).schools
    print(
        f"OK: {len(schools)} trường/schools, {sum(len(s.cameras) for s in schools)} camera, "
        f"{sum(len(s.gates) for s in schools)} cổng/gates, "
        f"{sum(len(s.agents) for s in schools)} máy tính trực cổng/agents"
    )
    return 0


def _figures(configuration: Configuration, options: argparse.Namespace) -> int:
    asyncio.run(_show(configuration, options))
    return 0


async def _show(configuration: Configuration, options: argparse.Namespace) -> None:
    store = await _open(configuration)
    try:
        keeper = await open_standing(configuration, store, clock=SystemClock(), changes=Changes())
        if options.school and options.school not in keeper.standing.register.schools:
            raise CannotError(f"there is no school {options.school!r} in the register")
        await show(configuration, store, keeper.standing, options)
    finally:
        await store.close()


def _coverage(configuration: Configuration, options: argparse.Namespace) -> int:
    if options.first and options.last and options.first > options.last:
        raise CannotError(f"--from {options.first} lies after --to {options.last}")
    asyncio.run(_cover(configuration, options))
    return 0


async def _cover(configuration: Configuration, options: argparse.Namespace) -> None:
    store, clock = await _open(configuration), SystemClock()
    try:
        keeper = await open_standing(configuration, store, clock=clock, changes=Changes())
        register, plans = keeper.standing.register, keeper.standing.plans
        if options.school and options.school not in register.schools:
            raise CannotError(f"there is no school {options.school!r} in the register")
        if options.unit and options.unit not in register.units:
            raise CannotError(f"there is no unit {options.unit!r} in the register")
        tongue = tongue_of(configuration.server.language)
        await figuring.show(store, register, plans, options, tongue=tongue, now=clock.now())
    finally:
        await store.close()


def _with_plan(configuration: Configuration, act: register.Act) -> Any:
    """Do something with the store, the files taken in, and the plan of today."""
    return _with_standing(configuration, lambda store, standing: act(store, standing.plan))


def _with_standing(
    configuration: Configuration, act: Callable[[Store, Standing], Awaitable[Any]]
) -> Any:
    """Do something with the store, the files taken in, and what stands."""

    async def run() -> Any:
        store, clock = await _open(configuration), SystemClock()
        try:
            keeper = await open_standing(configuration, store, clock=clock, changes=Changes())
            return await act(store, keeper.standing)
        finally:
            await store.close()

    return asyncio.run(run())


async def _open(configuration: Configuration) -> Store:
    try:
        configuration.server.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotError(
            f"can't write in data_dir {configuration.server.data_dir}: {error.strerror}"
        ) from error
    return await Store.open(configuration.server.database.reveal())


if __name__ == "__main__":
    sys.exit(main())
