"""Who is told and when: nights, holidays, work, silences, turns, escalation, bursts, channels."""

from dataclasses import replace
from datetime import date, time

from server.domain.calendar import Maintenance
from server.domain.exceptions import Exceptions, Work
from server.domain.incident.model import Kind, Severity
from server.domain.incident.quiet import Silence
from server.domain.incident.signals import Aspect, Subject
from server.domain.interval import Interval
from server.domain.paging.people import Occasion, Policy, QuietHours, Stage, Target
from server.domain.schoolyear import DayOff
from tests.alerts.centre import Play
from tests.alerts.script import AGENT_S, CAMERA_S, COVERED_S, GATE_S, Day, day
from tests.alerts.town import people, with_receiver

SATURDAY = date(2026, 11, 28)
SUNDAY = date(2026, 11, 29)
TEACHERS_DAY = date(2026, 11, 20)


@day("31 a yard's camera on Sunday waits for Monday", first=SUNDAY, days=2)
def _sunday(d: Day) -> None:
    d.ill("s1.3", "10:00", "2 9:00")
    d.told(Kind.CAMERA, "camera:s1.3", "10:00", 10, at="2 7:00", over="2 9:00", to=BINH_S1)


BINH_S1 = ("binh", "school:s1/ht")
"""Bình's turn begins on Monday the 30th at 7:00; the one before ends on the 23rd."""


@day("31 a gate's camera on Saturday, well again before Monday, is never told", first=SATURDAY)
def _saturday(d: Day) -> None:
    d.ill("s1.1", "10:00", "14:00")


@day("31 a holiday's loss waits for the next school day", first=TEACHERS_DAY, days=4)
def _holiday(d: Day) -> None:
    d.ill("s1.1", "10:00", "4 8:00")
    d.told(Kind.CAMERA, "camera:s1.1", "10:00", 10, at="4 6:30", over="4 8:00", to=BINH_S1,
           occasion=Occasion.WORSENED)  # fmt: skip
    d.told(Kind.CAMERA, "camera:s1.1", "4 7:00", 60, over="4 8:00", to=("an",),
           occasion=Occasion.HANDOVER)  # fmt: skip


@day("31 a typhoon day is typed in beforehand: its losses wait", days=2)
def _typhoon(d: Day) -> None:
    off = DayOff(first=d.first, last=d.first, reason="Bão số 9")
    d.play.at.append((d.t("0:00"), lambda play: _except(play, Exceptions(days_off=(off,)))))
    d.off(["s1-a", "s3-a"], "9:00", "2 6:00")
    d.off("s4-a", "9:30", "2 9:00")
    d.told(Kind.AGENT, "agent:s4-a", "9:30", 10, at="2 6:30", over="2 9:00",
           occasion=Occasion.WORSENED)  # fmt: skip


@day("3 a gate's fault begins at night and lasts into school hours")
def _night(d: Day) -> None:
    d.ill("s1.1", "3:00", "8:00")
    d.told(Kind.CAMERA, "camera:s1.1", "3:00", 10, at="6:30", over="8:00",
           occasion=Occasion.WORSENED)  # fmt: skip


@day("3 a hall's fault begins at night and lasts into school hours")
def _night_hall(d: Day) -> None:
    d.ill("s1.4", "3:00", "8:00")
    d.told(Kind.CAMERA, "camera:s1.4", "3:00", 10, at="7:00", over="8:00")


@day("3 a night's fault is over before school, and is never told")
def _night_over(d: Day) -> None:
    d.ill("s1.1", "3:00", "6:00")
    d.off("s3-a", "22:00", "22:40")


@day("28 trouble under announced work that outlasts it")
def _work(d: Day) -> None:
    d.play.at.append((d.t("0:00"), lambda play: _except(play, _works(d, "8:00", "10:00"))))
    d.ill("s1.1", "8:30", "9:30")
    d.ill("s1.4", "8:40", "11:00")
    d.told(Kind.CAMERA, "camera:s1.4", "8:40", 15, at="10:00", over="11:00")


@day("28 a gate PC is restarted under announced work, and nobody is told")
def _work_agent(d: Day) -> None:
    d.play.at.append((d.t("0:00"), lambda play: _except(play, _works(d, "8:00", "10:00"))))
    for start, end in (("8:10", "8:20"), ("8:40", "8:50"), ("9:00", "9:30")):
        d.off("s1-a", start, end)


def _works(d: Day, start: str, end: str) -> Exceptions:
    work = Maintenance(interval=Interval(d.t(start), d.t(end)), reason="Thay đầu ghi")
    return Exceptions(works=(Work(maintenance=work, schools=("s1",)),))


def _except(play: Play, exceptions: Exceptions) -> None:
    play.standing.exceptions = exceptions


def _silence(d: Day, start: str, until: str, *names: str, kinds: tuple[Kind, ...] = ()) -> None:
    subjects = tuple(Subject(Aspect.CAMERA, name) for name in names)
    d.truth.silences.append(
        Silence(start=d.t(start), until=d.t(until), reason="x", subjects=subjects, kinds=kinds)
    )


@day("28 a silence about one camera holds for it alone")
def _silenced(d: Day) -> None:
    _silence(d, "7:30", "12:00", "s1.1")
    d.ill("s1.1", "8:00", "9:00")
    d.ill("s1.4", "8:30", "9:30")
    d.told(Kind.CAMERA, "camera:s1.4", "8:30", CAMERA_S, over="9:30")


@day("28 a silence ends before the trouble does")
def _silence_ends(d: Day) -> None:
    _silence(d, "7:30", "9:00", "s1.1")
    d.ill("s1.1", "8:00", "10:00")
    d.told(Kind.CAMERA, "camera:s1.1", "8:00", 15, at="9:00", over="10:00")


@day("28 a silence that comes after the message: its end is told all the same")
def _silence_later(d: Day) -> None:
    d.ill("s1.1", "8:00", "10:00")
    _silence(d, "8:30", "12:00", "s1.1")
    d.told(Kind.CAMERA, "camera:s1.1", "8:00", GATE_S, over="10:00")


@day("28 a silence about pictures does not hide a loss")
def _silence_kind(d: Day) -> None:
    _silence(d, "7:30", "12:00", kinds=(Kind.PICTURE,))
    d.ill("s1.1", "8:00", "8:30", cause="picture.covered")
    d.ill("s1.2", "9:00", "9:30")
    d.told(Kind.CAMERA, "camera:s1.2", "9:00", GATE_S, over="9:30")


DUTY = Stage(after_s=0, target=Target.ROTA, id="truc")
CHIEF = Stage(after_s=900, target=Target.RECEIVER, id="phong")


def _escalating(d: Day) -> None:
    policy = Policy(id="p", name="p", stages=(DUTY, CHIEF))
    d.play.directory = people(d.town.organisation, policy)


@day("28 nobody takes it on: the chief is told after a quarter of an hour")
def _escalated(d: Day) -> None:
    _escalating(d)
    d.ill("s1.1", "8:00", "9:00")
    d.told(Kind.CAMERA, "camera:s1.1", "8:00", GATE_S, over="9:00", to=("an",))
    d.told(Kind.CAMERA, "camera:s1.1", "8:15:20", 40, over="9:00", to=("phong",),
           occasion=Occasion.ESCALATED)  # fmt: skip


@day("28 somebody takes it on: the chief is not told")
def _acknowledged(d: Day) -> None:
    _escalating(d)
    d.truth.acknowledged["camera:s1.1"] = d.t("8:10")
    d.ill("s1.1", "8:00", "9:00")
    d.told(Kind.CAMERA, "camera:s1.1", "8:00", GATE_S, over="9:00", to=("an",))


@day("28 it is over before the chief's turn")
def _over_before(d: Day) -> None:
    _escalating(d)
    d.ill("s1.1", "8:00", "8:10")
    d.told(Kind.CAMERA, "camera:s1.1", "8:00", GATE_S, over="8:10", to=("an",))


@day("28 the turn goes over in mid-incident: who was told hears of the end", first=SUNDAY, days=2)
def _hand_over(d: Day) -> None:
    urgent = replace(d.town.directory, policies=(Policy(id="p", name="p", stages=(DUTY,)),))
    d.play.directory = urgent
    d.ill("s1.1", "2 6:40", "2 7:20")
    d.ill("s3.1", "2 7:10", "2 7:40")
    d.told(Kind.CAMERA, "camera:s1.1", "2 6:40", GATE_S, over="2 7:20", to=("an",))
    d.told(Kind.CAMERA, "camera:s1.1", "2 7:00", 60, over="2 7:20", to=("binh",),
           occasion=Occasion.HANDOVER)  # fmt: skip
    d.told(Kind.CAMERA, "camera:s3.1", "2 7:10", GATE_S, over="2 7:40", to=("binh",))


@day("28 somebody's quiet hours hold back what is not urgent")
def _quiet_hours(d: Day) -> None:
    quiet = QuietHours(start=time(8), end=time(9))
    an = replace(d.town.directory.receivers["an"], quiet=quiet)
    d.play.directory = with_receiver(d.town.directory, an)
    d.ill("s1.4", "8:10", "10:00")
    d.ill("s3.1", "8:20", "10:10")
    d.told(Kind.CAMERA, "camera:s1.4", "8:10", 15, at="9:00", over="10:00", to=("an",))
    d.told(Kind.CAMERA, "camera:s1.4", "8:10", CAMERA_S, over="10:00", to=("school:s1/ht",))
    d.told(Kind.CAMERA, "camera:s3.1", "8:20", GATE_S, over="10:10")


@day("28 whoever wants only what is urgent is told of nothing else")
def _least(d: Day) -> None:
    policy = Policy(id="p", name="p", stages=(DUTY,), least=Severity.URGENT)
    d.play.directory = people(d.town.organisation, policy)
    d.ill("s1.4", "8:10", "10:00")
    d.ill("s3.1", "8:20", "10:10")
    d.told(Kind.CAMERA, "camera:s3.1", "8:20", GATE_S, over="10:10", to=("an",))


@day("27 the mail server is away at that very second")
def _mail_away(d: Day) -> None:
    d.truth.broken.append(("email", d.t("7:59"), d.t("8:03")))
    d.ill("s1.1", "8:00", "9:00")
    d.told(Kind.CAMERA, "camera:s1.1", "8:00", 420, over="9:00")


@day("27 the mail server is away from a fault to its end: one message says both")
def _mail_away_long(d: Day) -> None:
    d.play.channels = ()
    d.truth.broken.append(("email", d.t("7:59"), d.t("8:40")))
    d.ill("s1.1", "8:00", "8:30")
    d.told(Kind.CAMERA, "camera:s1.1", "8:30", 2400, occasion=Occasion.RECOVERED)


@day("24 a burst of single faults all over the district becomes a digest")
def _burst(d: Day) -> None:
    for n in range(1, 11):
        start = f"8:0{n // 6}:{n % 6 * 10:02}"
        d.ill(f"s{n}.1", start, "9:00")
        d.told(Kind.CAMERA, f"camera:s{n}.1", start, GATE_S + 60, over="9:00", over_s=900)


@day("24 one receiver's limit of a minute holds no other channel up")
def _limit(d: Day) -> None:
    d.play.per_minute = {"email": 4}
    for n in range(1, 4):
        d.ill(f"s{n}.4", "8:00", "9:00")
        d.told(Kind.CAMERA, f"camera:s{n}.4", "8:00", CAMERA_S + 60, over="9:00", over_s=400)


@day("29 each morning says that the centre lives", days=2)
def _daily(d: Day) -> None:
    an = replace(d.town.directory.receivers["an"], daily=True)
    d.play.directory, d.play.daily = with_receiver(d.town.directory, an), True
    for n in (1, 2):
        d.told(Kind.CENTRE, "", f"{n} 7:00", 30, to=("an",), occasion=Occasion.ALL_CLEAR)


@day("14 a gate's lens is covered at night, and still is at half past six")
def _covered_night(d: Day) -> None:
    d.ill("s3.1", "5:00", "7:00", cause="picture.covered")
    d.told(Kind.PICTURE, "camera:s3.1", "5:00", 10, at="6:30", over="7:00",
           occasion=Occasion.WORSENED)  # fmt: skip


@day("14 a hall's lens is covered in school hours and off before a minute is over")
def _covered_short(d: Day) -> None:
    d.ill("s3.5", "9:00", "9:00:25", cause="picture.covered")


@day("25 a gate PC falls within the last minute of school")
def _at_the_bell(d: Day) -> None:
    d.off("s1-a", "16:58", "17:30")
    d.told(Kind.AGENT, "agent:s1-a", "16:58", AGENT_S, over="17:30")


@day("14 a covered lens turns into a lost camera: one trouble that grew worse")
def _worse(d: Day) -> None:
    d.ill("s1.1", "8:00", "8:20", cause="picture.covered")
    d.ill("s1.1", "8:20", "9:00")
    d.told(Kind.PICTURE, "camera:s1.1", "8:00", COVERED_S)
    d.told(Kind.CAMERA, "camera:s1.1", "9:00", 240, occasion=Occasion.RECOVERED,
           also=[(Kind.PICTURE, "camera:s1.1")])  # fmt: skip
