"""Runs ``edge.onvif.ask`` in a process of its own, bounded in time.

Through a thread and ``subprocess``: Windows' selector loop knows no processes. What was answered
before the time was up is kept; whatever hangs is killed.
"""

import asyncio
import logging
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

import msgspec

from edge.onvif.answers import Answer, Ask

_COMMAND: Final = (sys.executable, "-m", "edge.onvif.ask")
_PER_ASK_S: Final = 8
_START_S: Final = 30
_MAX_BYTES: Final = 8 * 1024 * 1024
NO_WINDOW: Final = 0x08000000 if sys.platform == "win32" else 0
"""Windows' CREATE_NO_WINDOW: no console flashes up at the gate."""
_log: Final = logging.getLogger(__name__)


async def answers_to(asks: Sequence[Ask], *, limit_s: float | None = None) -> tuple[Answer, ...]:
    """Return the answers that came within ``limit_s`` (by default what so many asks may take).

    Cancelled, it leaves no process behind, and no thread that waits for one.
    """
    if not asks:
        return ()
    if limit_s is None:
        limit_s = _START_S + _PER_ASK_S * len(asks)
    try:
        process = await asyncio.to_thread(_start)
    except OSError as error:
        _log.warning("cameras can't be asked: %s", error)
        return ()
    try:
        return await asyncio.to_thread(_finish, process, tuple(asks), limit_s)
    finally:
        if process.poll() is None:
            process.kill()


def _start() -> "subprocess.Popen[bytes]":
    pipe = subprocess.PIPE
    return subprocess.Popen(  # noqa: S603 (ourselves)
        _COMMAND, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, creationflags=NO_WINDOW
    )


def _finish(
    process: "subprocess.Popen[bytes]", asks: tuple[Ask, ...], limit_s: float
) -> tuple[Answer, ...]:
    with process:
        try:
            output, _ = process.communicate(msgspec.json.encode(asks), timeout=limit_s)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            _log.warning("asking cameras took over %.0f s and was ended", limit_s)
        else:
            if process.returncode:
                _log.warning("asking cameras failed: exit code %d", process.returncode)
    return read_answers(output)


def read_answers(output: bytes) -> tuple[Answer, ...]:
    """Return the whole lines that are answers."""
    found = []
    for line in output[:_MAX_BYTES].split(b"\n"):
        try:
            found.append(msgspec.json.decode(line, type=Answer))
        except msgspec.DecodeError:
            continue  # the last line of a process that was killed, or nothing
    return tuple(found)
