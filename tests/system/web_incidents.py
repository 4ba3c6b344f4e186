"""The incidents of the design's mocks, who was told of them, and thirty days of others behind."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from server.domain.incident.model import (
    Change,
    Incident,
    Kind,
    Member,
    Phase,
    Severity,
    Step,
)
from server.domain.incident.quiet import Silence
from server.domain.incident.signals import Aspect, Observation, Signal, Subject
from server.domain.paging.directory import Directory
from server.domain.paging.escalating import Unsettled, escalations
from server.domain.paging.people import (
    Call,
    Policy,
    QuietHours,
    Receiver,
    Rota,
    Stage,
    Stand,
    Target,
    Way,
)
from server.domain.units import Organisation
from server.paging.book import load_book, put_entry
from server.paging.silences import put_silence
from server.storage import IncidentBatch, LetterRow, Store

CHANNELS = ("email", "webhook")
USER = "truc"
CUT = "0000a413-0000-4000-8000-000000000000"
"""Three cameras behind one switch."""


def at(text: str) -> datetime:
    """Read a local moment like ``24/11 06:48`` of 2026."""
    local = datetime.strptime(f"2026 {text}", "%Y %d/%m %H:%M").replace(tzinfo=UTC)
    return local - timedelta(hours=7)


RECEIVERS = (
    Receiver(
        id="ky-thuat",
        name="Kỹ thuật viên cụm",
        ways=(Way(channel="email", address="ky-thuat@vinhquynh.example"),),
        daily=True,
    ),
    Receiver(
        id="du-phong",
        name="Kỹ thuật viên dự phòng",
        ways=(Way(channel="email", address="du-phong@vinhquynh.example"),),
        quiet=QuietHours(start=time(21), end=time(6)),
    ),
    Receiver(
        id="truong-nhom",
        name="Trưởng nhóm kỹ thuật",
        ways=(Way(channel="email", address="truong-nhom@vinhquynh.example"),),
        urgent_ways=(Way(channel="webhook"),),
    ),
    Receiver(
        id="lanh-dao",
        name="Lãnh đạo Ủy ban nhân dân xã",
        ways=(Way(channel="email", address="lanh-dao@vinhquynh.example"),),
        active=False,
    ),
)
ROTAS = (
    Rota(
        id="truc-ky-thuat",
        name="Trực kỹ thuật",
        members=("ky-thuat", "du-phong"),
        start=date(2026, 9, 7),
        handover=time(7),
        stands=(
            Stand(
                first=date(2026, 12, 2),
                last=date(2026, 12, 4),
                receiver="truong-nhom",
                reason="Nghỉ phép",
            ),
        ),
    ),
)
POLICIES = (
    Policy(
        id="xa",
        name="Toàn xã",
        stages=(
            Stage(after_s=0, target=Target.ROTA, id="truc-ky-thuat"),
            Stage(after_s=0, target=Target.SCHOOL),
            Stage(after_s=1800, target=Target.RECEIVER, id="truong-nhom"),
        ),
        units=("xa-vinh-quynh",),
    ),
    Policy(
        id="trung-tam",
        name="Hệ thống",
        stages=(Stage(after_s=0, target=Target.RECEIVER, id="truong-nhom"),),
        kinds=(Kind.CENTRE, Kind.CHANNEL),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Seed:
    """One incident of the mock; ``taken``: by whom; None: by nobody."""

    key: str
    kind: Kind
    root: str
    school: str | None
    members: Sequence[tuple[Aspect, str, str, int]]
    began: datetime
    severity: Severity = Severity.NORMAL
    required: tuple[str, ...] = ()
    affected: tuple[str, ...] = ()
    ended: datetime | None = None
    taken: str | None = None
    taken_after: timedelta = timedelta(minutes=14)
    to: str | None = None
    phase: Phase = Phase.OPEN
    sure: bool = True
    of: int = 0
    held: str = ""

    @property
    def id(self) -> str:
        return f"{self.key:0>8}-0000-4000-8000-000000000000"

    def incident(self) -> Incident:
        members = tuple(
            Member(
                subject=Subject(aspect, name),
                cause=cause,
                since=self.began + timedelta(seconds=late),
                until=self.ended,
            )
            for aspect, name, cause, late in self.members
        )
        opened = self.began + timedelta(seconds=60)
        return Incident(
            id=self.id,
            kind=self.kind,
            root=self.root,
            school=self.school,
            severity=self.severity,
            phase=self.phase,
            members=members,
            affected=self.affected
            or tuple(m.subject.id for m in members if m.subject.aspect is Aspect.CAMERA),
            required=self.required,
            began_at=self.began,
            opened_at=opened,
            tell_at=None if self.severity is Severity.NOTED or self.held else opened,
            held="noted" if self.severity is Severity.NOTED else self.held,
            sure=self.sure,
            why=(("cameras", len(members)), ("of", self.of)) if self.of else (),
        )


C, A = Aspect.CAMERA, Aspect.AGENT
OPEN = (
    Seed(
        key="a413",
        kind=Kind.NETWORK,
        root="network:thcs-ich-vinh-cong",
        school="thcs-ich-vinh",
        members=(
            (C, "thcs-ich-vinh-c3", "network.unreachable", 4),
            (C, "thcs-ich-vinh-c4", "network.unreachable", 6),
            (C, "thcs-ich-vinh-c9", "network.unreachable", 8),
        ),
        began=at("24/11 07:12"),
        severity=Severity.URGENT,
        required=("san-truong",),
        sure=False,
        of=9,
    ),
    Seed(
        key="a414",
        kind=Kind.AGENT,
        root="agent:mn-anh-duong-cong",
        school="mn-anh-duong",
        members=((A, "mn-anh-duong-cong", "agent.silent", 0),),
        affected=tuple(f"mn-anh-duong-c{i}" for i in range(1, 5)),
        began=at("24/11 08:55"),
        severity=Severity.URGENT,
        required=("cong-chinh", "bep-an"),
    ),
    Seed(
        key="a398",
        kind=Kind.PICTURE,
        root="camera:thpt-quynh-son-c9",
        school="thpt-quynh-son",
        members=((C, "thpt-quynh-son-c9", "picture.blurred", 0),),
        began=at("22/11 09:00"),
    ),
    Seed(
        key="a409",
        kind=Kind.PICTURE,
        root="camera:th-vinh-quynh-c2",
        school="th-vinh-quynh",
        members=((C, "th-vinh-quynh-c2", "picture.covered", 0),),
        began=at("24/11 06:48"),
        severity=Severity.URGENT,
        required=("cong-chinh",),
        taken=USER,
    ),
    Seed(
        key="a402",
        kind=Kind.CAMERA,
        root="camera:th-vinh-quynh-c8",
        school="th-vinh-quynh",
        members=((C, "th-vinh-quynh-c8", "rtsp.auth", 0),),
        began=at("23/11 15:40"),
        taken=USER,
        taken_after=timedelta(hours=15),
        to="Kỹ thuật viên cụm",
    ),
    Seed(
        key="a377",
        kind=Kind.CAMERA,
        root="camera:thcs-quynh-le-c7",
        school="thcs-quynh-le",
        members=((C, "thcs-quynh-le-c7", "network.refused", 0),),
        began=at("20/11 08:05"),
        taken="Kỹ thuật viên cụm",
        phase=Phase.UNSTABLE,
    ),
    Seed(
        key="a411",
        kind=Kind.STREAM,
        root="camera:s2-c3",
        school="s2",
        members=((C, "s2-c3", "stream.lossy", 0),),
        began=at("24/11 07:20"),
        severity=Severity.NOTED,
    ),
)


def _past() -> tuple[Seed, ...]:
    """Return thirty days of incidents that are over."""
    found = []
    for day in range(1, 29):
        school, kind = f"s{day % 7}", (Kind.CAMERA, Kind.PICTURE, Kind.AGENT)[day % 3]
        began = at("24/11 07:05") - timedelta(days=day, minutes=7 * day)
        aspect, name, cause = {
            Kind.CAMERA: (C, f"{school}-c3", "network.timeout"),
            Kind.PICTURE: (C, f"{school}-c1", "picture.covered"),
            Kind.AGENT: (A, f"{school}-cong", "agent.silent"),
        }[kind]
        found.append(
            Seed(
                key=f"b{day:03}",
                kind=kind,
                root=f"{aspect}:{name}",
                school=school,
                members=((aspect, name, cause, 0),),
                began=began,
                ended=began + timedelta(minutes=15 + 9 * day),
                phase=Phase.CLOSED,
                taken=USER if day % 4 else None,
                taken_after=timedelta(minutes=5 + day),
                required=("cong-chinh",) if kind is Kind.PICTURE else (),
            )
        )
    return tuple(found)


async def seed_incidents(
    store: Store, organisation: Organisation, now: datetime, *, history: bool = False
) -> None:
    """Write receivers, rotas, policies, incidents, what was sent of them and silences.

    ``history``: with thirty days of incidents that are over.
    """
    entries = (*RECEIVERS, *ROTAS, *POLICIES)
    await store.put_records([put_entry(entry, expected=0) for entry in entries], by=USER, now=now)
    directory = (await load_book(store)).directory(organisation, channels=CHANNELS)
    known = {school.id for school in organisation.schools}
    seeds = [s for s in (*OPEN, *(_past() if history else ())) if s.school in known]
    await _open(store, directory, seeds)
    await _people(store, seeds)
    await _escalate(store, directory, seeds)
    await _deliver(store, now)
    await _end(store, directory, seeds)
    await _silences(store, now)


async def _open(store: Store, directory: Directory, seeds: Sequence[Seed]) -> None:
    changes, seen = [], []
    for seed in seeds:
        opened = replace(seed.incident(), phase=Phase.OPEN)
        changes.append(Change(at=opened.opened_at, step=Step.OPENED, incident=opened))
        seen += _seen(opened, Signal.TROUBLE, opened.began_at)
        if seed.phase is Phase.UNSTABLE:
            later = seed.began + timedelta(hours=1)
            shaky = replace(opened, phase=Phase.UNSTABLE)
            changes.append(Change(at=later, step=Step.UNSTABLE, incident=shaky))
    first = min(change.at for change in changes)
    batch = IncidentBatch(
        memory=b"", directory=directory, observations=tuple(seen), changes=tuple(changes)
    )
    assert await store.change_incidents(batch, expected=0, now=first)


async def _people(store: Store, seeds: Sequence[Seed]) -> None:
    for seed in seeds:
        if seed.taken:
            when = seed.incident().opened_at + seed.taken_after
            await store.acknowledge_incident(seed.id, by=seed.taken, now=when)
        if seed.to:
            said = "Bếp trưởng cho biết thợ đã đổi mật khẩu."
            await store.assign_incident(seed.id, seed.to, by=USER, now=at("24/11 07:10"))
            await store.note_incident(seed.id, said, by=USER, now=at("24/11 07:12"))


async def _end(store: Store, directory: Directory, seeds: Sequence[Seed]) -> None:
    changes, seen = [], []
    for seed in seeds:
        if seed.ended is not None:
            closed = seed.ended + timedelta(seconds=120)
            ended = replace(seed.incident(), ended_at=seed.ended, closed_at=closed)
            changes.append(Change(at=closed, step=Step.RECOVERED, incident=ended))
            seen += _seen(ended, Signal.OK, seed.ended)
    if changes:
        batch = IncidentBatch(
            memory=b"", directory=directory, observations=tuple(seen), changes=tuple(changes)
        )
        last = max(change.at for change in changes)
        assert await store.change_incidents(batch, expected=1, now=last)


def _seen(incident: Incident, signal: Signal, since: datetime) -> list[Observation]:
    ok = signal is Signal.OK
    return [
        Observation(
            at=since + timedelta(seconds=20),
            subject=member.subject,
            signal=signal,
            since=since,
            cause="" if ok else member.cause,
        )
        for member in incident.members
    ]


async def _escalate(store: Store, directory: Directory, seeds: Sequence[Seed]) -> None:
    for seed in seeds:
        if seed.severity is Severity.URGENT and not seed.taken:
            incident = seed.incident()
            calls = tuple(_call(letter) for letter in await store.letters_of(seed.id))
            later = incident.opened_at + timedelta(minutes=30)
            one = Unsettled(incident=incident, acknowledged=False, calls=calls)
            await store.put_letters(escalations([one], directory, later), now=later)


def _call(letter: LetterRow) -> Call:
    return Call(
        id=letter.id,
        incident=letter.incident,
        occasion=letter.occasion,
        receiver=letter.receiver,
        way=letter.way,
        language=letter.language,
        at=letter.at,
    )


async def _deliver(store: Store, now: datetime) -> None:
    """Deliver everything, over the webhook only at the third try."""
    for letter in await store.letters_since(now - timedelta(days=60)):
        tried = letter
        if letter.way.channel == "webhook":
            for n in (1, 2):
                again = letter.at + timedelta(seconds=60 * n)
                await store.letter_tried(
                    tried, ok=False, detail="HTTP 503", now=again, next_at=again
                )
                tried = replace(tried, attempts=n)
        done = letter.at + timedelta(seconds=20 if tried is letter else 180)
        await store.letter_tried(tried, ok=True, detail="250 OK", now=done, next_at=None)


async def _silences(store: Store, now: datetime) -> None:
    works = Silence(
        start=now - timedelta(days=3),
        until=now - timedelta(days=2),
        reason="Thay tủ điện sân trường",
        school="thcs-quynh-le",
    )
    painting = Silence(
        start=now - timedelta(hours=3),
        until=now + timedelta(hours=20),
        reason="Sơn lại nhà xe, camera được che bằng bạt",
        school="thpt-quynh-son",
        subjects=(Subject(C, "thpt-quynh-son-c9"),),
    )
    for key, made in (("c" * 32, works), ("d" * 32, painting)):
        await store.put_records([put_silence(key, made, expected=0)], by=USER, now=made.start)
