"""What a phone sends of a visit, read with bounds and put to the visit. Pure.

A change has a name of its own that the phone makes: the same change that comes twice (its answer
was lost on the way) is done once.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import msgspec

from server.domain.inspection import Confirm, Fill, Finding, Paper, Side, Signed, Visit, step
from server.domain.units import School
from server.inspecting.photos import MOST_PHOTOS

MOST_BYTES: Final = 256 * 1024
_LINE: Final = 200
_TEXT: Final = 4000
_MANY: Final = 200
_DAYS: Final = 3660
_CLOCK: Final = 5
_LONGEST: Final = timedelta(days=31)
"""No phone keeps a confirmation to itself for longer."""


class BadPaperError(ValueError):
    """A paper that can't be taken; the text names the field."""


class Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One change: the revision that the phone has seen, its name, and the paper as it is now.

    ``sent_at``: now, by the phone's clock; ``done``: filled in; ``signed``: who has confirmed it.
    """

    base: int
    change: str
    sent_at: datetime
    paper: Paper
    done: bool = False
    signed: dict[Side, Signed] = {}


def read(body: bytes, school: School) -> Sent:
    """Return what was sent. Raises ``BadPaperError``."""
    try:
        sent = msgspec.json.decode(body, type=Sent)
    except msgspec.MsgspecError as error:
        raise BadPaperError(str(error)) from None
    if not 8 <= len(sent.change) <= 64 or not sent.change.isascii():  # noqa: PLR2004 (a UUID's)
        raise BadPaperError("change: a name of 8 to 64 characters")
    for field, text, most in _texts(sent):
        if len(text) > most:
            raise BadPaperError(f"{field}: at most {most} characters")
        if any(ord(c) < ord(" ") and c not in "\n\t" for c in text):
            raise BadPaperError(f"{field}: characters that nobody can read")
    _check_places(sent.paper, school)
    _check_counts(sent.paper)
    moments = (sent.sent_at, *(s.at for s in sent.signed.values()))
    if any(at.tzinfo is None for at in moments):
        raise BadPaperError("moments need their offset")
    if any(not s.name.strip() for s in sent.signed.values()):
        raise BadPaperError("signed: a name is needed")
    return sent


def taken(visit: Visit, sent: Sent, *, now: datetime) -> Visit:
    """Return the visit after a change. Raises ``WrongStepError``; a repeat changes nothing.

    Phones' clocks are wrong; how long ago somebody has confirmed, they know.
    """
    if visit.change == sent.change:
        return visit
    after = step(visit, Fill(sent.paper, sent.done or bool(sent.signed)))
    for side, signed in sorted(sent.signed.items()):
        known = after.signature(side)
        if known is None or (known.name, known.role) != (signed.name, signed.role):
            ago = min(_LONGEST, max(timedelta(), sent.sent_at - signed.at))
            after = step(after, Confirm(side, replace(signed, at=now - ago)))
    return replace(after, change=sent.change)


def new_photos(visit: Visit, sent: Sent) -> Collection[str]:
    """Return the photos that the paper names and the visit did not have."""
    had = {p for f in visit.paper.findings for p in f.photos}
    return {p for f in sent.paper.findings for p in f.photos} - had


def _texts(sent: Sent) -> Iterator[tuple[str, str, int]]:
    paper = sent.paper
    names = [(m.name, m.role) for m in (*paper.team, *paper.received_by)]
    names += [(s.name, s.role) for s in sent.signed.values()]
    notes = [c.note for c in paper.cameras] + [z.note for z in paper.zones]
    yield from (("name", text, _LINE) for pair in names for text in pair)
    yield from (("note", text, _TEXT) for text in notes)
    yield "began", paper.began, _CLOCK
    yield "ended", paper.ended, _CLOCK
    yield "conclusion", paper.conclusion, _TEXT
    yield "school_words", paper.school_words, _TEXT
    for finding in paper.findings:
        yield "finding", finding.id, _LINE
        yield "what", finding.what, _TEXT
        yield "acts", finding.acts, _LINE


def _check_places(paper: Paper, school: School) -> None:
    """Refuse what is not of this school; empty texts stand for no place."""
    cameras, zones = {c.id for c in school.cameras}, {z.id for z in school.zones}
    asked = [c.camera for c in paper.cameras]
    asked += [f.camera for f in paper.findings if f.camera is not None]
    placed = [z.zone for z in paper.zones]
    placed += [f.zone for f in paper.findings if f.zone is not None]
    for name in [*(c for c in asked if c not in cameras), *(z for z in placed if z not in zones)]:
        raise BadPaperError(f"{name[:80]}: no camera or zone of this school")


def _check_counts(paper: Paper) -> None:
    """Refuse what nobody fills in by hand, and what would say one thing twice."""
    for field, found in (("team", paper.team), ("received_by", paper.received_by)):
        if len(found) > _MANY:
            raise BadPaperError(f"{field}: at most {_MANY}")
    names = {
        "cameras": [c.camera for c in paper.cameras],
        "zones": [z.zone for z in paper.zones],
        "findings": [f.id for f in paper.findings],
    }
    for field, ids in names.items():
        if len(set(ids)) < len(ids) or len(ids) > _MANY:
            raise BadPaperError(f"{field}: each once, at most {_MANY}")
    for check in paper.cameras:
        _check_days(check.recorded_days, least=0)
    for finding in paper.findings:
        _check_finding(finding)


def _check_finding(finding: Finding) -> None:
    if not finding.id or not finding.what.strip():
        raise BadPaperError("findings: say what is wrong")
    if len(finding.photos) > MOST_PHOTOS:
        raise BadPaperError(f"photos: at most {MOST_PHOTOS} of one finding")
    _check_days(finding.healthy_days, least=1)


def _check_days(days: int | None, *, least: int) -> None:
    if days is not None and not least <= days <= _DAYS:
        raise BadPaperError(f"days: from {least} to {_DAYS}")
