"""What people are told on scripted days: what they must hear, once and in time; nothing else."""

import pytest

from tests.alerts.all_days import every_day, verdict_of
from tests.alerts.known import KNOWN
from tests.alerts.script import Scripted

ALL = every_day()


def test_there_are_at_least_sixty_days_and_the_known_are_among_them() -> None:
    assert len(ALL) >= 60
    assert KNOWN.keys() <= ALL.keys()


@pytest.mark.parametrize("scripted", ALL.values(), ids=ALL.keys())
def test_everything_is_told_that_must_be_once_and_nothing_else(scripted: Scripted) -> None:
    verdict = verdict_of(scripted)
    if scripted.name in KNOWN and not verdict.is_good:
        pytest.xfail(KNOWN[scripted.name])
    assert verdict.is_good, verdict


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
