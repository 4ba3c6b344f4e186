"""The decoder's process, from the agent's side: start, ask, kill. Blocking; one thread at a time.

Everything that can go wrong with it ends as ``ProcessEnded`` with a reason: crashed, hung, not
speaking the format, out of memory. A thread kills it when an answer takes too long, which also ends
a write into a full pipe: pipes have no time-outs on Windows.
"""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from io import BufferedReader, FileIO
from typing import IO, Final, cast

from edge.picture.pipe import Codec, Kind, PipeError, pack_request, read_reply, write

START_S: Final = 30.0
"""Starting Python and loading FFmpeg from a slow disk, while a virus scanner reads along."""
ANSWER_S: Final = 8.0
"""The largest key frames take a third of a second; a gate PC may be ten times slower."""
_END_S: Final = 2.0
_COMMAND: Final = (sys.executable, "-P", "-m", "edge.picture.worker")
_KEPT_VARIABLES: Final = ("PATH", "SYSTEMROOT", "PYTHONHOME", "LANG", "TEMP")
_KEEP_FREED: Final = {
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 1024 * 1024),
}
"""glibc gives a picture's memory back and gets it anew, page by page: 850 faults, a quarter of the
time of a 1080p picture (measured: 6.2 against 4.8 ms, for 5 MB)."""
_MAX_LINE: Final = 300
_MAX_LINES: Final = 40
_WINDOWS_FAULTS: Final = {
    0xC0000005: "access violation",
    0xC000001D: "illegal instruction",
    0xC00000FD: "stack overflow",
    0xC0000374: "heap corruption",
}

log = logging.getLogger(__name__)


class ProcessEnded(Exception):  # noqa: N818 (it says what happened)
    """The process gave no answer and is gone; the text says what happened to it.

    ``retired`` where it ended by its own decision, between two key frames.
    """

    def __init__(self, what: str, *, retired: bool = False) -> None:
        super().__init__(what)
        self.retired = retired


class DecoderProcess:
    """A decoder that has been started; ``greet`` it before the first key frame.

    Raises ``ProcessEnded`` if it can't be started at all.
    """

    def __init__(
        self,
        command: Sequence[str] = _COMMAND,
        *,
        start_s: float = START_S,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._start_s, self._answer_s = start_s, answer_s
        self._was_hung = False
        self._deadline_s: float | None = None
        self._is_closed = threading.Event()
        self._last_line = ""
        try:
            self._process = _start(command)
        except OSError as error:
            raise ProcessEnded(f"can't be started: {error.strerror or error}") from error
        self._logger = threading.Thread(target=self._log_lines, name="decoder-log", daemon=True)
        self._logger.start()
        threading.Thread(target=self._watch, name="decoder-watch", daemon=True).start()

    @property
    def pid(self) -> int:
        """Its number in the system."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it has ended by itself or was killed."""
        return self._process.poll() is not None

    def greet(self) -> None:
        """Wait until it can decode. Raises ``ProcessEnded``."""
        kind, _ = self._ask(b"", self._start_s)
        if kind is not Kind.HELLO:
            self.close()
            raise ProcessEnded("did not say hello")

    def ask(self, codec: Codec, access_unit: bytes) -> tuple[Kind, bytearray]:
        """Return its answer to one key frame. Raises ``ProcessEnded``."""
        return self._ask(pack_request(codec, access_unit), self._answer_s)

    def kill(self) -> None:
        """End it at once; any thread may call this."""
        self._process.kill()

    def close(self) -> None:
        """End it and wait until it has ended."""
        self._is_closed.set()
        self.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):  # stuck in the kernel; nothing helps
            self._process.wait(_END_S)
        self._logger.join(_END_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()  # standard error closes with its reader

    def _ask(self, request: bytes, within_s: float) -> tuple[Kind, bytearray]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            with self._killed_after(within_s):
                write(stdin, request)
                return read_reply(stdout)  # type: ignore[arg-type]
        except PipeError as error:
            self.close()
            raise ProcessEnded(f"gave an answer that is none ({error})") from error
        except (OSError, EOFError) as error:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_S)  # its own end tells more than our kill
            self.close()
            retired = self._process.returncode == 0 and not self._was_hung
            raise ProcessEnded(self._what_happened(within_s), retired=retired) from error

    @contextlib.contextmanager
    def _killed_after(self, seconds: float) -> Iterator[None]:
        self._deadline_s = time.monotonic() + seconds
        try:
            yield
        finally:
            self._deadline_s = None

    def _watch(self) -> None:
        """Look every second or so; a timer per key frame would cost more than reading it."""
        while not self._is_closed.wait(min(1.0, self._answer_s / 4)):
            deadline_s = self._deadline_s
            if deadline_s is not None and time.monotonic() >= deadline_s:
                self._was_hung = True
                self.kill()
                return

    def _what_happened(self, within_s: float) -> str:
        if self._was_hung:
            return f"hung (no answer within {within_s:g} s)"
        code = self._process.returncode
        how = _named(code) if code is not None else "it did not end"
        said = f": {self._last_line}" if code is not None and code > 0 and self._last_line else ""
        return f"crashed ({how}{said})"

    def _log_lines(self) -> None:
        """Log what it says on standard error: short lines, not too many, the rest unread."""
        stream = self._process.stderr
        assert stream is not None
        for number, line in enumerate(_lines(stream)):
            if number < _MAX_LINES:
                log.warning("the decoder says: %s", line)
            self._last_line = line


def _start(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    flags = 0
    if sys.platform == "win32":
        flags = (
            subprocess.CREATE_NO_WINDOW
            | subprocess.CREATE_NEW_PROCESS_GROUP
            | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        )
    return subprocess.Popen(  # noqa: S603 (our own interpreter and module)
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        env=_environment(),
        creationflags=flags,
        start_new_session=True,  # a Ctrl-C at the terminal is the agent's
    )


def _environment() -> dict[str, str]:
    """Return what it needs to find its modules, and no more: variables may hold passwords."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    path = os.pathsep.join(entry for entry in sys.path if entry)
    own = {"PYTHONPATH": path, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return kept | own | _KEEP_FREED


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """Yield lines in printable ASCII until the end; a longer one is cut into several."""
    with contextlib.suppress(OSError, ValueError), BufferedReader(cast("FileIO", stream)) as lines:
        for raw in iter(lambda: lines.readline(_MAX_LINE), b""):
            if text := raw.decode(errors="replace").strip():
                yield ascii(text)[1:-1]


def _named(code: int) -> str:
    """Return how a process ended: a signal's name, a Windows fault's, or the code."""
    if code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
        return f"signal {-code}"
    fault = code & 0xFFFFFFFF
    if fault >= 0xC0000000:  # noqa: PLR2004 (NTSTATUS of severity "error")
        return _WINDOWS_FAULTS.get(fault, f"0x{fault:08X}")
    return f"exit code {code}"
