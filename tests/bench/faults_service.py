"""One program of a faults run: started, killed, stopped and started again."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.system.fixtures_server import _as_nobody_special

_BOUND_S: Final = 30.0
_STARTING_S: Final = 30.0
_CANT_START: Final = 1


@dataclass(eq=False)
class Service:
    """One program.

    ``kills_ms``: when it was killed, in real time. ``ends``: exit codes when it ended by itself,
    but for ``refusals``: so often it could not start, and said so (a server needs its database).
    """

    name: str
    command: Sequence[str]
    cwd: Path
    log: Path
    user: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    kills_ms: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    refusals: int = 0
    _began_s: float = 0.0
    _is_over: bool = True

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start, unless it runs."""
        if self.runs:
            return
        self.look()
        command = [part.replace("{n}", str(self.starts)) for part in self.command]
        self.starts += 1
        self._began_s = time.monotonic()
        self._is_over = False
        who: Mapping[str, Any] = _as_nobody_special(self.user) if self.user else {}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.cwd,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment},
                start_new_session=True,  # Ctrl-C is for us alone
                **who,
            )

    def look(self) -> bool:
        """Note whether it has ended although nobody told it to, and tell."""
        if self.process is None or self._is_over or self.runs:
            return False
        self._is_over = True
        is_young = time.monotonic() - self._began_s < _STARTING_S
        if is_young and self.process.returncode == _CANT_START:
            self.refusals += 1
        else:
            self.ends.append(self.process.returncode)
        return True

    def send(self, number: signal.Signals) -> None:
        """Signal it, if it runs."""
        self.look()
        if not self.runs or self.process is None:
            return
        if number in {signal.SIGKILL, signal.SIGTERM, signal.SIGINT}:
            self._is_over = True
        if number is signal.SIGKILL:
            self.kills_ms.append(time.time_ns() // 1_000_000)
        self.process.send_signal(number)
        if number is signal.SIGKILL:
            self.process.wait(_BOUND_S)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait, so long at most."""
        self.send(signal.SIGCONT)
        self.send(number)
        if self.process is not None:
            try:
                await asyncio.to_thread(self.process.wait, _BOUND_S)
            except subprocess.TimeoutExpired:
                self.ends.append(-signal.SIGKILL)  # it did not obey: that is to be seen
                self.process.kill()
                self.process.wait()
