"""The gate log as a file: it opens in a Vietnamese Excel and runs nothing there."""

import csv
import io
from datetime import UTC, datetime

import pytest

from server.domain.units import Gate, School
from server.storage.rows import GateEventRow
from server.texts.formulas import guarded
from server.texts.tongue import load
from server.web.csvfile import BOM, head, lines
from server.web.pages.gatelog import Entry

VI = load("vi")
AT = datetime(2026, 11, 24, 0, 5, 9, tzinfo=UTC)


def entry(note: str, *, known: bool = True) -> Entry:
    event = GateEventRow(
        agent="a", id="i", gate="g", kind="visitor", direction="in", subject="K-1", reader=None,
        note=note, occurred_at=AT, accepted_at=AT, received_at=AT, clock_suspect=True,
    )  # fmt: skip
    school = School(id="s", name="Trường A; B", kind="thcs", unit="u")
    gate = Gate(id="g", name="Cổng chính")
    return Entry(event=event, gate=gate if known else None, school=school if known else None)


def test_it_reads_back_as_it_was() -> None:
    text = head(VI) + lines(VI, [entry('nói "chờ";\nrồi đi')])
    assert text.startswith(BOM)
    titles, row = csv.reader(io.StringIO(text.removeprefix(BOM)), delimiter=";")
    assert titles[:3] == ["Giờ", "Trường", "Cổng"]
    assert row == [
        "24/11/2026 07:05:09", "Trường A; B", "Cổng chính", "in", "visitor", "K-1", "",
        'nói "chờ";\nrồi đi', "24/11/2026 07:05:09", "24/11/2026 07:05:09", "có",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =cmd|' /C calc'!A0", "＝1"]
)
def test_a_formula_is_text(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


def test_ordinary_text_is_left_alone() -> None:
    assert guarded("HS-1 = 2") == "HS-1 = 2"
    assert guarded("") == ""


def test_a_gate_that_nobody_registered_keeps_its_id() -> None:
    assert ";g;in;" in lines(VI, [entry("x", known=False)])
