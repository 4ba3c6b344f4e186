"""What people do with papers of the year: hand in, approve, give back.

One way for pages, the API and commands; each raises one of ``refusals.REFUSALS`` where it is not
done. What people send is a form's fields: texts by name.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from server.domain.duties_owed import Deed, HandedIn, Paper, Turn, turned
from server.domain.units import School
from server.storage import Store
from server.texts.tongue import N_
from server.web import forms
from server.web.pages.choosing import Choice
from server.web.pages.yearly import YearlyPage, yearly_page
from server.web.refusals import NothingThereError
from server.web.writer import Writer
from server.web.yearlyground import Ground
from server.yearly.book import load_outcomes, load_papers, paper_put
from server.yearly.files import media_of, named
from server.yearly.lists import Line, lines

Form = Mapping[str, str]
NO_PAPER: Final = N_("The plan asks for no such paper.")
_LONGEST_NOTE: Final = 500


async def owed_lines(store: Store, on: Ground, schools: Sequence[School]) -> list[Line]:
    """Return every paper that these schools owe in a year. Raises ``StoreError``."""
    few = len(schools) < len(on.organisation.schools)
    kept = await load_papers(store, on.year, [s.id for s in schools] if few else None)
    return list(lines(schools, on.plan.documents, on.year, kept, today=on.today))


async def yearly_of(
    store: Store, on: Ground, choice: Choice, schools: Sequence[School]
) -> YearlyPage:
    """Return a year's papers and evaluations of the chosen schools. Raises ``StoreError``."""
    outcomes = await load_outcomes(store, on.year)
    return yearly_page(
        await owed_lines(store, on, schools),
        schools,
        on.plan,
        {one.school: one for one in outcomes},
        choice=choice,
        year=on.year,
        years=on.years,
        today=on.today,
    )


async def line_of(store: Store, on: Ground, school: School, paper: str) -> Line:
    """Return an owed paper by its id. Raises ``NothingThereError``."""
    found = await owed_lines(store, on, [school])
    line = next((line for line in found if line.id == paper), None)
    if line is None:
        raise NothingThereError(NO_PAPER)
    return line


async def hand_in(
    writer: Writer, on: Ground, line: Line, form: Form, *, data: bytes, name: str
) -> None:
    """Hand a file in; ``form``: ``note``, ``revision`` (the one that was seen)."""
    note, media = _note(form), media_of(data)
    name = named(name, media)
    digest = await writer.store.keep_file(
        data, name=name, media=media, by=writer.by, now=writer.now
    )
    paper = Paper(sha256=digest, name=name, media=media, size=len(data))
    turn = Turn(deed=Deed.HANDED_IN, by=writer.by, at=writer.now, paper=paper, note=note)
    await _turn(writer, on, line, turn, form)


async def review(writer: Writer, on: Ground, line: Line, form: Form, deed: Deed) -> None:
    """Approve what was handed in, or give it back; ``form``: ``note``, ``revision``."""
    turn = Turn(deed=deed, by=writer.by, at=writer.now, note=_note(form))
    await _turn(writer, on, line, turn, form)


def _note(form: Form) -> str:
    return forms.text(form, "note", longest=_LONGEST_NOTE)


async def _turn(writer: Writer, on: Ground, line: Line, turn: Turn, form: Form) -> None:
    """Do a deed, if it may be done and nobody else was quicker."""
    before = line.handed or HandedIn(
        school=line.school.id, duty=line.owed.duty.id, year=on.year.id, number=line.owed.number
    )
    seen = forms.number(form, "revision", default=0, least=0, most=2**31)
    await writer.put(paper_put(turned(before, turn), on.year, expected=seen))
