"""The join of what agents say, as pure functions: any order and any repeats give the same result.

* A boot's story: one with a measured offset counts before one without, then the one with the most
  clock steps, then the newest. (A step moves the edge's UTC clock and not the boot's own axis: what
  was measured before it stays true, whatever somebody has set the clock to.)
* A watermark: the largest ``until_ms`` counts, once the spool's committed prefix reaches its
  ``after_seq``; until then it is pending.
* A spool's progress: a prefix and ranges beyond it.
* A boot's reach: the furthest moment that it claims, and the latest that its origin can have been:
  what it claims had happened when it was received. (``domain.clocks`` doubts clocks by it.)
"""

import json
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec
from msgspec import structs

from server.domain.clocks import BootClock, doubts
from server.storage.rows import Progress
from wire.messages import BootStory, Range, Watermark

OFFSET_COUNTS_MS: Final = 2000
"""A smaller offset is measuring noise and network delay; the edge clock is left as it is."""

RANGES_KEPT: Final = 500
"""Ranges beyond the prefix that are remembered; what lies past them is stored but sent again."""

_OFFSET_LIMIT_MS: Final = 10**13
_NOBODY: Final = "{}"


class Mark(NamedTuple):
    """A watermark of one boot, ordered as they count."""

    until_ms: int
    after_seq: int
    held: str = _NOBODY

    def last_good_ms(self) -> dict[str, int]:
        """Return the held cameras and the last good moment of each."""
        if self.held == _NOBODY:
            return {}
        return {str(k): int(v) for k, v in json.loads(self.held).items()}


class Boot(msgspec.Struct, frozen=True, kw_only=True):
    """One run of one agent as the database holds it; ``id`` None: not there yet.

    ``last_ms``: no claim reaches beyond it. ``latest_zero_ms``: UTC, by this server's clock, of the
    latest moment at which the origin can have been; None where an older server took it in.
    """

    agent: str
    uuid: str
    story: BootStory
    told_utc_ms: int
    last_ms: int = 0
    latest_zero_ms: int | None = None
    mark: Mark | None = None
    id: int | None = None

    @property
    def zero_ms(self) -> int:
        """UTC of the boot's origin, a wrong edge clock taken off."""
        offset = self.story.offset_ms or 0
        return self.story.origin_utc_ms + (offset if abs(offset) > OFFSET_COUNTS_MS else 0)

    @property
    def clock_is_wrong(self) -> bool:
        """Whether its own clock was off, as was measured, or contradicts its reports' receipt."""
        if self.story.offset_ms is not None:
            return abs(self.story.offset_ms) > OFFSET_COUNTS_MS
        clock = BootClock(
            agent=self.agent,
            boot=self.uuid,
            zero_ms=self.zero_ms,
            last_ms=self.last_ms,
            measured=False,
            latest_zero_ms=self.latest_zero_ms,
        )
        return bool(doubts([clock]))


def tell(boot: Boot, story: BootStory, *, told_utc_ms: int) -> Boot:
    """Return the boot with the better of its story and another."""
    story = _bounded(story)
    if _rank(story, told_utc_ms) <= _rank(boot.story, boot.told_utc_ms):
        return boot
    return structs.replace(boot, story=story, told_utc_ms=told_utc_ms)


def first_told(agent: str, story: BootStory, *, told_utc_ms: int) -> Boot:
    """Return a boot that is heard of for the first time."""
    return Boot(agent=agent, uuid=story.id, story=_bounded(story), told_utc_ms=told_utc_ms)


def reach(boot: Boot, ms: int, *, received_utc_ms: int) -> Boot:
    """Return the boot with its claims reaching at least ``ms``, as was received at that time."""
    last, latest = max(boot.last_ms, ms), received_utc_ms - ms
    if boot.latest_zero_ms is not None:
        latest = min(latest, boot.latest_zero_ms)
    if (last, latest) == (boot.last_ms, boot.latest_zero_ms):
        return boot
    return structs.replace(boot, last_ms=last, latest_zero_ms=latest)


def mark_of(watermark: Watermark) -> Mark:
    """Return a watermark in the form that is compared and stored."""
    if not watermark.held:
        return Mark(watermark.until_ms, watermark.after_seq)
    held = {h.camera: h.last_good_ms for h in watermark.held}
    return Mark(watermark.until_ms, watermark.after_seq, json.dumps(held, sort_keys=True))


def settle(
    current: Mark | None, pending: Iterable[Mark], *, through: int
) -> tuple[Mark | None, frozenset[Mark]]:
    """Return the mark that counts now, and those that still wait and could matter."""
    waiting = frozenset(pending)
    ripe = [m for m in waiting if m.after_seq <= through]
    best = max([*ripe, *([current] if current else [])], default=None)
    return best, frozenset(
        m for m in waiting if m.after_seq > through and (best is None or m > best)
    )


def received(progress: Progress, spans: Iterable[tuple[int, int]]) -> Progress:
    """Return the progress with more sequence numbers, each span ``first`` to ``last`` inclusive."""
    merged: list[tuple[int, int]] = []
    known = [(1, progress.through), *((r.first, r.last) for r in progress.ranges)]
    for first, last in sorted((f, t) for f, t in (*known, *spans) if f <= t):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    through = 0
    if merged and merged[0][0] == 1:
        through = merged.pop(0)[1]
    ranges = tuple(Range(first=f, last=t) for f, t in merged[:RANGES_KEPT])
    return Progress(through=through, ranges=ranges)


def _rank(story: BootStory, told_utc_ms: int) -> tuple[bool, int, int, int, int, str]:
    known = story.offset_ms is not None
    numbers = (story.origin_utc_ms, story.offset_ms or 0)
    return (known, story.steps, told_utc_ms, *numbers, story.machine or "")


def _bounded(story: BootStory) -> BootStory:
    if story.offset_ms is None or abs(story.offset_ms) <= _OFFSET_LIMIT_MS:
        return story
    return structs.replace(story, offset_ms=None)
