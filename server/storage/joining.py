"""What stands after a batch of reports, given what stood before. Pure.

Here meet ``merging``'s joins of single things: stories, reaches, a spool's progress and the
watermarks that ripen by it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from msgspec import structs

from server.storage.boots import BootKey, Spool, SpoolKey, Waiting
from server.storage.merging import Boot, Mark, first_told, mark_of, reach, received, settle, tell
from server.storage.rows import Intake

_WAITING_KEPT: Final = 20  # of one boot
_WAITING_OF_ALL: Final = (1000, 1024 * 1024)
"""Marks that one spool keeps waiting, and the size of what they hold back: they are read and
written with every report of it."""


@dataclass(slots=True)
class Standing:
    """Boots and spools by their keys; what is missing was never heard of."""

    boots: dict[BootKey, Boot] = field(default_factory=dict)
    spools: dict[SpoolKey, Spool] = field(default_factory=dict)


def keys_of(intakes: Iterable[Intake]) -> list[tuple[str, str]]:
    """Return the agent and uuid of all boots and spools that the reports name, each once."""
    keys = {(i.agent, story.id) for i in intakes for story in i.boots}
    return sorted(keys | {(i.agent, i.spool) for i in intakes})


def strangers(before: Standing) -> list[BootKey]:
    """Return the boots whose watermarks wait, and which the reports do not name."""
    waiting = {(a, uuid) for (a, _), s in before.spools.items() for uuid, _ in s.waiting}
    return sorted(waiting - before.boots.keys())


def join(before: Standing, intakes: Sequence[Intake]) -> Standing:
    """Return what stands after the reports; ``before`` must hold all that ``keys_of`` names."""
    after = Standing(dict(before.boots), dict(before.spools))
    for intake in intakes:
        _tell(after.boots, intake)
        key = (intake.agent, intake.spool)
        known = after.spools.get(key, Spool())
        marks = {(w.boot, mark_of(w)) for w in intake.watermarks}
        after.spools[key] = Spool(
            received(known.progress, _spans(intake)),
            known.waiting | marks if marks else known.waiting,
        )
    for (agent, name), spool in after.spools.items():
        if spool.waiting:
            after.spools[agent, name] = _settle(after.boots, agent, spool)
    return after


def _tell(boots: dict[BootKey, Boot], intake: Intake) -> None:
    """Merge what one report tells of its boots."""
    told = intake.sent_utc_ms
    for story in intake.boots:
        key = (intake.agent, story.id)
        known = boots.get(key)
        boots[key] = (
            first_told(intake.agent, story, told_utc_ms=told)
            if known is None
            else tell(known, story, told_utc_ms=told)
        )
    for uuid, ms in _reaches(intake).items():
        key = (intake.agent, uuid)
        boots[key] = reach(boots[key], ms, received_utc_ms=intake.received_utc_ms)


def _reaches(intake: Intake) -> dict[str, int]:
    """Return how far the report's claims reach in each boot."""
    ends: dict[str, int] = {}
    for w in intake.watermarks:
        if w.until_ms >= ends.get(w.boot, 0):
            ends[w.boot] = w.until_ms
    for item in intake.items:
        s = item.segment
        if s is not None:
            end = s.start_ms if s.end_ms is None else s.end_ms
            if end >= ends.get(s.boot, 0):
                ends[s.boot] = end
    return ends


def _spans(intake: Intake) -> Iterator[tuple[int, int]]:
    """Yield the numbers that count as received, first to last.

    What a gap tells of was lost, and it says so; it does not make numbers received that may still
    be on their way.
    """
    yield (1, intake.kept_from - 1)
    yield from _runs([item.seq for item in intake.items] + [r.seq for r in intake.refused])
    if intake.after is not None:
        last = max(
            max((item.seq for item in intake.items), default=0),
            max((r.seq for r in intake.refused), default=0),
        )
        yield (intake.after + 1, last)


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield runs of consecutive numbers."""
    if not numbers:
        return
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last


def _settle(boots: dict[BootKey, Boot], agent: str, spool: Spool) -> Spool:
    """Let the marks count whose turn has come; return the spool with those that still wait."""
    marks: dict[str, set[Mark]] = {}
    for uuid, mark in spool.waiting:
        marks.setdefault(uuid, set()).add(mark)
    still: set[tuple[str, Mark]] = set()
    for uuid, waiting in marks.items():
        known = boots[agent, uuid]
        best, later = settle(known.mark, waiting, through=spool.progress.through)
        if best != known.mark:
            boots[agent, uuid] = structs.replace(known, mark=best)
        still |= {(uuid, mark) for mark in _worth_keeping(later)}
    return Spool(spool.progress, _bounded(still))


def _worth_keeping(marks: Iterable[Mark]) -> Iterable[Mark]:
    """Return the largest of one boot's marks: one for each number, and not too many."""
    return list({mark.after_seq: mark for mark in sorted(marks)}.values())[-_WAITING_KEPT:]


def _bounded(waiting: set[tuple[str, Mark]]) -> Waiting:
    """Return the marks whose turn comes first, as many as one spool keeps."""
    most, size = _WAITING_OF_ALL
    if len(waiting) <= most and sum(len(mark.held) for _, mark in waiting) <= size:
        return frozenset(waiting)
    ranked = sorted(waiting, key=lambda one: (one[1].after_seq, one))[:most]
    sizes = accumulate(len(mark.held) for _, mark in ranked)
    return frozenset(one for one, held in zip(ranked, sizes, strict=True) if held <= size)
