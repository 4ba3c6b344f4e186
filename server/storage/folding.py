"""Text as a search sees it: lower case, no Vietnamese marks, nothing that a database refuses.

Nearly all text of machines is ASCII, for which neither form has anything to do; that way is short.
"""

import unicodedata
from functools import lru_cache


def fold(text: str) -> str:
    """Return ``text`` in lower case without marks; đ does not decompose, so it is mapped apart."""
    if text.isascii():
        return text.lower()
    return " ".join([_folded(word) for word in text.split(" ")])


@lru_cache(maxsize=8192)
def _folded(word: str) -> str:
    """Fold one word: those of names and notes come again and again."""
    decomposed = unicodedata.normalize("NFD", word.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.replace("đ", "d")


def clean(text: str | None) -> str | None:
    """Return ``text`` as NFC without NUL, which PostgreSQL can't hold, and never longer.

    A few characters get longer in NFC. Text that would outgrow its column stays as it was.
    """
    if text is None:
        return None
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    composed = unicodedata.normalize("NFC", text)
    return composed if len(composed) <= len(text) else text
