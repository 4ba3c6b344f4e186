"""The centre's own troubles, and restarts: it says so, and nothing of cameras."""

from dataclasses import replace

from server.domain.incident.model import Kind
from server.domain.paging.directory import Directory
from server.domain.paging.people import Occasion, Policy, Receiver, Stage, Target, Way
from tests.alerts.script import AGENT_S, CAMERA_S, GATE_S, Day, day
from tests.alerts.town import with_receiver
from tests.alerts.truth import Cut


def every_agent(d: Day) -> list[str]:
    """Return the names of all gate PCs."""
    return [agent.id for school in d.town.organisation.schools for agent in school.agents]


@day("24 the broker is restarted, in ten seconds")
def _broker(d: Day) -> None:
    d.truth.deaf.append((d.t("8:00"), d.t("8:00:10")))


@day("24 the broker is away for ten minutes")
def _broker_away(d: Day) -> None:
    d.truth.deaf.append((d.t("8:00"), d.t("8:10")))
    d.told(Kind.CENTRE, "centre:broker", "8:00", 90, over="8:10")


@day("24 a camera is lost while the broker is away, and told of afterwards")
def _broker_and_camera(d: Day) -> None:
    d.truth.deaf.append((d.t("8:00"), d.t("8:10")))
    d.ill("s1.4", "8:05", "9:00")
    d.told(Kind.CENTRE, "centre:broker", "8:00", 90, over="8:10")
    d.told(Kind.CAMERA, "camera:s1.4", "8:05", 200, at="8:10", over="9:00")


def _line(number: int) -> None:
    @day(f"24 the centre's own line is cut ({number})", schools=40)
    def _of(d: Day) -> None:
        d.play.seed = number
        d.off(every_agent(d), "8:00", "8:30", how=Cut.UPLINK)
        d.told(Kind.CENTRE, "centre:line", "8:00", 90, over="8:30")


def _line_and_school(number: int) -> None:
    @day(f"24 the centre's line is cut, and a school's power meanwhile ({number})", schools=40)
    def _of(d: Day) -> None:
        d.play.seed = number
        d.off([a for a in every_agent(d) if a != "s5-a"], "8:00", "8:30", how=Cut.UPLINK)
        d.off("s5-a", "8:00", "10:00", how=Cut.POWER)
        d.told(Kind.CENTRE, "centre:line", "8:00", 90, over="8:30")
        d.told(Kind.AGENT, "agent:s5-a", "8:00", 300, at="8:30", over="10:00")


def _small(schools: int) -> None:
    @day(f"24 the line of a centre of {schools} schools is cut", schools=schools)
    def _of(d: Day) -> None:
        d.off(every_agent(d), "8:00", "8:30", how=Cut.UPLINK)
        d.told(Kind.CENTRE, "centre:line", "8:00", 90, over="8:30")

    @day(f"24 a line of most of {schools} schools is cut, and not the centre's", schools=schools)
    def _most(d: Day) -> None:
        cut = [a for a in every_agent(d) if not a.startswith("s2-")][: schools * 2 // 3]
        d.off(cut, "8:00", "8:30", how=Cut.LINE)
        if len(cut) >= d.truth.rules.line_least:
            d.told(Kind.LINE, "line:h", "8:00", AGENT_S, over="8:30")
            return
        for agent in cut:
            d.told(Kind.AGENT, f"agent:{agent}", "8:00", AGENT_S, over="8:30")


def _bridge(number: int) -> None:
    @day(f"24 the line between the centre's broker and a bridge is cut ({number})", schools=40)
    def _of(d: Day) -> None:
        d.play.seed = number
        d.off(every_agent(d), "8:00", "8:30", how=Cut.BRIDGE)
        d.told(Kind.CENTRE, "centre:line", "8:00", 90, over="8:30")


for _number in range(1, 6):
    _line(_number)
    _line_and_school(_number)
for _schools in (3, 4, 6, 10):
    _small(_schools)
for _number in (1, 2, 3):
    _bridge(_number)


@day("24 the database is away for five minutes", schools=40)
def _database(d: Day) -> None:
    d.truth.away.append((d.t("8:00"), d.t("8:05")))
    d.told(Kind.CENTRE, "centre:database", "8:00", 15, at="8:02", over="8:05")


@day("24 the database is away for a minute and a half")
def _database_briefly(d: Day) -> None:
    d.truth.away.append((d.t("8:00"), d.t("8:01:30")))


@day("24 the database comes and goes for half an hour")
def _database_flaps(d: Day) -> None:
    for minute in range(0, 30, 6):
        d.truth.away.append((d.t(f"8:{minute:02}"), d.t(f"8:{minute + 4:02}")))
    d.told(Kind.CENTRE, "centre:database", "8:00", 15, at="8:02", over="8:04")
    d.told(Kind.CENTRE, "centre:database", "8:06", 15, at="8:10")
    d.told(Kind.CENTRE, "centre:database", "8:28", 1900, occasion=Occasion.RECOVERED)


@day("24 the database is away for ten minutes, and a camera is lost meanwhile")
def _database_and_camera(d: Day) -> None:
    d.truth.away.append((d.t("8:00"), d.t("8:10")))
    d.ill("s1.1", "8:03", "9:00")
    d.told(Kind.CENTRE, "centre:database", "8:00", 15, at="8:02", over="8:10")
    d.told(Kind.CAMERA, "camera:s1.1", "8:03", 200, at="8:10", over="9:00")


@day("24 the database answers after a quarter of a minute for a while")
def _slow(d: Day) -> None:
    d.truth.slow.append((d.t("8:00"), d.t("8:20"), 15.0))
    d.told(Kind.CENTRE, "centre:database", "8:00", 120, over="8:20")


@day("29 the server is restarted in mid-incident, every ten minutes")
def _restart(d: Day) -> None:
    d.ill("s1.1", "8:00", "9:00")
    d.off("s3-a", "8:05", "9:10")
    d.truth.restarts += [d.t(f"8:{m}") for m in (10, 20, 30, 40, 50)]
    d.told(Kind.CAMERA, "camera:s1.1", "8:00", GATE_S, over="9:00")
    d.told(Kind.AGENT, "agent:s3-a", "8:05", AGENT_S, over="9:10")


@day("29 the server is restarted between a loss and its message")
def _restart_before(d: Day) -> None:
    d.ill("s1.4", "8:00", "9:00")
    d.truth.restarts += [d.t("8:00:30")]
    d.told(Kind.CAMERA, "camera:s1.4", "8:00", 200, over="9:00")


@day("29 the server is restarted before a recovery is believed")
def _restart_after(d: Day) -> None:
    d.ill("s1.4", "8:00", "9:00")
    d.truth.restarts += [d.t("9:01")]
    d.told(Kind.CAMERA, "camera:s1.4", "8:00", CAMERA_S, over="9:00", over_s=300)


@day("29 the server is away for an hour, in which a gate PC falls and comes back")
def _away(d: Day) -> None:
    d.truth.restarts.append(d.t("8:00"))
    d.truth.restart_s = 3600
    d.off("s1-a", "8:10", "8:50")
    d.ill("s3.4", "8:20", "8:40")


@day("29 the server is away for an hour, in which a gate PC falls for long")
def _away_long(d: Day) -> None:
    d.truth.restarts.append(d.t("8:00"))
    d.truth.restart_s = 3600
    d.off("s1-a", "8:10", "10:50")
    d.told(Kind.AGENT, "agent:s1-a", "8:10", 300, at="9:00", over="10:50")


@day("28 the centre's disk is nearly full")
def _disk(d: Day) -> None:
    d.truth.disk += [(d.t("8:00"), 0.04), (d.t("9:00"), 0.2)]
    d.told(Kind.CENTRE, "centre:disk", "8:00", 120, over="9:00")


@day("28 the disk is nearly full, and a camera's loss is told all the same")
def _disk_and_camera(d: Day) -> None:
    d.truth.disk += [(d.t("8:00"), 0.04), (d.t("10:00"), 0.2)]
    d.ill("s1.4", "8:30", "9:00")
    d.told(Kind.CENTRE, "centre:disk", "8:00", 120, over="10:00")
    d.told(Kind.CAMERA, "camera:s1.4", "8:30", CAMERA_S, over="9:00")


@day("27 a way out keeps failing, and is told on another")
def _channel(d: Day) -> None:
    d.play.channels = ("email", "sms")
    d.play.directory = _with_sms(d)
    d.truth.broken.append(("sms", d.t("8:00"), d.t("9:00")))
    d.ill("s1.4", "8:01", "8:30")
    d.told(Kind.CAMERA, "camera:s1.4", "8:01", CAMERA_S, over="8:30")
    d.told(Kind.CAMERA, "camera:s1.4", "8:30", 7200, to=("sms",), occasion=Occasion.RECOVERED)
    d.told(Kind.CHANNEL, "channel:sms", "8:02", 400, to=("an",))
    d.told(Kind.CHANNEL, "channel:sms", "9:00", 2400, to=("an",), occasion=Occasion.RECOVERED)


def _with_sms(d: Day) -> Directory:
    """Return the usual people, and one who is told by text message."""
    receiver = Receiver(id="sms", name="sms", ways=(Way(channel="sms", address="0912345678"),))
    every = Stage(after_s=0, target=Target.RECEIVER, id="sms")
    usual = d.town.directory
    both = Policy(id="sms", name="sms", stages=(every,))
    return with_receiver(replace(usual, policies=(*usual.policies, both)), receiver)
