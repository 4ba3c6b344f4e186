"""Whose names pages show: a school's contacts are personal data."""

import pytest

from server.domain.paging.directory import Directory
from server.domain.paging.people import Receiver, Way
from server.domain.units import Contact, Organisation, School
from server.web.directory import Who

SCHOOL = School(
    id="a",
    name="Trường Ích Vịnh",
    kind="thcs",
    unit="u",
    contacts=(
        Contact(id="ht", name="Lan", role="Hiệu trưởng", mail="lan@x.vn"),
        Contact(id="bv", name="Bảo"),
    ),
)
DIRECTORY = Directory(
    organisation=Organisation(units=(), schools=(SCHOOL,)),
    receivers={"an": Receiver(id="an", name="An", ways=(Way(channel="email"),))},
)


@pytest.mark.parametrize(
    ("receiver", "officers", "everybody"),
    [
        ("an", "An", "An"),
        ("school:a/ht", "Lan", "Hiệu trưởng, Trường Ích Vịnh"),
        ("school:a/bv", "Bảo", "Trường Ích Vịnh"),
        ("school:a/gone", "school:a/gone", "school:a/gone"),
        ("school:b/ht", "school:b/ht", "school:b/ht"),
        ("nobody", "nobody", "nobody"),
    ],
)
def test_only_officers_read_the_names_of_contacts(
    receiver: str, officers: str, everybody: str
) -> None:
    whole, bare = Who(DIRECTORY, whole=True), Who(DIRECTORY, whole=False)
    assert whole.name(receiver) == officers
    assert bare.name(receiver) == everybody
    assert whole.office(receiver) == bare.office(receiver) == everybody
