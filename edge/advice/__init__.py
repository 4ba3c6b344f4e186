"""What to do about each cause, in plain words, for whoever stands at the gate.

Each advice says what was found, what to bring and look at in at most three steps, and what is *not*
needed, so that nobody climbs a ladder for a wrong password. Pure; the texts are in ``vi`` and
``en``, and a test holds both against the vocabulary.
"""

from typing import Final, Literal, TypeAlias

from edge.advice import en, vi
from edge.advice.words import Advice
from wire.vocabulary import Cause

__all__ = ["Advice", "Language", "advise"]

Language: TypeAlias = Literal["vi", "en"]

_TEXTS: Final[dict[Language, dict[Cause | None, Advice]]] = {"vi": vi.TEXTS, "en": en.TEXTS}


def advise(cause: Cause | None, language: Language) -> Advice:
    """Return the advice for ``cause``; None is a camera that is up."""
    return _TEXTS[language][cause]
