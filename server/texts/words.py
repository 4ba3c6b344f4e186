"""Words for states and causes, on pages and in messages. Pure.

A newer agent may send a cause that this server does not know: it is then shown as it came, with the
state's own word.
"""

from typing import Final

from server.texts.causes import CAUSES
from server.texts.tongue import N_, Tongue
from wire.vocabulary import State

STATE_WORDS: Final = {
    State.UP: N_("Watching"),
    State.DEGRADED: N_("Poor picture"),
    State.DOWN: N_("Connection lost"),
    State.UNKNOWN: N_("Not known"),
}


def state_word(tongue: Tongue, state: State) -> str:
    """Return the state in words, with a capital letter."""
    return tongue.text(STATE_WORDS[state])


def cause_word(tongue: Tongue, cause: str | None) -> str:
    """Return the cause in words, in lower case; one that nobody knows here stays as it came."""
    if not cause:
        return ""
    known = CAUSES.get(cause)
    return tongue.text(known.label) if known else cause


def verdict(tongue: Tongue, state: State, cause: str | None) -> str:
    """Return state and cause as one phrase: ``Hình ảnh kém: bị che khuất``."""
    word, why = state_word(tongue, state), cause_word(tongue, cause)
    return f"{word}: {why}" if why else word


def cause_line(tongue: Tongue, cause: str) -> str:
    """Return a message's line on a cause; one that has no words for it is named as it came."""
    known = CAUSES.get(cause)
    if known is None or not known.told:
        return tongue.text("Cause: %(cause)s", cause=cause)
    return tongue.text(known.told)
