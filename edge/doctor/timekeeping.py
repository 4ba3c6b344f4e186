"""The machine's clock, its time zone, and whether it sleeps.

A wrong clock does not spoil the record (the centre corrects a whole run by the measured offset),
but it spoils TLS, the times on a recorder's picture and the guard's trust, so it is worth putting
right.
"""

import ctypes
import subprocess
import sys
import time
from datetime import datetime, timedelta
from typing import Final

from edge.doctor.check import Check, Topic, failed, good, skipped, warning

_PLAUSIBLE_YEARS: Final = range(2026, 2061)
_OFFSET_GOOD_S: Final = 2.0
_OFFSET_BAD_S: Final = 60.0
_VIETNAM: Final = timedelta(hours=7)
_SLEPT_S: Final = 60.0
_ASK_S: Final = 5.0
_HIDDEN: Final = getattr(subprocess, "CREATE_NO_WINDOW", 0)


def grade_clock(now: datetime, *, offset_ms: int | None, synced: bool | None) -> Check:
    """Grade the clock; ``offset_ms`` is the centre's minus ours if it was measured.

    ``synced`` is the operating system's word on whether it sets its clock by the network's.
    """
    if now.year not in _PLAUSIBLE_YEARS:
        return failed(Topic.CLOCK, "clock.implausible", now=now.isoformat(timespec="seconds"))
    if offset_ms is not None:
        return _grade_offset(offset_ms / 1000)
    if synced is None:
        return skipped(Topic.CLOCK, "clock.unknown")
    make, code = (good, "clock.synced") if synced else (warning, "clock.unsynced")
    return make(Topic.CLOCK, code)


def _grade_offset(offset_s: float) -> Check:
    if abs(offset_s) > _OFFSET_BAD_S:
        return failed(Topic.CLOCK, "clock.wrong", offset_s=offset_s)
    if abs(offset_s) > _OFFSET_GOOD_S:
        return warning(Topic.CLOCK, "clock.off", offset_s=offset_s)
    return good(Topic.CLOCK, "clock.measured", offset_s=offset_s)


def is_synced() -> bool | None:
    """Ask the operating system whether its clock follows the network's; None: it can't tell."""
    if sys.platform == "win32":
        said = ask("w32tm", "/query", "/status")
        return None if said is None else _synced_by_w32tm(said)
    said = ask("timedatectl", "show", "--property=NTPSynchronized")
    return None if said is None else said.strip() == "NTPSynchronized=yes"


def _synced_by_w32tm(said: str) -> bool:
    """Windows says stratum 0 and leap indicator 3 for a clock that nobody has set."""
    return "Leap Indicator: 3" not in said and "Local CMOS Clock" not in said


def ask(*command: str) -> str | None:
    """Return what a program of the system says, None where there is none or it fails."""
    try:
        done = subprocess.run(  # noqa: S603 (a fixed list of arguments, no shell)
            command,
            capture_output=True,
            timeout=_ASK_S,
            check=False,
            stdin=subprocess.DEVNULL,
            creationflags=_HIDDEN,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None


def grade_zone(local: datetime) -> Check:
    """Grade the time zone by a local time that knows its offset from UTC."""
    offset = local.utcoffset() or timedelta()
    hours = offset / timedelta(hours=1)
    name = f"UTC{hours:+g}"
    if offset != _VIETNAM:
        return warning(Topic.ZONE, "zone.other", zone=name)
    return good(Topic.ZONE, "zone.ok", zone=name)


def slept_s() -> float | None:
    """Return how long the machine has slept since it was started; None: it can't tell."""
    if sys.platform == "win32":
        # One count of Windows goes on in sleep, the "unbiased" one (in 100 ns) does not.
        awake = ctypes.c_ulonglong()
        kernel = ctypes.windll.kernel32
        kernel.GetTickCount64.restype = ctypes.c_ulonglong
        if not kernel.QueryUnbiasedInterruptTime(ctypes.byref(awake)):
            return None
        return float(kernel.GetTickCount64()) / 1000 - awake.value / 1e7
    if hasattr(time, "CLOCK_BOOTTIME"):
        counting_sleep = time.clock_gettime(time.CLOCK_BOOTTIME)
        return counting_sleep - time.clock_gettime(time.CLOCK_MONOTONIC)
    return None


def sleeps_after_min() -> float | None:
    """Return after how many idle minutes the machine goes to sleep; 0: never; None: not known."""
    if sys.platform == "win32":
        said = ask("powercfg", "/query", "SCHEME_CURRENT", "SUB_SLEEP", "STANDBYIDLE")
        return None if said is None else standby_min(said)
    said = ask("systemctl", "show", "--property=LoadState", "suspend.target")
    return 0.0 if said is not None and said.strip() == "LoadState=masked" else None


def standby_min(said: str) -> float | None:
    """Read ``powercfg``: the last but one number in hex is the plan for mains power, in seconds.

    Its words are translated by Windows, its numbers are not.
    """
    numbers = [word for word in said.split() if word.startswith("0x")]
    try:
        return int(numbers[-2], 16) / 60
    except (IndexError, ValueError):
        return None


def grade_sleep(slept_s: float | None, after_min: float | None) -> Check:
    """Grade whether the machine sleeps: while it does, nobody watches."""
    if slept_s is not None and slept_s > _SLEPT_S:
        return warning(Topic.SLEEP, "sleep.slept", minutes=round(slept_s / 60))
    if after_min:
        return warning(Topic.SLEEP, "sleep.allowed", minutes=round(after_min))
    if after_min == 0:
        return good(Topic.SLEEP, "sleep.off")
    if slept_s is not None:
        return good(Topic.SLEEP, "sleep.not_yet")
    return skipped(Topic.SLEEP, "sleep.unknown")
