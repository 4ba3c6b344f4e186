"""The command line's parser: it speaks a language and ends with 64 on bad usage."""

import argparse
import itertools
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any, Final, NoReturn

from edge.advice import Language
from edge.cli.common import USAGE
from edge.cli.helping import IN_VIETNAMESE
from edge.cli.mistakes import said

_HEADINGS: Final = {"options": "tùy chọn", "positional arguments": "tham số"}


def language_in(argv: Sequence[str]) -> Language:
    """Return the language that a command line asks for; Vietnamese where it asks for none."""
    words = list(argv)
    asked = [b for a, b in itertools.pairwise(words) if a == "--lang"]
    return "en" if "en" in asked or "--lang=en" in words else "vi"


class _Vietnamese(argparse.HelpFormatter):
    """Says argparse's own words in Vietnamese."""

    def add_usage(
        self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None
    ) -> None:
        super().add_usage(usage, actions, groups, "cách dùng: " if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        super().start_section(_HEADINGS.get(heading or "", heading))


class Parser(argparse.ArgumentParser):
    """A parser whose help and mistakes are in one language."""

    def __init__(self, *, language: Language, **given: Any) -> None:
        """``given``: what ``ArgumentParser`` takes; descriptions and helps are in English."""
        self._language: Language = language
        form = argparse.HelpFormatter if language == "en" else _Vietnamese
        for name in {"description", "epilog"} & given.keys():
            given[name] = self._said(given[name])
        super().__init__(**{**given, "formatter_class": form, "add_help": False})
        self.add_argument("-h", "--help", action="help", help="show this help message and exit")

    def add_argument(self, *names: Any, **given: Any) -> argparse.Action:
        """Add an option, its help in the parser's language."""
        return super().add_argument(*names, **self._in_words(given))

    def commands(self, **given: Any) -> "Commands":
        """Return where commands are added."""
        parser_class: Any = partial(Parser, language=self._language)
        return Commands(self.add_subparsers(parser_class=parser_class, **given), self._in_words)

    def error(self, message: str) -> NoReturn:
        """End with 64."""
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {said(message, self._language)}\n")

    def _in_words(self, given: dict[str, Any]) -> dict[str, Any]:
        return {**given, "help": self._said(given["help"])} if "help" in given else given

    def _said(self, text: str) -> str:
        return text if self._language == "en" else IN_VIETNAMESE.get(text, text)


class Commands:
    """Takes commands as ``add_subparsers`` does, their one-line helps in the parser's language."""

    def __init__(self, real: Any, in_words: Any) -> None:
        """``real``: what ``add_subparsers`` returned."""
        self._real, self._in_words = real, in_words

    def add_parser(self, name: str, **given: Any) -> Any:
        """Add a command."""
        return self._real.add_parser(name, **self._in_words(given))
