"""Reports as they go out: told apart by when they were sent, so that answers measure the time."""

from collections import deque
from collections.abc import Iterable
from typing import Final

from edge.clock import Clock
from edge.forwarding import CentreClock
from edge.spool import Spool
from edge.uplink.lane import Lane
from edge.uplink.link import Link
from edge.uplink.source import Source
from wire.codec import VERSION, encode
from wire.messages import Ack, BootStory, CameraFacts, Item, Report, Vitals, Watermark
from wire.topics import Leaf

_MS: Final = 1000
_ASKED_KEPT: Final = 64


class Reports:
    """Writes and publishes reports, and learns the centre's time from their answers."""

    def __init__(self, link: Link, spool: Spool, clock: Clock, source: Source) -> None:
        self.centre = CentreClock()
        self._link = link
        self._spool = spool
        self._clock = clock
        self._source = source
        self._last_token = 0
        self._asked: deque[tuple[int, int, tuple[CameraFacts, ...]]] = deque(maxlen=_ASKED_KEPT)

    @property
    def offset_ms(self) -> int | None:
        """Server clock minus edge clock as last measured."""
        best = self.centre.best
        return None if best is None else best.zero_utc_ms + self._clock.ms() - self._utc_ms()

    async def publish(
        self,
        leaf: Leaf,
        spool: str,
        *,
        items: tuple[Item, ...] = (),
        after: int | None = None,
        marks: tuple[Watermark, ...] = (),
        vitals: Vitals | None = None,
    ) -> int:
        """Send one report; return its token, which is its ``sent_utc_ms``."""
        boots = await self._boots(items, marks)
        kept_from, items = await self._spool.standing(spool, items)
        token = self._token()
        report = Report(
            v=VERSION,
            spool=spool,
            sent_utc_ms=token,
            boots=boots,
            kept_from=kept_from,
            after=after if items else None,
            items=items,
            watermarks=marks,
            vitals=vitals,
        )
        self._asked.append((token, self._clock.ms(), vitals.cameras if vitals else ()))
        self._link.publish(leaf, encode(report))
        return token

    async def probe(self, lane: Lane) -> None:
        """Say nothing in a lane, to hear whether the centre answers it at all."""
        token = await self.publish(lane.leaf, lane.spool)
        lane.window = lane.window.empty_sent(token=token, now_ms=self._clock.ms())

    def answered(self, ack: Ack) -> bool:
        """Measure the centre's time, if this is the first answer to one of our last reports."""
        for asked in self._asked:
            token, sent_ms, facts = asked
            if token == ack.sent_utc_ms:
                self._asked.remove(asked)
                self.centre = self.centre.after(
                    sent_ms=sent_ms,
                    server_utc_ms=ack.server_utc_ms,
                    received_ms=self._clock.ms(),
                )
                if facts:
                    self._source.facts_heard(facts)
                return True
        return False

    async def _boots(
        self, items: Iterable[Item], marks: Iterable[Watermark]
    ) -> tuple[BootStory, ...]:
        """Return the story of every boot that is mentioned, the running one's last."""
        running = self._source.story()
        told = (item.segment or item.gap for item in items)
        named = {each.boot for each in told if each and each.boot} | {m.boot for m in marks}
        named.discard(running.id)
        others = await self._spool.stories(named) if named else ()
        return (*others, running)

    def _token(self) -> int:
        """Return the time, but not that of a report just sent."""
        now, last = self._utc_ms(), self._last_token
        self._last_token = last + 1 if 0 <= last - now < _MS else max(now, 0)
        return self._last_token

    def _utc_ms(self) -> int:
        return int(self._clock.now().timestamp() * _MS)
