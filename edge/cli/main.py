"""``vonggac-edge``: its commands, each in a module of its own.

Exit codes: ``check`` 0 up, 1 degraded, 2 down; ``judge`` 0 all judged, 1 some pictures skipped;
``discover`` 0 found some, 1 found none;
``doctor`` 0 all is well, 1 warnings, 2 something does not work;
``run`` 0 stopped, 1 could not start; 64 bad usage
or a configuration that can't be used. Errors are one line on standard error, never a traceback,
and no text that leaves this program holds a password.
"""

import io
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

from edge.advice import Language
from edge.agent import AgentError
from edge.cli import check, discover, doctor, evidence, judge, run, view
from edge.cli.common import CANNOT, USAGE, UsageError, add_language_option
from edge.cli.mistakes import told
from edge.cli.parsing import Parser, language_in
from edge.config import ConfigError

_COMMANDS: Final = (run, check, judge, discover, doctor, evidence, view)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    _speak_utf8()
    language = language_in(sys.argv[1:] if argv is None else argv)
    options = _parser(language).parse_args(argv)
    try:
        code: int = options.act(options)
        sys.stdout.flush()
    except (ConfigError, UsageError) as error:
        return _fail(told(error, language), USAGE)
    except AgentError as error:
        return _fail(told(error, language), CANNOT)
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


def _parser(language: Language) -> Parser:
    parser = Parser(
        prog="vonggac-edge", description="The agent at a school gate.", language=language
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"%(prog)s {version('vonggac')}",
        help="show program's version number and exit",
    )
    add_language_option(parser)
    commands = parser.commands(required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add(commands)
    return parser
