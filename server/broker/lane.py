"""How much may have been handed over and not yet been dealt with; the rest waits for its turn."""

import asyncio
from collections import deque


class Lane:
    """A window of so many messages and so many bytes, which the last one let in may exceed.

    It is shut at first. Who finds no room waits in turn: first come, first let in.
    """

    def __init__(self, *, messages: int, size: int) -> None:
        self._messages = messages
        self._size = size
        self._held = 0
        self._held_bytes = 0
        self._is_open = False
        self._turns: deque[tuple[int, asyncio.Future[None]]] = deque()

    def open(self) -> None:
        """Let messages in from now on."""
        self._is_open = True
        self._let_in()

    def shut(self) -> None:
        """Let nobody in from now on."""
        self._is_open = False

    async def enter(self, size: int) -> None:
        """Take the place of a message of ``size`` bytes as soon as there is room."""
        if not self._turns and self._has_room():
            self._take(size)
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns.append((size, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # let in at the very moment that it gave up
                self.leave(size)
            raise

    def crowd(self, size: int) -> None:
        """Take a place whether there is room or not, and whether it is open or not."""
        self._take(size)

    def leave(self, size: int) -> None:
        """Give a place back."""
        self._held -= 1
        self._held_bytes -= size
        self._let_in()

    def _has_room(self) -> bool:
        return self._is_open and self._held < self._messages and self._held_bytes < self._size

    def _take(self, size: int) -> None:
        self._held += 1
        self._held_bytes += size

    def _let_in(self) -> None:
        while self._turns and self._has_room():
            size, turn = self._turns.popleft()
            if not turn.done():
                self._take(size)
                turn.set_result(None)
