"""Who can be told, as pages show it: names of receivers, and the directory they stand in."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.paging.directory import Directory
from server.paging.book import load_book
from server.web.deps import WebDeps


@dataclass(frozen=True, slots=True)
class Who:
    """The directory of today."""

    directory: Directory

    def name(self, receiver: str) -> str:
        """Return a receiver's name; of a school's contact their name; else the id."""
        known = self._known(receiver)
        return known or receiver

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all receivers."""
        receivers: Mapping[str, object] = self.directory.receivers
        return tuple(self.name(name) for name in receivers)

    def _known(self, receiver: str) -> str | None:
        if receiver.startswith("school:"):
            school, _, contact = receiver.removeprefix("school:").partition("/")
            found = self.directory.organisation.school(school)
            contacts = found.contacts if found else ()
            return next((c.name for c in contacts if c.id == contact), None)
        one = self.directory.receivers.get(receiver)
        return one.name if one else None


async def who_is_told(deps: WebDeps) -> Who:
    """Return who can be told today. Raises ``StoreError``."""
    book = await load_book(deps.store)
    return Who(book.directory(deps.organisation, channels=deps.config.alerts.channels))
