"""``vonggac-edge``: its commands, each in a module of its own.

Exit codes: ``check`` 0 up, 1 degraded, 2 down; ``judge`` 0 all judged, 1 some pictures skipped;
``discover`` 0 found some, 1 found none;
``doctor`` 0 all is well, 1 warnings, 2 something does not work;
``run`` 0 stopped, 1 could not start; 64 bad usage
or a configuration that can't be used. Errors are one line on standard error, never a traceback,
and no text that leaves this program holds a password.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final, NoReturn

from edge.agent import AgentError
from edge.cli import check, discover, doctor, evidence, judge, run, view
from edge.cli.common import CANNOT, USAGE, UsageError
from edge.config import ConfigError

_COMMANDS: Final = (run, check, judge, discover, doctor, evidence, view)


class _Parser(argparse.ArgumentParser):
    """Ends with 64 on bad usage."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    _speak_utf8()
    options = _parser().parse_args(argv)
    try:
        code: int = options.act(options)
        sys.stdout.flush()
    except (ConfigError, UsageError) as error:
        return _fail(str(error), USAGE)
    except AgentError as error:
        return _fail(str(error), CANNOT)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, ``head`` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CANNOT
    return code


def _speak_utf8() -> None:
    """Write UTF-8 also where Windows would use a code page that has no Vietnamese."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _fail(text: str, code: int) -> int:
    print(f"vonggac-edge: {text}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="vonggac-edge", description="The agent at a school gate.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('vonggac')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add(commands)
    return parser
