"""Who can be told, as pages show it: names of receivers, and the directory they stand in.

Receivers are the authority's own people, and everybody sees their names. A school's contacts are
personal data: officers see who they are, others whose office it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from server.domain.paging.directory import Directory
from server.domain.units import Contact, School
from server.paging.desk import PagingDesk
from server.web.deps import SESSION

DESK: Final = web.AppKey("desk", PagingDesk)


@dataclass(frozen=True, slots=True)
class Who:
    """The directory of today; ``whole``: for somebody who may see who a school's contacts are."""

    directory: Directory
    whole: bool

    def name(self, receiver: str) -> str:
        """Return a receiver's name; of a school's contact their name or office; else the id."""
        found = self._contact(receiver)
        if found is None:
            return self.office(receiver)
        return found[1].name if self.whole else self.office(receiver)

    def office(self, receiver: str) -> str:
        """Return what everybody may read: of a school's contact the office and the school."""
        found = self._contact(receiver)
        if found is None:
            one = self.directory.receivers.get(receiver)
            return one.name if one else receiver
        school, contact = found
        return f"{contact.role}, {school.name}" if contact.role else school.name

    @property
    def names(self) -> Iterable[str]:
        """The names of all receivers."""
        return [receiver.name for receiver in self.directory.receivers.values()]

    def _contact(self, receiver: str) -> tuple[School, Contact] | None:
        if not receiver.startswith("school:"):
            return None
        school, _, name = receiver.removeprefix("school:").partition("/")
        found = self.directory.organisation.school(school)
        contacts = found.contacts if found else ()
        return next(((found, c) for c in contacts if found and c.id == name), None)


async def who_is_told(request: web.Request) -> Who:
    """Return who can be told today, for this reader. Raises ``StoreError``."""
    session = request.get(SESSION)
    return Who(
        await request.app[DESK].directory(), whole=session is not None and session.user.may_act
    )
