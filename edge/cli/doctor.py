"""``vonggac-edge doctor``: a first visit's checklist."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from edge.advice import Language
from edge.cli.common import (
    add_language_option,
    language_of,
    loop_factory,
)
from edge.clock import SystemClock
from edge.doctor import Check, Grade, Options, examine, exit_code, say, title, worst
from edge.picture.decoder import AvDecoder

_MARKS: Final = {Grade.GOOD: "✓", Grade.SKIPPED: "–", Grade.WARNING: "!", Grade.FAILED: "✗"}
_ASCII: Final = {Grade.GOOD: "ok", Grade.SKIPPED: "--", Grade.WARNING: "!!", Grade.FAILED: "XX"}
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "vi": {
        "steps": "Cần làm:",
        "good": "Mọi thứ đều tốt.",
        "warning": "Hoạt động được, nhưng có {warnings} điều cần chú ý.",
        "failed": "Có {failures} lỗi cần sửa, {warnings} điều cần chú ý.",
    },
    "en": {
        "steps": "What to do:",
        "good": "All is well.",
        "warning": "It works. Needs attention: {warnings}.",
        "failed": "Does not work: {failures}. Needs attention: {warnings}.",
    },
}


def add(commands: Any) -> None:
    """Add the command."""
    doctor = commands.add_parser(
        "doctor",
        help="a first visit's checklist: configuration, clock, disk, centre, cameras",
        description="Look at everything that this agent needs, and say what to do. Exit code: "
        "0 all is well, 1 warnings, 2 something does not work, 64 bad usage.",
        epilog="It changes nothing. Each camera is asked once, one per host at a time; a password "
        "that a host refuses is not tried again for its other channels. While no agent runs, one "
        "empty report is sent, so the centre counts the agent as heard.",
    )
    doctor.add_argument("--config", type=Path, required=True, metavar="FILE")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    add_language_option(doctor)
    doctor.add_argument("--no-cameras", action="store_true", help="leave the cameras alone")
    doctor.add_argument(
        "--again",
        action="store_true",
        help="show cameras passwords that they have refused lately (three times a minute at most)",
    )
    doctor.add_argument("--ascii", action="store_true", help="marks that every console can show")
    doctor.add_argument(
        "--seconds", type=_seconds, metavar="N", help="how long it may take (5 to 600)"
    )
    doctor.set_defaults(act=_doctor)


def _seconds(text: str) -> float:
    with suppress(ValueError):
        seconds = float(text)
        if 5 <= seconds <= 600:  # noqa: PLR2004 (as the help says)
            return seconds
    raise argparse.ArgumentTypeError(f"{text!r} is no number from 5 to 600")


def _doctor(options: argparse.Namespace) -> int:
    printer = _Printer(
        language_of(options), quiet=options.json, marks=_marks(ascii_only=options.ascii)
    )
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        checks, took_s = runner.run(_examine(options, printer))
    if options.json:
        printer.end_count()
        print(json.dumps(to_json(checks, took_s), ensure_ascii=False, default=str))
    else:
        printer.sum_up(checks)
    return exit_code(checks)


def _options(options: argparse.Namespace) -> Options:
    return Options(cameras=not options.no_cameras, within_s=options.seconds, again=options.again)


def _marks(*, ascii_only: bool) -> dict[Grade, str]:
    """Return marks that the console can show; it was set to UTF-8, but its font may be old."""
    dumb = sys.platform == "win32" and sys.stdout.isatty() and sys.getwindowsversion().major < 10  # noqa: PLR2004
    bare = os.environ.get("TERM") == "linux" and sys.stdout.isatty()  # a console without a desktop
    return _ASCII if ascii_only or dumb or bare else _MARKS


async def _examine(
    options: argparse.Namespace, printer: "_Printer"
) -> tuple[tuple[Check, ...], float]:
    clock, decoder = SystemClock(), AvDecoder()
    began_ms = clock.ms()
    try:
        checks = await examine(
            options.config,
            options=_options(options),
            clock=clock,
            decoder=decoder,
            on_check=printer.print,
        )
    finally:
        decoder.close()
    return checks, (clock.ms() - began_ms) / 1000


class _Printer:
    """Prints each check as soon as it is known, and at the end what to do."""

    def __init__(self, language: Language, *, quiet: bool, marks: dict[Grade, str]) -> None:
        self._language = language
        self._quiet = quiet
        self._marks = marks
        self._count = 0

    def print(self, check: Check) -> None:
        """Print one line; with ``--json``, a count on standard error if that is a terminal."""
        self._count += 1
        if not self._quiet:
            print(self._line(check), flush=True)
        elif sys.stderr.isatty():
            print(f"\r{self._count}", end="", file=sys.stderr, flush=True)

    def end_count(self) -> None:
        """End the line of the count, if there was one."""
        if sys.stderr.isatty():
            print(file=sys.stderr)

    def _line(self, check: Check) -> str:
        width = max(len(mark) for mark in self._marks.values())
        name = title(check.topic, self._language)
        found = say(check, self._language).found
        return f"{self._marks[check.grade]:<{width}} {name}: {found}"

    def sum_up(self, checks: Sequence[Check]) -> None:
        """Print what to do, the worst first, and a last line."""
        words = _WORDS[self._language]
        graver = [one for one in checks if one.grade is Grade.FAILED]
        lighter = [one for one in checks if one.grade is Grade.WARNING]
        advised: dict[tuple[tuple[str, ...], str], list[Check]] = {}
        for check in [*graver, *lighter]:
            said = say(check, self._language)
            if said.steps:
                advised.setdefault((said.steps, said.not_needed), []).append(check)
        if advised:
            print(f"\n{words['steps']}")
        for (steps, not_needed), about in advised.items():
            print()
            for check in about:
                print(self._line(check))
            for number, step in enumerate(steps, start=1):
                print(f"   {number}. {step}")
            if not_needed:
                print(f"   {not_needed}")
        text = words[worst(checks)].format(failures=len(graver), warnings=len(lighter))
        print(f"\n{text}")


def to_json(checks: Sequence[Check], took_s: float) -> dict[str, Any]:
    """Return what ``--json`` prints; no password is in it."""
    return {
        "version": version("vonggac"),
        "grade": str(worst(checks)),
        "exit_code": exit_code(checks),
        "seconds": round(took_s, 1),
        "checks": [_check_to_json(check) for check in checks],
    }


def _check_to_json(check: Check) -> dict[str, Any]:
    said = {language: say(check, language) for language in _WORDS}
    return {
        "topic": str(check.topic),
        "grade": str(check.grade),
        "code": check.code,
        "subject": check.subject,
        "cause": str(check.cause) if check.cause else None,
        "found": {language: one.found for language, one in said.items()},
        "advice": {language: list(one.steps) for language, one in said.items()},
        "not_needed": {language: one.not_needed for language, one in said.items()},
        "facts": dict(check.values),
    }
