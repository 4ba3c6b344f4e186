"""Checks as sentences, in the technician's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from edge.advice import Language, advise
from edge.doctor import en, vi
from edge.doctor.check import Check, Topic
from edge.doctor.reasons import in_vietnamese
from edge.doctor.sentence import Sentence

_TEXTS: Final[dict[Language, Mapping[str, Sentence]]] = {"vi": vi.TEXTS, "en": en.TEXTS}
_TITLES: Final[dict[Language, Mapping[Topic, str]]] = {"vi": vi.TITLES, "en": en.TITLES}


@dataclass(frozen=True, slots=True)
class Said:
    """A check in words.

    Attributes:
        found: What was found, one sentence.
        steps: What to do, in order; empty where there is nothing to do.
        not_needed: What can stay at home, or empty.
    """

    found: str
    steps: tuple[str, ...] = ()
    not_needed: str = ""


def title(topic: Topic, language: Language) -> str:
    """Return a topic's name."""
    return _TITLES[language][topic]


def say(check: Check, language: Language) -> Said:
    """Return what a check found and what to do about it."""
    sentence = _TEXTS[language][check.code]
    facts = {name: _shown(value, language) for name, value in check.values.items()}
    if "why" in facts and language == "vi":
        facts["why"] = in_vietnamese(facts["why"])
    steps = tuple(step.format_map(facts) for step in sentence.steps)
    if check.cause is None:
        return Said(sentence.found.format_map(facts), steps)
    advice = advise(check.cause, language)
    found = sentence.found.format_map(facts | {"summary": advice.summary})
    return Said(found, (*steps, *advice.steps), advice.not_needed)


def _shown(value: Any, language: Language) -> str:
    """Return a fact as people write it: 1,5 and 22/11/2026 in Vietnamese."""
    match value:
        case float():
            text = f"{round(value, 1) + 0.0:.1f}"  # never "-0.0"
            return text.replace(".", ",") if language == "vi" else text
        case datetime():
            return value.strftime("%d/%m/%Y" if language == "vi" else "%Y-%m-%d")
        case list() | tuple():
            return ", ".join(_shown(one, language) for one in value)
        case _:
            return str(value)
