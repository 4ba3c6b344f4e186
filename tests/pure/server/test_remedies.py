"""What is to be done first, how many of it, and what it costs."""

from datetime import timedelta

import pytest

from server.domain.period import CameraPeriod
from server.domain.remedies import (
    Action,
    Fund,
    Price,
    Remedy,
    Work,
    budget,
    remedies,
    work_for,
)
from tests.pure.server.periods import LAST, camera_period, school_of, zone_period
from wire.vocabulary import Cause

TIMEOUT, COVERED = "network.timeout", "picture.covered"


def brief(found: list[Remedy]) -> list[tuple[str, str, Action, int]]:
    return [(r.school.school.id, r.zone.zone.id, r.action, r.count) for r in found]


def test_a_place_with_enough_sound_cameras_needs_nothing() -> None:
    sound, spare = camera_period("c1"), camera_period("c2", {TIMEOUT: 900})
    assert remedies([school_of(zone_period(sound, spare, need=1))]) == []
    assert remedies([school_of(zone_period(spare, need=None))]) == []


def test_a_camera_that_has_been_repaired_is_not_repaired_again() -> None:
    once = camera_period("c1", {TIMEOUT: 900}, lost_on=LAST - timedelta(days=1))
    assert remedies([school_of(zone_period(once, not_met=900))]) == []


def test_as_many_are_repaired_as_are_needed_the_longest_lost_first() -> None:
    cameras = (
        camera_period("c1", {TIMEOUT: 500}),
        camera_period("c2", {TIMEOUT: 100, COVERED: 800}),
        camera_period("c3"),
        camera_period("c4", {TIMEOUT: 100}),
    )
    (repair,) = remedies([school_of(zone_period(*cameras, need=3, not_met=700))])
    assert (repair.action, repair.count, repair.gain_s) == (Action.REPAIR, 2, 700)
    assert [c.camera.id for c in repair.cameras] == ["c2", "c1"]
    assert repair.causes == (COVERED, TIMEOUT)
    assert repair.work == {Work.LENS: 1, Work.NETWORK: 1}


def test_what_is_missing_is_installed_and_what_is_broken_repaired() -> None:
    one = camera_period("c1", {TIMEOUT: 100})
    found = remedies([school_of(zone_period(one, need=3, not_met=5000))])
    assert [(r.action, r.count) for r in found] == [(Action.REPAIR, 1), (Action.INSTALL, 2)]
    (empty,) = remedies([school_of(zone_period(need=1))])
    assert (empty.action, empty.count, empty.work) == (Action.INSTALL, 1, {Work.INSTALL: 1})


def test_repairs_come_before_installations_and_the_greatest_gain_first() -> None:
    def broken(name: str) -> CameraPeriod:
        return camera_period(name, {TIMEOUT: 100}, zone=name)

    a = school_of(
        zone_period(need=1, not_met=9000, name="z1"),
        zone_period(broken("z2"), not_met=10, name="z2"),
        name="a",
    )
    b = school_of(
        zone_period(broken("z3"), not_met=4000, name="z3"),
        zone_period(need=1, not_met=9500, name="z4"),
        name="b",
    )
    assert brief(remedies([a, b])) == [
        ("b", "z3", Action.REPAIR, 1),
        ("a", "z2", Action.REPAIR, 1),
        ("b", "z4", Action.INSTALL, 1),
        ("a", "z1", Action.INSTALL, 1),
    ]


def test_a_budget_adds_up_what_has_a_price_and_counts_the_rest() -> None:
    short = school_of(
        zone_period(camera_period("c1", {TIMEOUT: 5}), need=3, not_met=60),
        zone_period(camera_period("c2", {COVERED: 5}, zone="yard"), name="yard"),
    )
    prices = {
        Work.INSTALL: Price(
            work=Work.INSTALL, amount_vnd=3_500_000, source="Báo giá 12/11/2026", fund=Fund.BUDGET
        ),
        Work.LENS: Price(work=Work.LENS, amount_vnd=150_000, source="Báo giá", fund=Fund.SOCIAL),
    }
    found = budget(remedies([short]), prices)
    assert [(line.work, line.count, line.amount_vnd) for line in found.lines] == [
        (Work.NETWORK, 1, None),
        (Work.LENS, 1, 150_000),
        (Work.INSTALL, 2, 7_000_000),
    ]
    assert found.by_fund == {Fund.BUDGET: 7_000_000, Fund.SOCIAL: 150_000}
    assert (found.amount_vnd, found.unpriced) == (7_150_000, 1)
    nothing = budget([], prices)
    assert (nothing.lines, nothing.amount_vnd, nothing.unpriced) == ((), 0, 0)


@pytest.mark.parametrize("cause", [*Cause, "", "newer.cause"])
def test_every_cause_has_a_kind_of_work(cause: str) -> None:
    assert work_for(cause) is not Work.INSTALL
