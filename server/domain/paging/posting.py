"""What leaves now, in which order, and what waits to leave as one message. Pure.

Two rules, one after the other, for the letters that are due on one channel:

1. More than ``digest`` messages to one receiver within ten minutes become one. What is urgent
   waits less than a minute for its siblings, the rest at most ten minutes. What is open as a turn
   begins is one message in any case, and counts for no other. Not so over a channel that a program
   reads: it takes one incident at a time.
2. As many leave as the channel's limit has room for: urgent openings first, then openings, then
   what is over; receivers take turns, so that nobody's burst holds up another's first message.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from server.domain.paging.people import Occasion, Way

WINDOW: Final = timedelta(minutes=10)
URGENT_WAIT_S: Final = 45
"""Never over 60 s, with what sending itself takes."""
_SIBLINGS_S: Final = 5
_CALM_S: Final = 60
_ALONE: Final = frozenset({Occasion.DIGEST, Occasion.ALL_CLEAR, Occasion.TEST})
"""These are never gathered."""


class Door(NamedTuple):
    """A receiver and the way by which they are told."""

    receiver: str
    way: Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A letter that may leave now; ``at``: when it first might."""

    id: str
    door: Door
    occasion: Occasion
    incident: str | None
    urgent: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What is to be done now.

    Attributes:
        leaving: Letters to send, in this order.
        bundles: Letters of one receiver that become one.
    """

    leaving: tuple[Due, ...] = ()
    bundles: tuple[tuple[Due, ...], ...] = ()


def sort_post(
    due: Sequence[Due],
    *,
    left: Mapping[Door, Sequence[datetime]],
    digest: Callable[[str], int],
    room: int | None,
    now: datetime,
    apart: bool = False,
) -> Post:
    """Return what is to be done with the due letters of one channel.

    ``left``: when the newest messages left for each door; ``digest``: how many messages a receiver
    takes within ten minutes (0: any number); ``room``: how many may leave now (None: any number);
    ``apart``: each leaves by itself, whatever receivers take.
    """
    single: list[Due] = []
    bundles: list[tuple[Due, ...]] = []
    for door, letters in _by_door(due).items():
        alone, handed, others = _parted(letters, apart=apart)
        recent = [at for at in left.get(door, ()) if now - at < WINDOW]
        most = digest(door.receiver)
        together = [handed]
        if not most or len(recent) + len(others) <= most:
            alone += others
        elif others and _is_ripe(others, recent, most=most, now=now):
            together.append(others)
        single += [*alone, *(some[0] for some in together if len(some) == 1)]
        bundles += [tuple(some) for some in together if len(some) > 1]
    leaving = _in_turn(single)
    return Post(
        leaving=tuple(leaving if room is None else leaving[: max(0, room)]),
        bundles=tuple(bundles),
    )


def room_left(left: Iterable[datetime], *, per_minute: int | None, now: datetime) -> int | None:
    """Return how many messages a channel may still send now; None: any number."""
    if per_minute is None:
        return None
    recent = sum(1 for at in left if now - at < timedelta(minutes=1))
    return max(0, per_minute - recent)


def _parted(letters: Iterable[Due], *, apart: bool) -> tuple[list[Due], list[Due], list[Due]]:
    """Return what leaves by itself, what one hand-over tells, and what may become a digest."""
    alone, handed, others = list[Due](), list[Due](), list[Due]()
    for letter in letters:
        if apart or letter.occasion in _ALONE:
            alone.append(letter)
        elif letter.occasion is Occasion.HANDOVER:
            handed.append(letter)
        else:
            others.append(letter)
    return alone, handed, others


def _is_ripe(
    letters: Sequence[Due], recent: Sequence[datetime], *, most: int, now: datetime
) -> bool:
    """Tell whether a bundle leaves now, or waits for more."""
    longest_s = (now - min(d.at for d in letters)).total_seconds()
    if longest_s >= WINDOW.total_seconds():
        return True
    urgent = [d.at for d in letters if d.urgent]
    if urgent:
        waited = (now - min(urgent)).total_seconds()
        calm = not recent or (now - max(recent)).total_seconds() >= _CALM_S
        return waited >= URGENT_WAIT_S or (calm and waited >= _SIBLINGS_S)
    return len(recent) < most and longest_s >= _CALM_S


def _by_door(due: Iterable[Due]) -> dict[Door, list[Due]]:
    found: dict[Door, list[Due]] = defaultdict(list)
    for letter in due:
        found[letter.door].append(letter)
    return found


def _in_turn(letters: Iterable[Due]) -> list[Due]:
    """Return letters by weight, receivers taking turns within a weight, the oldest first."""
    weighed: dict[int, dict[Door, list[Due]]] = defaultdict(lambda: defaultdict(list))
    for letter in sorted(letters, key=lambda d: (d.at, d.id)):
        weighed[_weight(letter)][letter.door].append(letter)
    found: list[Due] = []
    for weight in sorted(weighed):
        queues = list(weighed[weight].values())
        for round_ in range(max(map(len, queues))):
            found += [queue[round_] for queue in queues if round_ < len(queue)]
    return found


def _weight(letter: Due) -> int:
    match letter.occasion:
        case Occasion.TEST:
            return 0
        case Occasion.RECOVERED:
            return 3
        case Occasion.ALL_CLEAR:
            return 4
        case _:
            return 1 if letter.urgent else 2
