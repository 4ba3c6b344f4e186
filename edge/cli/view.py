"""``vonggac-edge new-view``: "what this camera shows now is how it is meant to be"."""

import argparse
import asyncio
import sys
import uuid
from pathlib import Path
from typing import Any, Final

from edge.advice import Language
from edge.agent.letterbox import post, take_answer, take_back
from edge.cli.common import (
    CANNOT,
    UsageError,
    add_language_option,
    language_of,
    loop_factory,
)
from edge.clock import Clock, SystemClock
from edge.config import load
from wire.codec import VERSION, WireError
from wire.messages import Command, Reply
from wire.vocabulary import Verb

_WAIT_S: Final = 15.0
_LOOK_EVERY_S: Final = 0.1
_MS: Final = 1000
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "vi": {
        "done": "Đã nhận: từ bây giờ camera {camera} học hướng nhìn mới.",
        "silent": "phần mềm giám sát không trả lời: nó có đang chạy với tệp {config} không?",
        "refused": "không thực hiện được: {why}",
    },
    "en": {
        "done": "Done: from now on the camera {camera} learns its new view.",
        "silent": "the agent does not answer: is it running with {config}?",
        "refused": "that could not be done: {why}",
    },
}


def add(commands: Any) -> None:
    """Add the command."""
    view = commands.add_parser(
        "new-view",
        help="say that what a camera shows now is how it is meant to be",
        description="Tell the running agent that a camera was moved on purpose: what it shows now "
        "is how it is meant to be, and is learned anew. Exit code: 0 done, 1 the agent does not "
        "run or could not do it, 64 bad usage.",
    )
    view.add_argument("camera", metavar="CAMERA", help="the camera's id in the configuration")
    view.add_argument("--config", type=Path, required=True, metavar="FILE")
    add_language_option(view)
    view.set_defaults(act=_new_view)


def _new_view(options: argparse.Namespace) -> int:
    config = load(options.config)
    known = [camera.id for camera in config.cameras]
    if options.camera not in known:
        raise UsageError(f"no camera {options.camera!r} in {options.config}: {', '.join(known)}")
    words = _WORDS[language_of(options, usual=config.language)]
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        try:
            reply = runner.run(_ask(config.data_dir, options.camera, SystemClock()))
        except FileNotFoundError:
            reply = None
        except (OSError, WireError) as error:
            return _cannot(words["refused"].format(why=error))
    if reply is None:
        return _cannot(words["silent"].format(config=options.config))
    if not reply.ok:
        return _cannot(words["refused"].format(why=reply.text))
    print(words["done"].format(camera=options.camera))
    return 0


async def _ask(data_dir: Path, camera: str, clock: Clock) -> Reply | None:
    """Leave a letter and wait for its answer; None if the agent gives none."""
    now_ms = round(clock.now().timestamp() * _MS)
    command = Command(
        v=VERSION,
        id=str(uuid.uuid4()),
        verb=Verb.NEW_VIEW,
        expires_utc_ms=now_ms + round(_WAIT_S * _MS),
        camera=camera,
    )
    post(data_dir, command)
    until_ms = clock.ms() + round(_WAIT_S * _MS)
    while clock.ms() < until_ms:
        if (reply := take_answer(data_dir, command)) is not None:
            return reply
        await clock.wait(_LOOK_EVERY_S)
    take_back(data_dir, command)
    return None


def _cannot(text: str) -> int:
    print(f"vonggac-edge: {text}", file=sys.stderr)
    return CANNOT
