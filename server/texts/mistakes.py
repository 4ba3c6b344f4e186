"""Why a plan's text can't be used, in the reader's language: what ``ConfigError`` says. Pure.

Configuration speaks English, to whoever runs the server; a plan is written by officials on a page.
Each msgid here is a sentence of ``server.config`` with its changing parts named; parts called
``found`` and ``hint`` are phrases that stand in the table themselves. A sentence that is not in the
table, or is too long to be one of ours, stays English. (``details`` does the same for what agents
say; its parts have fixed shapes, for they come over the network.)
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from server.texts.details import MAX_CHARS, Spoken
from server.texts.tongue import N_, Tongue

SENTENCES: Final = (
    N_("unknown key; %(hint)s"),
    N_("unknown word '%(word)s'; %(hint)s"),
    N_("unknown source '%(word)s'; %(hint)s"),
    N_("unknown set '%(word)s'; %(hint)s"),
    N_("unknown kind of school; %(hint)s"),
    N_("unknown kind of zone; %(hint)s"),
    N_("unknown kind; %(hint)s"),
    N_("nothing is set for '%(word)s'; %(hint)s"),
    N_("no hours stand here for '%(word)s'; %(hint)s"),
    N_("missing; this file should begin with schema: %(word)s"),
    N_("missing"),
    N_("nothing stands here; write the value, or 'unset'"),
    N_("a value needs its source beside it: source: {id: ...}"),
    N_("the product's own defaults are no authority for a plan"),
    N_("a source can't replace itself"),
    N_("ends (%(last)s) before it begins (%(first)s)"),
    N_("stands twice, first in line %(number)s"),
    N_("the school year %(word)s stands twice"),
    N_("%(word)s stands twice"),
    N_("no camera may be in a zone of kind '%(word)s'"),
    N_("a number for a zone that is not required"),
    N_("'%(word)s' needs counts_by before anything can depend on it"),
    N_("'%(word)s' inherits itself; name the kind whose values are written out"),
    N_("'%(word)s' inherits itself; name the kind whose hours are written out"),
    N_("days and windows stand here already; write them or inherit them"),
    N_("days and windows are set together; %(word)s is unset"),
    N_("starts and ends_before are set together; %(word)s is unset"),
    N_("at least one window is needed, or 'unset'"),
    N_("at least one weekday is needed, or 'unset'"),
    N_("'%(word)s' begins before the window above it ends"),
    N_("'%(word)s' does not end after it begins; cut it in two at midnight"),
    N_("'%(word)s' is not within 00:00 to 24:00"),
    N_('a window in quotes is expected, like "06:30-17:30", found %(found)s'),
    N_('a window like "06:30-17:30" is expected, found %(found)s'),
    N_('a school year like "2026-2027" is expected, found %(found)s'),
    N_("%(word)s begins before %(other)s ends"),
    N_("the first term ends within its school year"),
    N_("with school_year: every_week no public holiday is off; write 'none'"),
    N_("a span like P1Y or P6M is expected, found '%(word)s'"),
    N_(
        'a day of every year like "05-31" (month-day), or of one year like 2027-05-31, is expected,'
        " found %(found)s"
    ),
    N_("a day between %(first)s and %(last)s is expected, found %(found)s"),
    N_("a day in %(word)s is expected, found %(found)s"),
    N_("a day (YYYY-MM-DD) is expected, found %(found)s"),
    N_("a whole number is expected, found %(found)s"),
    N_("a number is expected, found %(found)s"),
    N_("%(word)s is not between %(first)s and %(last)s"),
    N_("true, false or 'check' is expected, found %(found)s"),
    N_("true or false is expected, found %(found)s"),
    N_("text is expected, found %(found)s; put it in quotes"),
    N_("text is expected, found %(found)s"),
    N_("a mapping is expected, found %(found)s"),
    N_("a list is expected, found %(found)s"),
    N_("control characters are not allowed here"),
    N_(
        "'%(word)s' is not a valid id: small letters a-z, digits, - and _, at most 64,"
        " the first and the last a letter or digit"
    ),
    N_("'%(word)s' is not a valid id: small letters a-z, digits, - and _"),
    N_("only %(word)s is known, found '%(other)s'"),
    N_("a version has at most %(number)s characters"),
    N_("who confirmed a version is written down by the system; leave it out"),
    N_("'%(word)s' may not be chosen (selectable: false)"),
    N_("a camera with '%(word)s' shows nothing of its place: it never counts"),
    N_("'%(word)s' is expected here, found '%(other)s'"),
    N_("'%(word)s' is expected, found %(found)s"),
    N_("merge keys are not understood here"),
    N_("a key must be a word, found %(found)s"),
    N_("a key must be a word"),
    N_("not valid YAML: %(reason)s"),
    N_("nested too deeply"),
    N_("the file is empty"),
)
PHRASES: Final = (
    N_("did you mean '%(word)s'?"),
    N_("one of: %(words)s"),
    N_("known here: %(words)s"),
    N_("known are: %(words)s"),
    N_("set here are: %(words)s"),
    N_("weekdays are: %(words)s"),
    N_("causes that leave a picture are: %(words)s"),
    N_("a list of school years, or: %(words)s"),
    N_("known: %(words)s"),
    N_("'%(word)s' has: %(words)s"),
    N_("the text '%(word)s'"),
    N_("the number %(word)s"),
    N_("%(word)s (a truth value in YAML)"),
    N_("%(word)s (a number in base 60 in YAML)"),
    N_("nothing"),
    N_("a mapping"),
    N_("a list"),
    N_("none"),
)
_PART: Final = re.compile(r"%\\?\((\w+)\\?\)s")
_NESTED: Final = frozenset({"found", "hint"})


def mistake_text(tongue: Tongue, why: str) -> Spoken:
    """Return a reason in the reader's language, or as it came, which is English."""
    if tongue.code == "en" or len(why) > MAX_CHARS:
        return Spoken(why, "en")
    found = _said(tongue, why, SENTENCES)
    return Spoken(why, "en") if found is None else Spoken(found, tongue.code)


def _said(tongue: Tongue, words: str, table: Sequence[str]) -> str | None:
    for msgid in table:
        match = _pattern(msgid).fullmatch(words)
        if match is not None:
            parts = {
                name: (_said(tongue, part, PHRASES) or part) if name in _NESTED else part
                for name, part in match.groupdict().items()
            }
            return tongue.text(msgid, **parts)
    return None


@lru_cache(maxsize=256)
def _pattern(msgid: str) -> re.Pattern[str]:
    return re.compile(_PART.sub(r"(?P<\1>.+)", re.escape(msgid)), re.DOTALL)
