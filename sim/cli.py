"""``vonggac-demo``: a district in a box.

Exit codes: 0 done (also by Ctrl-C or SIGTERM), 1 can't go on, 64 wrong usage.
"""

import argparse
import asyncio
import json
import math
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

from sim import words
from sim.backstage import Options, prepare_clips
from sim.clips import default_folder
from sim.clock import Clock, SystemClock
from sim.demo import run
from sim.district import make_district
from sim.fleet import FleetError
from sim.outcome import Json, summary
from sim.ports import free_ports, is_free
from sim.processes import ProcessError
from sim.stage import HOST, DemoError

BAD_USAGE: Final = 64
MOST_SCHOOLS: Final = 200
MOST_CAMERAS: Final = 40
MOST_DAYS: Final = 60
DAYS: Final = 30
MOST_MINUTES: Final = 24 * 60.0


class _Parser(argparse.ArgumentParser):
    """Ends with 64 on wrong usage, as the other programs do."""

    def error(self, message: str) -> NoReturn:
        """Print usage and the mistake."""
        self.print_usage(sys.stderr)
        self.exit(BAD_USAGE, f"{self.prog}: {message}\n")


def _whole(least: int, most: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from ``least`` to ``most``."""

    def number(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{least} … {most}, not {value}")
        return value

    return number


def minutes(text: str) -> float:
    """Read a length in minutes."""
    value = float(text)
    if not math.isfinite(value) or not 0 < value <= MOST_MINUTES:
        raise argparse.ArgumentTypeError(f"0 … {MOST_MINUTES:.0f}, not {text}")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="vonggac-demo",
        description="Chạy thử Vọng Gác với trường học giả lập / a district in a box.",
    )
    add = parser.add_argument
    add("--schools", type=_whole(1, MOST_SCHOOLS), default=3, help="số trường / schools")
    add("--cameras", type=_whole(1, MOST_CAMERAS), default=4, help="camera mỗi trường / per school")
    add("--port", type=_whole(1, 65535), default=8080, help="cổng trang web / the page's port")
    add("--minutes", type=minutes, default=None, help="tự dừng sau … phút / end by itself")
    add("--seed", type=int, default=1, help="câu chuyện khác / another story")
    add("--json", action="store_true", help="so với sự thật, cần --minutes / compare with truth")
    add(
        "--history",
        type=_whole(0, MOST_DAYS),
        default=None,
        metavar="DAYS",
        help="số ngày giả lập trước đó (30; 0 với --json) / simulated days before",
    )
    add("--keep", type=Path, default=None, metavar="DIR", help="giữ dữ liệu / keep the data")
    add("--lang", choices=("vi", "en"), default="vi", help="ngôn ngữ / language")
    add("--clips", type=Path, default=default_folder(), help=argparse.SUPPRESS)
    return parser


async def _run(options: Options, clock: Clock, say: Callable[[str], None]) -> Json | None:
    """Run until done or told to stop; a signal cancels everything in order."""
    main = asyncio.current_task()
    assert main is not None
    loop = asyncio.get_running_loop()
    stopping: list[bool] = []

    def stop() -> None:
        if not stopping:  # a second Ctrl-C must not cut the clean-up short
            stopping.append(True)
            main.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C ends asyncio.run itself
            loop.add_signal_handler(number, stop)
    return await run(options, clock, say)


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; return the exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.json and given.minutes is None:
        parser.error("--json cần --minutes / needs --minutes")
    clock = SystemClock()
    start = clock.seconds()

    def say(text: str) -> None:
        passed = clock.seconds() - start
        line = text if text.startswith("\n") else f"[{passed:6.1f}s] {text}"
        print(line, file=sys.stderr if given.json else sys.stdout, flush=True)

    if not is_free(HOST, given.port):
        other = 8081 if is_free(HOST, 8081) else next(free_ports(HOST))
        print(words.PORT_TAKEN[given.lang].format(port=given.port, other=other), file=sys.stderr)
        return 1
    options = Options(
        district=make_district(given.schools, given.cameras, seed=given.seed),
        http_port=given.port,
        seed=given.seed,
        language=given.lang,
        length_s=None if given.minutes is None else given.minutes * 60,
        history_days=(0 if given.json else DAYS) if given.history is None else given.history,
        keep=given.keep,
        clips=given.clips,
    )
    return _carry_out(options, clock, say, as_json=given.json)


def _carry_out(options: Options, clock: Clock, say: Callable[[str], None], *, as_json: bool) -> int:
    try:
        prepare_clips(options, say)
        result = asyncio.run(_run(options, clock, say))
    except (DemoError, FleetError, ProcessError, OSError) as error:
        print(f"vonggac-demo: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0
    if result is not None and as_json:
        print(json.dumps(result, ensure_ascii=False, indent=2), flush=True)
    elif result is not None:
        print(*summary(result, options.language), sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
