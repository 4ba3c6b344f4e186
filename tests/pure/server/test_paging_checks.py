"""What programs may write of who is told: nothing that could later stop the watch or the post."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from server.config import Address, Secret
from server.config.alerts import Channel, Email, SmtpSecurity, Telegram, Webhook
from server.domain.paging.people import (
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
from server.web import forms
from server.web.forms import BadInputError
from server.web.pagingchecks import Ground, check

MAIL = Email(smtp=Address(host="h", port=25), security=SmtpSecurity.STARTTLS, sender="x@y.vn")
GROUND = Ground(
    organisation=Organisation(units=(), schools=()),
    channels={
        "email": Channel(name="email", way=MAIL),
        "webhook": Channel(name="webhook", way=Webhook(url=Secret("https://x.example"))),
        "chat": Channel(name="chat", way=Telegram(token=Secret("1:a"))),
    },
    receivers=("hoa",),
)
HOA = Receiver(id="hoa", name="Hoa", ways=(Way(channel="email", address="hoa@x.vn"),))
ROTA = Rota(id="r", name="Trực", members=("hoa",), start=date(2026, 9, 7), handover=time(7))
POLICY = Policy(id="p", name="Cổng", stages=(Stage(after_s=0, target=Target.RECEIVER, id="hoa"),))
ABROAD = timezone(timedelta(hours=7))


def mailed(address: str) -> Receiver:
    return replace(HOA, ways=(Way(channel="email", address=address),))


@pytest.mark.parametrize("entry", [HOA, ROTA, POLICY])
def test_what_is_in_order_passes(entry: Receiver | Rota | Policy) -> None:
    check(entry, GROUND)


@pytest.mark.parametrize(
    "entry",
    [
        mailed("hoa@x.vn\r\nBcc: all@x.vn"),
        mailed("hoa"),
        mailed("(@x.vn"),  # no address at all for a mail program
        mailed("hoa@[x.vn"),  # stumbles in Python's own library
        mailed("a" * 320 + "@x.vn"),
        replace(HOA, ways=(Way(channel="chat", address="1\x00"),)),
        replace(HOA, ways=(Way(channel="chat", address="1\n2"),)),
        replace(HOA, ways=(Way(channel="chat", address="1" * 321),)),
        replace(HOA, urgent_ways=(Way(channel="chat", address="1 2"),)),
    ],
)
def test_an_address_that_no_letter_could_carry_is_refused(entry: Receiver) -> None:
    with pytest.raises(BadInputError) as refused:
        check(entry, GROUND)
    assert refused.value.field == "address"


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (replace(HOA, quiet=QuietHours(start=time(21, tzinfo=ABROAD), end=time(6))), "quiet_end"),
        (replace(HOA, quiet=QuietHours(start=time(21), end=time(6, tzinfo=UTC))), "quiet_end"),
        (replace(ROTA, handover=time(7, tzinfo=UTC)), "handover"),
    ],
)
def test_a_time_of_day_with_an_offset_is_refused(entry: Receiver | Rota, field: str) -> None:
    with pytest.raises(BadInputError) as refused:
        check(entry, GROUND)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (replace(ROTA, start=date(1, 1, 1)), "start"),
        (replace(ROTA, start=date(9999, 12, 31)), "start"),
        (
            replace(ROTA, stands=(Stand(first=date(1, 1, 1), last=date(2026, 1, 1), receiver=""),)),
            "first",
        ),
        (
            replace(
                ROTA, stands=(Stand(first=date(2026, 1, 1), last=date(9999, 1, 1), receiver=""),)
            ),
            "last",
        ),
    ],
)
def test_a_day_far_from_our_time_is_refused(entry: Rota, field: str) -> None:
    with pytest.raises(BadInputError) as refused:
        check(entry, GROUND)
    assert refused.value.field == field


@pytest.mark.parametrize("after_s", [-1, 86_401, 10**15])
def test_a_stage_comes_within_a_day(after_s: int) -> None:
    stage = Stage(after_s=after_s, target=Target.RECEIVER, id="hoa")
    with pytest.raises(BadInputError):
        check(replace(POLICY, stages=(stage,)), GROUND)


@pytest.mark.parametrize(
    "until",
    [
        datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12))),
        datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=12))),
    ],
)
def test_a_moment_far_from_our_time_is_refused(until: datetime) -> None:
    with pytest.raises(BadInputError):
        forms.in_our_time("until", until)
