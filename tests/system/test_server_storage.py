"""The same promises on SQLite and on PostgreSQL."""

import asyncio
import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from server.domain.incident.model import Phase
from server.domain.interval import Interval
from server.domain.timeline import build
from server.domain.units import Source
from server.storage import (
    CameraView,
    PoisonError,
    RefusalRow,
    Role,
    Store,
    StoreError,
    UnavailableError,
    UnusableError,
    commit_sqlite,
)
from server.storage.claiming import CLAIMS, claims_asked
from server.storage.migrate import alembic_config
from server.storage.schema import REFUSALS_KEPT, metadata
from tests.pure.server.reports import (
    BOOT,
    ORIGIN,
    ORIGIN_MS,
    SPOOL,
    intake,
    item,
    passage,
    segment,
    uuid,
    watermark,
)
from tests.system.fixtures_server import Cluster, free_port, postgres, postgres_url, store
from wire.messages import (
    BootStory,
    CameraFacts,
    Gap,
    Hold,
    Range,
    Recording,
    Refusal,
    Vitals,
    Watermark,
)
from wire.vocabulary import State

__all__ = ["postgres", "postgres_url", "store"]

CAM = Source("agent1", "cam1")
HOUR = Interval(ORIGIN, ORIGIN + timedelta(hours=1))
KEY = ("agent1", SPOOL)


def at(seconds: int) -> datetime:
    return ORIGIN + timedelta(seconds=seconds)


async def test_a_report_that_comes_twice_changes_nothing(store: Store) -> None:
    report = intake(
        item(1, segment(1, 0, 30_000)),
        item(2, passage(1)),
        item(3, segment(2, 30_000, state=State.DOWN, cause="rtsp.auth")),
        watermarks=(watermark(60_000, 3),),
    )
    first = await store.commit([report])
    claims = await store.claims([CAM], HOUR)
    events = await store.gate_events()
    assert await store.commit([report, report]) == first
    assert await store.claims([CAM], HOUR) == claims
    assert await store.gate_events() == events
    assert first[KEY].through == 3
    assert [(c.state, c.start, c.end) for c in claims[CAM]] == [
        (State.UP, at(0), at(30)),
        (State.DOWN, at(30), at(60)),
    ]


async def test_closed_beats_open_even_earlier_than_a_watermark_claimed(store: Store) -> None:
    closed = intake(item(2, segment(1, 0, 40_000)))
    opened = intake(item(1, segment(1, 0)), watermarks=(watermark(100_000, 1),))
    await store.commit([closed])
    await store.commit([opened])
    (claim,) = (await store.claims([CAM], HOUR))[CAM]
    assert (claim.end, claim.open) == (at(40), False)


async def test_an_agent_has_been_telling_since_its_first_boot(store: Store) -> None:
    later = BootStory(id=uuid(2), origin_utc_ms=ORIGIN_MS + 500_000)
    await store.commit([intake(boots=(later,)), intake(agent="agent2", boots=(later,))])
    assert await store.first_told() == {"agent1": at(500), "agent2": at(500)}
    await store.commit([intake()])
    assert await store.first_told() == {"agent1": at(0), "agent2": at(500)}


async def test_a_new_database_does_not_wait_for_what_an_older_one_has(store: Store) -> None:
    late = intake(item(901, segment(7, 0)), watermarks=(watermark(90_000, 901),), kept_from=901)
    progress = await store.commit([late])
    assert progress[KEY].through == 901
    [claim] = (await store.claims([CAM], HOUR))[CAM]
    assert (claim.end - claim.start).total_seconds() == 90


async def test_a_watermark_waits_for_the_spools_prefix(store: Store) -> None:
    await store.commit([intake(item(1, segment(1, 0)), watermarks=(watermark(90_000, 3),))])
    (claim,) = (await store.claims([CAM], HOUR))[CAM]
    assert claim.end == claim.start
    await store.commit([intake(item(3, passage(3)))])
    assert (await store.claims([CAM], HOUR))[CAM][0].end == at(0)
    progress = await store.commit([intake(item(2, passage(2)), boots=())])
    assert progress[KEY].through == 3
    assert (await store.claims([CAM], HOUR))[CAM][0].end == at(90)


async def test_another_agents_spool_of_the_same_name_ripens_nothing(store: Store) -> None:
    await store.commit([intake(item(1, segment(1, 0)), watermarks=(watermark(90_000, 3),))])
    other = intake(item(1, passage(1)), item(2, passage(2)), item(3, passage(3)), agent="agent2")
    await store.commit([other])
    assert (await store.claims([CAM], HOUR))[CAM][0].end == at(0)


async def test_a_held_camera_ends_at_its_last_good_moment(store: Store) -> None:
    held = Watermark(
        boot=BOOT, until_ms=60_000, after_seq=2, held=(Hold(camera="cam2", last_good_ms=45_500),)
    )
    await store.commit(
        [intake(item(1, segment(1, 0)), item(2, segment(2, 0, camera="cam2")), watermarks=(held,))]
    )
    claims = await store.claims([CAM, Source("agent1", "cam2")], HOUR)
    assert [c.end for found in claims.values() for c in found] == [at(60), at(45)]


async def test_any_order_with_repeats_gives_the_same(store: Store) -> None:
    rng = random.Random(7)
    reports = []
    for n in range(1, 21):
        closed = item(2 * n - 1, segment(n, n * 10_000, (n + 1) * 10_000, camera="cam1"))
        opened = item(2 * n, segment(n + 1, (n + 1) * 10_000))
        reports.append(
            intake(
                closed,
                opened,
                sent_ms=(n + 1) * 10_000,
                boots=(BootStory(id=BOOT, origin_utc_ms=ORIGIN_MS + n, offset_ms=5000 + n),),
                watermarks=(watermark((n + 1) * 10_000 + 5000, 2 * n),),
            )
        )
    await store.commit(reports)
    expected = await store.claims([CAM], HOUR)
    for agent in ("other1", "other2", "other3"):
        shuffled = [*reports, *rng.sample(reports, 7)]
        rng.shuffle(shuffled)
        moved = [intake(*r.items, agent=agent, boots=r.boots, watermarks=r.watermarks,
                        sent_ms=r.sent_utc_ms - ORIGIN_MS) for r in shuffled]  # fmt: skip
        for start in range(0, len(moved), 4):
            await store.commit(moved[start : start + 4])
        source = Source(agent, "cam1")
        found = (await store.claims([source], HOUR))[source]
        strip = [(c.number, c.start, c.end, c.open) for c in found]
        assert sorted(strip) == sorted((c.number, c.start, c.end, c.open) for c in expected[CAM])


async def test_a_window_sees_what_the_whole_shows(store: Store) -> None:
    rng = random.Random(3)
    items, now = [], 0
    for n in range(1, 60):
        after = now + rng.randrange(1_000, 90_000)
        items.append(item(n, segment(n, now, after, rng.choice([State.UP, State.DOWN]))))
        now = after
    items.append(item(60, segment(60, now)))
    items.insert(0, item(61, segment(61, now + 30_000, now + 40_000)))  # cuts 60, still open
    await store.commit([intake(*items, watermarks=(watermark(now + 600_000, 61),))])
    whole = Interval(ORIGIN, ORIGIN + timedelta(milliseconds=now + 900_000 - now % 1000))
    everything = build((await store.claims([CAM], whole))[CAM], whole)
    for _ in range(40):
        start = rng.randrange(0, whole.seconds - 1)
        window = Interval(at(start), at(rng.randrange(start + 1, whole.seconds + 1)))
        part = build((await store.claims([CAM], window))[CAM], window)
        cut = [(s.interval.cut(window), s.state) for s in everything if s.interval.cut(window)]
        assert [(s.interval, s.state) for s in part] == cut


async def test_a_wrong_edge_clock_is_taken_off_for_the_whole_boot(store: Store) -> None:
    await store.commit([intake(item(1, segment(1, 0, 10_000)))])
    late = BootStory(id=BOOT, origin_utc_ms=ORIGIN_MS, offset_ms=-3_600_000)
    await store.commit([intake(boots=(late,), sent_ms=70_000)])
    (claim,) = (await store.claims([CAM], Interval(at(-7200), at(0))))[CAM]
    assert (claim.start, claim.end) == (at(-3600), at(-3590))
    small = BootStory(id=BOOT, origin_utc_ms=ORIGIN_MS, offset_ms=1_900)
    await store.commit([intake(boots=(small,), sent_ms=80_000)])
    assert (await store.claims([CAM], HOUR))[CAM][0].start == at(0)


async def test_times_are_cut_to_the_second_that_holds_them(store: Store) -> None:
    await store.commit([intake(item(1, segment(1, 999, 2_001)))])
    (claim,) = (await store.claims([CAM], HOUR))[CAM]
    assert (claim.start, claim.end) == (at(0), at(2))


async def test_a_camera_that_nobody_registered_is_stored_and_shown(store: Store) -> None:
    facts = CameraFacts(camera="cam9", codec="h264", fps=25.0)
    vitals = Vitals(version="1", uptime_s=1, cpu=0.1, memory=1, disk_free=1, spool_items=0,
                    spool_bytes=0, cameras=(facts,))  # fmt: skip
    await store.commit([intake(item(1, segment(1, 0)), vitals=vitals)])
    assert await store.unregistered() == [CAM, Source("agent1", "cam9")]
    assert await store.unregistered([CAM]) == [Source("agent1", "cam9")]
    assert (await store.facts())[Source("agent1", "cam9")].fps == 25.0
    seen = (await store.agents())["agent1"]
    assert seen.vitals == msgspec.structs.replace(vitals, cameras=())
    await store.commit([intake(vitals=msgspec.structs.replace(vitals, cameras=()))])
    assert (await store.facts())[Source("agent1", "cam9")].fps == 25.0


async def test_all_that_an_agent_tells_of_a_camera_is_kept(store: Store) -> None:
    recording = Recording(asked_utc_ms=ORIGIN_MS, oldest_utc_ms=ORIGIN_MS - 1, gaps=2, disk="ok")
    told = CameraFacts(
        camera="cam1",
        jitter_ms=3.5,
        unchecked=("picture.frozen", "picture.of_tomorrow"),
        clock_offset_ms=-90_000,
        recording=recording,
    )
    vitals = Vitals(version="1", uptime_s=1, cpu=0.1, memory=1, disk_free=1, spool_items=0,
                    spool_bytes=0, cameras=(told,))  # fmt: skip
    await store.commit([intake(vitals=vitals)])
    kept = (await store.facts())[CAM]
    assert (kept.jitter_ms, kept.clock_offset_ms) == (3.5, -90_000)
    assert (kept.unchecked, kept.recording) == (told.unchecked, recording)


async def test_where_cameras_are_is_kept_also_of_one_that_was_never_measured(store: Store) -> None:
    told = (
        CameraFacts(camera="cam1", host="192.168.1.64"),
        CameraFacts(camera="cam2", fps=5.0, unseen_s=30),
        CameraFacts(camera="cam3", host="no\x00host"),
    )
    vitals = Vitals(version="1", uptime_s=1, cpu=0.1, memory=1, disk_free=1, spool_items=0,
                    spool_bytes=0, cameras=told)  # fmt: skip
    await store.commit([intake(vitals=vitals)])
    views, newest = await store.views()
    assert views == {
        CAM: CameraView(host="192.168.1.64"),
        Source(CAM.agent, "cam2"): CameraView(unseen_s=30),
        Source(CAM.agent, "cam3"): CameraView(),
    }
    assert await store.views(newest) == (views, newest)
    assert await store.views(newest + timedelta(seconds=1)) == ({}, newest + timedelta(seconds=1))
    facts = await store.facts()
    assert {source.camera: kept.unseen_s for source, kept in facts.items()} == {"cam2": 30}


async def test_a_gap_is_counted_once_and_makes_nothing_received(store: Store) -> None:
    gap = Gap(first_seq=1, last_seq=40, kind="segment", count=38, reason="spool full")
    report = intake(item(41, gap), item(43, passage(1)))
    await store.commit([report])
    progress = await store.commit([report])
    assert progress[KEY].through == 0  # a gate event among 1 to 40 may still be on its way
    assert progress[KEY].ranges == (Range(first=41, last=41), Range(first=43, last=43))
    assert (await store.agents())["agent1"].gap_count == 38


async def test_a_report_tells_of_what_its_spool_holds_nothing_between(store: Store) -> None:
    progress = await store.commit([intake(item(7, passage(7)), item(12, passage(12)), after=3)])
    assert (progress[KEY].through, progress[KEY].ranges) == (0, (Range(first=4, last=12),))
    progress = await store.commit([intake(item(3, passage(3)), kept_from=3)])
    assert progress[KEY].through == 12


async def test_refused_items_count_as_received(store: Store) -> None:
    report = intake(item(1, passage(1)), refused=(Refusal(seq=2, reason="no"),))
    assert (await store.commit([report]))[KEY].through == 2
    assert (await store.agents())["agent1"].refused_count == 1
    (row,) = await store.refusals(10)
    assert (row.agent, row.seq, row.reason) == ("agent1", 2, "no")


async def test_refusals_are_bounded(store: Store) -> None:
    rows = [RefusalRow(agent="a", at=ORIGIN, what="report", reason="x")] * (REFUSALS_KEPT + 50)
    await store.note_refused(rows)
    assert len(await store.refusals(REFUSALS_KEPT * 2)) == REFUSALS_KEPT
    assert (await store.agents())["a"].refused_count == REFUSALS_KEPT + 50


async def test_gate_events_are_found_without_marks_and_page_by_page(store: Store) -> None:
    await store.commit(
        [
            intake(
                item(1, passage(1, 1_000, note="Đón cháu Nguyễn Đức 100%")),
                item(2, passage(2, 1_000, gate="gate2", direction="in")),
                item(3, passage(3, 9_000, direction="in")),
            )
        ]
    )
    assert [e.id for e in await store.gate_events(text="DUC don")] == [uuid(1)]
    assert [e.id for e in await store.gate_events(text="100%")] == [uuid(1)]
    assert await store.gate_events(text="%") == await store.gate_events(text="100%")
    assert [e.id for e in await store.gate_events(gates=["gate1"])] == [uuid(3), uuid(1)]
    assert await store.gate_events(gates=[]) == []
    seen, before = [], None
    while page := await store.gate_events(limit=1, before=before):
        seen.append(page[0].id)
        before = (page[0].occurred_at, page[0].id)
    assert seen == [uuid(3), uuid(2), uuid(1)]
    counts = await store.gate_counts(since=at(0), until=at(5))
    assert [(c.gate, c.direction, c.count) for c in counts] == [
        ("gate1", None, 1),
        ("gate2", "in", 1),
    ]


async def test_a_suspect_clock_is_marked(store: Store) -> None:
    wrong = (BootStory(id=BOOT, origin_utc_ms=ORIGIN_MS, offset_ms=90_000),)
    await store.commit([intake(item(1, passage(1)), item(2, passage(2, 3_600_000)))])
    await store.commit([intake(item(3, passage(3)), boots=wrong)])
    marks = {e.id: e.clock_suspect for e in await store.gate_events()}
    assert marks == {uuid(1): False, uuid(2): True, uuid(3): True}


async def test_text_that_a_database_refuses_is_stored_clean(store: Store) -> None:
    await store.commit(
        [intake(item(1, passage(1, note="a\x00b")), item(2, segment(1, 0, detail="x\x00")))]
    )
    assert (await store.gate_events())[0].note == "a\ufffdb"


async def test_figures_at_the_edge_of_what_the_wire_allows_can_be_read_back(store: Store) -> None:
    far = (BootStory(id=BOOT, origin_utc_ms=10**14, offset_ms=10**30, steps=2**53),)
    last = item(2**53, segment(2**53, 10**14, 10**14))
    await store.commit([intake(last, boots=far, watermarks=(watermark(10**14, 2**53),))])
    ages = Interval(ORIGIN, datetime(9999, 12, 31, tzinfo=UTC))
    assert len((await store.claims([CAM], ages))[CAM]) == 1
    assert (await store.agents())["agent1"].last_report_at is not None


async def test_writers_at_the_same_time_lose_nothing(store: Store) -> None:
    reports = [
        intake(item(n, passage(n)), item(n + 100, segment(n, n * 1000, n * 1000 + 1000)),
               watermarks=(watermark(n * 1000, 200),))
        for n in range(1, 101)
    ]  # fmt: skip
    await asyncio.gather(*(store.commit([r]) for r in reports))
    progress = await store.commit([intake(boots=())])
    assert progress[KEY].through == 200
    assert sum(c.count for c in await store.gate_counts()) == 100
    assert (await store.agents())["agent1"].last_report_until == at(100)


async def test_two_servers_on_one_database_lose_nothing(store: Store) -> None:
    second = await Store.open(store._engine.url.render_as_string(hide_password=False))
    await asyncio.gather(
        *(
            (store, second)[n % 2].commit(
                [intake(item(n, passage(n)), item(n + 40, segment(n, n)))]
            )
            for n in range(1, 41)
        )
    )
    progress = await second.commit([intake(boots=())])
    await second.close()
    assert progress[KEY].through == 80
    assert sum(c.count for c in await store.gate_counts()) == 40


async def test_one_poisoned_row_takes_nothing_with_it(store: Store) -> None:
    user = await store.create_user("a", "hash", now=ORIGIN)
    with pytest.raises(PoisonError):
        await store.create_user("a", "other", now=ORIGIN)
    assert await store.user_by_name("a") == user


async def test_sessions_end_expire_and_follow_the_password(store: Store) -> None:
    user = await store.create_user("cô Hoa", "hash", now=ORIGIN)
    hour = timedelta(hours=1)
    made = await store.create_session("t1", user, now=ORIGIN, lifetime=hour)
    assert await store.session("t1", now=at(3599)) == made
    assert await store.session("t1", now=at(3600)) is None
    await store.touch_session("t1", now=at(1800), lifetime=hour)
    assert await store.session("t1", now=at(3600)) is not None
    await store.set_password("cô Hoa", "new", now=at(1))
    assert await store.session("t1", now=at(1)) is None
    await store.create_session("t2", user, now=ORIGIN, lifetime=hour)
    await store.end_session("t2")
    assert await store.session("t2", now=ORIGIN) is None


async def test_an_agents_secret(store: Store) -> None:
    await store.set_agent_secret("agent1", "s" * 43, now=ORIGIN)
    assert await store.agent_secret_fits("agent1", "s" * 43)
    assert not await store.agent_secret_fits("agent1", "t" * 43)
    assert not await store.agent_secret_fits("agent2", "s" * 43)
    await store.set_agent_secret("agent1", "u" * 43, now=ORIGIN)
    assert not await store.agent_secret_fits("agent1", "s" * 43)


async def test_presence_hints_tell_when_they_changed(store: Store) -> None:
    assert await store.note_statuses({"agent1": True, "agent2": True}, now=at(0)) == {
        "agent1",
        "agent2",
    }
    assert not await store.note_statuses({"agent1": True, "agent2": True}, now=at(5))
    assert (await store.agents())["agent1"].hint_at == at(0)
    assert await store.note_statuses({"agent1": False}, now=at(9)) == {"agent1"}
    seen = (await store.agents())["agent1"]
    assert (seen.online_hint, seen.hint_at, seen.last_report_at) == (False, at(9), None)


async def test_deeds_are_kept_by_camera_and_kind_the_newest_first(store: Store) -> None:
    first = await store.note_deed(person="hoa", action="look", camera="c1", now=ORIGIN)
    await store.note_deed(person="hoa", action="look", camera="c2", now=ORIGIN)
    await store.note_deed(
        person="binh", action="evidence_picture", camera="c1", detail="x before", now=at(1)
    )
    await store.note_outcome(first, "done")
    found = await store.deeds("c1", actions=("look", "evidence_picture"))
    assert [(d.person, d.action, d.detail, d.outcome) for d in found] == [
        ("binh", "evidence_picture", "x before", None),
        ("hoa", "look", None, "done"),
    ]
    assert [d.id for d in await store.deeds("c1", actions=("look",))] == [first]
    assert await store.deed(first) == found[1]
    assert await store.deed(10**6) is None


async def test_roles_are_kept_and_a_new_person_may_only_look(store: Store) -> None:
    user = await store.create_user("hoa", "hash", now=ORIGIN)
    assert not user.may_act
    assert await store.set_role("hoa", Role.OFFICER)
    assert not await store.set_role("nobody", Role.OFFICER)
    found = await store.user_by_name("hoa")
    assert found is not None
    assert found.may_act
    await store.set_password("hoa", "new", now=at(1))
    session = await store.create_session("t" * 64, found, now=ORIGIN, lifetime=timedelta(hours=1))
    assert session.user.may_act
    back = await store.session("t" * 64, now=ORIGIN)
    assert back is not None
    assert back.user.may_act


async def test_the_migrations_make_exactly_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "centre.db"
    await (await Store.open(f"sqlite:///{path}")).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


async def test_whoever_could_do_all_before_there_were_roles_still_can(tmp_path: Path) -> None:
    path = tmp_path / "centre.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        command.upgrade(alembic_config(connection), "0001")
        connection.exec_driver_sql(
            "INSERT INTO user_account (name, password_hash, created_ms, disabled)"
            " VALUES ('truc', 'x', 0, 0)"
        )
        connection.commit()
    engine.dispose()
    opened = await Store.open(f"sqlite:///{path}")
    user = await opened.user_by_name("truc")
    await opened.close()
    assert user is not None
    assert user.may_act


async def test_watermarks_that_waited_before_still_do(tmp_path: Path) -> None:
    path = tmp_path / "centre.db"
    engine = create_engine(f"sqlite:///{path}")
    told = f"{ORIGIN_MS}, 0, 0, 0, {ORIGIN_MS}, 0"
    with engine.connect() as connection:
        command.upgrade(alembic_config(connection), "0002")
        for row in (
            f"boot SELECT 1, 'agent1', '{BOOT}', {told}, NULL, NULL, NULL",
            "source VALUES (1, 'agent1', 'cam1')",
            "segment VALUES (1, 1, 1, 0, NULL, 'up', NULL, NULL)",
            f"spool VALUES (1, 'agent1', '{SPOOL}', 1, '[]')",
            f"watermark VALUES (1, '{SPOOL}', 2, 90000, '{{}}')",
        ):
            connection.exec_driver_sql(f"INSERT INTO {row}")
        connection.commit()
    engine.dispose()
    opened = await Store.open(f"sqlite:///{path}")
    assert (await opened.claims([CAM], HOUR))[CAM][0].end == at(0)
    await opened.commit([intake(item(2, passage(2)), boots=())])
    assert (await opened.claims([CAM], HOUR))[CAM][0].end == at(90)
    await opened.close()


async def test_alerts_of_before_are_incidents_and_what_waited_still_leaves(tmp_path: Path) -> None:
    path = tmp_path / "centre.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        command.upgrade(alembic_config(connection), "0005")
        over, still = "10000, 20000, 15000, 'hoa'", "30000, 90000, NULL, NULL"
        camera = "'gate_camera_down', 's1', 'cam1', NULL, 'gate', 'down', 'rtsp.auth', NULL"
        silent = "'agent_silent', 's1', NULL, 'agent1', NULL, 'silent', NULL, 'silent_too_long'"
        for row in (
            f"alert VALUES (1, 'k1', {camera}, {over}, 50000, 60000, NULL)",
            f"alert VALUES (2, 'k2', {silent}, {still}, NULL, NULL, 'k2')",
            "outbox VALUES ('a', 1, 'opened', 'email', 20000, NULL, 1, 21000)",
            "outbox VALUES ('b', 1, 'recovered', 'email', 60000, 60000, 0, NULL)",
            "outbox VALUES ('c', 2, 'opened', 'email', 90000, 90000, 0, NULL)",
            "delivery VALUES (1, 'a', 'email', 21000, 1, 'taken')",
        ):
            connection.exec_driver_sql(f"INSERT INTO {row}")
        connection.commit()
    engine.dispose()
    opened = await Store.open(f"sqlite:///{path}")
    silence, camera_row = await opened.incidents()
    assert (silence.incident.root, silence.incident.phase) == ("agent:agent1", Phase.CLOSED)
    assert camera_row.incident.root == "camera:cam1"
    assert (camera_row.acknowledged_by, camera_row.incident.required) == ("hoa", ("gate",))
    steps = await opened.incident_steps(camera_row.incident.id)
    assert [s.step for s in steps] == ["acknowledged", "opened", "recovered"]
    [due] = await opened.letters_due(now=ORIGIN)
    assert (due.id, due.incident, due.occasion) == ("b", camera_row.incident.id, "recovered")
    assert [d.letter for d in await opened.deliveries()] == ["a"]
    await opened.close()


async def test_claims_read_a_range_of_an_index_and_no_whole_boot(tmp_path: Path) -> None:
    opened = await Store.open(f"sqlite:///{tmp_path / 'centre.db'}")
    async with opened.reading() as connection:
        plans = []
        for claims in CLAIMS:
            query = claims.params(claims_asked(["agent1"], HOUR))
            sql = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")
            plans.append(" ".join(str(tuple(row)[3]) for row in rows))
    await opened.close()
    assert "ix_segment_closed (source_id=? AND boot_id=? AND end_ms>?)" in plans[0]
    assert "ix_segment_open" in plans[1]


async def test_what_one_task_reads_together_is_of_one_moment(tmp_path: Path) -> None:
    opened = await Store.open(f"sqlite:///{tmp_path / 'centre.db'}")
    seen = []
    async with opened.reading_together():
        seen.append(await opened.agents())
        await opened.commit([intake(item(1, passage(1)))])
        seen.append(await opened.agents())
        seen.append(await asyncio.create_task(opened.agents()))
        with pytest.raises(StoreError):
            async with opened.reading() as connection:
                await connection.execute(text("SELECT * FROM nothing"))
    seen.append(await opened.agents())
    await opened.close()
    assert [list(found) for found in seen] == [[], [], ["agent1"], ["agent1"]]


async def test_opening_again_keeps_everything(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'centre.db'}"
    first = await Store.open(url)
    await first.commit([intake(item(1, passage(1)))])
    await first.close()
    second = await Store.open(url)
    assert len(await second.gate_events()) == 1
    await second.close()


async def test_commits_reach_the_disk_before_they_return(tmp_path: Path) -> None:
    opened = await Store.open(f"sqlite:///{tmp_path / 'centre.db'}")
    async with opened.writing() as connection:
        assert (await connection.exec_driver_sql("PRAGMA synchronous")).scalar() == 2
        assert (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar() == "wal"
        assert (await connection.exec_driver_sql("PRAGMA foreign_keys")).scalar() == 1
    await opened.close()


@pytest.mark.parametrize(
    ("url", "error", "words"),
    [
        ("sqlite:////nowhere/at/all.db", UnusableError, "folder does not exist"),
        ("sqlite:///:memory:", UnusableError, "must be a file"),
        ("mysql://x/y", UnusableError, "no such kind of database"),
        ("nonsense", UnusableError, "can't be read"),
        ("sqlite:///", UnusableError, "must be a file"),
        ("sqlite:////proc/nothing.db", UnusableError, "unable to open"),
        ("postgresql://u:hush@127.0.0.1/x?sslmod=require", UnusableError, "option 'sslmod'"),
        ("postgresql://u:hush@127.0.0.1:99999/x", UnusableError, "port"),
        ("postgresql://u:hush@no.such.invalid/x", UnavailableError, "not reachable"),
        ("postgresql://u:hush@127.0.0.1:{port}/x", UnavailableError, "not reachable"),
    ],
)
async def test_a_database_that_cannot_be_opened_says_why(
    url: str, error: type[StoreError], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        await Store.open(url.format(port=free_port()))
    assert "hush" not in str(caught.value)


async def test_postgresql_says_what_it_refuses(postgres: Cluster) -> None:
    with pytest.raises(UnusableError, match='database "none" does not exist'):
        await Store.open(postgres.url("none"))
    with pytest.raises(StoreError, match="SSL"):
        await Store.open(postgres.url() + "?sslmode=require")


async def test_a_broken_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "centre.db").write_bytes(b"not a database, but long enough to be one" * 40)
    with pytest.raises(UnusableError, match=r"centre\.db: file is not a database"):
        await Store.open(f"sqlite:///{tmp_path / 'centre.db'}")


async def test_a_newer_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "centre.db"
    await (await Store.open(f"sqlite:///{path}")).close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(UnusableError, match="newer version"):
        await Store.open(f"sqlite:///{path}")


async def test_a_full_disk_loses_nothing_that_was_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = await Store.open(f"sqlite:///{tmp_path / 'centre.db'}")
    monkeypatch.setattr(commit_sqlite, "PRAGMAS", (*commit_sqlite.PRAGMAS, "max_page_count=100"))
    committed = [0]

    async def fill() -> None:
        for n in range(1, 10_000, 100):
            items = [item(k, passage(k, note="x" * 400)) for k in range(n, n + 100)]
            await opened.commit([intake(*items)])
            committed.append(n + 99)

    with pytest.raises(UnavailableError, match="full"):
        await fill()
    last = committed[-1]
    assert sum(c.count for c in await opened.gate_counts()) == last
    monkeypatch.undo()
    progress = await opened.commit([intake(item(last + 1, passage(last + 1)))])
    assert progress[KEY].through == last + 1
    await opened.close()


async def test_a_locked_database_is_unavailable_and_then_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit_sqlite, "BUSY_S", 0.1)
    path = tmp_path / "centre.db"
    opened = await Store.open(f"sqlite:///{path}")
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnavailableError):
        await opened.commit([intake(item(1, passage(1)))])
    other.rollback()
    other.close()
    assert (await opened.commit([intake(item(1, passage(1)))]))[KEY].through == 1
    await opened.close()
