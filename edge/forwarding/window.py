"""What is under way in one lane, and what to send next. Pure; times are ``Clock.ms``.

A report of up to ``batch`` items goes out; ``allowed`` of them may be unanswered. An ack names what
is *committed* (everything up to ``through``, ranges beyond, refusals); a report is done when all
its numbers are. Repeats are harmless, holes are not, so what is unanswered is sent again:

* **Silence.** A report is overdue after ``resend_after_ms`` or four usual answer times. If nothing
  that was sent after it has been answered either, the centre is taken for silent: one report at a
  time, after pauses that grow (with jitter, so that a thousand agents don't knock together), until
  an answer comes. From then on one more may be under way with each answer.
* **Passed over.** If later reports were answered, this one holds something that the centre can't
  even read, so that it can't refuse it by number. It goes again by itself; the second time its
  items go one by one, so that all but that one arrive; and an item that was passed over alone
  twelve times is set aside (fewer, and a line that loses half of all could do it). Whoever sends a
  report again sends an empty one after it: its answer tells the two cases apart even where there is
  nothing else to send.
* **A new connection.** What was under way may be lost and goes again at once.

Nothing is sent twice within its time, unless the connection is new. Only what was sent can be
acknowledged: an ack that claims more is cut to that, so that a confused or restored centre can't
make the agent delete what nobody has got.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge.forwarding.under_way import (
    MARK,
    Ask,
    Done,
    Limits,
    Sent,
    ask_again,
    cut,
    in_order,
    is_poison,
    left,
)
from wire.messages import Ack

_BACK_OFF_FACTOR: Final = 2
_MOST_TROUBLE: Final = 10
_ANSWER_TIMES: Final = 4
_SMOOTHING: Final = 8
_RESEND_MAX_MS: Final = 600_000
_EMPTY_KEPT: Final = 8

LIVE: Final = Limits(batch=50, in_flight=4, begin_with=4, resend_after_ms=10_000)
HISTORY: Final = Limits(batch=500, in_flight=4, begin_with=1, resend_after_ms=60_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One lane. Frozen: each step returns the next window.

    Attributes:
        cursor: The highest number sent so far in order; new items begin after it.
        highest: The highest number ever sent.
        under_way: Reports that are not answered, as they went.
        again: What is to be sent again, first.
        empty: Reports without items that may still be answered: (token, when they went).
        allowed: How many reports may be under way.
        answer_ms: The smoothed time of an answer, 0 before the first.
        heard_ms: The latest time of sending among reports that were answered.
        trouble: How many times in a row nothing has come back in time.
        quiet_until_ms: Nothing is sent before; the pause grows with ``trouble``.
    """

    limits: Limits
    cursor: int = 0
    highest: int = 0
    under_way: tuple[Sent, ...] = ()
    again: tuple[Ask, ...] = ()
    empty: tuple[tuple[int, int], ...] = ()
    allowed: int = 0
    answer_ms: int = 0
    heard_ms: int = -1
    trouble: int = 0
    quiet_until_ms: int = 0

    @classmethod
    def begin(cls, limits: Limits) -> "Window":
        """Return a lane in which nothing was sent yet."""
        return cls(limits=limits, allowed=limits.begin_with)

    # ---------------------------------------------------------------- sending

    def next(self, now_ms: int) -> Ask | None:
        """Return what to send now; None: wait."""
        allowed = 1 if self.trouble else self.allowed
        if now_ms < self.quiet_until_ms or len(self.under_way) >= allowed:
            return None
        if self.again:
            return self.again[0]
        return Ask(after=self.cursor, limit=self.limits.batch)

    def sent(self, ask: Ask, seqs: Sequence[int], *, token: int, now_ms: int) -> "Window":
        """Note a report with these numbers, in rising order, at least one, as ``ask`` wanted."""
        report = Sent(
            token=token,
            after=ask.after,
            seqs=frozenset(seqs),
            sent_at_ms=now_ms,
            tries=ask.tries,
            alone=ask.alone,
        )
        cursor, again = self.cursor, self.again
        if ask.until is None:
            cursor = seqs[-1]
        else:
            rest = replace(ask, after=seqs[-1])
            again = (*((rest,) if seqs[-1] < ask.until else ()), *again[1:])
        return replace(
            self,
            cursor=cursor,
            highest=max(self.highest, seqs[-1]),
            under_way=(*self.under_way, report),
            again=again,
        )

    def nothing_there(self, ask: Ask) -> "Window":
        """Note that the spool holds nothing of what was to be sent again."""
        return replace(self, again=tuple(one for one in self.again if one != ask))

    def marks_sent(self, *, token: int, now_ms: int) -> "Window":
        """Note a report that holds former watermarks alone; it is sent until it is answered."""
        report = Sent(token=token, after=0, seqs=frozenset({MARK}), sent_at_ms=now_ms)
        return replace(self, under_way=(*self.under_way, report))

    def empty_sent(self, *, token: int, now_ms: int) -> "Window":
        """Note a report that nobody sends again; its answer tells that the centre hears."""
        return replace(self, empty=(*self.empty, (token, now_ms))[-_EMPTY_KEPT:])

    # ---------------------------------------------------------------- answers

    def acked(self, ack: Ack, now_ms: int) -> tuple["Window", Done]:
        """Take an ack; return what may be deleted. The centre is there: no more back-off."""
        done = cut(ack, self.highest)
        still = tuple(left(report, ack.sent_utc_ms, done) for report in self.under_way)
        count = sum(len(r.seqs) for r in self.under_way) - sum(len(r.seqs) for r in still)
        marks = any(
            MARK in before.seqs and not after.seqs
            for before, after in zip(self.under_way, still, strict=True)
        )
        heard = replace(
            self._heard(ack.sent_utc_ms, now_ms),
            under_way=tuple(report for report in still if report.seqs),
            trouble=0,
            quiet_until_ms=0,
        )
        return heard, replace(done, count=count - marks, marks=marks)

    def _heard(self, token: int, now_ms: int) -> "Window":
        """Learn from an answer to a report of this connection."""
        asked = dict(self.empty) | {report.token: report.sent_at_ms for report in self.under_way}
        sent_at_ms = asked.get(token)
        if sent_at_ms is None:
            return self
        took_ms = max(now_ms - sent_at_ms, 1)
        usual_ms = self.answer_ms or took_ms
        return replace(
            self,
            empty=tuple(one for one in self.empty if one[0] != token),
            allowed=min(self.allowed + 1, self.limits.in_flight),
            answer_ms=usual_ms + (took_ms - usual_ms) // _SMOOTHING,
            heard_ms=max(self.heard_ms, sent_at_ms),
        )

    # ---------------------------------------------------------------- no answers

    @property
    def resend_after_ms(self) -> int:
        """How long an answer is waited for."""
        return max(self.limits.resend_after_ms, min(_ANSWER_TIMES * self.answer_ms, _RESEND_MAX_MS))

    def due_ms(self, now_ms: int) -> int | None:
        """Return when time alone will change something; None: never."""
        dues = [report.sent_at_ms + self.resend_after_ms for report in self.under_way]
        if now_ms < self.quiet_until_ms:
            dues.append(self.quiet_until_ms)
        return min(dues, default=None)

    def overdue(self, now_ms: int) -> tuple[Sent, ...]:
        """Return the reports whose answer has been awaited for too long."""
        return tuple(r for r in self.under_way if now_ms - r.sent_at_ms >= self.resend_after_ms)

    def is_silent(self, now_ms: int) -> bool:
        """Tell whether the centre has answered nothing for too long."""
        waits = [sent_ms for _, sent_ms in self.empty if sent_ms > self.heard_ms]
        late = any(now_ms - sent_ms >= self.resend_after_ms for sent_ms in waits)
        return late or self.trouble > 0

    def lost(self, now_ms: int, jitter: float) -> tuple["Window", tuple[int, ...]]:
        """Give up waiting for what is overdue; return what is to be set aside for good.

        ``jitter`` is in [0, 1).
        """
        overdue = self.overdue(now_ms)
        passed = [self._passed_over(report) for report in overdue]
        aside = tuple(
            seq for report in passed if is_poison(report) for seq in report.seqs if seq != MARK
        )
        again = tuple(ask_again(r, self.limits) for r in passed if not is_poison(r))
        window = replace(
            self,
            under_way=tuple(report for report in self.under_way if report not in overdue),
            again=in_order((*self.again, *(ask for ask in again if ask))),
            allowed=1,
        )
        is_silent = any(report.sent_at_ms > self.heard_ms for report in overdue)
        return (window._troubled(now_ms, jitter) if is_silent else window), aside  # noqa: SLF001 (its own kind)

    def _passed_over(self, report: Sent) -> Sent:
        if report.answered or report.sent_at_ms > self.heard_ms:
            return report
        return replace(report, tries=report.tries + 1)

    def _troubled(self, now_ms: int, jitter: float) -> "Window":
        longest = self.resend_after_ms * _BACK_OFF_FACTOR**self.trouble
        pause_ms = int(min(longest, self.limits.back_off_max_ms) * jitter)
        return replace(
            self,
            trouble=min(self.trouble + 1, _MOST_TROUBLE),
            quiet_until_ms=now_ms + pause_ms,
        )

    def restarted(self) -> "Window":
        """Return the lane on a new connection: what was under way goes again at once."""
        again = (ask_again(report, self.limits) for report in self.under_way)
        return replace(
            self,
            under_way=(),
            again=in_order((*self.again, *(ask for ask in again if ask))),
            empty=(),
            allowed=self.limits.begin_with,
            heard_ms=-1,
            trouble=0,
            quiet_until_ms=0,
        )

    def from_the_start(self, quiet_until_ms: int) -> "Window":
        """Return the lane so that everything that the spool holds goes again, after a pause."""
        begun = Window.begin(self.limits)
        return replace(begun, highest=self.highest, quiet_until_ms=quiet_until_ms)

    def under(self, limits: Limits) -> "Window":
        """Return the lane with other limits: a boot that ran is a former one now."""
        return replace(self, limits=limits, allowed=limits.begin_with)
