"""The decoder's process: key frames in, small pictures out. Run as ``-m edge.picture.worker``.

Small on purpose: PyAV alone (28 MB), no numpy, no OpenCV. It has no passwords (``process`` gives it
no environment), lowers its own priority, leaves no core file (a core holds pictures of children),
ignores Ctrl-C and ends when its input ends. What it says on standard error, the agent logs.
"""

import contextlib
import faulthandler
import os
import signal
import sys
from collections.abc import Iterator
from io import FileIO
from typing import Final

from edge.picture.ffmpeg import NoPictureError, decode
from edge.picture.pipe import Codec, Kind, pack_planes, pack_reply, read_request, write

_MAX_MEMORY: Final = 1024 * 1024 * 1024
"""Address space, where the system can limit it; the largest picture in 10 bits takes half."""
_MUCH_MEMORY_KB: Final = 384 * 1024
_MAX_ANSWERS: Final = 10_000
"""About an hour of 30 cameras: should FFmpeg lose a little memory per picture, it never adds up."""
_ORPHAN_S: Final = 60
_NICE: Final = 5


def main() -> None:
    """Answer requests until there are no more, or it is time for a fresh process."""
    requests, replies = FileIO(0), _take_output()
    _be_modest()
    write(replies, pack_reply(Kind.HELLO))
    for _ in range(_MAX_ANSWERS):
        codec, access_unit = read_request(requests)
        with _ended_if_orphaned():
            kind, body = answer(codec, access_unit)
        write(replies, pack_reply(kind, body))
        if _has_swollen():
            return


def answer(codec: Codec, access_unit: bytes | bytearray) -> tuple[Kind, bytes]:
    """Return what to reply to a request."""
    try:
        return Kind.PICTURE, pack_planes(decode(codec, access_unit))
    except NoPictureError as error:
        return Kind.UNDECODABLE, str(error).encode(errors="replace")


def _has_swollen() -> bool:
    """Tell whether more memory was ever needed than pictures need, where the system tells that.

    Not ``ru_maxrss``: it survives exec, so a large agent would make every decoder look large.
    """
    with contextlib.suppress(OSError), open("/proc/self/status", "rb") as status:  # noqa: PTH123
        most = next((line for line in status if line.startswith(b"VmHWM:")), b"VmHWM: 0 kB")
        return int(most.split()[1]) > _MUCH_MEMORY_KB
    return False


def _take_output() -> FileIO:
    """Return the pipe for replies; what a library prints goes to standard error instead."""
    pipe = FileIO(os.dup(1), "w")
    os.dup2(2, 1)
    return pipe


def _be_modest() -> None:
    """Leave the terminal's keys, the processor and the memory to others."""
    faulthandler.enable(file=2)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the agent decides when this ends: at its own end
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 (Windows alone)

        # No window that tells nobody of a crash and waits for a click
        # (SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX).
        ctypes.windll.kernel32.SetErrorMode(0x0001 | 0x0002)
        return
    import resource  # noqa: PLC0415 (POSIX alone)

    os.nice(_NICE)
    _limit(resource.RLIMIT_AS, _MAX_MEMORY)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)


def _limit(what: int, limit: int) -> None:
    """Limit a resource for good, unless it is limited more already."""
    import resource  # noqa: PLC0415 (POSIX alone)

    _, hard = resource.getrlimit(what)
    if hard == resource.RLIM_INFINITY or limit < hard:
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of address space
            resource.setrlimit(what, (limit, limit))


@contextlib.contextmanager
def _ended_if_orphaned() -> Iterator[None]:
    """End the process after a minute, even inside FFmpeg: the agent, which kills it, may be gone.

    Windows has no alarm clock; there such an orphan would stay.
    """
    if sys.platform != "win32":
        signal.alarm(_ORPHAN_S)
    try:
        yield
    finally:
        if sys.platform != "win32":
            signal.alarm(0)


if __name__ == "__main__":
    with contextlib.suppress(EOFError, BrokenPipeError):
        main()
