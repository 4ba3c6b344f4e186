"""What a reminder says, in the language of the authority's letters. Pure."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final
from urllib.parse import quote

from server.texts.tongue import Tongue
from server.yearly.lists import Line
from server.yearly.reminding import Draft, Reminded

BY: Final = "vonggac"
"""In whose name the setting reminds."""


def reminded(
    draft: Draft,
    tongue: Tongue,
    *,
    year: str,
    today: date,
    by: str,
    now: datetime,
    public_url: str | None,
) -> Reminded:
    """Return the reminder that a draft makes. ``public_url``: for the link; None: no link."""
    subject = tongue.text(
        "Reminder: papers of %(year)s, %(school)s", year=year, school=draft.school.name
    )
    lines = [
        tongue.text("To: %(school)s", school=draft.school.name),
        "",
        tongue.text(
            "By %(day)s the office has not received these papers from the school:",
            day=tongue.day(today, year=True),
        ),
        *(f"- {line_text(tongue, line)}" for line in draft.lines),
        "",
        *_closing(draft, tongue, year, by, public_url),
    ]
    return Reminded(
        school=draft.school.id,
        day=today,
        year=year,
        papers=tuple(line.id for line in draft.lines),
        contacts=tuple(contact.id for contact in draft.to),
        subject=subject,
        text="\n".join(lines),
        by=by,
        asked_at=now,
    )


def line_text(tongue: Tongue, line: Line) -> str:
    """Return one paper, by when it is due and how late it is."""
    due = tongue.day(line.owed.due, year=True) if line.owed.due else ""
    text = tongue.text("%(paper)s, due %(day)s", paper=line.owed.duty.vi, day=due)
    if not line.late_days:
        return text
    more = tongue.count("%(num)s day late", "%(num)s days late", line.late_days)
    return f"{text} ({more})"


def _closing(
    draft: Draft, tongue: Tongue, year: str, by: str, public_url: str | None
) -> Iterator[str]:
    yield tongue.text(
        "Please hand them in. If they have been handed in meanwhile, nothing is left to do."
    )
    if public_url is not None:
        page = f"{public_url.rstrip('/')}/yearly/schools/{draft.school.id}?year={quote(year)}"
        yield tongue.text("Page of the papers: %(url)s", url=page)
    yield ""
    if by == BY:
        yield tongue.text("Sent by itself by Vọng Gác, on a day that the managing unit set.")
    else:
        yield tongue.text("Sent through Vọng Gác by %(by)s.", by=by)
