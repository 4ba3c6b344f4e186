"""What several commands share: exit codes, usage errors, the event loop, camera addresses."""

import argparse
import asyncio
import getpass
import os
import sys
from collections import ChainMap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from edge.advice import Language
from edge.cli.mistakes import said
from edge.config.secrets import read_secrets
from edge.redact import Secret
from edge.rtsp.url import CameraUrl, UrlError
from wire.vocabulary import State

USAGE: Final = 64
CANNOT: Final = 1
STATE_WORDS: Final[dict[Language, dict[State, str]]] = {
    "vi": {
        State.UP: "Đang giám sát",
        State.DEGRADED: "Hình ảnh kém",
        State.DOWN: "Mất kết nối",
        State.UNKNOWN: "Chưa rõ",
    },
    "en": {
        State.UP: "Watching",
        State.DEGRADED: "Poor picture",
        State.DOWN: "Connection lost",
        State.UNKNOWN: "Not known",
    },
}
"""A camera's state as a technician reads it."""


class UsageError(Exception):
    """What was asked for makes no sense; the text is for a person."""


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """On Windows, the loop that can wait on plain sockets, as the cameras' pump reads them."""
    return asyncio.SelectorEventLoop if sys.platform == "win32" else None


def add_language_option(parser: argparse.ArgumentParser) -> None:
    """Offer a choice of language; it may stand before or behind the command."""
    parser.add_argument(
        "--lang",
        choices=["vi", "en"],
        default=argparse.SUPPRESS,
        metavar="LANG",
        help="language: vi or en",
    )


def language_of(options: argparse.Namespace, *, usual: Language = "vi") -> Language:
    """Return the language that was asked for, or else the usual one."""
    asked: Language = getattr(options, "lang", usual)
    return asked


def add_secrets_options(parser: argparse.ArgumentParser) -> None:
    """Offer the ways to give a password that no list of processes shows."""
    parser.add_argument("--secrets-file", type=Path, metavar="FILE", help="NAME=value lines")
    parser.add_argument("--prompt", action="store_true", help="ask for the password")


def secret_values(options: argparse.Namespace) -> Mapping[str, str]:
    """Return what ``${NAME}`` may stand for: the secrets file's values, then the environment's."""
    secrets = read_secrets(options.secrets_file) if options.secrets_file else {}
    return ChainMap(secrets, dict(os.environ))


def camera_url(options: argparse.Namespace) -> CameraUrl:
    """Return the address that was asked for, with its password. Raises ``UsageError``."""
    values = secret_values(options)
    try:
        url = CameraUrl.parse(options.url, values.__getitem__)
    except UrlError as error:
        raise UsageError(str(error)) from error
    lacks = url.credentials is not None and not url.credentials.password
    if options.prompt or (lacks and sys.stdin.isatty()):
        return url.with_password(_ask(url, language_of(options)))
    if url.credentials and url.credentials.password.reveal() in options.url and not lacks:
        warning = "other users of this machine can see that password; see --help"
        print(f"vonggac-edge: {said(warning, language_of(options))}", file=sys.stderr)
    return url


def _ask(url: CameraUrl, language: Language) -> Secret:
    if url.credentials is None:
        raise UsageError("--prompt needs a user in the address: rtsp://user@host/...")
    return ask_password(f"{url.credentials.user} ({url.netloc})", language)


def ask_password(whose: str, language: Language) -> Secret:
    """Ask for a password on the terminal. Raises ``UsageError``."""
    question = {"vi": "Mật khẩu của", "en": "Password of"}[language]
    try:
        return Secret(getpass.getpass(f"{question} {whose}: "))
    except EOFError as error:
        raise UsageError("no password was given") from error
