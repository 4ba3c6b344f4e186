"""Text as a search sees it: lower case, no Vietnamese marks, nothing that a database refuses."""

import unicodedata


def fold(text: str) -> str:
    """Return ``text`` in lower case without marks; đ does not decompose, so it is mapped apart."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.replace("đ", "d")


def clean(text: str | None) -> str | None:
    """Return ``text`` as NFC without NUL, which PostgreSQL can't hold."""
    if text is None:
        return None
    return unicodedata.normalize("NFC", text.replace("\x00", "\ufffd"))
