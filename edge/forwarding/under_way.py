"""The parts of a lane's window: limits, what to ask the spool for, what is under way and done."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from wire.messages import Ack, Range, Refusal

MARK: Final = 0
"""Stands for a report that holds former boots' watermarks and no item."""

LONELY_TRIES: Final = 12
"""So often an item goes alone, while others are answered, before it is set aside."""

_WHOLE_TRIES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may be under way, and how long an answer may take.

    Attributes:
        batch: Items in one report, at most.
        in_flight: Reports that may be unanswered, at most.
        begin_with: The same, at the start of a connection.
        resend_after_ms: The least time that an answer is waited for.
        back_off_max_ms: The longest pause after silence.
    """

    batch: int
    in_flight: int
    begin_with: int
    resend_after_ms: int
    back_off_max_ms: int = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What to send next: up to ``limit`` items with numbers over ``after``, up to ``until``.

    ``until`` None: items that were never sent; else it is sent again. ``alone``: one by one.
    ``tries`` is how often it was passed over.
    """

    after: int
    limit: int
    until: int | None = None
    tries: int = 0
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A report under way; ``seqs`` are its numbers that are not done.

    ``token`` is its ``sent_utc_ms``, which its ack repeats. ``answered``: the ack came, but the
    centre keeps no account of all its numbers.
    """

    token: int
    after: int
    seqs: frozenset[int]
    sent_at_ms: int
    tries: int = 0
    alone: bool = False
    answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an ack lets the agent delete, cut to what was sent.

    ``count`` items are done that were under way; ``marks``: watermarks without items arrived.
    """

    through: int = 0
    ranges: tuple[Range, ...] = ()
    refused: tuple[Refusal, ...] = ()
    count: int = 0
    marks: bool = False


def cut(ack: Ack, highest: int) -> Done:
    """Return the ack's content without numbers that were never sent."""
    ranges = (Range(first=r.first, last=min(r.last, highest)) for r in ack.ranges)
    return Done(
        through=min(ack.through, highest),
        ranges=tuple(r for r in ranges if r.first <= r.last),
        refused=tuple(refusal for refusal in ack.refused if refusal.seq <= highest),
    )


def left(report: Sent, token: int, done: Done) -> Sent:
    """Return the report with the numbers that are still not done."""
    if MARK in report.seqs:
        return replace(report, seqs=frozenset()) if report.token == token else report
    refused = {refusal.seq for refusal in done.refused}
    seqs = frozenset(
        seq
        for seq in report.seqs
        if seq > done.through
        and seq not in refused
        and not any(span.first <= seq <= span.last for span in done.ranges)
    )
    return replace(report, seqs=seqs, answered=report.answered or report.token == token)


def is_poison(report: Sent) -> bool:
    """Tell whether a report is one item that the centre can't take."""
    return report.alone and len(report.seqs) == 1 and report.tries >= LONELY_TRIES


def ask_again(report: Sent, limits: Limits) -> Ask | None:
    """Return how to send a report's items again; watermarks are made anew."""
    if MARK in report.seqs:
        return None
    until, tries, alone = max(report.seqs), report.tries, report.alone
    if not alone and tries >= _WHOLE_TRIES:
        tries, alone = 0, True
    limit = 1 if alone else limits.batch
    return Ask(after=report.after, until=until, limit=limit, tries=tries, alone=alone)


def in_order(asks: Sequence[Ask]) -> tuple[Ask, ...]:
    """Return the asks, the oldest items first."""
    return tuple(sorted(asks, key=lambda ask: ask.after))
