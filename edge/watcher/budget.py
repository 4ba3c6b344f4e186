"""How many RTSP sessions a device is asked for at once, and whose turn it is. Pure.

A recorder of sixteen channels may give only four sessions. Whoever wants one queues, first come,
first served; a camera that is held leaves when others wait and its turn is over, and queues again.
So no more sessions than the limit are ever open, and nobody starves.

A turn is as long as lets everyone be seen each ``visit_every_s``, and never shorter than
``MIN_TURN_MS``: a key frame must come and packets be counted. With 16 cameras, 4 sessions and 60 s
a turn is 15 s, and each camera is watched a quarter of the time. While one waits that has not had
any turn yet, turns are short (``FIRST_TURN_MS``): all are to be known of soon.

A device that refuses a session (453, 503) while others of ours are open has told its limit: as many
as were open. Others may share it for now only, so after ``LEARNED_MS`` one more is tried. One that
refuses although none of ours is open teaches nothing: somebody else uses them up. Nor does one that
refuses the same camera again after it has waited for its turn: it is that camera then.
"""

from dataclasses import dataclass, field
from typing import Final

MIN_TURN_MS: Final = 8_000
FIRST_TURN_MS: Final = 5_000
LEARNED_MS: Final = 600_000
_CHANGE_MS: Final = 1_000
"""From one camera's leaving until the next one is seen."""


@dataclass(slots=True)
class _Host:
    """One device's sessions.

    Attributes:
        limit: As configured, or None.
        learned: The limit that the device has shown, and since when; or None.
        members: Which cameras it has.
        known: Which of them have had a turn.
        since_ms: Who has a session, and since when.
        queue: Who waits, the first first.
        leaving: Who has been told that its turn is over.
    """

    limit: int | None
    learned: tuple[int, int] | None = None
    members: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    since_ms: dict[str, int] = field(default_factory=dict)
    queue: list[str] = field(default_factory=list)
    leaving: set[str] = field(default_factory=set)


class Budget:
    """The sessions of all devices; ``limits`` by device, ``limit`` for all others."""

    def __init__(self, *, limits: dict[str, int | None], limit: int | None = None) -> None:
        self._limits = limits
        self._limit = limit
        self._hosts: dict[str, _Host] = {}

    def belongs(self, device: str, camera: str) -> None:
        """Note that ``camera`` is one of the device's: the more there are, the shorter a turn."""
        self._host(device).members.add(camera)

    def enter(self, device: str, camera: str, now_ms: int) -> bool:
        """Take a session if there is one and it is ``camera``'s turn, else queue for it.

        Whoever was let in must ``leave``, and whoever gives up waiting too.
        """
        host = self._host(device)
        if camera in host.since_ms:
            return True
        if camera not in host.queue:
            host.queue.append(camera)
        limit = self._limit_of(host, now_ms)
        free = len(host.queue) if limit is None else limit - len(host.since_ms)
        if camera not in host.queue[: max(free, 0)]:
            return False
        host.queue.remove(camera)
        host.since_ms[camera] = now_ms
        host.known.add(camera)
        return True

    def leave(self, device: str, camera: str) -> None:
        """Give the session back, or the place in the queue."""
        host = self._host(device)
        host.since_ms.pop(camera, None)
        host.leaving.discard(camera)
        if camera in host.queue:
            host.queue.remove(camera)

    def is_over(self, device: str, camera: str, now_ms: int, *, every_ms: int) -> bool:
        """Tell whether a held camera's turn is over because others wait; it must then leave."""
        host = self._host(device)
        if camera in host.leaving:
            return True
        since_ms = host.since_ms.get(camera)
        if since_ms is None or len(host.queue) <= len(host.leaving):
            return False
        first = not host.known.issuperset(host.queue)
        turn_ms = FIRST_TURN_MS if first else self._turn_ms(host, now_ms, every_ms)
        if now_ms - since_ms < turn_ms:
            return False
        host.leaving.add(camera)
        return True

    def refused(self, device: str, now_ms: int, *, again: bool = False) -> bool:
        """Take a refusal for want of sessions; tell whether it is our own number that was told.

        Call it after whoever was refused has left. ``again``: the same camera, refused when its
        turn had come.
        """
        host = self._host(device)
        others = len(host.since_ms)
        if again:
            host.learned = None
        if again or others == 0:
            return False
        host.learned = (others, now_ms)
        return True

    def cycle_ms(self, device: str, now_ms: int, *, every_ms: int) -> int:
        """Return how long it takes until everyone has had a turn; 0 where nobody need wait."""
        host = self._host(device)
        return self._turns(host, now_ms) * self._turn_ms(host, now_ms, every_ms)

    def unseen_ms(self, device: str, now_ms: int, *, every_ms: int) -> int:
        """Return how long a camera is not looked at between two turns; 0 where nobody need wait."""
        host = self._host(device)
        others = max(self._turns(host, now_ms) - 1, 0)
        return others * (self._turn_ms(host, now_ms, every_ms) + _CHANGE_MS)

    def _turns(self, host: _Host, now_ms: int) -> int:
        """Return how many turns, one after the other, it takes until all were seen; 0: no turns."""
        limit = self._limit_of(host, now_ms)
        if limit is None or limit >= len(host.members):
            return 0
        return -(-len(host.members) // limit)

    def _turn_ms(self, host: _Host, now_ms: int, every_ms: int) -> int:
        limit = self._limit_of(host, now_ms)
        members = max(len(host.members), 1)
        return max(MIN_TURN_MS, every_ms * (limit or members) // members)

    def _limit_of(self, host: _Host, now_ms: int) -> int | None:
        """Return the present limit; a learned one is forgotten step by step."""
        if host.learned is None:
            return host.limit
        learned, at_ms = host.learned
        learned += (now_ms - at_ms) // LEARNED_MS
        if learned >= len(host.members) or (host.limit is not None and learned >= host.limit):
            host.learned = None
            return host.limit
        return learned

    def _host(self, device: str) -> _Host:
        host = self._hosts.get(device)
        if host is None:
            host = self._hosts[device] = _Host(self._limits.get(device, self._limit))
        return host
