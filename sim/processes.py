"""Agents and the server as child processes: started, watched, killed as the story has it, ended.

Output goes to a log file per process in the demo's folder; the server's is read for what it says
once (the first login's password).
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

END_S: Final = 8.0
_SHOWN_LINES: Final = 12


class ProcessError(Exception):
    """A child process didn't do what it should; the text has its last lines."""


class Child:
    """One module run by this Python as a process of its own."""

    def __init__(
        self,
        name: str,
        module: str,
        arguments: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
    ) -> None:
        self.name = name
        self.log = log
        self._command = [sys.executable, "-m", "sim.child", module, *arguments]
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", **environment}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """The process's id while it lives."""
        return self._process.pid if self._process is not None and self.running else None

    async def start(self) -> None:
        """Start it; output is appended to the log."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,  # Ctrl-C is for the demo, which ends its children itself
            )

    async def kill(self) -> None:
        """End it as a power cut would, and wait until it is gone."""
        if self._process is not None and self.running:
            self._process.kill()
            await self._process.wait()

    async def end(self) -> None:
        """Ask it to end; kill it if it doesn't."""
        if self._process is None or not self.running:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), END_S)
        except TimeoutError:
            await self.kill()

    def said(self) -> str:
        """Return everything that it has said so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def last_words(self) -> str:
        """Return the end of its log, for an error message."""
        return "\n".join(self.said().splitlines()[-_SHOWN_LINES:])


async def run_once(module: str, arguments: Sequence[str], *, given: str) -> None:
    """Run a module to its end with ``given`` as input; raise ``ProcessError`` if it fails."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sim.child", module, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate(given.encode())
    if process.returncode:
        raise ProcessError(f"{module}: {out.decode(errors='replace').strip()}")
