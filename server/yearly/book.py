"""Yearly work in the book of records: one record for each owed paper, evaluation and proposal.

Kinds ``handed_in``, ``evaluation``, ``commendation`` (a school's year each; ``day`` is the year's
first) and ``commendation_rules`` (one). Ids follow from what a record is about, so two people who
begin the same one at once conflict instead of making two.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from uuid import UUID, uuid5

import msgspec

from server.domain.commendation import Proposal, Rules
from server.domain.duties_owed import HandedIn, WorkYear
from server.domain.evaluation import Evaluation, Outcome
from server.storage import Content, Put, Record, Store

HANDED_IN: Final = "handed_in"
EVALUATION: Final = "evaluation"
COMMENDATION: Final = "commendation"
RULES: Final = "commendation_rules"
_RULES_ID: Final = "rules"
_OURS: Final = UUID("0d2bb2a5-6c6b-4f0e-9a57-2f1d4a6c7b90")

T = TypeVar("T")
PaperKey = tuple[str, str, int]
"""School, duty and number of a paper within one year."""


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """What stands, and the revision that says it (0: nothing was written yet)."""

    value: T
    revision: int


def record_id(*about: str) -> str:
    """Return the id of the record about these."""
    return uuid5(_OURS, "\n".join(about)).hex


def paper_id(school: str, duty: str, year: str, number: int) -> str:
    """Return the id of the record of an owed paper."""
    return record_id(school, duty, year, str(number))


def evaluation_in(record: Record) -> Evaluation:
    """Return the content of a record of kind ``evaluation``."""
    return msgspec.json.decode(record.data, type=Evaluation)


def paper_put(paper: HandedIn, year: WorkYear, *, expected: int) -> Put:
    """Return the revision of a paper that follows ``expected``."""
    name = paper_id(paper.school, paper.duty, paper.year, paper.number)
    return _put(HANDED_IN, name, paper.school, year, paper, expected)


def evaluation_put(evaluation: Evaluation, year: WorkYear, *, expected: int) -> Put:
    """Return the revision of an evaluation that follows ``expected``."""
    name = record_id(evaluation.school, evaluation.year)
    return _put(EVALUATION, name, evaluation.school, year, evaluation, expected)


def proposal_put(proposal: Proposal, year: WorkYear, *, expected: int) -> Put:
    """Return the revision of a proposal that follows ``expected``."""
    name = record_id(proposal.school, proposal.year)
    return _put(COMMENDATION, name, proposal.school, year, proposal, expected)


def rules_put(rules: Rules, *, expected: int) -> Put:
    """Return the revision of the rules that follows ``expected``."""
    return Put(kind=RULES, id=_RULES_ID, expected=expected, data=msgspec.json.encode(rules))


async def load_papers(
    store: Store, year: WorkYear, schools: Collection[str] | None = None
) -> dict[PaperKey, Kept[HandedIn]]:
    """Return all that was handed in of a year, by these schools or (None) by all."""
    records = await store.contents(HANDED_IN, schools=schools, first=year.first, last=year.last)
    reader = msgspec.json.Decoder(HandedIn)
    found = ((reader.decode(r.data), r.revision) for r in records)
    return {(p.school, p.duty, p.number): Kept(p, n) for p, n in found if p.year == year.id}


async def load_evaluation(store: Store, school: str, year: str) -> Kept[Evaluation] | None:
    """Return a school's evaluation of a year."""
    record = await store.record(EVALUATION, record_id(school, year))
    return None if record is None or record.gone else Kept(evaluation_in(record), record.revision)


async def load_evaluations(store: Store, year: WorkYear | None = None) -> list[Evaluation]:
    """Return the evaluations of a year, or (None) of all years."""
    reader = msgspec.json.Decoder(Evaluation)
    found = [reader.decode(record.data) for record in await _evaluations(store, year)]
    return [one for one in found if year is None or one.year == year.id]


async def load_outcomes(store: Store, year: WorkYear | None = None) -> list[Outcome]:
    """Return how far the evaluations of a year have come, or (None) those of all years."""
    reader = msgspec.json.Decoder(Outcome)
    found = [reader.decode(record.data) for record in await _evaluations(store, year)]
    return [one for one in found if year is None or one.year == year.id]


async def _evaluations(store: Store, year: WorkYear | None) -> list[Content]:
    first, last = (year.first, year.last) if year else (None, None)
    return sorted(await store.contents(EVALUATION, first=first, last=last))


async def load_proposals(store: Store, year: WorkYear) -> dict[str, Kept[Proposal]]:
    """Return what people decided about a year, by school."""
    records = await store.records(COMMENDATION, first=year.first, last=year.last)
    found = ((msgspec.json.decode(r.data, type=Proposal), r.revision) for r in records)
    return {p.school: Kept(p, revision) for p, revision in found if p.year == year.id}


async def load_rules(store: Store) -> Kept[Rules]:
    """Return the rules of commendation; none asked where none was ever set."""
    record = await store.record(RULES, _RULES_ID)
    if record is None:
        return Kept(Rules(), 0)
    return Kept(msgspec.json.decode(record.data, type=Rules), record.revision)


def _put(kind: str, name: str, school: str, year: WorkYear, content: object, expected: int) -> Put:
    data = msgspec.json.encode(content)
    return Put(kind=kind, id=name, expected=expected, data=data, school=school, day=year.first)
