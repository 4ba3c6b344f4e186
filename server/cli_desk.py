"""What commands that do what pages do share: where they stand, who writes, what they print.

They do what the pages do through the pages' own deeds (``server.web.*deeds``), and print with
``--json`` what the API answers.
"""

import argparse
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from server.changes import Changes
from server.clock import SystemClock
from server.config import Configuration, ServerConfig
from server.domain.units import School
from server.register.cli import CannotError
from server.standing import Standing
from server.storage import Store
from server.texts.tongue import Tongue, load
from server.web.pages.choosing import Choice, Sheet
from server.web.refusals import REFUSALS, why_not
from server.web.writer import Writer

Commands = Any
"""What ``ArgumentParser.add_subparsers`` returns: argparse does not name it."""
Act = Callable[[Store, Standing], Awaitable[None]]
Run = Callable[[Configuration, Act], Any]
"""Opens the store, takes the files in, does something with the store and what stands."""
Do = Callable[[argparse.Namespace, "Desk"], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where a command stands: the store, what stands in it, the server's language and now."""

    config: ServerConfig
    store: Store
    standing: Standing
    tongue: Tongue
    now: datetime

    def school(self, name: str) -> School:
        """Return a school of today. Raises ``CannotError``."""
        found = self.standing.organisation.school(name)
        if found is None:
            raise CannotError(f"there is no school {name!r} in the register")
        return found

    async def writer(self, name: str) -> Writer:
        """Return an officer as a writer. Raises ``CannotError``."""
        user = await self.store.user_by_name(name)
        if user is None or user.disabled or not user.may_act:
            raise CannotError(f"there is no officer {name!r}")
        return Writer(
            store=self.store,
            standing=self.standing,
            changes=Changes(),  # a running centre reads what stands whenever it is asked
            by=user.name,
            now=self.now,
        )


def doing(run: Run, do: Do) -> Callable[[Configuration, argparse.Namespace], int]:
    """Return what the command line calls: opens everything, does one thing, says refusals."""

    def act(configuration: Configuration, options: argparse.Namespace) -> int:
        tongue = load(configuration.server.language)

        async def at_desk(store: Store, standing: Standing) -> None:
            with _refused(tongue):
                now = SystemClock().now().replace(microsecond=0)
                desk = Desk(
                    config=configuration.server,
                    store=store,
                    standing=standing,
                    tongue=tongue,
                    now=now,
                )
                await do(options, desk)

        run(configuration, at_desk)
        return 0

    return act


@contextmanager
def _refused(tongue: Tongue) -> Iterator[None]:
    try:
        yield
    except REFUSALS as error:
        raise CannotError(why_not(tongue, error)) from error


def add_choice(command: argparse.ArgumentParser, states: type[StrEnum] | None) -> None:
    """Add what chooses schools from a list."""
    command.add_argument("--unit", metavar="ID", help="đơn vị và mọi cấp dưới / a unit")
    command.add_argument("--find", default="", metavar="TEXT", help="tên hoặc mã / name or id")
    if states is not None:
        command.add_argument("--which", default="", choices=[state.value for state in states])
        command.add_argument("--page", type=int, default=1, metavar="N")


def choice(options: argparse.Namespace) -> Choice:
    """Return what the options choose."""
    return Choice(
        unit=options.unit,
        query=options.find,
        which=getattr(options, "which", ""),
        page=getattr(options, "page", 1),
    )


def add_json(command: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    command.add_argument("--json", action="store_true", help="JSON như API / as the API answers")


def add_by(command: argparse.ArgumentParser, *, revision: bool = True) -> None:
    """Add who writes, and which revision they have seen."""
    command.add_argument("--by", required=True, metavar="NAME", help="cán bộ / the officer")
    if revision:
        command.add_argument(
            "--revision", default="0", metavar="N", help="bản đã xem / the one that was seen"
        )


def show(value: object, lines: Iterable[str], *, as_json: bool) -> None:
    """Print a value as JSON, or the lines."""
    print(msgspec.json.encode(value).decode() if as_json else "\n".join(lines))


def page_line(sheet: Sheet[Any]) -> str:
    """Return where in a list its page stands."""
    return f"trang/page {sheet.page}/{sheet.pages}, {sheet.found} trường/schools"


def form_of(options: argparse.Namespace, *names: str) -> dict[str, str]:
    """Return options as a form's fields, those that were given."""
    given = {name: getattr(options, name) for name in names}
    boxes = {name: "1" for name, value in given.items() if value is True}
    return boxes | {name: value for name, value in given.items() if isinstance(value, str)}
