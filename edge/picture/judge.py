"""What is wrong with a camera's picture, if anything. Pure: pictures and the time in, findings out.

One ``Judge`` per camera. Some faults need no knowledge of the camera: black, a recorder's card,
frozen, white-out, gross noise. The others are differences from what was learned (``scene``). When
several are true, the one that leaves least to see is told: black, card, frozen, the rest.
"""

from dataclasses import dataclass
from typing import Final

from edge.picture.bank import Bank
from edge.picture.black import is_black
from edge.picture.card import is_card
from edge.picture.confirm import Confirm, Trouble
from edge.picture.electronic import disturbed, white
from edge.picture.freeze import Freeze
from edge.picture.memory import from_memory, to_memory
from edge.picture.picture import Picture
from edge.picture.scene import Scene, Sight
from edge.picture.traits import Traits, traits_of
from wire.vocabulary import Cause

_LEARNED: Final = (Cause.PICTURE_BLURRED, Cause.PICTURE_COVERED, Cause.PICTURE_MOVED)
_NOTHING_TO_SEE: Final = (Cause.PICTURE_BLACK, Cause.PICTURE_NO_SIGNAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one picture, after those before it, tells.

    ``cause`` None means a usable picture; ``began_ms`` is since when the cause has been true, as
    far as pictures can tell, on the clock of ``at_ms``. ``unchecked`` names the causes that can't
    be told of this camera now: "not seen" would claim too much of them.
    """

    cause: Cause | None
    began_ms: int
    detail: str | None = None
    unchecked: tuple[Cause, ...] = ()


class Judge:
    """One camera's eye.

    ``memory`` is what an earlier ``memory()`` returned; raises ``ValueError`` for one that can't be
    read. The hour is not asked: a light is known by how it looks.
    """

    def __init__(self, *, freeze_after_ms: int, memory: bytes | None = None) -> None:
        self._freeze = Freeze(freeze_after_ms)
        self._confirm = Confirm()
        self._scene = Scene(Bank() if memory is None else from_memory(memory))

    def step(self, picture: Picture, at_ms: int) -> Finding:
        """Judge the next picture, seen at ``at_ms``."""
        trouble, unchecked = self._trouble(picture, at_ms)
        held = self._confirm.step(trouble)
        frozen_since_ms = self._frozen(picture, trouble, at_ms)
        if frozen_since_ms is not None and (held is None or held.cause not in _NOTHING_TO_SEE):
            detail = f"no change but the clock for {(at_ms - frozen_since_ms) // 1000} s"
            return Finding(cause=Cause.PICTURE_FROZEN, began_ms=frozen_since_ms, detail=detail)
        if held is not None:
            return Finding(cause=held.cause, began_ms=held.began_ms, detail=held.detail)
        if not self._freeze.checkable:
            unchecked = (*unchecked, Cause.PICTURE_FROZEN)
        return Finding(cause=None, began_ms=at_ms, unchecked=unchecked)

    def new_view(self) -> None:
        """Take what is seen from the next picture on as what this camera is meant to show."""
        self._scene = Scene(Bank())
        self._confirm = Confirm()

    def forget(self) -> None:
        """A new stream: what was seen before proves no freeze. What was learned stays."""
        self._freeze.forget()

    def memory(self) -> bytes:
        """Return what was learned, for the disk; at most 200 kB."""
        return to_memory(self._scene.bank)

    def _frozen(self, picture: Picture, trouble: Trouble | None, at_ms: int) -> int | None:
        if trouble is not None and trouble.cause in _NOTHING_TO_SEE:
            self._freeze.forget()
            return None
        return self._freeze.step(picture, at_ms)

    def _trouble(self, picture: Picture, at_ms: int) -> tuple[Trouble | None, tuple[Cause, ...]]:
        if is_black(picture.luma):
            return Trouble(cause=Cause.PICTURE_BLACK, at_ms=at_ms), _LEARNED
        if is_card(picture.luma):
            detail = "a recorder's card instead of a view"
            return Trouble(cause=Cause.PICTURE_NO_SIGNAL, at_ms=at_ms, detail=detail), _LEARNED
        traits = traits_of(picture)
        sight = self._electronic(traits) or self._scene.step(traits, at_ms)
        unchecked = () if sight.checked else _LEARNED
        if sight.cause is None:
            return None, unchecked
        since_ms = at_ms if sight.since_ms is None else sight.since_ms
        return Trouble(cause=sight.cause, at_ms=since_ms, detail=sight.detail), unchecked

    def _electronic(self, traits: Traits) -> Sight | None:
        usual = self._scene.bank.usual(traits)
        burnt_out = white(traits.disturbance, usual)
        if burnt_out is not None:
            return Sight(cause=Cause.PICTURE_OVEREXPOSED, detail=burnt_out, checked=False)
        fact = disturbed(traits.disturbance, usual)
        if fact is not None:
            return Sight(cause=Cause.PICTURE_NOISE, detail=fact, checked=False)
        return None
