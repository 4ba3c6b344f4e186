"""Clocks, clones, spools, gates, and a register that changes under an open incident."""

from collections.abc import Iterable
from dataclasses import replace

from server.domain.incident.model import Kind
from server.domain.paging.people import Occasion
from server.domain.register import Register
from server.domain.units import Organisation, School
from tests.alerts.centre import Play
from tests.alerts.script import CAMERA_S, GATE_S, Day, day


@day("22 a gate PC's clock jumps by an hour: nothing is known of its cameras for a while")
def _suspect(d: Day) -> None:
    d.truth.suspect["s1-a"] = (d.t("8:00"), d.t("8:30"))
    d.truth.offsets += [(d.t("8:01"), "s1-a", 3_600_000), (d.t("8:31"), "s1-a", 300)]
    d.told(Kind.CLOCK, "clock:s1-a", "8:01", 660, over="8:31", over_s=900)


@day("22 a lost camera stays the same incident while its gate PC's clock is in doubt")
def _suspect_and_lost(d: Day) -> None:
    d.ill("s1.1", "7:30", "9:00")
    d.truth.suspect["s1-a"] = (d.t("8:00"), d.t("8:30"))
    d.told(Kind.CAMERA, "camera:s1.1", "7:30", GATE_S, over="9:00")


@day("29 a clone of a gate PC that reaches no camera rings nothing")
def _clone(d: Day) -> None:
    d.truth.clones["s1-a"] = d.t("8:00")


@day("28 a spool fills up and is emptied")
def _spool(d: Day) -> None:
    d.truth.spools += [(d.t(f"{h}:00"), "s1-a", share) for h, share in
                       ((8, 0.5), (9, 0.81), (10, 0.75), (11, 0.5))]  # fmt: skip
    d.told(Kind.SPOOL, "spool:s1-a", "9:00", 700, over="11:00", over_s=900)


@day("31 a gate is forced, and shut")
def _forced(d: Day) -> None:
    d.truth.doors += [(d.t("2:10"), "s1/g", "forced"), (d.t("2:14"), "s1/g", "closed")]
    d.told(Kind.GATE_DOOR, "gate_door:s1/g", "2:10", 20, over="2:14")


@day("31 a gate is held open, and nobody ever says that it was shut")
def _held(d: Day) -> None:
    d.truth.doors.append((d.t("8:10"), "s1/g", "held_open"))
    d.told(Kind.GATE_DOOR, "gate_door:s1/g", "8:10", 20)
    d.told(Kind.GATE_DOOR, "gate_door:s1/g", "20:10", 1900, occasion=Occasion.RECOVERED)


@day("1 a gate log falls dumb in school hours")
def _dumb(d: Day) -> None:
    d.truth.gate_counts["s1/g"] = d.t("9:00")
    d.told(Kind.GATE_STREAM, "gate_stream:s1/g", "9:00", 4200)


@day("29 a school is merged into another in mid-incident")
def _merged(d: Day) -> None:
    d.ill("s1.1", "8:00", "10:00")
    d.play.at.append((d.t("9:00"), lambda play: _merge(play, "s1", "s3")))
    d.told(Kind.CAMERA, "camera:s1.1", "8:00", GATE_S, over="10:00")


@day("29 a camera is taken out of the register in mid-incident: nobody hears that it is well")
def _removed(d: Day) -> None:
    d.ill("s1.4", "8:00", "10:00")
    d.play.at.append((d.t("9:00"), lambda play: _remove(play, "s1.4")))
    d.told(Kind.CAMERA, "camera:s1.4", "8:00", CAMERA_S)


@day("13 a camera that is registered and never seen is unknown, not lost")
def _never(d: Day) -> None:
    d.off("s12-a", "1 0:00", "2 0:00")
    d.truth.offs["s12-a"][0] = d.truth.offs["s12-a"][0]._replace(start=d.t("0:00") - _DAY)


_DAY = 24 * (Day().t("1:00") - Day().t("0:00"))


def _merge(play: Play, one: str, into: str) -> None:
    schools = {s.id: s for s in play.standing.organisation.schools}
    gone, left = schools.pop(one), schools[into]
    zones = {z.kind: z for z in left.zones}
    kinds = {z.id: z.kind for z in gone.zones}
    cameras = tuple(replace(c, zone=zones[kinds[c.zone]].id) for c in gone.cameras)
    agents = tuple(replace(a, gates=()) for a in gone.agents)
    schools[into] = replace(left, cameras=left.cameras + cameras, agents=left.agents + agents)
    _register(play, schools.values())


def _remove(play: Play, camera: str) -> None:
    _register(
        play,
        (
            replace(s, cameras=tuple(c for c in s.cameras if c.id != camera))
            for s in play.standing.organisation.schools
        ),
    )


def _register(play: Play, schools: Iterable[School]) -> None:
    organisation = Organisation(units=play.standing.organisation.units, schools=tuple(schools))
    play.standing.register = Register.of(organisation)
    play.post.directory = replace(play.post.directory, organisation=organisation)
