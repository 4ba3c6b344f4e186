"""What whoever's turn begins reads: how much is open, the gravest first, who is at what."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.incident.model import Kind, Severity
from server.domain.paging.people import Occasion
from server.notifier.handover import handed_lines
from server.notifier.telling import tell_incident
from tests.pure.server.test_message_words import letter, line, made, over, row, said


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("vi", "Bạn nhận ca trực: 2 sự cố đang mở: "),
        ("en", "Your turn begins: 2 incidents are open: "),
    ],
)
def test_what_is_open_is_counted_the_gravest_and_oldest_first(language: str, subject: str) -> None:
    calm = replace(made(Kind.SPOOL), severity=Severity.NORMAL)
    calm = replace(calm, began_at=calm.began_at - timedelta(hours=5))
    grave = made(Kind.SCHOOL)
    told, lines = handed_lines([row(calm), row(grave)], said(language))
    assert lines == [line(grave, language=language), line(calm, language=language)]
    assert told == subject + lines[0]


def test_who_has_taken_it_on_is_named() -> None:
    taken = replace(row(made(Kind.SCHOOL)), acknowledged_by="An")
    _, (only,) = handed_lines([taken], said())
    assert only == f"{line(made(Kind.SCHOOL))} (An đã tiếp nhận)"


def test_what_is_over_by_the_time_it_leaves_comes_last_and_is_not_counted() -> None:
    gone, still = over(made(Kind.AGENT)), made(Kind.SCHOOL)
    subject, lines = handed_lines([row(gone), row(still)], said())
    assert subject.startswith("Bạn nhận ca trực: 1 sự cố đang mở: ")
    assert lines == [line(still), line(gone, Occasion.RECOVERED)]
    subject, _ = handed_lines([row(gone)], said())
    assert subject == "Bạn nhận ca trực: không còn sự cố nào mở"


def test_one_alone_has_its_whole_message_with_advice_and_a_link() -> None:
    one = row(made(Kind.SCHOOL))
    subject, _ = handed_lines([one], said())
    told = tell_incident(letter(Occasion.HANDOVER), one, said(), token="T", subject=subject)
    assert told.text.startswith(f"{subject}\n\n")
    assert "Cần làm:" in told.text
    assert "/a/T" in told.text
    assert told.facts["occasion"] == "handover"
