"""Two servers on one database under load, killed, stopped and restarted in turn; what came of it.

``python -m tests.system.several_servers`` prints the table of docs/ingest.md. Real Mosquitto, real
PostgreSQL, real server processes, and agents that keep what is not acknowledged and send it again.
"""

import asyncio
import os
import signal
import sys
import tempfile
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from aiohttp import web

from server.clock import SystemClock
from server.domain.incident.model import Kind, Severity
from server.domain.incident.rules import DEFAULTS, Rule, Rules
from server.domain.paging.people import Occasion
from server.paging.rules import put_rules
from server.storage import Store
from tests.system.agents import Peer, until
from tests.system.centre import AGENT, Child, configure
from tests.system.fixtures_broker import plain_broker
from tests.system.fixtures_server import Cluster, folder_of
from wire.codec import VERSION, encode
from wire.messages import BootStory, GateEvent, Item, Report, Segment, Watermark
from wire.topics import Leaf, topic
from wire.vocabulary import State

SERVER, SECRET = "vonggac-server", "s" * 43
CAMERA = "c1-thvq-cong-chinh-1"
_RESEND_S = 3.0
_BATCH = 50
_IN_FLIGHT = 4


def now_ms() -> int:
    return round(SystemClock().now().timestamp() * 1000)


class Sender:
    """An agent's spool and uplink, as small as can be: what is not acknowledged is sent again."""

    def __init__(self, name: str) -> None:
        self.peer = Peer(name, SECRET)
        self.boot = str(uuid.uuid4())
        self.began_ms = now_ms()
        self.items: dict[int, Item] = {}
        self.sent: dict[int, float] = {}
        self.seq = 0
        self.acked_at: list[float] = []
        self._read = 0

    def keep(self, **thing: object) -> None:
        self.seq += 1
        self.items[self.seq] = Item(seq=self.seq, **thing)  # type: ignore[arg-type]

    def pass_gate(self) -> None:
        at = now_ms()
        event = GateEvent(
            id=str(uuid.uuid4()), gate=f"{self.peer.user}-new", kind="passage",
            occurred_utc_ms=at, accepted_utc_ms=at,
        )  # fmt: skip
        self.keep(gate_event=event)

    def see_camera_down(self) -> None:
        down = Segment(
            boot=self.boot, number=1, camera=CAMERA, state=State.DOWN, start_ms=0,
            cause="network.timeout",
        )  # fmt: skip
        self.keep(segment=down)

    def take_acks(self) -> None:
        heard = self.peer.acks
        for ack in heard[self._read :]:
            self.acked_at.append(asyncio.get_running_loop().time())
            assert not ack.refused, ack
            gone = [n for n in self.items if n <= ack.through]
            gone += [n for r in ack.ranges for n in range(r.first, r.last + 1)]
            for n in gone:
                self.items.pop(n, None)
                self.sent.pop(n, None)
        self._read = len(heard)

    def send(self) -> None:
        """Send what is due, oldest first; without anything, how far it holds."""
        now = asyncio.get_running_loop().time()
        due = [n for n in self.items if now - self.sent.get(n, 0) > _RESEND_S]
        for start in range(0, min(len(due), _BATCH * _IN_FLIGHT), _BATCH):
            self._report(due[start : start + _BATCH], now)
        if not due:
            self._report([], now)

    def _report(self, numbers: list[int], now: float) -> None:
        self.sent |= dict.fromkeys(numbers, now)
        at = now_ms()
        mark = Watermark(boot=self.boot, until_ms=at - self.began_ms, after_seq=self.seq)
        report = Report(
            v=VERSION, spool=self.boot, sent_utc_ms=at, watermarks=(mark,),
            boots=(BootStory(id=self.boot, origin_utc_ms=self.began_ms, offset_ms=0),),
            items=tuple(self.items[n] for n in numbers),
        )  # fmt: skip
        self.peer.publish(topic(self.peer.user, Leaf.REPORT), encode(report))


@dataclass
class Bell:
    """Where incidents' letters arrive."""

    letters: list[str] = field(default_factory=list)
    port: int = 0

    async def ring(self, request: web.Request) -> web.Response:
        letter = await request.json()
        if letter.get("occasion") != Occasion.ALL_CLEAR:  # each morning's word
            self.letters.append(str(letter.get("id", "?")))
        return web.Response()

    async def start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/", self.ring)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        return runner


@dataclass
class Outcome:
    """What a run is judged by; ``silences`` are the longest times without any ack, by fault."""

    made: int = 0
    stored: int = 0
    distinct: int = 0
    letters: int = 0
    distinct_letters: int = 0
    incidents: int = 0
    first_accounts: int = 0
    drained_s: float = 0.0
    silences: dict[str, float] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def table(self) -> str:
        rows = [
            ("gate events accepted at the gates", self.made),
            ("gate events in the database", self.stored),
            ("of these twice", self.stored - self.distinct),
            ("incidents opened", self.incidents),
            ("letters that arrived (distinct)", f"{self.letters} ({self.distinct_letters})"),
            ("first accounts shown by two servers started at once", self.first_accounts),
            ("unexpected errors in the servers' logs", len(self.errors)),
            *((f"longest time without any ack: {k}", f"{v:.1f} s") for k, v in
              self.silences.items()),
            ("all acknowledged after the last fault within", f"{self.drained_s:.1f} s"),
        ]  # fmt: skip
        return "\n".join(
            ["| what | value |", "| --- | --- |", *(f"| {a} | {b} |" for a, b in rows)]
        )


class District:
    """The two servers, their agents, and the hand that breaks things."""

    def __init__(self, folder: Path, mqtt_port: int, database: str, bell: Bell) -> None:
        broker = {"url": f"mqtt://127.0.0.1:{mqtt_port}", "user": SERVER, "password": SECRET}
        alerts = {"webhook": {"url": f"http://127.0.0.1:{bell.port}/"}}
        self.mqtt_port = mqtt_port
        self.paths = []
        for name in ("a", "b"):
            (folder / name).mkdir()
            settings = {"database": database, "mqtt": {"broker": broker}, "alerts": alerts}
            self.paths.append(configure(folder / name, **settings))
        self.servers: list[Child] = []
        self.logs: list[str] = []
        self.senders: list[Sender] = []
        self.made = 0
        self._quiet = False

    async def start(self, agents: int) -> None:
        self.servers = [Child(path) for path in self.paths]
        for server in self.servers:
            await server.ready()
        names = [AGENT, *(f"a{n:02}" for n in range(1, agents))]
        self.senders = [Sender(name) for name in names]
        for sender in self.senders:
            assert await sender.peer.connect(self.mqtt_port) == "Success"
            await sender.peer.subscribe(topic(sender.peer.user, Leaf.ACK))
        self.senders[0].see_camera_down()

    async def load(self, per_s: float) -> None:
        """Let people pass all gates, and agents talk, until ``hush``."""
        while True:
            for sender in self.senders:
                sender.take_acks()
                for _ in range(0 if self._quiet else round(per_s / 4)):
                    sender.pass_gate()
                    self.made += 1
                sender.send()
            await asyncio.sleep(0.25)

    def hush(self) -> None:
        self._quiet = True

    async def restart(self, number: int) -> None:
        self.logs.append(self.servers[number].log)
        self.servers[number] = Child(self.paths[number])
        await self.servers[number].ready()

    def end(self) -> None:
        for server in self.servers:
            self.logs.append(server.log)
            if server.process.poll() is None:
                os.kill(server.process.pid, signal.SIGCONT)
                server.end()
        for sender in self.senders:
            sender.peer.client.disconnect()
            sender.peer.client.loop_stop()

    def longest_silence(self, begin: float, end: float) -> float:
        """Return the longest time in which no agent at all heard an ack."""
        times = sorted({t for s in self.senders for t in s.acked_at if begin <= t <= end})
        marks = [begin, *times, end]
        return max(b - a for a, b in pairwise(marks))


async def _faults(district: District, outcome: Outcome, calm_s: float) -> None:
    loop = asyncio.get_running_loop()
    one, two = 0, 1

    async def act(name: str, *steps: Callable[[], Awaitable[object]] | float) -> None:
        begin = loop.time()
        for step in steps:
            await (asyncio.sleep(step) if isinstance(step, float) else step())
        outcome.silences[name] = district.longest_silence(begin, loop.time())

    def to(number: int, what: signal.Signals) -> Callable[[], Awaitable[object]]:
        async def send() -> None:
            os.kill(district.servers[number].process.pid, what)
            if what is signal.SIGKILL or what is signal.SIGTERM:
                await asyncio.to_thread(district.servers[number].process.wait)

        return send

    await act("both there", calm_s)
    await act("one killed (-9), the other carries on", to(one, signal.SIGKILL), calm_s)
    await act("restarted", lambda: district.restart(one), calm_s)
    await act("the other stopped (SIGSTOP)", to(two, signal.SIGSTOP), 2 * calm_s + 8.0)
    await act("and continued", to(two, signal.SIGCONT), calm_s)
    await act("told to end (SIGTERM)", to(one, signal.SIGTERM), calm_s)
    await act("restarted again", lambda: district.restart(one), calm_s)


async def run(*, agents: int, per_s: float, calm_s: float) -> Outcome:
    """Run the story; ``calm_s`` is the time between two faults."""
    outcome, bell = Outcome(), Bell()
    runner = await bell.start()
    names = [AGENT, *(f"a{n:02}" for n in range(1, agents))]
    with (
        plain_broker({SERVER: SECRET, **dict.fromkeys(names, SECRET)}) as port,
        folder_of("postgres") as place,
        tempfile.TemporaryDirectory() as folder,
    ):
        cluster = Cluster(place)
        with cluster.serve():
            district = District(Path(folder), port, cluster.url(), bell)
            try:
                await district.start(agents)
                await _tell_soon(cluster.url())
                load = asyncio.create_task(district.load(per_s))
                await _faults(district, outcome, calm_s)
                await _drain(district, outcome)
                load.cancel()
                await asyncio.gather(load, return_exceptions=True)
                await _judge(district, cluster.url(), bell, outcome)
            finally:
                await asyncio.to_thread(district.end)
                await runner.cleanup()
    text = "\n".join(district.logs)
    outcome.first_accounts = text.count("First account")
    outcome.errors = [part[:3000] for part in text.split("Traceback")[1:]]
    return outcome


async def _tell_soon(database: str) -> None:
    """Have a lost camera told after five seconds, at any hour."""
    rule = Rule(grace_s=5, gate_grace_s=5, off_hours=Severity.URGENT, gate=Severity.URGENT)
    store = await Store.open(database)
    rules = Rules(kinds={**DEFAULTS, Kind.CAMERA: rule})
    await store.put_records([put_rules(rules, expected=0)], by="test", now=SystemClock().now())
    await store.close()


async def _drain(district: District, outcome: Outcome) -> None:
    loop = asyncio.get_running_loop()
    district.hush()
    begin = loop.time()
    await until(lambda: not any(s.items for s in district.senders), "all acknowledged", 60)
    outcome.drained_s = loop.time() - begin


async def _judge(district: District, database: str, bell: Bell, outcome: Outcome) -> None:
    store = await Store.open(database)
    rows = await store.gate_events(limit=10**6)
    outcome.made, outcome.stored = district.made, len(rows)
    outcome.distinct = len({r.id for r in rows})
    outcome.incidents = await store.count_incidents()
    outcome.letters, outcome.distinct_letters = len(bell.letters), len(set(bell.letters))
    await store.close()


def main() -> int:
    """Print the table; 1 if something was lost or came twice."""
    outcome = asyncio.run(run(agents=20, per_s=40, calm_s=8.0))
    print(outcome.table())
    right = outcome.made == outcome.stored == outcome.distinct
    return 0 if right and outcome.distinct_letters == outcome.incidents else 1


if __name__ == "__main__":
    sys.exit(main())
