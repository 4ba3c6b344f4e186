"""What each gate PC notices of the truth, and when the centre has it.

The delays are those of the edge as its code and documents have them:

- A camera that closes its connection is missed within 2 s, one that falls mute after
  ``stall_after_s`` 5 s; either must last ``confirm_s`` 4 s and some tries longer. Its trouble is
  dated to its last packet. It is found again by the next try, after 15 s at most.
- One that is visited, or shares its recorder's sessions, is missed by the next look, after
  ``unseen_s`` at most; its trouble is dated to that look, of which the first try may take 8 s.
- A picture is looked at every 10 s. Three must agree (two, if it is black or noise); the trouble is
  dated to the first. Two good ones end it.
- An agent that has something to say says it at once, else a watermark every 60 s. What it could
  not say it says when it is heard again.
- A lost connection is tried again after 1 to 3 s, at the latest every 16.
- The broker misses keep-alives of 15 s after one and a half, so a last will comes 7.5 to 22.5 s
  after a line died, and at once after a program did. One gate PC in five is as old as keep-alives
  of 20 s.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

from tests.alerts.truth import Cut, Ill
from wire.vocabulary import Cause, State, state_of

Span = tuple[float, float]
_EVERY_S: Final = 60.0
_PICTURE_S: Final = 10.0
_TWO_AGREE: Final = frozenset({"picture.black", "picture.noise", "picture.no_signal"})
_BACK_S: Final = {
    Cut.POWER: (5.0, 20.0),
    Cut.CRASH: (3.0, 8.0),
    Cut.GOODBYE: (5.0, 20.0),
    Cut.LINE: (1.0, 16.0),
    Cut.UPLINK: (1.0, 16.0),
    Cut.BRIDGE: (1.0, 16.0),
    Cut.CENTRE: (1.0, 16.0),
}
_KEEP_ALIVE_S: Final = 15.0
_OLD_KEEP_ALIVE_S: Final = 20.0
_OLD_SHARE: Final = 0.2
_MISSED: Final = 1.5
"""After so many keep-alives without a word a broker tells the last will."""
_UNHEARD_OF: Final = frozenset({Cut.CENTRE, Cut.BRIDGE})
_STOPS: Final = frozenset({Cut.POWER, Cut.CRASH, Cut.GOODBYE})


class Turn(NamedTuple):
    """One segment of one camera; ``given_s``: when the centre has it."""

    given_s: float
    start_s: float
    boot: int
    state: State
    cause: str | None


@dataclass(slots=True, kw_only=True)
class GatePc:
    """One gate PC as the centre may know it; all times in seconds of the story.

    ``links``: from the first word after each connection to its end; ``boots``: when its program
    runs; ``items``: when it brought items; ``hints``: its retained status, from when on.
    """

    name: str
    begin_s: float
    boots: Sequence[Span]
    links: list[Span] = field(default_factory=list)
    items: list[float] = field(default_factory=list)
    hints: list[tuple[float, bool]] = field(default_factory=list)
    turns: dict[str, list[Turn]] = field(default_factory=dict)

    def last_word(self, s: float) -> float | None:
        """Return when its newest report had arrived by then."""
        n = bisect_right(self.links, (s, float("inf"))) - 1
        if n < 0:
            return None
        first, end = self.links[n]
        word = first + _EVERY_S * ((min(s, end) - first) // _EVERY_S)
        item = self.last_item(s)
        return word if item is None else max(word, item)

    def next_news(self, s: float) -> float:
        """Return until when it says nothing more than it has said by then."""
        n = bisect_right(self.links, (s, float("inf"))) - 1
        item, hint = bisect_right(self.items, s), bisect_right(self.hints, (s, True))
        found = [float("inf"), *self.items[item : item + 1]]
        found += [at for at, _ in self.hints[hint : hint + 1]]
        found += [first for first, _ in self.links[n + 1 : n + 2]]
        if n >= 0 and s < self.links[n][1]:
            first = self.links[n][0]
            found.append(first + _EVERY_S * ((s - first) // _EVERY_S + 1))
        return min(found)

    def last_item(self, s: float) -> float | None:
        """Return when it had brought items by then."""
        n = bisect_right(self.items, s) - 1
        return self.items[n] if n >= 0 else None

    def hint(self, s: float) -> tuple[float, bool] | None:
        """Return its newest status by then."""
        n = bisect_right(self.hints, (s, True)) - 1
        return self.hints[n] if n >= 0 else None


@dataclass(slots=True)
class Maker:
    """Makes a gate PC of its offs and of what ails its cameras. ``begin_s``: it ran since then."""

    rng: Random
    begin_s: float
    end_s: float
    keep_alive_s: float = field(init=False)

    def __post_init__(self) -> None:
        is_old = self.rng.random() < _OLD_SHARE
        self.keep_alive_s = _OLD_KEEP_ALIVE_S if is_old else _KEEP_ALIVE_S

    def pc(
        self,
        name: str,
        offs: Iterable[tuple[float, float, Cut]],
        ills: Iterable[tuple[str, Sequence[tuple[float, float, Ill]]]],
    ) -> GatePc:
        """Return what the centre can know of it."""
        cuts = sorted(offs)
        pc = GatePc(name=name, begin_s=self.begin_s, boots=self._boots(cuts))
        self._links(pc, cuts)
        for camera, spells in ills:
            pc.turns[camera] = _in_order(self._turns(pc, spells))
        pc.items = sorted({turn.given_s for turns in pc.turns.values() for turn in turns})
        pc.items = [s for s in pc.items if s < self.end_s]
        return pc

    def _boots(self, cuts: Iterable[tuple[float, float, Cut]]) -> list[Span]:
        found, at = [], self.begin_s
        for start, end, how in cuts:
            if how in _STOPS and end > at:
                if start > at:
                    found.append((at, start))
                at = end + self.rng.uniform(2, 5)
        found.append((at, float("inf")))
        return found

    def _links(self, pc: GatePc, cuts: Iterable[tuple[float, float, Cut]]) -> None:
        """Note when it is heard, and its status as the broker keeps it."""
        first = self.begin_s + self.rng.uniform(0, _EVERY_S)
        for start, end, how in cuts:
            short = how is Cut.LINE and end - start < self.keep_alive_s  # it outlives that
            if start > first:
                pc.links.append((first, start))
                if how not in _UNHEARD_OF and not short:
                    pc.hints.append(
                        (self._will_at(start, how, pc.last_word(start) or start), False)
                    )
            back = end + self.rng.uniform(*((0.2, 3.0) if short else _BACK_S[how]))
            first = max(first, back) if first > start else back
            pc.hints = [(s, online) for s, online in pc.hints if s < first]
            pc.hints.append((first - 0.3, True))
        pc.links.append((first, float("inf")))

    def _will_at(self, start: float, how: Cut, word: float) -> float:
        """Return when the broker tells that a connection is gone."""
        if how in {Cut.CRASH, Cut.GOODBYE}:
            return start + 0.3
        missed_s = _MISSED * self.keep_alive_s
        noticed = start + self.rng.uniform(missed_s - self.keep_alive_s, missed_s)
        return max(noticed, word + missed_s)

    def _given(self, pc: GatePc, s: float) -> float:
        """Return when the centre has what is noticed at ``s``."""
        n = bisect_right(pc.links, (s, float("inf"))) - 1
        if n >= 0 and s < pc.links[n][1]:
            return s + self.rng.uniform(0.2, 1.0)
        later = pc.links[min(n + 1, len(pc.links) - 1)][0]
        return later + self.rng.uniform(0.1, 3)

    def _turns(self, pc: GatePc, spells: Sequence[tuple[float, float, Ill]]) -> Iterator[Turn]:
        """Yield a camera's segments, boot after boot."""
        for boot, (start, end) in enumerate(pc.boots):
            mine = [s for s in spells if s[1] > start and s[0] < end]
            seen = start + self.rng.uniform(1, 4)
            if not mine or mine[0][0] > seen:
                yield Turn(self._given(pc, seen), seen, boot, State.UP, None)
            for began, over, ill in mine:
                yield from self._spell(pc, boot, (start, end), (began, over, ill))

    def _spell(
        self, pc: GatePc, boot: int, runs: Span, spell: tuple[float, float, Ill]
    ) -> Iterator[Turn]:
        """Yield what one spell of trouble leads to: nothing if it is over before it is believed."""
        began, over, ill = spell
        dated, believed = self._noticed(max(began, runs[0] + 1), ill)
        if believed >= min(over, runs[1]):
            if began <= runs[0]:
                seen = over + self.rng.uniform(1, 4)
                yield Turn(self._given(pc, seen), seen, boot, State.UP, None)
            return
        yield Turn(self._given(pc, believed), dated, boot, state_of(Cause(ill.cause)), ill.cause)
        well = over + self._well_s(ill)
        if well < runs[1]:
            yield Turn(self._given(pc, well), well, boot, State.UP, None)

    def _noticed(self, began: float, ill: Ill) -> tuple[float, float]:
        """Return since when the agent dates a trouble, and when it believes it."""
        if ill.detect_s is not None:
            return began + 0.5, began + ill.detect_s
        if ill.cause == "picture.frozen":
            return began, began + self.rng.uniform(60, 70)
        if ill.cause.startswith("picture."):
            first = began + self.rng.uniform(0, _PICTURE_S)
            return first, first + (1 if ill.cause in _TWO_AGREE else 2) * _PICTURE_S + 0.3
        if ill.cause.startswith("stream."):
            return began + 5, began + self.rng.uniform(8, 14)
        if ill.cause.startswith(("recording.", "clock.")):
            asked = began + self.rng.uniform(10, 900)
            return asked, asked + 0.5
        return self._missed(began, ill.unseen_s)

    def _missed(self, began: float, unseen_s: int) -> Span:
        """Return the same for a loss."""
        if unseen_s:
            look = began + self.rng.uniform(0, unseen_s)
            return look, look + self.rng.uniform(4, 9)
        lasts = self.rng.uniform(5, 8) if self.rng.random() < 0.5 else self.rng.uniform(9, 18)
        return began + 0.5, began + lasts

    def _well_s(self, ill: Ill) -> float:
        if ill.cause.startswith("picture."):
            return self.rng.uniform(_PICTURE_S, 2 * _PICTURE_S)
        if ill.cause.startswith(("recording.", "clock.")):
            return self.rng.uniform(10, 900)
        return self.rng.uniform(1, 15)


def _in_order(turns: Iterable[Turn]) -> list[Turn]:
    """Return them as they are given: a spool is brought in its order."""
    found: list[Turn] = []
    for turn in turns:
        before_s = found[-1].given_s if found else turn.given_s
        found.append(turn._replace(given_s=max(turn.given_s, before_s)))
    return found
