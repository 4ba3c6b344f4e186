"""How the agent's own command line talks to the running agent: letters in a folder.

``<data_dir>/letterbox/<id>.letter`` holds a ``Command``, ``<id>.answer`` the ``Reply``, as on the
wire. A folder works where there is no gate input, on Windows as on Linux, and needs no token: who
may write into the agent's data folder may do as the agent does. Letters are read every half
second; those of a former run are thrown away at the start.
"""

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from edge.files import write_whole
from wire.codec import WireError, decode_command, decode_reply, encode
from wire.messages import Command, Reply

log = logging.getLogger(__name__)

EVERY_S: Final = 0.5
_FOLDER: Final = "letterbox"
_MOST_BYTES: Final = 4096
_MOST_AT_ONCE: Final = 16
_READABLE: Final = 0o644
"""An administrator's letter must be readable to the agent's own account; the folder is private."""


class Letterbox:
    """The agent's side."""

    def __init__(self, data_dir: Path, obey: Callable[[Command], Awaitable[Reply]]) -> None:
        self._folder = data_dir / _FOLDER
        self._obey = obey

    def open(self) -> None:
        """Make the folder, and empty it. Raises ``OSError``."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in self._folder.iterdir():
            path.unlink()

    async def look(self) -> None:
        """Obey the letters that lie there."""
        for path in sorted(self._folder.glob("*.letter"))[:_MOST_AT_ONCE]:
            command = _read(path)
            path.unlink(missing_ok=True)
            if command is not None:
                reply = await self._obey(command)
                write_whole(path.with_name(f"{command.id}.answer"), encode(reply))


def _read(path: Path) -> Command | None:
    try:
        with path.open("rb") as file:
            return decode_command(file.read(_MOST_BYTES))
    except (OSError, WireError) as error:
        log.warning("a letter that can't be read: %s", error)
        return None


def post(data_dir: Path, command: Command) -> None:
    """Leave a letter for the agent. Raises ``OSError``; there is no folder if it never ran."""
    folder = data_dir / _FOLDER
    if not folder.is_dir():
        raise FileNotFoundError(2, "the agent has never run", str(folder))
    write_whole(folder / f"{command.id}.letter", encode(command), mode=_READABLE)


def take_answer(data_dir: Path, command: Command) -> Reply | None:
    """Return the answer to a letter and throw it away; None while there is none.

    Raises ``OSError`` or ``WireError`` for one that can't be read.
    """
    path = data_dir / _FOLDER / f"{command.id}.answer"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    path.unlink(missing_ok=True)
    return decode_reply(content)


def take_back(data_dir: Path, command: Command) -> bool:
    """Take a letter back; tell whether it still lay there."""
    try:
        (data_dir / _FOLDER / f"{command.id}.letter").unlink()
    except FileNotFoundError:
        return False
    return True
