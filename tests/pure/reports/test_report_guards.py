"""What reports say of guards."""

from datetime import date

from server.domain.duties import Guards
from server.domain.guards import Post, Training
from server.guards.book import Guard, Kept, Roster
from server.reports.document import Paragraph
from server.reports.guardwords import guards

TODAY = date(2026, 11, 24)


def roster() -> Roster:
    def guard(school: str, code: str, left: date | None = None) -> Kept[Guard]:
        one = Guard(school=school, code=code, name=code, since=date(2026, 1, 1), left=left)
        return Kept(one, 1)

    post = Post(
        school="a",
        gate="g",
        name="Ca sáng",
        days=(0,),
        start_min=360,
        end_min=720,
        first=date(2026, 1, 1),
    )
    return Roster(
        guards={
            "1": guard("a", "BV1"),
            "2": guard("a", "BV2"),
            "3": guard("b", "BV1"),
            "4": guard("a", "BV4", left=date(2026, 5, 1)),
        },
        posts={"p": Kept(post, 1)},
        trainings={"t": Kept(Training(school="a", guard="1", day=date(2026, 3, 1)), 1)},
    )


def said(schools: set[str], asked: Guards = Guards()) -> str:  # noqa: B008 (frozen)
    found = guards(roster(), asked, schools, TODAY)
    (paragraph,) = found
    assert isinstance(paragraph, Paragraph)
    return str(paragraph.text)


def test_a_school_and_an_office_are_told_of_their_own_guards() -> None:
    assert said({"a"}) == (
        "Có 2 bảo vệ, 1 ca trực tại cổng. Về tập huấn nghiệp vụ: "
        "1 đã tập huấn, chưa quy định thời hạn; 1 chưa được tập huấn."
    )
    assert said({"a", "b", "c"}).startswith("Có 3 bảo vệ tại 2/3 trường, 1 ca trực")
    assert "1 đã tập huấn, còn thời hạn" in said({"a"}, Guards(training_every_months=12))


def test_where_nothing_was_entered_nothing_is_said() -> None:
    assert guards(roster(), Guards(), {"c"}, TODAY) == ()
