"""MAC addresses that this machine has already learned: nothing is sent to learn them."""

import re
import subprocess
from pathlib import Path
from typing import Final

from edge.onvif.probe import mac_of
from edge.onvif.worker import NO_WINDOW

_PROC: Final = Path("/proc/net/arp")
_COMPLETE: Final = 0x2
_LINE: Final = re.compile(
    r"\(?(?P<ip>\d+\.\d+\.\d+\.\d+)\)?\s+(?:at\s+)?(?P<mac>[0-9a-fA-F]{1,2}(?:[:-][0-9a-fA-F]{1,2}){5})\b"
)


def neighbours() -> dict[str, str]:
    """Return IPv4 address to MAC, as far as the system knows; empty where it does not tell."""
    if _PROC.is_file():
        try:
            return read_proc(_PROC.read_text("ascii", "replace"))
        except OSError:
            return {}
    try:
        done = subprocess.run(
            ["arp", "-a"],  # noqa: S607 (a system's own tool)
            capture_output=True,
            timeout=5,
            check=False,
            creationflags=NO_WINDOW,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return read_arp(done.stdout.decode("ascii", "replace"))


def read_proc(text: str) -> dict[str, str]:
    """Return what ``/proc/net/arp`` says; entries without an answer are left out."""
    found: dict[str, str] = {}
    for line in text.splitlines()[1:]:
        ip, _, flags, mac, *_ = [*line.split(), "", "", "", ""]
        known = mac_of(mac)
        if known and re.fullmatch(r"0x[0-9a-fA-F]+", flags) and int(flags, 16) & _COMPLETE:
            found[ip] = known
    return found


def read_arp(text: str) -> dict[str, str]:
    """Return what ``arp -a`` says, in the manner of Windows or of the BSDs, in any language."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if match := _LINE.search(line):
            digits = [part.zfill(2) for part in re.split("[:-]", match["mac"])]
            mac = mac_of(":".join(digits))
            if mac and mac != "ff:ff:ff:ff:ff:ff":
                found[match["ip"]] = mac
    return found
