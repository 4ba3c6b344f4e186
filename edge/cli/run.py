"""``vonggac-edge run`` and ``check-config``."""

import argparse
import asyncio
import signal
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from edge.agent import serve, set_up_logging
from edge.cli.common import loop_factory
from edge.clock import SystemClock
from edge.config import EdgeConfig, load


def add(commands: Any) -> None:
    """Add the commands."""
    run = commands.add_parser("run", help="watch the cameras and take gate events")
    run.add_argument("--config", type=Path, required=True, metavar="FILE")
    run.add_argument("--verbose", action="store_true", help="log more")
    run.set_defaults(act=_run)
    check = commands.add_parser("check-config", help="read a configuration and say what is wrong")
    check.add_argument("config", type=Path, metavar="FILE")
    check.set_defaults(act=_check_config)


def _check_config(options: argparse.Namespace) -> int:
    config = load(options.config)
    gate = config.gate_input
    takes = f"gate events on {gate.host}:{gate.port}" if gate else "no gate events"
    takes += f", guards' page http://{gate.host}:{gate.port}/" if gate and gate.gates else ""
    centre = f"{config.centre.host}:{config.centre.port}"
    count = len(config.cameras)
    cameras = f"{count} camera{'' if count == 1 else 's'}"
    print(f"ok: {cameras}, agent {config.agent}, centre {centre}, {takes}")
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
