"""What people do with receivers, rotas and policies: enter, change, take away.

One way for pages and the API; each raises one of ``refusals.REFUSALS`` where it is not done.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from uuid import uuid4

from server.domain.paging.people import Policy, Receiver, Rota
from server.paging.book import (
    POLICY,
    RECEIVER,
    ROTA,
    Entry,
    Kept,
    PagingBook,
    kind_of,
    load_book,
    load_one_removed,
    put_entry,
)
from server.storage import ConflictError
from server.texts.tongue import N_
from server.web import pagingforms
from server.web.forms import BadInputError
from server.web.pages.paging import named_in, turned_by
from server.web.pagingchecks import Ground, check
from server.web.refusals import NothingThereError
from server.web.writer import Writer

NO_ENTRY: Final = N_("There is no such entry.")
KINDS: Final = (RECEIVER, ROTA, POLICY)
Given = Mapping[str, str]


async def enter(
    by: Writer, ground: Ground, kind: str, given: Given, *, name: str | None, seen: int
) -> str:
    """Enter something new (``name`` None), or change what ``seen`` is the revision of."""
    book = await load_book(by.store)
    kept = None if name is None else kept_of(book, kind, name)
    entry = _entry(book, ground, kind, given, name or uuid4().hex[:12], kept)
    await put(by, book, ground, entry, seen=seen if kept else 0)
    return entry.id


async def put(by: Writer, book: PagingBook, ground: Ground, entry: Entry, *, seen: int) -> int:
    """Write an entry, if it names only what there is; return its revision.

    ``seen`` 0: a new one. Where one of that id was taken away its history goes on.
    """
    check(entry, replace(ground, receivers=tuple(book.receivers), rotas=tuple(book.rotas)))
    removed = None if seen else await load_one_removed(by.store, kind_of(entry), entry.id)
    before = removed.revision if removed else seen
    await by.put(put_entry(entry, expected=before))
    return before + 1


async def bring_back(by: Writer, ground: Ground, kind: str, name: str, *, seen: int) -> None:
    """Enter what was taken away as it was then, if what it names is still there."""
    removed = await load_one_removed(by.store, kind, name)
    if removed is None:
        raise NothingThereError(NO_ENTRY)
    await put(by, await load_book(by.store), ground, removed.value, seen=seen)


async def change_stands(by: Writer, ground: Ground, name: str, given: Given, *, seen: int) -> None:
    """Add a stand to a rota, or take one away (``stand``: its place)."""
    book = await load_book(by.store)
    kept = kept_of(book, ROTA, name)
    assert isinstance(kept.value, Rota)
    if "stand" in given:
        after = pagingforms.without_stand(given, kept.value)
    else:
        after = pagingforms.with_stand(given, book.receivers, kept.value)
    await put(by, book, ground, after, seen=seen)


async def take_away(by: Writer, kind: str, name: str, *, seen: int) -> None:
    """Take an entry away; who is named elsewhere stays until nobody names them."""
    book = await load_book(by.store)
    kept = kept_of(book, kind, name)
    if kept.revision != seen:
        raise ConflictError(kind, name, kept.revision)
    rotas = {key: k.value for key, k in book.rotas.items()}
    policies = [k.value for k in book.policies.values()]
    naming: tuple[str, ...] = ()
    if kind == RECEIVER:
        naming = named_in(name, rotas, policies)
    elif kind == ROTA:
        naming = turned_by(name, policies)
    if naming:
        raise BadInputError("name", N_("is still named in: %(names)s"), names=", ".join(naming))
    await by.put(put_entry(kept.value, expected=seen, gone=True))


def kept_of(book: PagingBook, kind: str, name: str) -> Kept[Receiver] | Kept[Rota] | Kept[Policy]:
    """Return an entry. Raises ``NothingThereError``."""
    found: Kept[Receiver] | Kept[Rota] | Kept[Policy] | None
    match kind:
        case "receiver":
            found = book.receivers.get(name)
        case "rota":
            found = book.rotas.get(name)
        case _:
            found = book.policies.get(name)
    if found is None:
        raise NothingThereError(NO_ENTRY)
    return found


def _entry(
    book: PagingBook,
    ground: Ground,
    kind: str,
    given: Given,
    name: str,
    kept: Kept[Receiver] | Kept[Rota] | Kept[Policy] | None,
) -> Entry:
    if kind == RECEIVER:
        return pagingforms.receiver(given, ground.channels, name=name)
    if kind == ROTA:
        before = kept.value if kept else None
        assert before is None or isinstance(before, Rota)
        return pagingforms.rota(given, book.receivers, name=name, before=before)
    return pagingforms.policy(
        given,
        name=name,
        receivers=book.receivers,
        rotas=book.rotas,
        units=[unit.id for unit in ground.organisation.units],
        schools=[school.id for school in ground.organisation.schools],
    )
