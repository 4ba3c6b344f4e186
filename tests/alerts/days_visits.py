"""Cameras at which somebody looks now and then: visited, or many that share a few sessions."""

from dataclasses import replace
from typing import Final

from server.domain.incident.model import Kind
from tests.alerts.script import CAMERA_S, GATE_S, Day, day

EVERY_S: Final = 30
"""For how long nobody looks, with the edge's defaults."""
_LONG_S: Final = 60
"""The longest with which a camera that is not at a gate is told of in time."""


def _visited(d: Day, unseen_s: int = EVERY_S) -> None:
    """Have every camera looked at now and then."""
    names = (camera.id for s in d.town.organisation.schools for camera in s.cameras)
    d.town = d.play.town = replace(d.town, unseen_s=dict.fromkeys(names, unseen_s))


@day("7 visited cameras are lost, at a gate and in a hall: told in time")
def _lost(d: Day) -> None:
    _visited(d)
    for n in range(1, 10):
        start, end = f"{n + 6}:01:{7 * n % 60:02}", f"{n + 6}:21:00"
        d.ill(f"s{n}.1", start, end)
        d.told(Kind.CAMERA, f"camera:s{n}.1", start, GATE_S, over=end)
        start, end = f"{n + 6}:31:{7 * n % 60:02}", f"{n + 6}:51:00"
        d.ill(f"s{n}.5", start, end)
        d.told(Kind.CAMERA, f"camera:s{n}.5", start, CAMERA_S, over=end)


@day("7 hall cameras that are looked at once a minute are lost: told in time")
def _long(d: Day) -> None:
    _visited(d, _LONG_S)
    for n in range(1, 10):
        start, end = f"{n + 6}:01:{7 * n % 60:02}", f"{n + 6}:21:00"
        d.ill(f"s{n}.5", start, end)
        d.told(Kind.CAMERA, f"camera:s{n}.5", start, CAMERA_S, over=end)


@day("24 a recorder dies whose channels share its sessions: one message, in time")
def _recorder(d: Day) -> None:
    _visited(d)
    d.ill([f"s3.{n}" for n in (3, 4, 5, 6)], "8:00", "9:00")
    d.told(Kind.RECORDER, "recorder:s3-a/192.168.1.9", "8:00", CAMERA_S, over="9:00")


@day("3 visited cameras drop out for a dozen seconds, again and again: nobody is told")
def _short(d: Day) -> None:
    _visited(d)
    for n in range(1, 13):
        for hour in range(7, 16):
            d.ill(f"s{n}.5", f"{hour}:{n:02}:00", f"{hour}:{n:02}:12")
