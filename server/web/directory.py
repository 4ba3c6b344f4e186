"""Who can be told, as pages show it: names of receivers, and the directory they stand in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from server.domain.paging.directory import Directory
from server.paging.desk import PagingDesk

DESK: Final = web.AppKey("desk", PagingDesk)


@dataclass(frozen=True, slots=True)
class Who:
    """The directory of today."""

    directory: Directory

    def name(self, receiver: str) -> str:
        """Return a receiver's name; of a school's contact their name; else the id."""
        return self._known(receiver) or receiver

    @property
    def names(self) -> Iterable[str]:
        """The names of all receivers."""
        return [receiver.name for receiver in self.directory.receivers.values()]

    def _known(self, receiver: str) -> str | None:
        if receiver.startswith("school:"):
            school, _, contact = receiver.removeprefix("school:").partition("/")
            found = self.directory.organisation.school(school)
            contacts = found.contacts if found else ()
            return next((c.name for c in contacts if c.id == contact), None)
        one = self.directory.receivers.get(receiver)
        return one.name if one else None


async def who_is_told(app: web.Application) -> Who:
    """Return who can be told today. Raises ``StoreError``."""
    return Who(await app[DESK].directory())
