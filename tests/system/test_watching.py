"""From stored facts to incidents: a real store, a clock that is set by hand."""

from collections.abc import AsyncIterator, Collection
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from server.domain.incident.model import Kind, Phase
from server.domain.incident.quiet import Silence
from server.domain.incident.rules import DEFAULTS, Rule, Rules
from server.domain.incident.signals import Signal
from server.domain.interval import Interval
from server.domain.units import Source
from server.paging.rules import put_rules
from server.paging.silences import put_silence
from server.storage import Store
from tests.pure.server.reports import ORIGIN, intake, item, uuid
from tests.system.centre import AGENT
from tests.system.fixtures_watching import CAMERA, DOWN, UP, Scene
from tests.system.late_world import ORGANISATION
from wire.messages import GateEvent

GATE = "thvq-cong-chinh"
ALL_CAMERAS = [c.id for s in ORGANISATION.schools for c in s.cameras if c.sources[0].agent == AGENT]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    store = await Store.open(f"sqlite:///{tmp_path / 'centre.db'}")
    yield Scene(store, channels=("webhook",))
    await store.close()


async def test_a_gate_camera_that_stays_down_is_one_incident_dated_when_it_began(
    scene: Scene,
) -> None:
    await scene.report(60, (0, 40, UP), (40, None, DOWN))
    async with scene.changes.subscribe() as hints:
        await scene.look_on(62, 80)
        assert hints.get_nowait() == "incidents"
        assert hints.empty()
    row = await scene.only()
    assert (row.incident.kind, row.incident.root) == (Kind.CAMERA, f"camera:{CAMERA}")
    assert (row.began_at, row.incident.required) == (
        ORIGIN + timedelta(seconds=40),
        ("cong-chinh",),
    )
    assert row.told_at == row.incident.tell_at
    assert [x.way.channel for x in await scene.store.letters_of(row.incident.id)] == ["webhook"]
    await scene.report(120, (0, 40, UP), (40, 110, DOWN), (110, None, UP))
    await scene.look_on(122, 180)
    await scene.quiet_minute(180)
    await scene.look_on(182, 250)
    row = await scene.only()
    assert (await scene.is_over(), row.ended_at) == (True, ORIGIN + timedelta(seconds=110))


async def test_a_silent_agent_is_one_incident_and_its_cameras_none(scene: Scene) -> None:
    await scene.report(60, (0, None, UP))
    await scene.look_on(62, 160, every_s=8)
    assert await scene.open() == [(Kind.AGENT, f"agent:{AGENT}")]
    await scene.report(400, (0, None, UP))
    await scene.look_on(402, 475, every_s=8)
    row = await scene.only()
    assert await scene.is_over()
    assert len(await scene.store.letters_of(row.incident.id)) == 2


async def test_a_restart_in_mid_incident_tells_nothing_again(scene: Scene) -> None:
    await scene.report(60, (0, 40, UP), (40, None, DOWN))
    await scene.look_on(62, 80)
    told = await scene.store.letters_since(ORIGIN)
    for at_s in (82, 90, 100):
        scene.restart()
        scene.listening = ORIGIN + timedelta(seconds=at_s - 1)
        assert await scene.look(at_s) == 0
    await scene.report(110, (0, 40, UP), (40, 105, DOWN), (105, None, UP))
    scene.restart()
    await scene.look(112)
    assert (await scene.only()).incident.phase is Phase.RECOVERING
    assert await scene.store.letters_since(ORIGIN) == told


async def test_a_server_that_hears_nobody_calls_nobody_silent(scene: Scene) -> None:
    await scene.report(60, (0, None, UP))
    await scene.look(62)
    scene.listening = None
    await scene.watch._look()
    scene.clock.at = ORIGIN + timedelta(seconds=300)
    await scene.watch._look()
    scene.clock.at = ORIGIN + timedelta(seconds=310)
    await scene.watch._look()
    assert await scene.open() == [(Kind.CENTRE, "centre:broker")]
    scene.listening = ORIGIN + timedelta(seconds=320)
    await scene.look_on(321, 390, every_s=8)
    assert await scene.open() == [], "it has only just begun to listen"
    await scene.look_on(400, 500, every_s=8)
    assert await scene.open() == [(Kind.AGENT, f"agent:{AGENT}")]


async def test_late_history_rings_no_bell(scene: Scene) -> None:
    await scene.report(1000, (0, 100, UP), (100, 900, DOWN), (900, None, UP))
    await scene.look_on(1001, 1040)
    assert await scene.store.incidents() == []


async def test_a_quiet_minute_is_no_reason_to_look_at_a_camera(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [c for c in ALL_CAMERAS if c != CAMERA]
    await scene.report(20, (0, None, UP), cameras=others)
    await scene.look(22)
    read: list[Source] = []
    claims = scene.store.claims

    async def counted(sources: Collection[Source], window: Interval) -> Any:
        read.extend(sources)
        return await claims(sources, window)

    monkeypatch.setattr(scene.store, "claims", counted)
    await scene.quiet_minute(40)
    await scene.look(41)
    assert {s.camera for s in read} <= {CAMERA, ALL_CAMERAS[1]}, "unknown, or its turn"
    await scene.report(45, (0, None, UP))
    read.clear()
    await scene.look(46)
    assert {s.camera for s in read if s.agent == AGENT} == set(ALL_CAMERAS)


async def test_of_two_watches_one_writes_and_the_other_learns(scene: Scene) -> None:
    other = Scene(scene.store, clock=scene.clock)
    await scene.report(60, (0, 40, UP), (40, None, DOWN))
    for at_s in range(62, 80, 3):
        await scene.look(at_s)
        await other.look(at_s)
    row = await scene.only()
    assert len(await scene.store.letters_of(row.incident.id)) == 1
    await scene.report(110, (0, 40, UP), (40, 105, DOWN), (105, None, UP))
    await other.look(112)
    assert await scene.look(112) == 0
    assert (await scene.only()).incident.phase is Phase.RECOVERING


async def test_a_gate_that_is_forced_is_told_at_once(scene: Scene) -> None:
    await scene.report(60, (0, None, UP))
    await scene.look(62)
    at_ms = round(ORIGIN.timestamp() * 1000) + 70_000
    event = GateEvent(
        id=uuid(7), gate=GATE, kind="forced", occurred_utc_ms=at_ms, accepted_utc_ms=at_ms
    )
    scene.seq += 1
    await scene.store.commit([intake(item(scene.seq, event), agent=AGENT, sent_ms=70_000)])
    await scene.look_on(72, 80)
    assert await scene.open() == [(Kind.GATE_DOOR, f"gate_door:{GATE}")]


async def test_rules_and_silences_hold_from_the_next_look_on(scene: Scene) -> None:
    hour = timedelta(hours=1)
    silence = Silence(start=ORIGIN, until=ORIGIN + hour, reason="thay dây", school="thvq")
    slow = Rules(kinds={**DEFAULTS, Kind.CAMERA: Rule(grace_s=200, gate_grace_s=200)})
    puts = [put_silence("s", silence, expected=0), put_rules(slow, expected=0)]
    await scene.look(50)
    await scene.store.put_records(puts, by="hoa", now=ORIGIN)
    await scene.report(60, (0, 40, UP), (40, None, DOWN))
    for at_s in range(66, 250, 20):
        await scene.quiet_minute(at_s)
        await scene.look(at_s)
    row = await scene.only()
    assert row.incident.opened_at >= ORIGIN + timedelta(seconds=240)
    assert (row.incident.held, row.told_at) == ("thay dây", ORIGIN + hour)


async def test_what_is_remembered_is_what_a_new_look_at_everything_would_find(
    scene: Scene,
) -> None:
    fresh = Scene(scene.store, clock=scene.clock)

    def stands(one: Scene) -> dict[str, tuple[Signal, str]]:
        return {f.subject.id: (f.signal, f.cause) for f in one.watch.gathering.eyes.known()}

    found = set()
    for at_s in range(0, 780, 30):
        if at_s == 30:
            await scene.report(at_s, (0, None, UP), cameras=ALL_CAMERAS[:3])
        elif at_s in {120, 180}:
            await scene.quiet_minute(at_s)
        elif at_s in {210, 240, 330}:  # silent in between
            await scene.report(at_s, (0, 95, UP), (95, None, DOWN))
        elif at_s == 390:
            await scene.report(at_s, (0, 95, UP), (95, 380, DOWN), (380, None, UP))
        elif 390 < at_s < 600:  # it reports, and vouches for nothing any more
            await scene.store.commit([intake(agent=AGENT, sent_ms=at_s * 1000)])
        elif at_s == 660:
            await scene.quiet_minute(at_s)
        await scene.look(at_s)
        fresh.restart()
        await fresh.look(at_s)
        assert stands(scene) == stands(fresh), at_s
        found |= {signal for signal, _ in stands(scene).values()}
    assert found == {Signal.OK, Signal.TROUBLE, Signal.UNKNOWN}
