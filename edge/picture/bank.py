"""What one camera has learned: a few references, one per kind of light, and a draft of the next.

A picture is held against the reference that fits it best. A draft is begun when the light is new
and judges nobody until it has seen ``LEARNED`` pictures; a full bank drops what was used longest
ago. References are kept for each size of picture that the camera has sent, because another encoding
has another sharpness.
"""

from typing import Final

from edge.picture.disturbance import Disturbance
from edge.picture.reference import Comparison, Reference
from edge.picture.traits import Traits

LEARNED: Final = 8
"""Pictures until a reference may judge."""
MOST: Final = 6
_YOUNG: Final = 3
"""Pictures until a draft can tell whether another picture is like it."""
_LIKE: Final = 0.35
_UNLIKE_IN_A_ROW: Final = 3
_USUAL_FIT, _USUAL_SOFTER = 0.85, 0.05
_SLOWEST, _QUICKEST = 1 / 128, 1 / 12
_FORGETS_IN_MS: Final = 20 * 60_000
"""Light drifts within minutes; the share of a new picture in the mean follows the time passed."""


class Bank:
    """One camera's references, the most recently used last."""

    def __init__(self, references: tuple[Reference, ...] = ()) -> None:
        self.references = references
        self._draft: Reference | None = None
        self._unlike = 0

    def compare(self, traits: Traits) -> list[tuple[Reference, Comparison]]:
        """Hold a picture against the references of its size, the best fit first.

        Where the one used last says that all is as usual, the others are not asked: most pictures.
        """
        found = []
        for reference in reversed(self.references):
            if reference.is_of(traits):
                found.append((reference, reference.compare(traits)))
                if len(found) == 1 and _as_usual(found[0][1]):
                    break
        return sorted(found, key=lambda pair: -pair[1].overall)

    def usual(self, traits: Traits) -> Disturbance | None:
        """Return the measures of the reference used last for such pictures."""
        for reference in reversed(self.references):
            if reference.is_of(traits):
                return Disturbance(*reference.usual.tolist())
        return None

    def keep(self, reference: Reference) -> None:
        """Mark a reference as used now."""
        others = tuple(other for other in self.references if other is not reference)
        self.references = (*others, reference)[-MOST:]

    def draft(self, traits: Traits) -> None:
        """Learn a light, or a camera, that is not known yet."""
        draft = self._draft
        if draft is None or not draft.is_of(traits) or self._is_other(draft, traits):
            self._draft, self._unlike = Reference(traits), 0
            return
        if self._unlike:
            return
        draft.learn(traits, _SLOWEST)
        if draft.pictures >= LEARNED:
            self.keep(draft)
            self._draft = None

    def drop_draft(self) -> None:
        """Give up what was begun: the light is a known one again."""
        self._draft, self._unlike = None, 0

    def _is_other(self, draft: Reference, traits: Traits) -> bool:
        """Tell whether several pictures in a row were unlike the draft."""
        unlike = draft.pictures >= _YOUNG and draft.compare(traits).overall < _LIKE
        self._unlike = self._unlike + 1 if unlike else 0
        return self._unlike >= _UNLIKE_IN_A_ROW


def _as_usual(comparison: Comparison) -> bool:
    return comparison.overall > _USUAL_FIT and comparison.softer < _USUAL_SOFTER


def share_of(passed_ms: int) -> float:
    """Return the share of a picture in the mean, so long after the one before it."""
    return min(max(passed_ms / _FORGETS_IN_MS, _SLOWEST), _QUICKEST)
