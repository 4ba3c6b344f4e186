"""Of two servers one can't answer: it leaves the reports to the other, and comes back."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from server.clock import SystemClock
from server.ingest import Delivery
from server.subscriber import Endpoint, MqttFeed, Subscriber
from tests.pure.server.reports import item, passage
from tests.system.agents import Peer, report, until
from tests.system.fixtures_broker import plain_broker
from wire.topics import Leaf

SERVER, AGENT = "vonggac-server", "agent1"


class Hearer:
    """A server that only notes what it is given, and deals with it at once."""

    def __init__(self, port: int) -> None:
        self.reports: list[Leaf] = []
        endpoint = Endpoint(
            host="127.0.0.1", port=port, user=SERVER, password="w" * 43, shared=True
        )
        self.subscriber = Subscriber(MqttFeed(endpoint), SystemClock())

    async def start(self) -> None:
        self.subscriber.start(self._offer, lambda _agent, _payload: None)
        await self.subscriber.ready()

    def hears(self) -> bool:
        return self.subscriber.listening_since is not None

    def since(self) -> datetime:
        assert self.subscriber.listening_since is not None
        return self.subscriber.listening_since

    def _offer(self, delivery: Delivery) -> bool:
        if delivery.leaf in {Leaf.REPORT, Leaf.HISTORY}:
            self.reports.append(delivery.leaf)
        delivery.done()
        return True


async def test_whoever_cannot_answer_leaves_the_reports_to_the_others() -> None:
    with plain_broker({SERVER: "w" * 43, AGENT: "s" * 43}) as port:
        able, cut_off = Hearer(port), Hearer(port)
        agent = Peer(AGENT, "s" * 43)
        for hearer in (able, cut_off):
            await hearer.start()
        await agent.connect(port)

        async def send(count: int) -> tuple[int, int]:
            before = len(able.reports), len(cut_off.reports)
            for n in range(1, count + 1):
                agent.send(report(item(n, passage(n))))
            total = sum(before) + count
            await until(lambda: len(able.reports) + len(cut_off.reports) == total, "all reports")
            return len(able.reports) - before[0], len(cut_off.reports) - before[1]

        assert all(await send(20))
        cut_off.subscriber.attend(False)
        assert (cut_off.hears(), able.hears()) == (False, True)
        await _until_left(send)
        assert await send(20) == (20, 0)
        began = datetime.now(UTC)
        cut_off.subscriber.attend(True)
        assert cut_off.since() >= began, "whoever has heard nobody calls nobody silent"
        for _ in range(50):
            if all(await send(4)):
                break
        else:
            raise AssertionError("the share was not joined again")
        await agent.close()
        for hearer in (able, cut_off):
            await hearer.subscriber.stop()


async def _until_left(send: Callable[[int], Awaitable[tuple[int, int]]]) -> None:
    """Wait until the broker has taken the goodbye in: it is not waited for."""
    for _ in range(50):
        if (await send(4))[1] == 0:
            return
    raise AssertionError("the share was not left")
