"""Silences: people ask for quiet about something, for a reason and until a moment. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from server.domain.incident.model import Kind
from server.domain.incident.signals import Subject
from server.domain.incident.world import Quiet


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """From ``start`` up to ``until`` (UTC, half-open) nobody is told of what fits.

    What is empty or None does not restrict; a silence of one school holds for nothing that is of
    no school. To end it early is to bring ``until`` forward, so the past stays explained.

    Attributes:
        school: Only of this school.
        subjects: Only of these.
        kinds: Only incidents of these kinds.
    """

    start: datetime
    until: datetime
    reason: str
    school: str | None = None
    subjects: tuple[Subject, ...] = ()
    kinds: tuple[Kind, ...] = ()

    def fits(self, subject: Subject, school: str | None, kind: Kind, at: datetime) -> bool:
        """Tell whether a subject of a school is not to be told of at that time."""
        return (
            self.start <= at < self.until
            and self.school in {None, school}
            and (not self.subjects or subject in self.subjects)
            and (not self.kinds or kind in self.kinds)
        )


def quiet_by(
    silences: Iterable[Silence], subject: Subject, school: str | None, kind: Kind, at: datetime
) -> Quiet | None:
    """Return the silence that lasts longest of those that fit; None: none does."""
    fitting = [s for s in silences if s.fits(subject, school, kind, at)]
    if not fitting:
        return None
    last = max(fitting, key=lambda s: (s.until, s.reason))
    return Quiet(until=last.until, reason=last.reason)
