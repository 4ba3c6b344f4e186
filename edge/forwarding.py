"""Which items to send when: the window of reports that the centre has not answered yet. Pure.

A report of up to ``batch`` items goes out; ``in_flight`` of them may be unanswered. The answer
names what is *committed* (everything up to ``through``, ranges beyond, refusals); a report is done
when all its numbers are. One that stays unanswered for ``resend_after_ms`` is taken as lost, and
with it all that are in flight: sending starts again at the first number that is not done, one
report at a time and at growing distances (with jitter, so that a thousand agents don't knock
together) until the centre answers. Repeats are harmless, holes are not.

A report that is lost again while others are answered holds something that the centre can't even
read, so that it can't refuse it by number either. Its items then go one by one: all but that one
arrive, and that one is kept and tried again for ever.

Only what was sent can be acknowledged: an ack that claims more is cut to that, so that a confused
or restored centre can't make the agent delete what nobody has got.

Times are ``Clock.ms``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from wire.messages import Ack, Range, Refusal

_BACK_OFF_FACTOR: Final = 2
_BACK_OFF_MAX_MS: Final = 300_000
_MOST_TROUBLE: Final = 10
_DELAYS_KEPT: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may be under way, and how long an answer may take."""

    batch: int = 50
    in_flight: int = 4
    resend_after_ms: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A report under way: its items' numbers and when it went."""

    seqs: frozenset[int]
    sent_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an ack lets the agent delete, cut to what was sent."""

    through: int = 0
    ranges: tuple[Range, ...] = ()
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is under way. Frozen: each step returns the next window.

    Attributes:
        cursor: The highest number sent in this round; the next report begins after it.
        highest: The highest number ever sent.
        trouble: How many times in a row nothing has come back in time.
        quiet_until_ms: Nothing is sent before; it grows with ``trouble``.
        lost_first: The lowest number of the report that was lost last.
        one_by_one_until: Up to this number items go alone.
    """

    limits: Limits = Limits()
    cursor: int = 0
    highest: int = 0
    under_way: tuple[Sent, ...] = field(default=())
    trouble: int = 0
    quiet_until_ms: int = 0
    lost_first: int = 0
    one_by_one_until: int = 0

    def room(self, now_ms: int) -> int:
        """Return how many items the next report may hold; 0 means: wait."""
        allowed = 1 if self.trouble > 1 else self.limits.in_flight
        if now_ms < self.quiet_until_ms or len(self.under_way) >= allowed:
            return 0
        return 1 if self.cursor < self.one_by_one_until else self.limits.batch

    def sent(self, seqs: Sequence[int], now_ms: int) -> "Window":
        """Note a report with these numbers, in rising order."""
        if not seqs:
            return self
        report = Sent(seqs=frozenset(seqs), sent_at_ms=now_ms)
        highest = max(self.highest, seqs[-1])
        under_way = (*self.under_way, report)
        return replace(self, cursor=seqs[-1], highest=highest, under_way=under_way)

    def acked(self, ack: Ack) -> tuple["Window", Done]:
        """Take an ack; return what may be deleted. The centre is there: no more back-off."""
        done = _cut(ack, self.highest)
        left = (replace(report, seqs=_not_done(report.seqs, done)) for report in self.under_way)
        under_way = tuple(report for report in left if report.seqs)
        return replace(self, under_way=under_way, trouble=0, quiet_until_ms=0), done

    def overdue(self, now_ms: int) -> bool:
        """Tell whether an answer has been awaited for too long."""
        oldest = min((report.sent_at_ms for report in self.under_way), default=now_ms)
        return now_ms - oldest >= self.limits.resend_after_ms

    def lost(self, now_ms: int, jitter: float) -> "Window":
        """Begin again from the first number not done, after a pause. ``jitter`` is in [0, 1)."""
        longest = self.limits.resend_after_ms * _BACK_OFF_FACTOR**self.trouble
        pause_ms = int(min(longest, _BACK_OFF_MAX_MS) * jitter)
        oldest = min(self.under_way, key=lambda report: report.sent_at_ms, default=None)
        first = min(oldest.seqs) if oldest else 0
        is_again = oldest is not None and first == self.lost_first and not self.trouble
        return replace(
            self.restarted(),
            trouble=min(self.trouble + 1, _MOST_TROUBLE),
            quiet_until_ms=now_ms + pause_ms,
            lost_first=first,
            one_by_one_until=max(oldest.seqs) if oldest and is_again else self.one_by_one_until,
        )

    def restarted(self) -> "Window":
        """Begin again from the first number not done (a new connection): nothing is under way."""
        return replace(self, cursor=0, under_way=(), trouble=0, quiet_until_ms=0)


def _cut(ack: Ack, highest: int) -> Done:
    """Return the ack's content without numbers that were never sent."""
    ranges = (Range(first=r.first, last=min(r.last, highest)) for r in ack.ranges)
    return Done(
        through=min(ack.through, highest),
        ranges=tuple(r for r in ranges if r.first <= r.last),
        refused=tuple(refusal for refusal in ack.refused if refusal.seq <= highest),
    )


def _not_done(seqs: frozenset[int], done: Done) -> frozenset[int]:
    refused = {refusal.seq for refusal in done.refused}
    return frozenset(
        seq
        for seq in seqs
        if seq > done.through
        and seq not in refused
        and not any(span.first <= seq <= span.last for span in done.ranges)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOffset:
    """Server clock minus edge clock, measured through acks as NTP does.

    The error of one measurement is at most half its round trip, so of the last few the one with the
    shortest round trip is believed.
    """

    measured: tuple[tuple[int, int], ...] = ()  # (round trip, offset), newest last

    def after(self, ack: Ack, received_utc_ms: int) -> "ClockOffset":
        """Take one ack's times. One from before a step of the clock is ignored."""
        round_trip_ms = received_utc_ms - ack.sent_utc_ms
        if round_trip_ms < 0:
            return self
        offset_ms = ack.server_utc_ms - (ack.sent_utc_ms + received_utc_ms) // 2
        return ClockOffset(measured=(*self.measured, (round_trip_ms, offset_ms))[-_DELAYS_KEPT:])

    @property
    def offset_ms(self) -> int | None:
        """The best estimate, or None before the first ack."""
        return min(self.measured)[1] if self.measured else None
