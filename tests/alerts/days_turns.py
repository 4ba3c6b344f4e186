"""Turns that begin while something is open: who takes over hears of it once, or not at all."""

from dataclasses import replace
from datetime import date, time

from server.domain.incident.model import Kind
from server.domain.paging.people import Occasion, Policy, QuietHours, Stage, Stand, Target
from tests.alerts.script import AGENT_S, CAMERA_S, GATE_S, TUESDAY, Day, day
from tests.alerts.town import with_receiver

SUNDAY = date(2026, 11, 29)
"""Bình's turn begins on the Monday after it, at 7:00."""
DUTY = Stage(after_s=0, target=Target.ROTA, id="truc")


def _on_duty(d: Day, **binh: object) -> None:
    """Tell only who has the turn; ``binh``: what is otherwise with Bình."""
    usual = d.town.directory
    one = replace(usual.receivers["binh"], **binh)  # type: ignore[arg-type]
    policy = Policy(id="p", name="p", stages=(DUTY,))
    d.play.directory = with_receiver(replace(usual, policies=(policy,)), one)


def _handed(
    d: Day, kind: Kind, root: str, at: str, over: str | None = None, *, to: str = "binh"
) -> None:
    d.told(kind, root, at, 60, over=over, to=(to,), occasion=Occasion.HANDOVER)


@day("28 a turn begins: what is open is told, what is over or falls due just then is not handed",
     first=SUNDAY, days=2)  # fmt: skip
def _three_open(d: Day) -> None:
    _on_duty(d)
    d.ill("s1.1", "2 6:35", "2 8:00")
    d.off("s3-a", "2 6:40", "2 8:10")
    d.ill("s4.1", "2 6:40", "2 6:50")
    d.ill("s5.4", "10:00", "2 9:00")
    d.told(Kind.CAMERA, "camera:s1.1", "2 6:35", GATE_S, over="2 8:00", to=("an",))
    d.told(Kind.AGENT, "agent:s3-a", "2 6:40", AGENT_S, over="2 8:10", to=("an",))
    d.told(Kind.CAMERA, "camera:s4.1", "2 6:40", GATE_S, over="2 6:50", to=("an",))
    d.told(Kind.CAMERA, "camera:s5.4", "10:00", 10, at="2 7:00", over="2 9:00", to=("binh",))
    _handed(d, Kind.CAMERA, "camera:s1.1", "2 7:00", "2 8:00")
    _handed(d, Kind.AGENT, "agent:s3-a", "2 7:00", "2 8:10")


@day("28 who does not want to hear of it at the beginning of a turn hears of neither end",
     first=SUNDAY, days=2)  # fmt: skip
def _switched_off(d: Day) -> None:
    _on_duty(d, handover=False)
    d.ill("s1.1", "2 6:40", "2 8:00")
    d.told(Kind.CAMERA, "camera:s1.1", "2 6:40", GATE_S, over="2 8:00", to=("an",))


@day("28 a turn begins in quiet hours: what is over by their end is never handed over",
     first=SUNDAY, days=2)  # fmt: skip
def _quiet(d: Day) -> None:
    _on_duty(d, quiet=QuietHours(start=time(6), end=time(8)))
    d.ill("s1.4", "2 6:45", "2 7:40")
    d.ill("s3.4", "2 6:45", "2 9:00")
    for camera, over in (("s1.4", "2 7:40"), ("s3.4", "2 9:00")):
        d.told(Kind.CAMERA, f"camera:{camera}", "2 6:45", CAMERA_S, over=over, to=("an",))
    d.told(Kind.CAMERA, "camera:s3.4", "2 7:00", 60, at="2 8:00", over="2 9:00", to=("binh",),
           occasion=Occasion.HANDOVER)  # fmt: skip


@day("28 somebody stands in for a day: both turns begin at midnight", first=TUESDAY, days=3)
def _stand(d: Day) -> None:
    _on_duty(d)
    directory = d.play.directory
    assert directory is not None
    off = Stand(first=date(2026, 11, 25), last=date(2026, 11, 25), receiver="phong", reason="ốm")
    rota = replace(directory.rotas["truc"], stands=(off,))
    d.play.directory = replace(directory, rotas={"truc": rota})
    d.off("s3-a", "16:00", "3 9:00")
    d.told(Kind.AGENT, "agent:s3-a", "16:00", AGENT_S, over="3 9:00", to=("an",))
    _handed(d, Kind.AGENT, "agent:s3-a", "2 0:00", "3 9:00", to="phong")
    _handed(d, Kind.AGENT, "agent:s3-a", "3 0:00", to="an")
