"""Who can be told, as people last wrote it: read again as soon as they have changed something."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from server.config import ServerConfig
from server.config.alerts import Addressing
from server.domain.paging.directory import Directory
from server.domain.units import Organisation
from server.paging.book import POLICY, RECEIVER, ROTA, PagingBook, load_book
from server.storage import Store

_KINDS: Final = (RECEIVER, ROTA, POLICY)


@dataclass(slots=True, kw_only=True)
class PagingDesk:
    """Keeps the directory of one process.

    Attributes:
        channels: Names of the channels that name their own place.
        contact_ways: See ``Directory``.
        language: Of whoever stands where nobody wrote a receiver.
    """

    store: Store
    organisation: Callable[[], Organisation]
    channels: tuple[str, ...]
    contact_ways: tuple[tuple[str, str], ...] = ()
    language: str = "vi"
    _counted: int = field(default=-1, init=False)
    _book: PagingBook = field(default_factory=PagingBook, init=False)
    _made: tuple[Organisation, PagingBook, Directory] | None = field(default=None, init=False)

    async def directory(self) -> Directory:
        """Return the directory as it is now; the same object while nothing changes.

        Raises ``StoreError``.
        """
        counted = await self.store.count_revisions(_KINDS)
        if counted != self._counted:
            self._book = await load_book(self.store)
            self._counted = counted
        organisation = self.organisation()
        made = self._made
        if made is None or made[0] is not organisation or made[1] is not self._book:
            directory = self._book.directory(
                organisation,
                channels=self.channels,
                contact_ways=self.contact_ways,
                language=self.language,
            )
            made = self._made = (organisation, self._book, directory)
        return made[2]


def make_desk(
    store: Store, organisation: Callable[[], Organisation], config: ServerConfig
) -> PagingDesk:
    """Return who keeps the directory: receivers are data, channels are configured."""
    channels = config.alerts.channels
    return PagingDesk(
        store=store,
        organisation=organisation,
        channels=tuple(n for n, c in channels.items() if c.addressing is not Addressing.NEEDED),
        contact_ways=contact_ways({name: channel.kind for name, channel in channels.items()}),
        language=config.language,
    )


def contact_ways(kinds: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return by which channels schools' contacts are told, from the channels' kinds by name."""
    by_kind: dict[str, str] = {}
    for name, kind in kinds.items():
        by_kind.setdefault(kind, name)
    wanted = (("mail", "email"), ("zalo", "zalo_oa"), ("phone", "zalo_zns"))
    return tuple((what, by_kind[kind]) for what, kind in wanted if kind in by_kind)
