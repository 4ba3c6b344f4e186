"""The fault register's entries against timelines, told early, late and twice."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.faults import FaultEntry, Seen, Written, amend, fault_id, long_outages
from tests.pure.server.drawn import at, drawings, line, marked, span

LENGTH = 24
WROTE = Written(reported=date(2026, 11, 23), repaired_by="Công ty X", cost=1_200_000)


def seen(text: str, hours: str | None = None, *, least: int = 2) -> list[Seen]:
    counted = (span(0, len(text)),) if hours is None else marked(hours)
    return list(long_outages(line(text), counted, least_s=least))


def told(
    entries: dict[str, FaultEntry], text: str, hours: str | None = None, *, start: int = 0
) -> dict[str, FaultEntry]:
    counted = (span(0, len(text) + start),) if hours is None else marked(hours)
    found = long_outages(line(text, start=start), counted, least_s=2)
    window = span(start, start + len(text))
    return entries | amend(entries, found, school="s", camera="c", window=window)


def spans(entries: dict[str, FaultEntry]) -> list[tuple[object, object]]:
    standing = [e.seen for e in entries.values() if e.seen and not e.seen.withdrawn]
    return sorted((s.since, s.until) for s in standing)


def test_only_what_took_long_of_required_time_is_a_fault() -> None:
    assert [(s.since, s.until) for s in seen("UDUDDDU")] == [(at(3), at(6))]
    assert seen("UDDDDU", "#.....") == []
    assert seen("U????U") == []
    assert seen("UU??GGUU")[0].since == at(4), "dated when it is known to have broken"
    assert seen("DDDUUU")[0].or_before
    assert seen("UUDDD")[0].until is None


def test_an_entry_follows_late_history_and_keeps_what_people_wrote() -> None:
    entries = told({}, "UUUDDD")
    name = fault_id("c", at(3))
    assert list(entries) == [name]
    entries[name] = replace(entries[name], written=WROTE)
    entries = told(entries, "UDDDDDUU")
    assert list(entries) == [name]
    assert spans(entries) == [(at(1), at(6))]
    entries = told(entries, "UUUUUUUU")
    gone = entries[name].seen
    assert gone is not None
    assert gone.withdrawn
    assert entries[name].written == WROTE
    entries = told(entries, "UDDDDUUU")
    assert spans(entries) == [(at(1), at(5))]


def test_what_was_one_becomes_two_and_one_again() -> None:
    entries = told({}, "UDDDDDDDDU")
    entries = told(entries, "UDDDUUDDDU")
    assert spans(entries) == [(at(1), at(4)), (at(6), at(9))]
    entries = told(entries, "UDDDDDDDDU")
    assert spans(entries) == [(at(1), at(9))]
    assert len(entries) == 2


def test_a_fault_that_moved_leaves_its_name_to_nobody() -> None:
    entries = told({}, "UDDDDDDDDU")
    entries = told(entries, "UUUUUDDDDU")
    entries = told(entries, "UDDUUDDDDU")
    assert spans(entries) == [(at(1), at(3)), (at(5), at(9))]
    assert sorted(entries) == [fault_id("c", at(1)), fault_id("c", at(1)) + "-2"]


def test_a_window_that_begins_within_a_fault_does_not_move_its_beginning() -> None:
    entries = told({}, "UDDDDDD")
    entries = told(entries, "DDDDDUUU", start=4)
    assert spans(entries) == [(at(1), at(9))]
    assert told(entries, "UUUU", start=5) == entries


def test_a_withdrawn_entry_takes_no_fault_from_one_that_stands() -> None:
    entries = told(told({}, "?DD?UD?D"), "???DDDDD")
    assert [e.seen.withdrawn for e in entries.values() if e.seen] == [False, True]
    entries = told(entries, "??????DD")
    assert told(entries, "??????DD") == entries


def test_days_are_counted_by_what_people_wrote_first() -> None:
    entry = FaultEntry(school="s", written=Written(since=date(2026, 11, 20)))
    assert entry.days_open(date(2026, 11, 24)) == 5
    mended = replace(entry, written=replace(entry.written, repaired=date(2026, 11, 21)))
    assert (mended.ended, mended.days_open(date(2026, 11, 24))) == (date(2026, 11, 21), 2)


@settings(max_examples=120)
@given(st.lists(drawings(LENGTH), min_size=1, max_size=6), drawings(LENGTH))
def test_the_register_says_in_the_end_what_the_last_word_says(
    tellings: list[str], hours: str
) -> None:
    hours = hours.replace("U", "#").replace("D", "#")
    entries: dict[str, FaultEntry] = {}
    for text in tellings:
        before = entries
        entries = told(entries, text, hours)
        assert told(entries, text, hours) == entries, "twice is once"
        assert set(before) <= set(entries), "no line goes away"
    assert spans(entries) == sorted((s.since, s.until) for s in seen(tellings[-1], hours))


@given(drawings(LENGTH), drawings(LENGTH))
def test_lost_seconds_are_counted_one_by_one(text: str, hours: str) -> None:
    hours = hours.replace("U", "#")
    found = seen(text, hours, least=1)
    total = sum(
        1 for letter, hour in zip(text, hours, strict=True) if letter in "GD" and hour == "#"
    )
    assert sum(s.seconds for s in found) == total
