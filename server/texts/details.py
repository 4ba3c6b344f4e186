"""The agent's short English facts, spoken in another language. Pure.

An agent says what it saw as one English sentence ("12 % of the picture is hidden, upper left"), and
so does the centre where it refuses what an agent sent.
The sentences are listed as msgids; here each becomes a pattern, in which ``%(name)s`` stands for
what the agent fills in. What fits a whole pattern is said by its translation, with numbers written
as the language writes them; what fits none (a newer agent's words) stays as it came. In English
nothing is touched.

Details come over the network. Each pattern has at most one slot that takes anything, so a match
takes linear time, and only a few details may be nested in one another.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from server.texts import detail_words as words
from server.texts import detail_words_refusals as refusals
from server.texts import detail_words_rtsp as rtsp
from server.texts.tongue import Tongue

MAX_CHARS: Final = 500
"""Longer ones are no agent's."""
_MOST_NESTED: Final = 5
_NUMBER: Final = r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,6})?(?:e[+-]?[0-9]{1,2})?"
_ANYTHING: Final = r".+"
_SLOTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("n", "of", "asked", "limit"), _NUMBER),
    **dict.fromkeys(("rest", "hint", "ended", "said"), _ANYTHING),
    **dict.fromkeys(("host", "old", "size", "codec", "format"), r"\S+"),
    "answer": r"[A-Z_]{1,32} was answered [0-9]{3} [^:]{0,300}",
    "method": r"[A-Za-z_]{1,32}",
    "status": r"[0-9]{3}",
    "reason": r"[^:]{0,300}",
    "span": r"[0-9]{1,9} (?:days|h|min|s)",
}
_NUMBERS: Final = frozenset({"n", "of", "asked", "limit"})
_NESTED: Final = frozenset({"rest", "hint", "ended", "answer", "span"})
_SLOT: Final = re.compile(r"%\((\w+)\)s")

MSGIDS: Final = (
    *words.JOINED,
    *words.PICTURE,
    *words.STREAM,
    *words.DECODER,
    *words.BESIDE,
    *words.SPANS,
    *rtsp.NETWORK,
    *rtsp.RTSP,
    *rtsp.HINTS,
    *refusals.REFUSALS,
)
"""Every sentence that is known, in the order in which it is tried."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A detail in words and the language (``vi``, ``en``) that it is in."""

    text: str
    lang: str


def spoken(tongue: Tongue, detail: str) -> Spoken:
    """Return a detail in the tongue's language, or as it came, which is English."""
    if tongue.code == "en" or len(detail) > MAX_CHARS:
        return Spoken(detail, "en")
    said = _said(tongue, detail, _MOST_NESTED)
    return Spoken(detail, "en") if said is None else Spoken(said, tongue.code)


def _said(tongue: Tongue, detail: str, depth: int) -> str | None:
    """Return the translation of a detail; None where it, or a part of it, is not known."""
    if not depth:
        return None
    for msgid, pattern in _PATTERNS:
        found = pattern.fullmatch(detail)
        if found is None:
            continue
        values = _values(tongue, found.groupdict(), depth)
        if values is not None:
            return tongue.text(msgid, **values)
    return None


def _values(tongue: Tongue, found: Mapping[str, str], depth: int) -> dict[str, str] | None:
    values: dict[str, str] = {}
    for name, text in found.items():
        if name in _NESTED:
            part = _said(tongue, text, depth - 1)
            if part is None:
                return None
            values[name] = part
        else:
            values[name] = _number(tongue, text) if name in _NUMBERS else text
    return values


def _number(tongue: Tongue, text: str) -> str:
    """Return a number as the language writes it, with as many decimals and the sign as it had."""
    decimals = 0 if "e" in text else len(text.partition(".")[2])
    sign = "+" if text.startswith("+") else ""
    return sign + tongue.number(float(text), decimals)


def _pattern(msgid: str) -> re.Pattern[str]:
    parts = _SLOT.split(msgid)
    literals = [re.escape(part.replace("%%", "%")) for part in parts[::2]]
    slots = [f"(?P<{name}>{_SLOTS[name]})" for name in parts[1::2]]
    return re.compile("".join(a + b for a, b in zip(literals, [*slots, ""], strict=True)))


_PATTERNS: Final = tuple((msgid, _pattern(msgid)) for msgid in MSGIDS)
