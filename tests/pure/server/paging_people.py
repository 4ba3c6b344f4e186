"""People, schools and incidents for tests of who is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

from server.domain.incident.model import Change, Incident, Kind, Member, Phase, Severity, Step
from server.domain.incident.signals import Aspect, Subject
from server.domain.paging.directory import Directory
from server.domain.paging.people import (
    Policy,
    QuietHours,
    Receiver,
    Rota,
    Stage,
    Target,
    Way,
)
from server.domain.units import Agent, Camera, Contact, Organisation, School, Source, Unit

MORNING = datetime(2026, 11, 23, 23, 50, tzinfo=UTC)  # Tuesday 24 November, 06:50 in Viet Nam
NIGHT = QuietHours(start=time(22), end=time(6, 30))


def school(name: str, unit: str, *contacts: Contact) -> School:
    return School(
        id=name, name=f"Trường {name}", kind="tieu_hoc", unit=unit, contacts=contacts,
        agents=(Agent(id=f"{name}-a", name="Máy"),),
        cameras=(Camera(id=f"{name}-c", name="Cổng", zone="z",
                        sources=(Source(f"{name}-a", f"{name}-c"),)),),
    )  # fmt: skip


ORGANISATION = Organisation(
    units=(
        Unit(id="tinh", name="Tỉnh", level="tinh"),
        Unit(id="xa1", name="Xã 1", level="xa", parent="tinh"),
        Unit(id="xa2", name="Xã 2", level="xa", parent="tinh"),
    ),
    schools=(
        school(
            "s1", "xa1",
            Contact(id="ht", name="Hiệu trưởng", mail="ht@s1.example.vn", phone="0912345678"),
            Contact(id="bv", name="Bảo vệ", phone="0987654321"),
            Contact(id="k", name="Không có gì"),
        ),
        school("s2", "xa2", Contact(id="ht", name="Cô Hai", mail="ht@s2.example.vn")),
    ),
)  # fmt: skip


def person(name: str, *, channel: str = "email", **changes: object) -> Receiver:
    one = Receiver(id=name, name=name.title(), ways=(Way(channel=channel, address=f"{name}@x"),))
    return replace(one, **changes)  # type: ignore[arg-type]


def to(name: str, after_s: int = 0, target: Target = Target.RECEIVER) -> Stage:
    return Stage(after_s=after_s, target=target, id=name)


SCHOOL_STAGE = Stage(after_s=0, target=Target.SCHOOL)


def policy(*stages: Stage, name: str = "p", **changes: object) -> Policy:
    return replace(Policy(id=name, name=name, stages=stages), **changes)  # type: ignore[arg-type]


def directory(*policies: Policy, people: tuple[Receiver, ...] = (), rotas: tuple[Rota, ...] = (),
              phone: bool = False) -> Directory:  # fmt: skip
    ways = (("mail", "email"),) + ((("phone", "sms"),) if phone else ())
    return Directory(
        organisation=ORGANISATION,
        receivers=MappingProxyType({one.id: one for one in people}),
        rotas=MappingProxyType({one.id: one for one in rotas}),
        policies=policies,
        contact_ways=ways,
    )


def weekly(*members: str, **changes: object) -> Rota:
    one = Rota(id="rota", name="Trực", members=members, start=date(2026, 11, 2), handover=time(8))
    return replace(one, **changes)  # type: ignore[arg-type]


def incident(kind: Kind = Kind.CAMERA, *, at: datetime = MORNING, severity: Severity | None = None,
             subject: Subject | None = None, school: str | None = "s1", **changes: object,
             ) -> Incident:  # fmt: skip
    subject = subject or Subject(Aspect.CAMERA, "s1-c")
    one = Incident(
        id=f"{kind}-{school}",
        kind=kind,
        root=f"{kind}:{subject.id}",
        school=school,
        severity=severity or Severity.URGENT,
        members=(Member(subject=subject, cause="network.timeout", since=at),),
        began_at=at - timedelta(seconds=40),
        opened_at=at,
        tell_at=at,
    )
    return replace(one, **changes)  # type: ignore[arg-type]


def opened(one: Incident | None = None) -> Change:
    one = one or incident()
    return Change(at=one.opened_at, step=Step.OPENED, incident=one)


def recovered(one: Incident, after: timedelta) -> Change:
    at = one.opened_at + after
    over = replace(one, phase=Phase.CLOSED, ended_at=at, closed_at=at)
    return Change(at=at, step=Step.RECOVERED, incident=over)
