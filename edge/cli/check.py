"""``vonggac-edge check``: look at one camera once, and say what to do."""

import argparse
import asyncio
import json
from typing import Any, Final

from edge.advice import Language, advise
from edge.cli.common import (
    STATE_WORDS,
    add_language_option,
    add_secrets_options,
    camera_url,
    language_of,
    loop_factory,
)
from edge.clock import SystemClock
from edge.look import Look, look
from edge.picture.decoder import AvDecoder
from edge.rtsp.url import CameraUrl
from wire.vocabulary import State

_EXIT: Final = {State.UP: 0, State.DEGRADED: 1, State.DOWN: 2, State.UNKNOWN: 2}
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


def add(commands: Any) -> None:
    """Add the command."""
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
    add_language_option(check)
    add_secrets_options(check)
    check.set_defaults(act=_check)


def _check(options: argparse.Namespace) -> int:
    url = camera_url(options)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        seen = runner.run(_look(url))
    if options.json:
        print(json.dumps(seen.to_json(), ensure_ascii=False))
    else:
        _print(seen, language_of(options))
    return _EXIT[seen.state]


async def _look(url: CameraUrl) -> Look:
    decoder = AvDecoder()
    try:
        return await look(url, clock=SystemClock(), decoder=decoder)
    finally:
        decoder.close()


def _print(seen: Look, language: Language) -> None:
    """Print what a technician needs, the measured figures last."""
    values: dict[str, Any] = seen.to_json()
    advice = advise(seen.cause, language)
    size = f" {seen.width}x{seen.height}" if seen.width else ""
    values |= {
        "state": STATE_WORDS[language][seen.state],
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
