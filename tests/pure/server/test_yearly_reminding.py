"""Which schools are reminded of which papers, on which day, and what a reminder says."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.config import Reminders
from server.domain.duties import DocumentDuty, DueDay
from server.domain.duties_owed import Deed, HandedIn, Turn, WorkYear
from server.domain.units import Contact, School
from server.texts.tongue import load
from server.yearly.book import Kept
from server.yearly.lists import Line, lines
from server.yearly.remindertext import BY, reminded
from server.yearly.reminding import (
    GIVE_UP_AFTER,
    Draft,
    How,
    Reminded,
    asked_on,
    drafts,
    due_by_setting,
    is_time,
    latest,
    open_contacts,
    settled,
)

YEAR = WorkYear(id="2026-2027", first=date(2026, 9, 1), last=date(2027, 8, 31))
DUE = date(2026, 11, 15)
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
PLAN, REPORT, SOMETIME = (
    DocumentDuty(id=name, vi=vi, by="truong", to="don_vi_quan_ly", every_months=12, due=due)
    for name, vi, due in (
        ("ke_hoach", "Kế hoạch của trường", DueDay(month=11, day=15)),
        ("so_ket", "Báo cáo sơ kết", DueDay(month=12, day=20)),
        ("dang_ky", "Bản đăng ký", None),
    )
)
LAN = Contact(id="ht", name="Lan", mail="lan@truong.vn")
NOBODY = Contact(id="vp", name="Văn phòng", phone="0912345678")


def school(name: str = "a", *contacts: Contact) -> School:
    return School(id=name, name=f"Trường {name}", kind="thcs", unit="u", contacts=contacts)


def owed(
    today: date,
    *schools: School,
    duties: Sequence[DocumentDuty] = (PLAN, REPORT, SOMETIME),
    handed: Iterable[HandedIn] = (),
) -> list[Line]:
    kept = {(h.school, h.duty, h.number): Kept(h, 1) for h in handed}
    return list(lines(schools or (school(),), duties, YEAR, kept, today=today))


def handed_in(*deeds: Deed) -> HandedIn:
    turns = tuple(Turn(deed=deed, by="lan", at=NOW) for deed in deeds)
    return HandedIn(school="a", duty="ke_hoach", year=YEAR.id, turns=turns)


def days_from_due(number: int) -> date:
    return DUE + timedelta(days=number)


@pytest.mark.parametrize(
    ("today", "setting", "wanted"),
    [
        (-8, Reminders(at_hour=7, days_before=7, every_days=5), None),
        (-7, Reminders(at_hour=7, days_before=7, every_days=5), -7),
        (0, Reminders(at_hour=7, days_before=7, every_days=5), -7),
        (1, Reminders(at_hour=7, days_before=7, every_days=5), None),
        (5, Reminders(at_hour=7, days_before=7, every_days=5), 5),
        (9, Reminders(at_hour=7, days_before=7, every_days=5), 5),
        (10, Reminders(at_hour=7, days_before=7, every_days=5), 10),
        (30, Reminders(at_hour=7, days_before=7), None),
        (-3, Reminders(at_hour=7, every_days=5), None),
    ],
)
def test_the_setting_names_its_days_and_no_others(
    today: int, setting: Reminders, wanted: int | None
) -> None:
    line = owed(days_from_due(today), duties=[PLAN])[0]
    found = asked_on(line, setting, days_from_due(today))
    assert found == (None if wanted is None else days_from_due(wanted))


@pytest.mark.parametrize(
    ("deeds", "is_asked"),
    [
        ((Deed.HANDED_IN,), False),
        ((Deed.HANDED_IN, Deed.APPROVED), False),
        ((Deed.HANDED_IN, Deed.RETURNED), True),
    ],
)
def test_what_is_handed_in_is_not_asked_for(deeds: tuple[Deed, ...], is_asked: bool) -> None:
    today = days_from_due(10)
    line = owed(today, duties=[PLAN], handed=[handed_in(*deeds)])[0]
    found = asked_on(line, Reminders(at_hour=7, every_days=5), today)
    assert (found is not None) == is_asked


def test_a_paper_without_a_day_is_never_asked_for() -> None:
    line = owed(date(2027, 6, 1), duties=[SOMETIME])[0]
    setting = Reminders(at_hour=0, days_before=366, every_days=1)
    assert asked_on(line, setting, date(2027, 6, 1)) is None


def wanted_on(
    today: date, past: Sequence[Reminded], setting: Reminders, *schools: School
) -> list[Draft]:
    there = {s.id: s for s in schools}
    return due_by_setting(owed(today, *schools), there, past, setting, today)


def written(draft: Draft, today: date, by: str = BY) -> Reminded:
    return reminded(
        draft, load("vi"), year=YEAR.id, today=today, by=by, now=NOW, public_url="https://x.vn/"
    )


@given(
    before=st.none() | st.integers(1, 40),
    every=st.integers(1, 20),
    awake=st.sets(st.integers(-50, 60)),
)
def test_by_itself_a_paper_is_named_once_for_each_day_of_the_setting(
    before: int | None, every: int, awake: set[int]
) -> None:
    """Servers run on some days only: no day of the setting counts twice, none is passed over."""
    setting, past = Reminders(at_hour=7, days_before=before, every_days=every), list[Reminded]()
    for number in sorted(awake):
        today = days_from_due(number)
        past += [written(d, today) for d in wanted_on(today, past, setting, school("a", LAN))]
    paper = owed(DUE, school())[0].id
    sent = [(one.day - DUE).days for one in past if paper in one.papers]
    asked = {n * every for n in range(1, 61)} | ({-before} if before else set())
    late = [n for n in sent if n > 0]
    for one, after in zip([0, *late], late, strict=False):
        assert any(one < day <= after for day in asked)
    assert all(before is not None and n >= -before for n in sent if n <= 0)
    for number in awake & asked:
        assert number in sent


def test_a_reminder_by_hand_counts_for_the_setting() -> None:
    setting, there = Reminders(at_hour=7, every_days=5), school("a", LAN)
    (draft,) = wanted_on(days_from_due(6), [], setting, there)
    by_hand = written(draft, days_from_due(5), by="truc")
    assert wanted_on(days_from_due(6), [by_hand], setting, there) == []
    (again,) = wanted_on(days_from_due(10), [by_hand], setting, there)
    assert again.to == (LAN,)


def test_a_letter_names_all_that_is_late_and_what_is_due_soon() -> None:
    today = date(2026, 11, 25)
    (draft,) = drafts(owed(today, school()), {"a": school("a", NOBODY, LAN)}, today)
    assert [line.owed.duty.id for line in draft.lines] == ["ke_hoach", "so_ket"]
    assert draft.to == (LAN,), "whoever has no address can't be mailed"
    letter = written(draft, today, by="truc")
    assert letter.contacts == ("ht",)
    assert "Trường a" in letter.subject
    for told in ("Kế hoạch của trường", "15/11/2026", "10 ngày", "20/12/2026", "truc"):
        assert told in letter.text
    assert "https://x.vn/yearly/schools/a?year=2026-2027" in letter.text
    assert "lan@truong.vn" not in letter.text + letter.subject


def test_the_setting_names_what_is_due_farther_off_than_thirty_days() -> None:
    today = date(2026, 10, 1)
    setting = Reminders(at_hour=7, days_before=45)
    (draft,) = wanted_on(today, [], setting, school("a", LAN))
    assert [line.owed.duty.id for line in draft.lines] == ["ke_hoach"]


def test_each_paper_keeps_to_its_own_days() -> None:
    """One due five weeks after another is not named whenever the other is."""
    setting, there = Reminders(at_hour=7, every_days=7), school("a", LAN)
    (first,) = wanted_on(date(2026, 12, 20), [], setting, there)
    past = [written(first, date(2026, 12, 20))]
    (second,) = wanted_on(date(2026, 12, 27), past, setting, there)
    assert {line.owed.duty.id for line in second.lines} == {"ke_hoach", "so_ket"}
    apart = wanted_on(date(2026, 12, 28), [*past, written(second, date(2026, 12, 27))], setting)
    assert apart == []


def test_one_contact_may_be_reached_and_another_refused() -> None:
    (draft,) = wanted_on(days_from_due(5), [], Reminders(at_hour=7, every_days=5), school("a", LAN))
    letter = written(draft, days_from_due(5))
    two = replace(letter, contacts=("ht", "pht", "gone"))
    now = school("a", LAN, Contact(id="pht", name="P", mail="p@truong.vn"))
    assert list(open_contacts(two, now)) == [
        ("ht", "lan@truong.vn"),
        ("pht", "p@truong.vn"),
        ("gone", None),
    ]
    some = replace(two, reached=("ht",), refused=("gone",))
    assert [name for name, _ in open_contacts(some, now)] == ["pht"]
    assert settled(some, NOW) == some, "one is still to be tried"
    late = NOW + GIVE_UP_AFTER
    assert (settled(some, late).how, settled(some, late).done_at) == (How.SENT, late)
    assert settled(two, late).how is How.FAILED
    whole = replace(some, reached=("ht", "pht"))
    assert settled(whole, NOW).how is How.SENT


def test_the_latest_reminder_of_a_paper_is_told() -> None:
    (draft,) = wanted_on(days_from_due(5), [], Reminders(at_hour=7, every_days=5), school("a", LAN))
    first, second = (written(draft, days_from_due(n)) for n in (5, 10))
    assert latest([second, first])[draft.lines[0].id] == second


def test_the_hour_is_local_and_counts_once_a_day() -> None:
    setting, today = Reminders(at_hour=7, every_days=5), date(2026, 11, 22)
    before, at_seven = (
        datetime(2026, 11, 21, 23, 59, tzinfo=UTC),
        datetime(2026, 11, 22, tzinfo=UTC),
    )
    assert not is_time(setting, before, None), "06:59 in Viet Nam"
    assert is_time(setting, at_seven, None)
    assert is_time(setting, at_seven, today - timedelta(days=1))
    assert not is_time(setting, at_seven, today)
    assert is_time(Reminders(at_hour=0, every_days=5), before, today - timedelta(days=1))
