"""The naive truth of the example year, held against days that were counted by hand."""

from dataclasses import replace
from datetime import date

from sim.year import rules
from sim.year.commune import SCHOOLS
from sim.year.dates import clock, day_of, midnight
from sim.year.drama import FINISH, make_drama
from sim.year.faults import Trouble, troubles
from sim.year.happenings import Drama, Fault, Run
from sim.year.letters import letters
from sim.year.truth import Met, Sums, exists, school_day, school_named
from wire.topics import Leaf

MONDAY = date(2025, 9, 8)
HOUR = 3600
NURSERY = school_named("mn-tuoi-tho")
GATE = ("m-mn-tuoi-tho-cong-chinh-1", "m-mn-tuoi-tho-cong-chinh-2")


def calm(*faults: Fault, **runs: tuple[Run, ...]) -> Drama:
    """A year in which every agent looked and was heard, but for what is given."""
    by_camera = {c.id: () for s in SCHOOLS for c in s.cameras}
    by_agent = {
        agent.id: (Run(agent=agent.id, start=0, looks=0, end=FINISH),)
        for s in SCHOOLS
        for agent in s.agents
    }
    own = {f.camera: tuple(g for g in faults if g.camera == f.camera) for f in faults}
    named = {name.replace("_", "-"): given for name, given in runs.items()}
    return Drama(faults={**by_camera, **own}, runs={**by_agent, **named})


def fault(camera: str, begin: tuple[int, int], end: tuple[int, int], cause: str) -> Fault:
    return Fault(camera=camera, cause=cause, start=clock(MONDAY, *begin), end=clock(MONDAY, *end))


def test_a_place_is_missed_while_both_its_cameras_are_down() -> None:
    drama = calm(
        fault(GATE[0], (7, 0), (7, 10), "network.timeout"),
        fault(GATE[1], (7, 5), (7, 20), "picture.black"),
    )
    day = school_day(drama, NURSERY, MONDAY)
    assert day.zones["cong-chinh"] == Met(met=11 * HOUR - 300, not_met=300)
    assert day.zones["bep-an"] == Met(met=11 * HOUR)
    assert set(day.zones) == {"cong-chinh", "bep-an"}
    assert day.cameras[GATE[1]] == Sums(up=11 * HOUR - 900, degraded=900, excluded=13 * HOUR)
    assert day.lost[GATE[0]] == {"network.timeout": 600}


def test_what_was_not_told_yet_was_not_known_then() -> None:
    cut, back = clock(MONDAY, 12), clock(MONDAY, 12) + 20 * HOUR
    agent = "m-mn-tuoi-tho"
    runs = (
        Run(agent=agent, start=0, looks=0, end=back, cut=cut, told=back + 60),
        Run(agent=agent, start=back, looks=back, end=FINISH),
    )
    drama = calm(m_mn_tuoi_tho=runs)
    then = school_day(drama, NURSERY, MONDAY, asked_at=midnight(MONDAY) + 26 * HOUR)
    hours = 5 * HOUR + HOUR // 2
    assert then.zones["bep-an"] == Met(met=hours, cannot_tell=hours)
    assert school_day(drama, NURSERY, MONDAY).zones["bep-an"] == Met(met=11 * HOUR)
    lost = calm(m_mn_tuoi_tho=(replace(runs[0], trusted=False), runs[1]))
    assert school_day(lost, NURSERY, MONDAY).zones["bep-an"] == Met(cannot_tell=11 * HOUR)


def test_days_that_ask_nothing_and_days_of_which_nobody_can_tell() -> None:
    drama, upper = calm(), school_named("thpt-ha-dong")
    for off in (date(2025, 9, 13), date(2026, 1, 1), date(2026, 2, 11), rules.STORM[0]):
        day = school_day(drama, NURSERY, off)
        assert (day.unset, day.met, day.total.up) == (False, Met(), 0), off
    unset = school_day(drama, upper, MONDAY)
    assert (unset.unset, unset.met) == (True, Met())
    assert unset.cameras["m-thpt-ha-dong-nha-xe-1"] == Sums(up=24 * HOUR)
    then = school_day(drama, NURSERY, rules.STORM[0], asked_at=clock(rules.STORM[0], 23))
    assert then.zones["bep-an"] == Met(met=11 * HOUR)


def test_a_lossy_stream_counts_from_the_second_version_on() -> None:
    first, second = date(2026, 1, 16), date(2026, 1, 19)
    faults = [
        Fault(camera=c, cause="stream.lossy", start=clock(d, 8), end=clock(d, 9))
        for c in GATE
        for d in (first, second)
    ]
    drama = calm(*faults)
    before, after = (school_day(drama, NURSERY, d) for d in (first, second))
    assert before.zones["cong-chinh"] == Met(met=10 * HOUR, not_met=HOUR)
    assert after.zones["cong-chinh"] == Met(met=11 * HOUR)
    assert after.cameras[GATE[0]].degraded == HOUR
    found = troubles(NURSERY, [before, after])
    assert [(t.camera, t.since, t.seconds) for t in found] == [(c, first, HOUR) for c in GATE]


def test_a_second_is_the_better_of_what_two_agents_saw() -> None:
    school, camera = school_named("thcs-ha-dong"), "m-thcs-ha-dong-nha-xe-1"
    drama = calm(
        replace(fault(camera, (7, 0), (9, 0), "stream.lossy"), agent="m-thcs-ha-dong"),
        replace(fault(camera, (8, 0), (10, 0), "rtsp.auth"), agent="m-thcs-ha-dong-phu"),
    )
    day = school_day(drama, school, MONDAY)
    hours = 4 * HOUR + 45 * 60
    assert day.cameras[camera] == Sums(up=hours - HOUR, degraded=HOUR, excluded=24 * HOUR - hours)


def test_an_hour_over_two_days_is_one_fault_and_a_blink_is_none() -> None:
    night = Fault(
        camera=GATE[0],
        cause="rtsp.auth",
        start=clock(MONDAY, 17),
        end=clock(date(2025, 9, 9), 7),
    )
    drama = calm(night, fault(GATE[1], (8, 0), (8, 59), "rtsp.busy"))
    days = [school_day(drama, NURSERY, d) for d in (MONDAY, date(2025, 9, 9))]
    assert troubles(NURSERY, days) == [
        Trouble(
            camera=GATE[0],
            cause="rtsp.auth",
            since=MONDAY,
            repaired=date(2025, 9, 9),
            seconds=HOUR,
        )
    ]


def test_schools_come_and_go() -> None:
    assert not exists(school_named("nt-bup-mang"), date(2025, 10, 12))
    assert exists(school_named("nt-bup-mang"), date(2025, 10, 13))
    assert exists(school_named("nt-ong-vang"), date(2026, 1, 31))
    assert not exists(school_named("nt-ong-vang"), date(2026, 2, 1))


def test_no_letter_is_heard_before_what_it_tells_and_no_number_is_used_twice() -> None:
    drama = make_drama()
    numbers: dict[str, int] = {}
    for letter in letters(drama):
        report = letter.report
        for item in report.items:
            assert item.seq == numbers.get(report.spool, 0) + 1
            numbers[report.spool] = item.seq
        if letter.leaf is Leaf.REPORT:
            (mark,) = report.watermarks
            assert mark.after_seq == numbers.get(report.spool, 0)
            started = next(
                r.start
                for r in drama.runs[letter.agent]
                if r.start <= letter.at <= r.end and r.start + mark.until_ms // 1000 == letter.at
            )
            assert day_of(started) <= day_of(letter.at)
