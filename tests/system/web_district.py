"""A seeded district behind real pages: the one of the design's mocks, at 09:42:10 on a Tuesday.

``serve`` gives a running server over a real SQLite store, with a clock that starts at ``NOW`` and
runs on. ``python -m tests.system.web_district`` serves it for looking at (user ``truc``, password
``xem thu cong truong``).
"""

import argparse
import asyncio
import random
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from aiohttp import web

from server.changes import Changes
from server.commands import Commands
from server.config import Address, Alerts, EmbeddedBroker, Http, Language, Secret, ServerConfig
from server.config.alerts import Channel, Email, SmtpSecurity, Webhook
from server.domain.calendar import DayWindow, SchoolHours
from server.domain.citation import Citation
from server.domain.plan import Plan, Requirement, ZoneKind
from server.domain.units import Agent, Camera, Gate, Organisation, School, Source, Unit, Zone
from server.register.taking import take_in
from server.standing import Keeper, Standing
from server.storage import Intake, RefusalRow, Role, Store, hash_password
from server.web import WebDeps, make_app
from tests.system.gate_pc import GatePc, kept
from tests.system.late_district import seed_late
from tests.system.web_incidents import seed_incidents
from tests.system.web_warnings import seed_warnings
from wire.messages import (
    BootStory,
    CameraFacts,
    GateEvent,
    Item,
    Recording,
    Segment,
    Vitals,
    Watermark,
)
from wire.vocabulary import Cause, State

NOW = datetime(2026, 11, 24, 2, 42, 10, tzinfo=UTC)
USER, PASSWORD = "truc", "xem thu cong truong"
START = NOW - timedelta(days=34, milliseconds=250)  # no boot begins on a whole second


def at(text: str) -> datetime:
    """Read a local moment like ``24/11 06:48`` of 2026."""
    local = datetime.strptime(f"2026 {text}", "%Y %d/%m %H:%M").replace(tzinfo=UTC)
    return local - timedelta(hours=7)


@dataclass
class Clock:
    """A clock that stood at ``NOW`` when it was made."""

    began: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=time.monotonic() - self.began)

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


Change = tuple[datetime, State, Cause | None]
D, P, U = State.DOWN, State.DEGRADED, State.UP

DETAILS = {
    Cause.NETWORK_REFUSED: "192.168.1.64:554 refuses the connection: nothing listens there",
    Cause.NETWORK_TIMEOUT: "no connection within 5 s",
    Cause.NETWORK_UNREACHABLE: "the name camera-san-truong.local does not resolve to an address",
    Cause.PICTURE_BLURRED: "fine detail is 41 % weaker than usual",
    Cause.PICTURE_COVERED: "37 % of the picture is hidden, upper left",
    Cause.PICTURE_FROZEN: "no change but the clock for 130 s",
    Cause.RTSP_AUTH: (
        "the second stream (sub_url): DESCRIBE was answered 401 'Unauthorized': "
        "the login was accepted 12 min ago: changed, locked, or the sessions are used up"
    ),
    Cause.STREAM_STALLED: "an encoder's word that no server knows yet",
}
"""What the agents say of it, in their English."""


@dataclass
class CameraSeed:
    zone: str
    name: str
    changes: Sequence[Change] = ()


@dataclass
class SchoolSeed:
    id: str
    name: str
    kind: str
    zones: Sequence[tuple[str, str, str]]
    cameras: Sequence[CameraSeed]
    gaps: Sequence[tuple[datetime, datetime]] = ()
    silent_since: datetime | None = None
    spool: int = 0
    never: bool = False


GATE, SIDE, YARD, KITCHEN = (
    ("cong-chinh", "Cổng chính", "cong_truong"),
    ("cong-phu", "Cổng phụ", "cong_phu"),
    ("san-truong", "Sân trường", "san_truong"),
    ("bep-an", "Bếp ăn", "bep_an"),
)
POWER = (at("02/11 07:05"), at("02/11 16:30"))


def plain(zone: str, name: str, *changes: Change) -> CameraSeed:
    return CameraSeed(zone, name, changes)


def outage(begin: str, end: str | None, state: State, cause: Cause) -> list[Change]:
    changes: list[Change] = [(at(begin), state, cause)]
    return changes if end is None else [*changes, (at(end), U, None)]


SEEDS = (
    SchoolSeed(
        "thcs-ich-vinh",
        "Trường THCS Ích Vịnh",
        "thcs",
        (GATE, YARD, ("hanh-lang", "Hành lang", "hanh_lang")),
        [
            plain("cong-chinh", "Cổng chính 1"),
            plain("cong-chinh", "Cổng chính 2"),
            plain(
                "san-truong",
                "Sân trường 1",
                *outage("24/11 07:12", None, D, Cause.NETWORK_UNREACHABLE),
            ),
            plain(
                "san-truong",
                "Sân trường 2",
                *outage("24/11 07:12", None, D, Cause.NETWORK_UNREACHABLE),
            ),
            *[plain("hanh-lang", f"Hành lang {i}") for i in range(1, 5)],
            plain(
                "hanh-lang",
                "Hành lang 5",
                *outage("24/11 07:12", None, D, Cause.NETWORK_UNREACHABLE),
            ),
        ],
        gaps=[POWER],
    ),
    SchoolSeed(
        "th-vinh-quynh",
        "Trường Tiểu học Vĩnh Quỳnh",
        "tieu_hoc",
        (
            GATE,
            SIDE,
            YARD,
            ("hanh-lang", "Hành lang tầng 1", "hanh_lang"),
            ("nha-xe", "Nhà xe", "nha_xe"),
            KITCHEN,
            ("tuong-rao", "Tường rào phía bắc", "tuong_rao"),
        ),
        [
            plain("cong-chinh", "Cổng chính 1"),
            plain(
                "cong-chinh",
                "Cổng chính 2",
                *outage("23/11 15:05", "23/11 15:31", P, Cause.PICTURE_BLACK),
                (at("24/11 06:46"), P, Cause.PICTURE_FROZEN),
                (at("24/11 06:48"), P, Cause.PICTURE_COVERED),
            ),
            plain(
                "cong-phu",
                "Cổng phụ 1",
                *outage("18/11 08:00", "19/11 11:20", D, Cause.NETWORK_TIMEOUT),
            ),
            plain(
                "san-truong",
                "Sân trường 1",
                *outage("23/11 14:40", "23/11 16:02", D, Cause.STREAM_STALLED),
            ),
            plain("san-truong", "Sân trường 2"),
            plain("hanh-lang", "Hành lang 1"),
            plain(
                "nha-xe",
                "Nhà xe 1",
                *outage("23/11 07:05", "23/11 07:20", P, Cause.PICTURE_BLURRED),
            ),
            plain("bep-an", "Bếp ăn 1", *outage("23/11 15:40", None, D, Cause.RTSP_AUTH)),
            plain("tuong-rao", "Tường rào 1"),
        ],
        gaps=[
            POWER,
            (at("23/11 10:10"), at("23/11 10:34")),
            (at("24/11 05:30"), at("24/11 05:50")),
        ],
        spool=3,
    ),
    SchoolSeed(
        "mn-anh-duong",
        "Trường Mầm non Ánh Dương",
        "mam_non",
        (GATE, KITCHEN),
        [
            plain("cong-chinh", "Cổng chính 1"),
            plain("cong-chinh", "Cổng chính 2"),
            plain("bep-an", "Bếp ăn 1"),
            plain("bep-an", "Bếp ăn 2"),
        ],
        gaps=[POWER],
        silent_since=at("24/11 08:55"),
    ),
    SchoolSeed(
        "thcs-quynh-le",
        "Trường THCS Quỳnh Lễ",
        "thcs",
        (GATE, YARD),
        [
            *[plain("cong-chinh", f"Cổng chính {i}") for i in range(1, 4)],
            *[plain("san-truong", f"Sân trường {i}") for i in range(1, 4)],
            plain(
                "san-truong", "Sân trường 4", *outage("20/11 08:05", None, D, Cause.NETWORK_REFUSED)
            ),
        ],
        gaps=[POWER],
    ),
    SchoolSeed(
        "thpt-quynh-son",
        "Trường THPT Quỳnh Sơn",
        "thpt",
        (GATE, YARD, ("nha-xe", "Nhà xe", "nha_xe")),
        [
            *[plain("cong-chinh", f"Cổng chính {i}") for i in range(1, 4)],
            *[plain("san-truong", f"Sân trường {i}") for i in range(1, 6)],
            plain("nha-xe", "Nhà xe 1", *outage("22/11 09:00", None, P, Cause.PICTURE_BLURRED)),
        ],
        gaps=[POWER],
    ),
    *[
        SchoolSeed(
            f"s{i}",
            name,
            kind,
            (GATE, second),
            [
                plain("cong-chinh", "Cổng chính 1"),
                plain("cong-chinh", "Cổng chính 2"),
                *[plain(second[0], f"{second[1]} {n}") for n in range(1, 4)],
            ],
            gaps=[POWER],
        )
        for i, (name, kind, second) in enumerate(
            (
                ("Trường Mầm non Hoa Sữa", "mam_non", KITCHEN),
                ("Trường Mầm non Vĩnh Quỳnh", "mam_non", KITCHEN),
                ("Trường Tiểu học Cổ Điển", "tieu_hoc", YARD),
                ("Trường Tiểu học Quỳnh Đô", "tieu_hoc", YARD),
                ("Trường THCS Vĩnh Quỳnh", "thcs", YARD),
                ("Trường TH và THCS Đông Ngạn", "thcs", YARD),
                ("Nhóm trẻ độc lập Tuổi Ngọc", "mam_non", KITCHEN),
            )
        )
    ],
)


EVIDENCE = kept(
    "th-vinh-quynh-c2",
    (
        (at("24/11 06:48"), Cause.PICTURE_COVERED),
        (at("23/11 15:31"), None),
        (at("23/11 15:05"), Cause.PICTURE_BLACK),
    ),
)


def organisation(seeds: Iterable[SchoolSeed] = SEEDS) -> Organisation:
    unit = Unit(id="xa-vinh-quynh", name="Xã Vĩnh Quỳnh", level="xa")
    return Organisation(units=(unit,), schools=tuple(_school(seed) for seed in seeds))


def _school(seed: SchoolSeed) -> School:
    agent = f"{seed.id}-cong"
    return School(
        id=seed.id,
        name=seed.name,
        kind=seed.kind,
        unit="xa-vinh-quynh",
        zones=tuple(Zone(id=i, name=n, kind=k) for i, n, k in seed.zones),
        gates=(Gate(id=f"{seed.id}-g1", name="Cổng chính", zone="cong-chinh"),),
        agents=(Agent(id=agent, name="Máy tính cổng chính", gates=(f"{seed.id}-g1",)),),
        cameras=tuple(
            Camera(
                id=f"{seed.id}-c{i}",
                name=c.name,
                zone=c.zone,
                sources=(Source(agent, f"{seed.id}-c{i}"),),
            )
            for i, c in enumerate(seed.cameras, 1)
        ),
    )


def plan() -> Plan:
    source = Citation(id="p", kind="commune_plan", ref="Ủy ban nhân dân xã đặt (ví dụ)")
    hours = SchoolHours(days=(0, 1, 2, 3, 4), windows=(DayWindow(390, 690), DayWindow(810, 1020)))
    needs = {
        "tieu_hoc": {"cong_truong": 2, "cong_phu": 1, "san_truong": 2},
        "thcs": {"cong_truong": 2, "san_truong": 3},
        "thpt": {"cong_truong": 2, "san_truong": 3},
        "mam_non": {"cong_truong": 2, "bep_an": 1},
    }
    names = {
        "cong_truong": "Cổng trường",
        "cong_phu": "Cổng phụ",
        "san_truong": "Sân trường",
        "bep_an": "Bếp ăn",
        "hanh_lang": "Hành lang",
        "nha_xe": "Nhà xe",
        "tuong_rao": "Tường rào",
    }
    return Plan(
        id="kh",
        title="Kế hoạch trường học an toàn",
        version="3",
        zones={k: ZoneKind(id=k, vi=v) for k, v in names.items()},
        requirements={
            kind: {
                zone: Requirement(kind=zone, required=True, min_cameras=n, source=source)
                for zone, n in zones.items()
            }
            for kind, zones in needs.items()
        },
        school_hours=dict.fromkeys(needs, hours),
        uptime_required_percent=90,
        uptime_source=source,
        effective_from=date(2026, 9, 1),
    )


def config(folder: Path, *, public_url: str | None = None) -> ServerConfig:
    return ServerConfig(
        file=folder / "server.yaml",
        data_dir=folder,
        database=Secret(f"sqlite:///{folder}/web.db"),
        units=folder / "units.yaml",
        plan=folder / "plan.yaml",
        http=Http(listen=Address(host="127.0.0.1", port=0), public_url=public_url),
        mqtt=EmbeddedBroker(listen=Address(host="127.0.0.1", port=0)),
        alerts=Alerts(channels=_channels()),
        language=Language.VI,
    )


def _channels() -> dict[str, Channel]:
    """Return ways out that nothing in these tests sends over."""
    mail = Email(
        smtp=Address(host="127.0.0.1", port=9),
        security=SmtpSecurity.STARTTLS,
        sender="vong-gac@vinhquynh.example",
    )
    hook = Webhook(url=Secret("http://127.0.0.1:9/"))
    return {
        "email": Channel(name="email", way=mail, per_minute=30),
        "webhook": Channel(name="webhook", way=hook),
    }


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def intakes(seed: SchoolSeed, until: datetime) -> list[Intake]:
    """Return one report per boot: the boots are what lies between the gaps."""
    if seed.never:
        return []
    agent, spool = f"{seed.id}-cong", str(uuid.uuid4())
    edges = [START, *[m for gap in seed.gaps for m in gap], until]
    seq, reports = 0, []
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        boot, items, number = str(uuid.uuid4()), [], 0
        for i, camera in enumerate(seed.cameras, 1):
            for start, stop, state, cause in _pieces(camera.changes, begin, end):
                seq, number = seq + 1, number + 1
                last = stop == end
                segment = Segment(
                    boot=boot,
                    number=number,
                    camera=f"{seed.id}-c{i}",
                    state=state,
                    cause=cause,
                    detail=DETAILS.get(cause) if cause else None,
                    start_ms=_ms(start) - _ms(begin),
                    end_ms=None if last else _ms(stop) - _ms(begin),
                )
                items.append(Item(seq=seq, segment=segment))
        mark = Watermark(boot=boot, until_ms=_ms(end) - _ms(begin), after_seq=seq)
        reports.append(_report(seed, agent, spool, boot, items, mark, begin, end))
    return reports


def _report(
    seed: SchoolSeed,
    agent: str,
    spool: str,
    boot: str,
    items: list[Item],
    mark: Watermark,
    begin: datetime,
    end: datetime,
) -> Intake:
    vitals = Vitals(
        version="0.1.0",
        uptime_s=int((end - begin).total_seconds()),
        cpu=0.043,
        memory=183_000_000,
        disk_free=71_200_000_000,
        spool_items=seed.spool,
        spool_bytes=4096,
        clock_offset_ms=120,
        cameras=tuple(
            CameraFacts(
                camera=f"{seed.id}-c{i}",
                codec="H264",
                width=1920,
                height=1080,
                fps=15.0,
                kbit_s=1900.0,
                loss=0.0,
                jitter_ms=2.4,
                unchecked=(Cause.PICTURE_FROZEN,) if i == 2 else (),
                unseen_s=60 if i == 2 else None,
                clock_offset_ms=95_000 if i == 2 else 400,
                recording=Recording(
                    asked_utc_ms=_ms(end) - 1_200_000,
                    oldest_utc_ms=_ms(end) - 31 * 86_400_000,
                    newest_utc_ms=_ms(end) - 60_000,
                    gaps=2 if i == 2 else 0,
                    disk="ok",
                ),
            )
            for i, _ in enumerate(seed.cameras, 1)
        ),
    )
    return Intake(
        agent=agent,
        spool=spool,
        sent_utc_ms=_ms(end),
        received_utc_ms=_ms(end),
        boots=(BootStory(id=boot, origin_utc_ms=_ms(begin), offset_ms=120),),
        items=tuple(items),
        watermarks=(mark,),
        vitals=vitals,
    )


def _pieces(
    changes: Sequence[Change], begin: datetime, end: datetime
) -> list[tuple[datetime, datetime, State, Cause | None]]:
    state: tuple[State, Cause | None] = (U, None)
    pieces, start = [], begin
    for moment, now_state, cause in changes:
        if moment <= begin:
            state = (now_state, cause)
        elif moment < end:
            pieces.append((start, moment, *state))
            start, state = moment, (now_state, cause)
    return [*pieces, (start, end, *state)]


def passages(seed: SchoolSeed, rng: random.Random) -> Intake:
    """Return a morning's passages at the school's gate."""
    items = []
    for seq in range(1, 181):
        out = rng.random() < 0.3
        minute = min(219, max(2, int(rng.gauss(75, 22))))
        when = at("24/11 06:00") + timedelta(minutes=minute, seconds=rng.randrange(60))
        event = GateEvent(
            id=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            gate=f"{seed.id}-g1",
            kind=rng.choice(("pupil", "pupil", "pupil", "staff", "visitor", "vehicle")),
            occurred_utc_ms=_ms(when),
            accepted_utc_ms=_ms(when) + 90,
            direction="out" if out else "in",
            subject=f"HS{rng.randrange(1000, 9999)}",
            reader="doc-the-1",
            note="Quên thẻ, bảo vệ ghi sổ" if seq % 40 == 0 else None,
        )
        items.append(Item(seq=10_000 + seq, gate_event=event))
    boot = str(uuid.uuid4())
    return Intake(
        agent=f"{seed.id}-cong",
        spool=str(uuid.uuid4()),
        sent_utc_ms=_ms(NOW - timedelta(seconds=20)),
        received_utc_ms=_ms(NOW - timedelta(seconds=20)),
        boots=(BootStory(id=boot, origin_utc_ms=_ms(at("24/11 05:50"))),),
        items=tuple(items),
    )


async def seed_store(store: Store, seeds: Sequence[SchoolSeed] = SEEDS) -> None:
    rng = random.Random(7)
    for seed in seeds:
        until = seed.silent_since or NOW - timedelta(seconds=rng.randrange(5, 55))
        for intake in intakes(seed, until):
            await store.commit([intake])
        if seed.silent_since is None and not seed.never:
            await store.commit([passages(seed, rng)])
    await store.create_user(USER, hash_password(PASSWORD), now=NOW, role=Role.OFFICER)


async def seed_trouble(store: Store) -> None:
    """Refuse something, and let a stranger report."""
    await store.note_refused(
        [
            RefusalRow(
                agent="s1-cong",
                at=at("24/11 06:00"),
                what="report",
                reason="version 2.0 is not one that this version 1.4 reads",
            )
        ]
    )
    await store.commit([stranger()])


def stranger() -> Intake:
    """A report on a camera that nobody registered."""
    boot = str(uuid.uuid4())
    segment = Segment(boot=boot, number=1, camera="camera-la", state=U, start_ms=0)
    return Intake(
        agent="s1-cong",
        spool=str(uuid.uuid4()),
        sent_utc_ms=_ms(NOW) - 9000,
        received_utc_ms=_ms(NOW) - 9000,
        boots=(BootStory(id=boot, origin_utc_ms=_ms(NOW) - 60_000),),
        items=(Item(seq=1, segment=segment),),
    )


def news(camera: str, agent: str, state: State, cause: Cause | None, now: datetime) -> Intake:
    """Return a report of a fresh boot: this camera does that since two seconds ago."""
    boot = str(uuid.uuid4())
    segment = Segment(boot=boot, number=1, camera=camera, state=state, cause=cause, start_ms=0)
    return Intake(
        agent=agent,
        spool=str(uuid.uuid4()),
        sent_utc_ms=_ms(now),
        received_utc_ms=_ms(now),
        boots=(BootStory(id=boot, origin_utc_ms=_ms(now) - 2000),),
        items=(Item(seq=1, segment=segment),),
        watermarks=(Watermark(boot=boot, until_ms=2000, after_seq=1, held=()),),
    )


@dataclass
class Site:
    """A server that can be stopped and started: its store and what tells its pages of news."""

    deps: WebDeps
    port: int = 0
    runner: web.AppRunner | None = None
    gate_pc: GatePc = field(default_factory=GatePc)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def store(self) -> Store:
        return self.deps.store

    @property
    def changes(self) -> Changes:
        return self.deps.changes

    def now(self) -> datetime:
        return self.deps.clock.now()

    async def start(self) -> None:
        self.runner = web.AppRunner(make_app(self.deps), access_log=None, shutdown_timeout=1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port).start()
        self.port = self.runner.addresses[0][1]

    async def stop(self) -> None:
        if self.runner is not None:
            await self.runner.cleanup()
            self.runner = None


@asynccontextmanager
async def serve(
    folder: Path,
    *,
    seeds: Sequence[SchoolSeed] = SEEDS,
    trouble: bool = True,
    port: int = 0,
    public_url: str | None = None,
    unset: bool = False,
    closed: bool = False,
    warned: bool = False,
    history: bool = False,
) -> AsyncIterator[Site]:
    """Run the pages over a freshly seeded store until the context ends."""
    settings, own_plan = config(folder, public_url=public_url), plan()
    store = await Store.open(settings.database.reveal())
    await seed_store(store, seeds)
    if trouble:
        await seed_trouble(store)
        await seed_incidents(store, organisation(seeds), NOW, history=history)
    if unset:
        own_plan = replace(own_plan, requirements={}, school_hours={}, uptime_required_percent=None)
    if closed:
        await seed_late(
            store, organisation(seeds), own_plan, school="th-vinh-quynh", first=START, now=NOW
        )
    if warned:
        await seed_warnings(store, NOW)
    clock, gate_pc = Clock(), GatePc(evidence=EVIDENCE)
    gate_pc.commands = commands = Commands(clock, send=gate_pc.send)
    changes, standing = Changes(), Standing.always(clock, organisation(seeds), own_plan)
    stored = await take_in(store, standing.register, now=NOW, today=standing.today)
    Keeper(standing, stored, store=store, changes=changes)
    deps = WebDeps(
        store=store,
        standing=standing,
        clock=clock,
        config=settings,
        changes=changes,
        commands=commands,
        listening_since=NOW - timedelta(days=1),
    )
    site = Site(deps, port=port, gate_pc=gate_pc)
    await site.start()
    try:
        yield site
    finally:
        await site.stop()
        await store.close()


async def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument(
        "--state", choices=("mock", "warned", "sunny", "empty", "unset", "none"), default="mock"
    )
    wanted = parser.parse_args()
    seeds: Sequence[SchoolSeed] = SEEDS
    if wanted.state == "sunny":
        seeds = [
            SchoolSeed(s.id, s.name, s.kind, s.zones, [plain(c.zone, c.name) for c in s.cameras])
            for s in SEEDS[3:]
        ]
    if wanted.state == "empty":
        seeds = [
            SchoolSeed(s.id, s.name, s.kind, s.zones, s.cameras, never=True) for s in SEEDS[:4]
        ]
    if wanted.state == "none":
        seeds = []
    with tempfile.TemporaryDirectory() as folder:
        async with serve(
            Path(folder),
            seeds=seeds,
            port=wanted.port,
            trouble=wanted.state == "mock",
            unset=wanted.state == "unset",
            closed=wanted.state == "mock",
            warned=wanted.state == "warned",
            history=wanted.state == "mock",
        ) as site:
            print(site.url, flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main())
