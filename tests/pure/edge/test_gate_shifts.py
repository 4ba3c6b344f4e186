"""Who is on shift by a gate PC's own log, and what the guards' page says of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from edge.config import GateConfig
from edge.gate_input.drawing import PageView, draw
from edge.gate_input.shiftbook import FILE, ShiftBook
from edge.gate_input.shifts import OnShift, ShiftNote, note_of, noted, on_shift
from edge.gate_input.words import WORDS
from wire.messages import GateEvent

NOW = datetime(2026, 11, 23, 23, 45, tzinfo=UTC)  # 06:45 in Vietnam
NOW_MS = int(NOW.timestamp() * 1000)
HOUR = 3_600_000


def note(code: str, hours: float, *, taking: bool = True, gate: str = "g") -> ShiftNote:
    at_ms = NOW_MS + round(hours * HOUR)
    return ShiftNote(id=f"{code}{hours}", gate=gate, code=code, taking=taking, at_ms=at_ms)


def log(*notes: ShiftNote) -> tuple[ShiftNote, ...]:
    found: tuple[ShiftNote, ...] = ()
    for one in notes:
        found = noted(found, one, NOW_MS)
    return found


def there(*notes: ShiftNote) -> list[tuple[str, str, float]]:
    return [(o.code, o.gate, (o.since_ms - NOW_MS) / HOUR) for o in on_shift(log(*notes), NOW_MS)]


def test_whoever_took_over_and_did_not_hand_over_is_there() -> None:
    assert there(note("NV-03", -2), note("NV-01", -3)) == [("NV-01", "g", -3), ("NV-03", "g", -2)]
    assert there(note("NV-03", -2), note("NV-03", -1, taking=False)) == []
    assert there(note("NV-03", -1, taking=False), note("NV-03", -2)) == [], "told in any order"


def test_taking_over_again_keeps_the_first_time_and_elsewhere_is_a_move() -> None:
    assert there(note("A", -3), note("A", -1)) == [("A", "g", -3)]
    assert there(note("A", -3), note("A", -1, gate="h")) == [("A", "h", -1)]


def test_a_day_later_nobody_is_there_any_more_nor_ahead_of_now() -> None:
    assert there(note("A", -23.9)) == [("A", "g", -23.9)]
    assert there(note("A", -24)) == []
    assert there(note("A", 0.5)) == []
    assert [n.code for n in log(note("A", -30), note("B", -1), note("C", -1))] == ["B", "C"]


def test_a_reader_that_lives_in_another_year_pushes_nobody_out() -> None:
    wrong = [note(f"W{i}", 24 * 365 + i) for i in range(501)]
    found = log(*wrong, note("A", -1), note("B", 0))
    assert [n.code for n in found] == ["A", "B"]


def test_only_shift_events_with_a_guard_are_noted() -> None:
    event = GateEvent(
        id="0b2c3d4e-1111-4222-8333-444455556666",
        gate="g",
        kind="shift",
        occurred_utc_ms=NOW_MS,
        accepted_utc_ms=NOW_MS,
        direction="in",
        subject="NV-03",
    )
    found = note_of(event)
    assert found is not None
    assert (found.code, found.taking, found.at_ms) == ("NV-03", True, NOW_MS)
    for changed in ({"kind": "passage"}, {"direction": None}, {"subject": ""}):
        assert note_of(msgspec.structs.replace(event, **changed)) is None


def test_a_spoilt_file_is_an_empty_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert ShiftBook.open(tmp_path).on_shift(NOW) == ()
    assert caplog.text == ""
    for content in (b"", b"\x00" * 40, b'[{"id": 3}]', b"[" * 9000):
        (tmp_path / FILE).write_bytes(content)
        assert ShiftBook.open(tmp_path).on_shift(NOW) == ()
        assert FILE in caplog.text


VIEW = PageView(
    language="vi",
    now=NOW,
    gates=(GateConfig(id="g", name="Cổng <chính>"),),
    there=(OnShift(code="NV-03", gate="g", since_ms=NOW_MS - HOUR),),
    form="f",
    gate="g",
)


def test_the_answer_is_said_with_time_code_and_direction() -> None:
    text = draw(replace(VIEW, saved=note("NV-03", 0)))
    assert "Đã ghi lúc 06:45: <b>NV-03 vào ca</b>" in text
    assert "Recorded at 06:45: <b>NV-03 hand over</b>" in draw(
        replace(VIEW, language="en", saved=note("NV-03", 0, taking=False))
    )


def test_what_is_typed_or_configured_is_never_markup() -> None:
    text = draw(replace(VIEW, code='"><script>', error="bad_code"))
    assert "<script>" not in text
    assert "Cổng &lt;chính&gt;" in text


def test_every_error_says_in_both_languages_what_to_do() -> None:
    assert WORDS["vi"].errors.keys() == WORDS["en"].errors.keys()
    for language, words in WORDS.items():
        for code, (what, do) in words.errors.items():
            text = draw(replace(VIEW, language=language, error=code, code="NV-03"))
            assert what in text
            assert do in text
            assert 'value="NV-03"' in text, "nothing has to be typed twice"


def test_enter_asks_and_offers_first_what_is_likely() -> None:
    assert 'value="out" class="main" autofocus' in draw(replace(VIEW, asks=True, code="NV-03"))
    assert 'value="in" class="main" autofocus' in draw(replace(VIEW, asks=True, code="NV-09"))
    assert draw(VIEW).index('value="ask"') < draw(VIEW).index('value="in"'), "Enter presses it"


def test_several_gates_are_chosen_and_the_chosen_one_stays() -> None:
    gates = (*VIEW.gates, GateConfig(id="h", name="Cổng sau"))
    text = draw(replace(VIEW, gates=gates, gate="h", now=NOW + timedelta(minutes=1)))
    assert 'value="h" checked' in text
    assert text.count("checked") == 1
    assert "<time>06:46</time>" in text
