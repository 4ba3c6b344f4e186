"""Versions of the plan as records of kind ``plan``; confirmed ones also hold their name.

The name of a confirmed version (the plan's id and version) is a record of its own, of kind
``plan_version``, written in the same transaction: of two people who confirm two texts of one name
at the same moment, the second is refused. After a change the caller publishes ``records:plan``.
"""

import asyncio
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import uuid4

import msgspec

from server.config import ConfigError
from server.domain.plan import Plan
from server.domain.planbook import PlanBook, PlanVersion
from server.planning import paper as papers
from server.planning.paper import Filed, Paper, PaperState, PlanningError, Refusal
from server.storage import ConflictError, Put, Record, Store

KIND: Final = "plan"
_NAMES: Final = "plan_version"


class Taken(StrEnum):
    """What became of the server's own plan file at the start."""

    KNOWN = "known"
    FIRST = "first"
    DRAFT = "draft"


async def load_planbook(store: Store) -> PlanBook:
    """Return every confirmed version. Raises ``ConfigError`` for one that can't be read."""
    filed = [f for f in await all_papers(store) if f.paper.state is PaperState.CONFIRMED]
    return PlanBook(tuple([await asyncio.to_thread(_version, one) for one in filed]))


async def all_papers(store: Store) -> list[Filed]:
    """Return every version, whatever its state, the newest first."""
    found = [_filed(record) for record in await store.records(KIND)]
    return sorted(found, key=lambda f: (f.at, f.id), reverse=True)


async def open_paper(store: Store, name: str) -> Filed:
    """Return one version by its record's id. Raises ``PlanningError``."""
    record = await store.record(KIND, name)
    if record is None:
        raise PlanningError(Refusal.NOT_THERE)
    return _filed(record)


async def take_in(store: Store, text: str, *, name: str, now: datetime) -> Taken:
    """Take the server's own plan file in, if it says something that no version has said.

    Into an empty book it goes as confirmed, though by no second person; after that it is one more
    version that somebody has to confirm. Raises ``PlanningError`` for a text with a mistake.
    """
    known = await all_papers(store)
    if any(papers.digest(f.paper.text) == papers.digest(text) for f in known):
        return Taken.KNOWN
    paper = papers.submitted(papers.typed(Paper(text="", name=name), text, by=name))
    try:
        if not known:
            paper = replace(paper, state=PaperState.CONFIRMED, confirmed_at=now)
            await _put(store, f"file-{papers.digest(text)[:32]}", 0, paper, by=name, now=now)
            return Taken.FIRST
        await _put(store, f"file-{papers.digest(text)[:32]}", 0, paper, by=name, now=now)
    except ConflictError:  # another server has just taken the same file in
        return Taken.KNOWN
    return Taken.DRAFT


async def save(store: Store, text: str, *, before: Filed | None, by: str, now: datetime) -> str:
    """Keep a draft's text, a new one's for no ``before``; return its id. Raises ``PlanningError``.

    Raises ``ConflictError`` when somebody else wrote since ``before`` was read.
    """
    name = before.id if before else uuid4().hex
    paper = before.paper if before else Paper(text="", name="plan.yaml")
    changed = papers.typed(paper, text, by=by)
    await _put(store, name, before.revision if before else 0, changed, by=by, now=now)
    return name


async def submit(store: Store, filed: Filed, *, by: str, now: datetime) -> None:
    """Hand a draft to its second person."""
    changed = papers.submitted(filed.paper)
    await _must_be_new(store, papers.read(changed))
    await _put(store, filed.id, filed.revision, changed, by=by, now=now)


async def confirm(store: Store, filed: Filed, *, by: str, now: datetime) -> Plan:
    """Confirm a submitted version as the second person; return what is in force from its day on."""
    changed = papers.confirmed(filed.paper, by=by, at=now)
    plan = papers.read(changed)
    await _must_be_new(store, plan)
    try:
        await _put(store, filed.id, filed.revision, changed, by=by, now=now)
    except ConflictError as conflict:
        if conflict.kind == _NAMES:
            raise PlanningError(Refusal.VERSION_TAKEN) from conflict
        raise
    return plan


async def withdraw(store: Store, filed: Filed, *, by: str, now: datetime) -> None:
    """Put a draft aside for good."""
    await _put(store, filed.id, filed.revision, papers.withdrawn(filed.paper), by=by, now=now)


async def _must_be_new(store: Store, plan: Plan) -> None:
    if await store.record(_NAMES, _name_of(plan)) is not None:
        raise PlanningError(Refusal.VERSION_TAKEN)


async def _put(
    store: Store, name: str, expected: int, paper: Paper, *, by: str, now: datetime
) -> None:
    puts = [Put(kind=KIND, id=name, expected=expected, data=msgspec.json.encode(paper))]
    if paper.state is PaperState.CONFIRMED:
        data = msgspec.json.encode({"record": name})
        puts.append(Put(kind=_NAMES, id=_name_of(papers.read(paper)), expected=0, data=data))
    await store.put_records(puts, by=by, now=now)


def _name_of(plan: Plan) -> str:
    return f"{plan.id}/{plan.version}"


def _filed(record: Record) -> Filed:
    paper = msgspec.json.decode(record.data, type=Paper)
    return Filed(id=record.id, revision=record.revision, by=record.by, at=record.at, paper=paper)


def _version(filed: Filed) -> PlanVersion:
    paper = filed.paper
    return PlanVersion(
        id=filed.id,
        plan=_confirmed_plan(paper),
        typed_by=paper.typed_by,
        confirmed_by=paper.confirmed_by,
        confirmed_at=paper.confirmed_at or filed.at,
    )


def _confirmed_plan(paper: Paper) -> Plan:
    found = papers.parsed(paper)
    if isinstance(found, ConfigError):
        why = f"this confirmed version can't be read: {found.why}"
        raise ConfigError(paper.name, found.key, why, line=found.line) from found
    return found
