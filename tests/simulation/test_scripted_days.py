"""What people are told on scripted days: what they must hear, once and in time; nothing else."""

from functools import cache

import pytest

from server.domain.interval import Interval
from server.domain.paging.preview import preview
from tests.alerts.all_days import DayPlayed, every_day, played_day
from tests.alerts.known import KNOWN
from tests.alerts.script import Scripted

ALL = every_day()
REGISTER_CHANGES = {name for name in ALL if "merged" in name or "register in" in name}
"""Who belongs to whom is asked of today's register, which differs from that day's."""


@cache
def played(name: str) -> DayPlayed:
    return played_day(ALL[name])


def test_there_are_at_least_sixty_days_and_the_known_are_among_them() -> None:
    assert len(ALL) >= 60
    assert KNOWN.keys() <= ALL.keys()


@pytest.mark.parametrize("scripted", ALL.values(), ids=ALL.keys())
def test_everything_is_told_that_must_be_once_and_nothing_else(scripted: Scripted) -> None:
    verdict = played(scripted.name).verdict
    if scripted.name in KNOWN and not verdict.is_good:
        pytest.xfail(KNOWN[scripted.name])
    assert verdict.is_good, verdict


@pytest.mark.parametrize("name", sorted(ALL.keys() - REGISTER_CHANGES))
def test_a_preview_of_the_same_history_is_what_was_written_then(name: str) -> None:
    found = played(name)
    play, truth = found.day.play, found.day.truth
    over = Interval(truth.start, truth.end)
    told = preview(
        found.played.observations, truth.rules, play.world, play.post.directory, over=over
    )
    written = [call for call in play.post.calls() if over.contains(call.at)]
    assert {(c.id, c.at, c.receiver) for c in told.calls} == {
        (c.id, c.at, c.receiver) for c in written
    }


@pytest.mark.parametrize(
    "name",
    [
        "25 a gate PC loses its power",
        "24 a switch dies, and one camera stays away when it is replaced",
    ],
)
def test_no_look_that_was_left_out_would_have_changed_anything(name: str) -> None:
    day, again = ALL[name].written(), ALL[name].written()
    again.play.dense = (again.t("7:50"), again.t("9:10"))
    sparse, dense = day.play.run(), again.play.run()
    assert dense.looks > 2000
    assert dense.sent == sparse.sent
