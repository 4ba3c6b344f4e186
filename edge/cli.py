"""``vonggac-edge``: run, check-config, check.

Exit codes: ``check`` 0 up, 1 degraded, 2 down; ``run`` 0 stopped, 1 could not start; 64 bad usage
or a configuration that can't be used. Errors are one line on standard error, never a traceback,
and no text that leaves this program holds a password.
"""

import argparse
import asyncio
import getpass
import io
import json
import os
import signal
import sys
from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NoReturn

from edge.advice import Language, advise
from edge.agent import AgentError, serve, set_up_logging
from edge.clock import SystemClock
from edge.config import ConfigError, EdgeConfig, load
from edge.config.secrets import read_secrets
from edge.look import Look, look
from edge.picture.decoder import AvDecoder
from edge.redact import Secret
from edge.rtsp.url import CameraUrl, UrlError
from wire.vocabulary import State

_USAGE: Final = 64
_CANNOT: Final = 1
_EXIT: Final = {State.UP: 0, State.DEGRADED: 1, State.DOWN: 2, State.UNKNOWN: 2}
_STATES: Final[dict[Language, dict[State, str]]] = {
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
_LABELS: Final[dict[Language, dict[str, str]]] = {
    "vi": {
        "url": "Camera",
        "state": "Trạng thái",
        "cause": "Nguyên nhân",
        "found": "Nhận thấy",
        "advice": "Cần làm",
        "detail": "Chi tiết",
        "codec": "Mã hóa",
        "fps": "Hình mỗi giây",
        "kbit_s": "Kbit/s",
        "loss": "Mất gói",
        "connect_ms": "Kết nối (ms)",
        "describe_ms": "Mô tả (ms)",
        "first_rtp_ms": "Gói đầu tiên (ms)",
        "first_key_frame_ms": "Hình đầu tiên (ms)",
    },
    "en": {
        "url": "Camera",
        "state": "State",
        "cause": "Cause",
        "found": "Found",
        "advice": "What to do",
        "detail": "Detail",
        "codec": "Codec",
        "fps": "Frames/s",
        "kbit_s": "Kbit/s",
        "loss": "Loss",
        "connect_ms": "Connected (ms)",
        "describe_ms": "Described (ms)",
        "first_rtp_ms": "First packet (ms)",
        "first_key_frame_ms": "First key frame (ms)",
    },
}


class _Parser(argparse.ArgumentParser):
    """Ends with 64 on bad usage."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(_USAGE, f"{self.prog}: {message}\n")


class _UsageError(Exception):
    """What was asked for makes no sense; the text is for a person."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    _speak_utf8()
    options = _parser().parse_args(argv)
    try:
        code: int = options.act(options)
        sys.stdout.flush()
    except (ConfigError, _UsageError) as error:
        return _fail(str(error), _USAGE)
    except AgentError as error:
        return _fail(str(error), _CANNOT)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, ``head`` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _CANNOT
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
    run = commands.add_parser("run", help="watch the cameras and take gate events")
    run.add_argument("--config", type=Path, required=True, metavar="FILE")
    run.add_argument("--verbose", action="store_true", help="log more")
    run.set_defaults(act=_run)
    check = commands.add_parser("check-config", help="read a configuration and say what is wrong")
    check.add_argument("config", type=Path, metavar="FILE")
    check.set_defaults(act=_check_config)
    _add_check(commands)
    return parser


def _add_check(commands: Any) -> None:
    check = commands.add_parser(
        "check",
        help="look at one camera once",
        description="Look at one camera once. Exit code: 0 up, 1 degraded, 2 down, 64 bad usage.",
        epilog="The URL may hold ${NAME}, taken from the secrets file or the environment, so that "
        "no password stands in the list of processes: "
        "vonggac-edge check 'rtsp://viewer:${PW}@192.168.1.11/stream'",
    )
    check.add_argument("url", metavar="URL", help="rtsp:// or rtsps:// address")
    check.add_argument("--json", action="store_true", help="print one JSON object")
    check.add_argument("--lang", choices=["vi", "en"], default="vi", help="language of the advice")
    check.add_argument("--secrets-file", type=Path, metavar="FILE", help="NAME=value lines")
    check.add_argument("--prompt", action="store_true", help="ask for the password")
    check.set_defaults(act=_check)


# -------------------------------------------------------------------- run, check-config


def _check_config(options: argparse.Namespace) -> int:
    config = load(options.config)
    gate = config.gate_input
    takes = f"gate events on {gate.host}:{gate.port}" if gate else "no gate events"
    centre = f"{config.centre.host}:{config.centre.port}"
    count = len(config.cameras)
    cameras = f"{count} camera{'' if count == 1 else 's'}"
    print(f"ok: {cameras}, agent {config.agent}, centre {centre}, {takes}")
    return 0


def _run(options: argparse.Namespace) -> int:
    config = load(options.config)
    set_up_logging(config, verbose=options.verbose)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(config))
    return 0


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """On Windows, the loop that can wait on plain sockets, as the cameras' pump reads them."""
    return asyncio.SelectorEventLoop if sys.platform == "win32" else None


async def _serve(config: EdgeConfig) -> None:
    stop = asyncio.Event()
    _stop_on_signals(stop)

    def started(port: int | None) -> None:
        where = f"; gate events on port {port}" if port else ""
        print(f"vonggac-edge: agent {config.agent} is running{where}", flush=True)

    await serve(
        config, clock=SystemClock(), version=version("vonggac"), stop=stop, on_started=started
    )


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    names = ("SIGINT", "SIGTERM", "SIGBREAK")
    for number in [getattr(signal, name) for name in names if hasattr(signal, name)]:
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        else:
            loop.add_signal_handler(number, stop.set)


# -------------------------------------------------------------------- check


def _check(options: argparse.Namespace) -> int:
    url = _url(options)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        seen = runner.run(_look(url))
    if options.json:
        print(json.dumps(seen.to_json(), ensure_ascii=False))
    else:
        _print(seen, options.lang)
    return _EXIT[seen.state]


async def _look(url: CameraUrl) -> Look:
    decoder = AvDecoder()
    try:
        return await look(url, clock=SystemClock(), decoder=decoder)
    finally:
        decoder.close()


def _url(options: argparse.Namespace) -> CameraUrl:
    secrets = read_secrets(options.secrets_file) if options.secrets_file else {}
    values: Mapping[str, str] = ChainMap(secrets, dict(os.environ))
    try:
        url = CameraUrl.parse(options.url, values.__getitem__)
    except UrlError as error:
        raise _UsageError(str(error)) from error
    lacks = url.credentials is not None and not url.credentials.password
    if options.prompt or (lacks and sys.stdin.isatty()):
        return url.with_password(_ask(url))
    if url.credentials and url.credentials.password.reveal() in options.url and not lacks:
        print(
            "vonggac-edge: other users of this machine can see that password; see --help",
            file=sys.stderr,
        )
    return url


def _ask(url: CameraUrl) -> Secret:
    if url.credentials is None:
        raise _UsageError("--prompt needs a user in the address: rtsp://user@host/...")
    try:
        return Secret(getpass.getpass(f"Password of {url.credentials.user} at {url.netloc}: "))
    except EOFError as error:
        raise _UsageError("no password was given") from error


def _print(seen: Look, language: Language) -> None:
    """Print what a technician needs, the measured figures last."""
    values: dict[str, Any] = seen.to_json()
    advice = advise(seen.cause, language)
    size = f" {seen.width}x{seen.height}" if seen.width else ""
    values |= {
        "state": _STATES[language][seen.state],
        "found": advice.summary,
        "codec": f"{seen.codec}{size}" if seen.codec else None,
        "loss": None if seen.loss is None else f"{seen.loss:.2%}",
    }
    steps = [f"{number}. {step}" for number, step in enumerate(advice.steps, start=1)]
    values["advice"] = [*steps, *([advice.not_needed] if advice.not_needed else [])]
    width = max(len(label) for label in _LABELS[language].values()) + 1
    for key, label in _LABELS[language].items():
        lines = values[key] if isinstance(values[key], list) else [values[key]]
        for head, line in zip([f"{label}:", *[""] * len(lines)], lines, strict=False):
            if line is not None:
                print(f"{head:<{width}} {line}")
