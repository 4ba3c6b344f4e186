"""A broker that grants a subscription and delivers nothing is noticed, and nobody else is."""

from datetime import timedelta

from server.subscriber.deafness import Deafness
from tests.pure.server.reports import ORIGIN


def _minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def test_agents_are_there_and_nothing_is_heard() -> None:
    ears = Deafness()
    ears.status("a1", ORIGIN, online=True)
    ears.status("a2", ORIGIN + _minutes(1), online=True)
    assert ears.unheard(ORIGIN + _minutes(1.9)) == 0
    assert ears.unheard(ORIGIN + _minutes(2)) == 2


def test_one_report_is_proof_of_hearing() -> None:
    ears = Deafness()
    ears.status("a1", ORIGIN, online=True)
    ears.report()
    assert ears.unheard(ORIGIN + _minutes(9)) == 0
    ears.begin()
    ears.status("a1", ORIGIN + _minutes(10), online=True)
    assert ears.unheard(ORIGIN + _minutes(12)) == 1


def test_where_nobody_is_online_there_is_nothing_to_hear() -> None:
    ears = Deafness()
    ears.status("a1", ORIGIN, online=True)
    ears.status("a1", ORIGIN + _minutes(1), online=False)
    assert ears.unheard(ORIGIN + _minutes(9)) == 0
    ears.status("a1", ORIGIN + _minutes(10), online=True)
    assert ears.unheard(ORIGIN + _minutes(11)) == 0
