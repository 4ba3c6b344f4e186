from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.district import make_district
from sim.faults import Fault
from sim.story import Act, chapter


@given(
    schools=st.integers(1, 9),
    cameras=st.integers(1, 8),
    seed=st.integers(0, 10_000),
    length_s=st.floats(5, 400),
)
def test_nothing_happens_to_two_things_at_once(
    schools: int, cameras: int, seed: int, length_s: float
) -> None:
    district = make_district(schools, cameras, seed=seed)
    script = chapter(district, seed=seed, length_s=length_s)
    for camera in district.cameras:
        mine = [h for h in script if h.target == camera.id]
        assert all(a.ends_s < b.begins_s for a, b in pairwise(mine))
    away = [h for h in script if h.act in {Act.KILL_AGENT, Act.CUT_AGENT}]
    for happening in script:
        assert happening.begins_s < happening.ends_s <= length_s
        if happening.act is Act.FAULT:
            agent = district.agent_of(happening.target)
            for trouble in (h for h in away if h.target == agent):
                assert happening.ends_s < trouble.begins_s or happening.fault is Fault.AUTH
                assert not trouble.begins_s <= happening.begins_s <= trouble.ends_s
    servers = [h for h in script if h.act is Act.KILL_SERVER]
    assert all(s.begins_s > h.ends_s for s in servers for h in away)


@given(seed=st.integers(0, 500))
def test_three_minutes_show_everything_and_two_show_every_state(seed: int) -> None:
    script = chapter(make_district(3, 4), seed=seed, length_s=180)
    assert {h.fault for h in script if h.act is Act.FAULT} == {
        Fault.REFUSE,
        Fault.STALL,
        Fault.FROZEN,
        Fault.BLACK,
        Fault.AUTH,
    }
    assert {h.act for h in script} == set(Act)
    assert all(h.begins_s < 75 for h in script if h.act is not Act.KILL_SERVER)


def test_the_same_seed_tells_the_same_story() -> None:
    district = make_district(3, 4)
    assert chapter(district, seed=5) == chapter(district, seed=5)
    assert chapter(district, seed=5) != chapter(district, seed=6)


@pytest.mark.parametrize(("schools", "cameras"), [(1, 1), (3, 4), (40, 10), (60, 1)])
def test_a_district_names_everything_once(schools: int, cameras: int) -> None:
    district = make_district(schools, cameras)
    assert len(district.schools) == schools
    ids = [c.id for c in district.cameras]
    assert len(set(ids)) == len(ids) == schools * cameras
    assert (
        len({s.id for s in district.schools}) == len({s.name for s in district.schools}) == schools
    )
    for school in district.schools:
        zones = {zone.id for zone in school.zones}
        assert {camera.zone for camera in school.cameras} <= zones
        assert school.gates
        assert district.agent_of(school.cameras[0].id) == school.agent


@given(schools=st.integers(1, 3), cameras=st.integers(1, 4), seed=st.integers(0, 500))
def test_a_whole_chapter_has_everything_and_never_two_troubles_of_one_agent(
    schools: int, cameras: int, seed: int
) -> None:
    script = chapter(make_district(schools, cameras), seed=seed)
    assert {h.act for h in script} == set(Act)
    away = [h for h in script if h.act in {Act.KILL_AGENT, Act.CUT_AGENT}]
    for agent in {h.target for h in away}:
        mine = [h for h in away if h.target == agent]
        assert all(a.ends_s < b.begins_s for a, b in pairwise(mine))


def test_a_large_district_has_more_of_everything() -> None:
    faults = [h for h in chapter(make_district(20, 10), seed=1) if h.act is Act.FAULT]
    assert len(faults) > 20
    assert len({h.target for h in faults}) == len(faults)
