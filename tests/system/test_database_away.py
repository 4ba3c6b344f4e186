"""PostgreSQL is stopped under two servers: what mail and webhook are told, what the log has."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from server.config import Address, Email, Secret, SmtpSecurity, Webhook
from server.domain.incident.model import Kind
from server.notifier.emergency import Emergency
from server.notifier.postman import Postman
from server.notifier.speaking import Speaker
from server.paging.desk import PagingDesk
from server.standing import Standing
from server.storage import Store, StoreError
from server.texts.naming import Names
from server.texts.tongue import LANGUAGES, load
from server.transports import Transport
from server.transports.email import EmailTransport
from server.transports.webhook import WebhookTransport
from server.watching import Watch
from tests.pure.server.reports import ORIGIN
from tests.system.fixtures_mail import Post, open_post
from tests.system.fixtures_server import Cluster, folder_of
from tests.system.fixtures_transports import Office, open_office
from tests.system.fixtures_watching import watch_of
from tests.system.late_world import ORGANISATION, PLAN, FakeClock

CHANNELS = ("email", "webhook")
STEP_S = 30


@dataclass
class Server:
    """One of several: its watch, and what tells people."""

    store: Store
    clock: FakeClock
    transports: Mapping[str, Transport]
    watch: Watch = field(init=False)
    emergency: Emergency = field(init=False)

    def __post_init__(self) -> None:
        standing = Standing.always(self.clock, ORGANISATION, PLAN)
        duty = self.store.duty("watching")
        self.watch = watch_of(self.store, standing, self.clock, channels=CHANNELS, duty=duty)
        self.emergency = Emergency(
            alarm=self.watch.alarm,
            speaker=self.speaker(),
            transports=self.transports,
            clock=self.clock,
        )

    def speaker(self) -> Speaker:
        return Speaker(
            tongues={code: load(code) for code in LANGUAGES},
            fallback="vi",
            names=lambda: Names(ORGANISATION),
            public_url=None,
        )

    def postman(self) -> Postman:
        desk = PagingDesk(store=self.store, organisation=lambda: ORGANISATION, channels=CHANNELS)
        return Postman(
            store=self.store,
            directory=desk.directory,
            speaker=self.speaker(),
            transports=self.transports,
            per_minute={},
            machines=frozenset(),
            clock=self.clock,
            duty=self.store.duty("notifier"),
        )

    async def look(self) -> None:
        with suppress(StoreError):
            await self.watch._look()
        await self.emergency.run_once()


@dataclass
class Scene:
    """Both servers stand on one clock, and tell one mail server and one webhook."""

    clock: FakeClock
    first: Server
    second: Server
    mails: Post
    hooks: Office

    async def look_on(self, for_s: int) -> None:
        """Look with both, now and again, for so long."""
        for _ in range(0, for_s, STEP_S):
            self.clock.at += timedelta(seconds=STEP_S)
            for server in (self.second, self.first):
                await server.look()

    def told(self) -> list[tuple[str, str]]:
        """Return what the webhook got: ids and occasions."""
        return [(body["id"], body["occasion"]) for body in self.hooks.bodies()]

    def subjects(self) -> list[str]:
        read = (message_from_bytes(mail, policy=policy.default) for mail in self.mails.mails)
        return [mail["Subject"] for mail in read]


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with folder_of("postgres") as folder:
        yield Cluster(folder)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


async def _scene(cluster: Cluster, stack: AsyncExitStack) -> Scene:
    clock = FakeClock(ORIGIN)
    mails = await stack.enter_async_context(open_post(Post()))
    hooks = await stack.enter_async_context(open_office(Office()))
    mail = Email(
        smtp=Address(host="127.0.0.1", port=mails.port),
        security=SmtpSecurity.NONE,
        sender="vonggac@example.vn",
        to=("truc@example.vn",),
    )
    ways: dict[str, Transport] = {
        "email": EmailTransport(mail),
        "webhook": WebhookTransport(Webhook(url=Secret(hooks.url))),
    }
    for way in ways.values():
        stack.push_async_callback(way.close)
    stores = [await Store.open(cluster.url()) for _ in range(2)]
    for store in stores:
        stack.push_async_callback(store.close)
    first, second = (Server(store, clock, ways) for store in stores)
    await first.look()
    return Scene(clock, first, second, mails, hooks)


async def test_a_database_that_was_stopped_is_told_of_once_by_mail_and_webhook(
    cluster: Cluster, stack: AsyncExitStack
) -> None:
    with cluster.serve():
        scene = await _scene(cluster, stack)
        await scene.look_on(STEP_S)
    began = scene.clock.at + timedelta(seconds=STEP_S)
    await scene.look_on(120)
    assert scene.told() == []
    await scene.look_on(180)
    (told,) = scene.told()
    assert told[1] == "opened"
    assert scene.mails.receivers == ["truc@example.vn"]
    with cluster.serve():
        await scene.look_on(STEP_S)
        store = scene.first.store
        (row,) = await store.incidents()
        assert (row.incident.kind, row.incident.root) == (Kind.CENTRE, "centre:database")
        assert row.began_at == began
        letters = await store.letters_of(row.incident.id)
        assert {x.way.channel for x in letters} == set(CHANNELS)
        assert told[0] in {x.id for x in letters}
        assert all(x.done_at is not None and x.attempts == 1 for x in letters)
        assert [x.ok for x in await store.deliveries()] == [True, True]
        await scene.look_on(90)
        postman = scene.first.postman()
        await postman.run_once()
        await postman.rest()
    assert [occasion for _, occasion in scene.told()] == ["opened", "recovered"]
    opened, over = scene.subjects()
    assert "cơ sở dữ liệu" in opened
    assert opened.split(";")[0] in over
