"""Changes that the disk would not take: kept in order, bounded, what is lost counted.

A segment that was closed before its opening could be saved is one telling, not two. When there are
too many, whole segments go, the oldest first; never the close of one that the spool knows to be
open: the centre would stretch that segment over the hole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from wire.messages import Gap, Segment

_MOST: Final = 20_000
"""A disk that stays full must not fill the memory too: about 10 MB."""

_WHY: Final = "the disk was full"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """One segment; ``is_whole``: nothing of it has been saved."""

    segment: Segment
    is_whole: bool


class Unsaved:
    """What waits for room on the disk."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._kept: dict[tuple[str, int], _Kept] = {}
        self._lost: dict[str, Gap] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, segments: Iterable[Segment]) -> None:
        """Keep changes that come after those that are kept already."""
        for segment in segments:
            key = (segment.boot, segment.number)
            known = self._kept.get(key)
            is_whole = known.is_whole if known else segment.end_ms is None
            self._kept[key] = _Kept(segment=segment, is_whole=is_whole)
        self._bound()

    def refused(self, tried: "Unsaved") -> None:
        """Take back what was to be saved and could not be; it comes before what came since."""
        since, self._kept = self._kept, tried.take()._kept  # noqa: SLF001 (its own kind)
        for key, kept in since.items():
            known = self._kept.get(key)
            self._kept[key] = _Kept(
                segment=kept.segment, is_whole=known.is_whole if known else kept.is_whole
            )
        self._bound()

    def take(self) -> "Unsaved":
        """Hand over all segments, to be tried again."""
        taken = Unsaved(self._most)
        taken._kept, self._kept = self._kept, {}
        return taken

    def segments(self) -> tuple[Segment, ...]:
        """Return what is kept, in order."""
        return tuple(kept.segment for kept in self._kept.values())

    def sure_until_ms(self, boot: str) -> Mapping[str, int]:
        """Return up to when the spool's word of each camera of ``boot`` is right."""
        sure: dict[str, int] = {}
        for one in self.segments():
            if one.boot == boot:
                changed_ms = one.start_ms if one.end_ms is None else one.end_ms
                sure[one.camera] = min(changed_ms, sure.get(one.camera, changed_ms))
        return sure

    def lost(self) -> tuple[Gap, ...]:
        """Return what was dropped, by boot."""
        return tuple(self._lost.values())

    def told(self, gap: Gap) -> None:
        """Forget a loss that is in the spool now."""
        assert gap.boot is not None
        if self._lost.get(gap.boot) == gap:
            del self._lost[gap.boot]

    def _bound(self) -> None:
        excess = len(self._kept) - self._most
        if excess <= 0:
            return
        may_go = (key for key, kept in self._kept.items() if kept.is_whole and kept.segment.end_ms)
        for key in [key for key, _ in zip(may_go, range(excess), strict=False)]:
            self._lose(self._kept.pop(key).segment)

    def _lose(self, segment: Segment) -> None:
        assert segment.end_ms is not None
        known = self._lost.get(segment.boot)
        self._lost[segment.boot] = Gap(
            first_seq=1,
            last_seq=1,
            kind="segment",
            count=known.count + 1 if known else 1,
            reason=_WHY,
            boot=segment.boot,
            start_ms=min(segment.start_ms, known.start_ms or 0) if known else segment.start_ms,
            end_ms=max(segment.end_ms, known.end_ms or 0) if known else segment.end_ms,
            cameras=tuple(sorted({segment.camera, *(known.cameras if known else ())})),
        )
