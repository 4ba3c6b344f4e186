"""``vonggac-edge run`` and ``check-config``."""

import argparse
import asyncio
import signal
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from edge.advice import Language
from edge.agent import serve, set_up_logging
from edge.cli.common import (
    add_language_option,
    language_of,
    loop_factory,
)
from edge.clock import SystemClock
from edge.config import EdgeConfig, load

_READ: Final[dict[Language, dict[str, str]]] = {
    "vi": {
        "cameras": "đúng: {} camera",
        "agent": "máy {}",
        "centre": "trung tâm {}",
        "gate": "nhận lượt ra vào ở {}",
        "no gate": "không nhận lượt ra vào",
        "guards": "trang bảo vệ http://{}/",
    },
    "en": {
        "cameras": "ok: {} camera{}",
        "agent": "agent {}",
        "centre": "centre {}",
        "gate": "gate events on {}",
        "no gate": "no gate events",
        "guards": "guards' page http://{}/",
    },
}
"""What ``check-config`` says of a configuration that can be used."""


def add(commands: Any) -> None:
    """Add the commands."""
    run = commands.add_parser("run", help="watch the cameras and take gate events")
    run.add_argument("--config", type=Path, required=True, metavar="FILE")
    run.add_argument("--verbose", action="store_true", help="log more")
    add_language_option(run)
    run.set_defaults(act=_run)
    check = commands.add_parser("check-config", help="read a configuration and say what is wrong")
    check.add_argument("config", type=Path, metavar="FILE")
    add_language_option(check)
    check.set_defaults(act=_check_config)


def _check_config(options: argparse.Namespace) -> int:
    config = load(options.config)
    gate, words = config.gate_input, _READ[language_of(options)]
    where = f"{gate.host}:{gate.port}" if gate else ""
    count = len(config.cameras)
    parts = [
        words["cameras"].format(count, "" if count == 1 else "s"),
        words["agent"].format(config.agent),
        words["centre"].format(f"{config.centre.host}:{config.centre.port}"),
        words["gate"].format(where) if gate else words["no gate"],
        *([words["guards"].format(where)] if gate and gate.gates else []),
    ]
    print(", ".join(parts))
    return 0


def _run(options: argparse.Namespace) -> int:
    config = load(options.config)
    set_up_logging(config, verbose=options.verbose)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve(config))
    return 0


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
