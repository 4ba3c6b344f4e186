"""Finds what a database will never take, by committing halves, and lets everything else in.

A half never claims its brother's numbers: only the report as it came may say that its spool holds
nothing else (``after``). What is left alone is refused under its number, if it is an item; a gate
event is first tried without the stories beside it, since it means something without them.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from server.storage import Intake, PoisonError, Progress, StoreError, UnavailableError
from wire.messages import Refusal

log = logging.getLogger(__name__)

Commit = Callable[[Sequence[Intake]], Awaitable[Mapping[tuple[str, str], Progress]]]
Committed = list[tuple[Intake, Progress]]
Leave = Callable[[Intake, str], Awaitable[None]]
"""Notes in the database that a report is left unanswered, and why."""


async def commit_by_halves(commit: Commit, intakes: Sequence[Intake]) -> Committed:
    """Commit all that can be; return it with how far each spool is committed then.

    Raises ``UnavailableError``: try all of it again later, which changes nothing that is in.
    """
    try:
        progress = await commit(intakes)
    except PoisonError as error:
        parts = _parts(intakes, str(error))
    except StoreError:
        raise
    except Exception:  # a fault of ours: the neighbours' reports must not wait for its mending
        log.exception("%d reports can't be committed", len(intakes))
        parts = _parts(intakes, None)
    else:
        return [(i, progress[i.agent, i.spool]) for i in intakes]
    committed: Committed = []
    for part in parts:
        committed += await commit_by_halves(commit, part)
    return committed


async def commit_each(commit: Commit, intakes: Sequence[Intake], *, leave: Leave) -> Committed:
    """Commit one report after the other, where all of them at once have failed for too long.

    A database that seems to be away for one report, twice, while it takes a note of that, is not
    away: something in the report is beyond it. It is left out and not answered, so that the others
    need not wait. Raises ``UnavailableError`` where the database is away indeed.
    """
    committed: Committed = []
    failed: list[Intake] = []
    for intake in intakes:
        try:
            committed += await commit_by_halves(commit, [intake])
        except UnavailableError:
            failed.append(intake)
    for intake in failed:
        try:
            committed += await commit_by_halves(commit, [intake])
        except UnavailableError as error:
            await leave(intake, str(error))
    return committed


def _parts(intakes: Sequence[Intake], reason: str | None) -> list[Sequence[Intake]]:
    """Return what to try next. ``reason`` None: nothing is refused for it, only left unanswered."""
    if len(intakes) > 1:
        half = len(intakes) // 2
        return [intakes[:half], intakes[half:]]
    (intake,) = intakes
    if len(intake.items) > 1:
        return [[part] for part in _item_halves(intake)]
    apart = _apart(intake)
    if len(apart) > 1:
        return [[part] for part in apart]
    return [[part] for part in _last_resort(intake, reason)]


def _item_halves(intake: Intake) -> tuple[Intake, Intake]:
    half = len(intake.items) // 2
    first = replace(
        intake, items=intake.items[:half], after=None, watermarks=(), vitals=None, refused=()
    )
    return first, replace(intake, items=intake.items[half:], after=None)


def _apart(intake: Intake) -> list[Intake]:
    """Return the item, the watermarks, the vitals and the refusals, each by itself."""
    bare = replace(intake, items=(), after=None, watermarks=(), vitals=None, refused=())
    parts = []
    if intake.items:
        parts.append(replace(bare, items=intake.items))
    parts += [replace(bare, watermarks=(mark,)) for mark in intake.watermarks]
    if intake.vitals is not None:
        parts.append(replace(bare, vitals=intake.vitals))
    if intake.refused:
        parts.append(replace(bare, boots=(), refused=intake.refused))
    return parts


def _last_resort(intake: Intake, reason: str | None) -> list[Intake]:
    for item in intake.items:
        if item.gate_event is not None and intake.boots:
            return [replace(intake, boots=())]
        if reason is not None:
            refusal = Refusal(seq=item.seq, reason=f"the database refuses it: {reason}"[:500])
            return [replace(intake, items=(), boots=(), refused=(refusal,))]
    log.error("left out a part of a report of %s: %s", intake.agent, reason or "see above")
    return []
