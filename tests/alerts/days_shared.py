"""What several share: a wider root in its own time, and its end for whoever knows a part of it."""

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from server.domain.incident.model import Kind
from server.domain.incident.rules import DEFAULTS, Rules
from server.domain.paging.people import Occasion
from tests.alerts.script import AGENT_S, CAMERA_S, GATE_S, Day, day
from tests.alerts.truth import Cut

HOST: Final = "192.168.1.9"
_LONE: Final = replace(DEFAULTS[Kind.CAMERA], grace_s=3600, gate_grace_s=3600)
PATIENT: Final = Rules(kinds=MappingProxyType({**DEFAULTS, Kind.CAMERA: _LONE}))
"""Rules of people who wait an hour for a lone camera, and for nothing that cameras share."""


@day("24 people wait an hour for a lone camera, and not for a recorder, a switch or a password")
def _patient(d: Day) -> None:
    d.truth.rules = PATIENT
    d.ill([f"s1.{n}" for n in (3, 4, 5, 6)], "8:00", "9:00")
    d.told(Kind.RECORDER, f"recorder:s1-a/{HOST}", "8:00", CAMERA_S, over="9:00")
    d.ill([f"s3.{n}" for n in range(1, 7)], "8:10", "9:10")
    d.told(Kind.NETWORK, "network:s3-a", "8:10", GATE_S, over="9:10")
    d.ill([f"s4.{n}" for n in range(1, 7)], "8:20", "9:20", cause="rtsp.auth")
    d.told(Kind.CREDENTIALS, "credentials:s4-a", "8:20", GATE_S, over="9:20")
    d.ill("s5.4", "8:30", "10:00")
    d.told(Kind.CAMERA, "camera:s5.4", "8:30", 10, at="9:30", over="10:00")
    d.ill("s6.1", "8:30", "9:20")


@day("24 a school is told of its gate PC, then its district's line is cut: it hears both ends once",
     schools=40)  # fmt: skip
def _part(d: Day) -> None:
    d.off("s3-a", "7:59:32", "9:00")
    d.off([f"s{n}-a" for n in range(4, 15)], "8:00:40", "9:00", how=Cut.LINE)
    d.told(Kind.AGENT, "agent:s3-a", "7:59:32", AGENT_S)
    d.told(Kind.LINE, "line:h", "8:00:40", AGENT_S, over="9:00")
    d.told(Kind.AGENT, "agent:s3-a", "9:00", 240, to=("school:s3/ht",),
           occasion=Occasion.RECOVERED)  # fmt: skip


@day("24 a school is told of its gate PC, its district's line is cut, and it stays away for longer",
     schools=40)  # fmt: skip
def _stays(d: Day) -> None:
    d.off("s3-a", "7:59:32", "10:00")
    d.off([f"s{n}-a" for n in range(4, 15)], "8:00:40", "9:00", how=Cut.LINE)
    d.told(Kind.AGENT, "agent:s3-a", "7:59:32", AGENT_S)
    d.told(Kind.LINE, "line:h", "8:00:40", AGENT_S, over="9:00")
    d.told(Kind.AGENT, "agent:s3-a", "7:59:32", 300, at="9:00", over="10:00")
