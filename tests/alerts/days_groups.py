"""One cause, many symptoms: recorders, switches, passwords, schools, lines."""

from server.domain.incident.model import Kind
from server.domain.paging.people import Occasion
from tests.alerts.script import AGENT_S, CAMERA_S, GATE_S, Day, day
from tests.alerts.truth import Cut

RECORDER = ("s1.3", "s1.4", "s1.5", "s1.6")
HOST = "192.168.1.9"


@day("24 a recorder dies with its four channels")
def _recorder(d: Day) -> None:
    d.ill(RECORDER, "8:00", "9:00")
    d.told(Kind.RECORDER, f"recorder:s1-a/{HOST}", "8:00", CAMERA_S, over="9:00")


@day("24 a recorder dies whose channels two gate PCs look at")
def _recorder_of_two(d: Day) -> None:
    d.ill([f"s2.{n}" for n in (3, 4, 5, 6)], "8:00", "9:00")
    names = [(Kind.RECORDER, f"recorder:{name}/{HOST}") for name in ("s2-a", "s2-b", "s2")]
    d.told(*names[0], "8:00", CAMERA_S, over="9:00", also=names)


@day("24 a recorder dies at night, and is told of in the morning")
def _recorder_night(d: Day) -> None:
    d.ill(RECORDER, "2:00", "9:00")
    d.told(Kind.RECORDER, f"recorder:s1-a/{HOST}", "2:00", 10, at="6:30", over="9:00",
           occasion=Occasion.WORSENED)  # fmt: skip


@day("24 two recorders of two schools die at once")
def _two_recorders(d: Day) -> None:
    for school in ("s1", "s3"):
        d.ill([f"{school}.{n}" for n in (3, 4, 5, 6)], "8:00", "9:00")
        d.told(Kind.RECORDER, f"recorder:{school}-a/{HOST}", "8:00", CAMERA_S, over="9:00")


@day("24 a switch dies: cameras of several addresses, a gate's among them")
def _switch(d: Day) -> None:
    d.ill([f"s1.{n}" for n in range(1, 7)], "8:00", "9:00")
    d.told(Kind.NETWORK, "network:s1-a", "8:00", GATE_S, over="9:00")


@day("24 a switch dies, and one camera stays away when it is replaced")
def _switch_rest(d: Day) -> None:
    d.ill([f"s1.{n}" for n in range(1, 6)], "8:00", "9:00")
    d.ill("s1.6", "8:00", "12:00")
    d.told(Kind.NETWORK, "network:s1-a", "8:00", GATE_S, over="9:00")
    d.told(Kind.CAMERA, "camera:s1.6", "8:00", 240, at="9:00", over="12:00")


@day("16 the password of all cameras is changed")
def _password(d: Day) -> None:
    d.ill([f"s1.{n}" for n in range(1, 7)], "8:00", "9:00", cause="rtsp.auth")
    d.told(Kind.CREDENTIALS, "credentials:s1-a", "8:00", GATE_S, over="9:00")


@day("16 the passwords of cameras are changed by hand, three a minute")
def _passwords(d: Day) -> None:
    for n in range(1, 7):
        d.ill(f"s1.{n}", f"8:{n // 3:02}:{n % 3 * 20:02}", "9:00", cause="rtsp.auth")
    d.told(Kind.CREDENTIALS, "credentials:s1-a", "8:00:20", GATE_S, over="9:00",
           also=[(Kind.CAMERA, "camera:s1.1")])  # fmt: skip


@day("24 two cameras fail within ten minutes, each for itself: two messages")
def _independent(d: Day) -> None:
    d.ill("s1.1", "8:00", "9:00")
    d.ill("s1.5", "8:10", "9:30")
    d.told(Kind.CAMERA, "camera:s1.1", "8:00", GATE_S, over="9:00")
    d.told(Kind.CAMERA, "camera:s1.5", "8:10", CAMERA_S, over="9:30")


@day("24 a covered lens and a dead recorder in one school at one time: two messages")
def _two_causes(d: Day) -> None:
    d.ill("s1.1", "8:00", "8:50", cause="picture.covered")
    d.ill(RECORDER, "8:00:10", "9:00")
    d.told(Kind.PICTURE, "camera:s1.1", "8:00", 60, over="8:50")
    d.told(Kind.RECORDER, f"recorder:s1-a/{HOST}", "8:00:10", CAMERA_S, over="9:00")


@day("24 night falls: an infra-red lamp is dead and three pictures are black")
def _dark(d: Day) -> None:
    d.ill(["s1.4", "s1.5", "s1.6"], "16:20", "16:50", cause="picture.black")
    d.told(Kind.PICTURE, "picture:s1-a/picture.black", "16:20", 75, over="16:50")


@day("24 a school's power is cut, with two gate PCs")
def _school(d: Day) -> None:
    d.off(("s2-a", "s2-b"), "8:00", "9:00")
    d.told(Kind.SCHOOL, "school:s2", "8:00", AGENT_S, over="9:00")


@day("24 a school's uplink is cut, with two gate PCs")
def _uplink(d: Day) -> None:
    d.off(("s2-a", "s2-b"), "8:00", "8:20", how=Cut.LINE)
    d.told(Kind.SCHOOL, "school:s2", "8:00", AGENT_S, over="8:20")


@day("24 a school's power is cut: its cameras fall first, its gate PC has a battery")
def _battery(d: Day) -> None:
    d.ill([f"s1.{n}" for n in range(1, 7)], "8:00", "9:00")
    d.off("s1-a", "8:04", "9:00:30")
    d.told(Kind.NETWORK, "network:s1-a", "8:00", GATE_S)
    for receiver in ("an", "school:s1/ht"):
        d.told(Kind.NETWORK, "network:s1-a", "9:00", 300, to=(receiver,),
               occasion=Occasion.RECOVERED)  # fmt: skip
    d.told(Kind.AGENT, "agent:s1-a", "8:04", AGENT_S, over="9:00:30")


@day("24 a unit's line is cut: four of four schools", schools=24)
def _unit(d: Day) -> None:
    agents = ["s1-a", "s2-a", "s2-b", "s3-a", "s4-a"]
    d.off(agents, "8:00", "9:00", how=Cut.LINE)
    d.told(Kind.LINE, "line:x1", "8:00", AGENT_S, over="9:00")


def _district(number: int) -> None:
    @day(f"24 a district's line is cut: twelve of forty schools ({number})", schools=40)
    def _of(d: Day) -> None:
        d.play.seed = number
        agents = [f"s{n}-a" for n in range(3, 15)]
        d.off(agents, "8:00", "9:00", how=Cut.LINE)
        d.told(Kind.LINE, "line:h", "8:00", AGENT_S, over="9:00")


for _number in (1, 2, 3, 7):
    _district(_number)


@day("24 a district's power is cut for long, and comes back street by street", schools=40)
def _streets(d: Day) -> None:
    for n in range(3, 19):
        d.off(f"s{n}-a", "8:00", f"9:{n:02}")
    d.told(Kind.LINE, "line:h", "8:00", AGENT_S, over="9:14", over_s=600)
    for n in range(14, 19):
        d.told(Kind.AGENT, f"agent:s{n}-a", "9:14", 300, over=f"9:{n:02}", may=True)


@day("25 children stay down after their gate PC is back")
def _children(d: Day) -> None:
    d.off("s1-a", "8:00", "9:00")
    d.ill("s1.1", "8:30", "12:00")
    d.told(Kind.AGENT, "agent:s1-a", "8:00", AGENT_S, over="9:00")
    d.told(Kind.CAMERA, "camera:s1.1", "8:30", 240, at="9:00", over="12:00")


@day("25 power is back, and a gate's camera takes a minute longer than its gate PC")
def _slow_child(d: Day) -> None:
    d.off("s1-a", "8:00", "9:00")
    d.ill(["s1.1", "s1.2"], "8:00:01", "9:01:05")
    d.told(Kind.AGENT, "agent:s1-a", "8:00", AGENT_S, over="9:00")


@day("25 a camera is lost, then its gate PC, then the gate PC is back before the camera")
def _before_and_after(d: Day) -> None:
    d.ill("s1.4", "8:00", "10:00")
    d.off("s1-a", "8:30", "9:00")
    d.told(Kind.CAMERA, "camera:s1.4", "8:00", CAMERA_S, over="10:00")
    d.told(Kind.AGENT, "agent:s1-a", "8:30", AGENT_S, over="9:00")


@day("29 what happened while a line was cut rings nothing when it is told later")
def _late(d: Day) -> None:
    d.off("s1-a", "8:00", "11:00", how=Cut.LINE)
    d.ill("s1.1", "8:30", "9:30")
    d.ill("s1.4", "9:00", "10:00", cause="picture.covered")
    d.told(Kind.AGENT, "agent:s1-a", "8:00", AGENT_S, over="11:00")


@day("26 a camera comes and goes all morning")
def _flapping(d: Day) -> None:
    for n in range(20):
        minute = 5 * n
        start = f"{8 + minute // 60}:{minute % 60:02}"
        d.ill("s1.4", start, f"{start}:00"[:-3] + ":40")
    d.told(Kind.CAMERA, "camera:s1.4", "8:00", 3600, over="9:35:40", over_s=2400)


@day("26 a line comes and goes all morning")
def _flapping_line(d: Day) -> None:
    for n in range(12):
        start, end = 10 * n, 10 * n + 3
        d.off("s1-a", f"{8 + start // 60}:{start % 60:02}", f"{8 + end // 60}:{end % 60:02}",
              how=Cut.LINE)  # fmt: skip
    d.told(Kind.AGENT, "agent:s1-a", "8:00", AGENT_S, over="8:03")
    d.told(Kind.AGENT, "agent:s1-a", "8:10", AGENT_S, over="9:53", over_s=2400)
