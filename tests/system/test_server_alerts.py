"""From trouble to a message in somebody's hand: real store, real HTTP, real SMTP, a fake clock."""

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiohttp import web

from server.changes import Changes
from server.config import Address, Email, Secret, SmtpSecurity, Webhook, load_units
from server.domain.alerting import Limits
from server.notifier import Notifier
from server.storage import Store
from server.texts.tongue import load
from server.transports import Transport
from server.transports.email import EmailTransport
from server.transports.webhook import WebhookTransport
from server.watchdog import Watchdog
from tests.pure.server.reports import ORIGIN, intake, item, segment, watermark
from tests.system.centre import AGENT, EXAMPLES
from tests.system.fixtures_server import free_port
from tests.system.tls_files import make_certificate
from wire.vocabulary import State

CAMERA = "c1-thvq-cong-chinh-1"
ORGANISATION = load_units(EXAMPLES / "units.example.yaml").on(date.max)
LIMITS = Limits(gate_camera_down_s=60, agent_silent_s=75)


@dataclass
class FakeClock:
    at: datetime = ORIGIN

    def now(self) -> datetime:
        return self.at

    async def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite:///{tmp_path / 'centre.db'}")
    yield opened
    await opened.close()


@dataclass
class Scene:
    """A watchdog and a notifier over one store and one clock."""

    store: Store
    transports: dict[str, Transport] = field(default_factory=dict)
    clock: FakeClock = field(default_factory=FakeClock)
    changes: Changes = field(default_factory=Changes)
    seq: int = 0

    async def report(self, at_s: int, *spans: tuple[int, int | None, State]) -> None:
        """The gate camera's segments from a boot at second 0, told at second ``at_s``."""
        items = []
        for number, (start, end, state) in enumerate(spans, 1):
            self.seq += 1
            cause = {} if state is State.UP else {"cause": "network.timeout"}
            until = None if end is None else end * 1000
            items.append(
                item(self.seq, segment(number, start * 1000, until, state, camera=CAMERA, **cause))
            )
        mark = watermark(at_s * 1000, self.seq)
        await self.store.commit(
            [intake(*items, agent=AGENT, watermarks=(mark,), sent_ms=at_s * 1000)]
        )

    async def look(self, at_s: int, *, listening: datetime | None = ORIGIN) -> int:
        self.clock.at = ORIGIN + timedelta(seconds=at_s)
        watchdog = Watchdog(
            store=self.store, organisation=lambda: ORGANISATION, limits=LIMITS, clock=self.clock,
            changes=self.changes, transports=tuple(self.transports),
            listening_since=lambda: listening, duty=self.store.duty("watchdog"),
        )  # fmt: skip
        return await watchdog.run_once()

    async def send(self) -> int:
        notifier = Notifier(
            store=self.store, organisation=lambda: ORGANISATION, transports=self.transports,
            clock=self.clock, tongue=load("vi"), duty=self.store.duty("notifier"),
        )  # fmt: skip
        return await notifier.run_once()

    async def rules(self) -> list[tuple[str, str | None]]:
        return [(a.rule, a.camera or a.agent) for a in await self.store.alerts(open_only=True)]


UP, DOWN = State.UP, State.DOWN


async def test_a_gate_camera_that_stays_down_opens_one_alert_dated_when_it_began(
    store: Store,
) -> None:
    scene = Scene(store)
    await scene.report(100, (0, 40, UP), (40, None, DOWN))
    assert await scene.look(99) == 0
    async with scene.changes.subscribe() as hints:
        assert await scene.look(101) == 1
        assert hints.get_nowait() == "alerts"
    assert await scene.look(103) == 0
    (alert,) = await store.alerts(open_only=True)
    assert (alert.rule, alert.camera, alert.zone) == ("gate_camera_down", CAMERA, "cong-chinh")
    assert (alert.began_at, alert.state) == (ORIGIN + timedelta(seconds=40), "down")
    await scene.report(150, (0, 40, UP), (40, 130, DOWN), (130, None, UP))
    assert await scene.look(151) == 1
    (closed,) = await store.alerts()
    assert closed.ended_at == ORIGIN + timedelta(seconds=130)


async def test_a_silent_agent_is_one_alert_and_its_cameras_none(store: Store) -> None:
    scene = Scene(store)
    await scene.report(60, (0, 40, UP), (40, None, DOWN))
    assert await scene.look(130) == 1  # the camera, by its last word
    assert await scene.look(300) == 1
    assert ("agent_silent", AGENT) in await scene.rules()
    assert await scene.look(4000) == 0
    await scene.report(4000, (0, 40, UP), (40, 3000, DOWN), (3000, None, UP))
    await scene.look(4001)
    await scene.look(4003)
    assert await scene.rules() == []


async def test_a_server_that_hears_nobody_calls_nobody_silent(store: Store) -> None:
    scene = Scene(store)
    await scene.report(60, (0, None, UP))
    assert await scene.look(300, listening=None) == 0
    assert await scene.look(300, listening=ORIGIN + timedelta(seconds=290)) == 0
    assert await scene.look(400, listening=ORIGIN + timedelta(seconds=290)) == 1


async def test_late_history_rings_no_bell(store: Store) -> None:
    scene = Scene(store)
    await scene.report(1000, (0, 100, UP), (100, 900, DOWN), (900, None, UP))
    assert await scene.look(1001) == 0


@dataclass
class Hook:
    """A webhook's other side."""

    answers: list[web.Response | None] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        answer = self.answers.pop(0) if self.answers else None
        return answer or web.Response(status=204)


@asynccontextmanager
async def listening(hook: Hook) -> AsyncIterator[Hook]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", hook.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.port = runner.addresses[0][1]
    try:
        yield hook
    finally:
        await runner.cleanup()


@asynccontextmanager
async def alerted(store: Store, **transports: Transport) -> AsyncIterator[Scene]:
    """A scene with one alert open at second 101 and its letters unsent."""
    scene = Scene(store, transports=dict(transports))
    await scene.report(100, (0, 40, UP), (40, None, DOWN))
    await scene.look(101)
    try:
        yield scene
    finally:
        for transport in transports.values():
            await transport.close()


def webhook(port: int, path: str = "/hook?token=hush") -> WebhookTransport:
    return WebhookTransport(
        Webhook(url=Secret(f"http://127.0.0.1:{port}{path}"), secret=Secret("key"))
    )


async def test_a_webhook_is_signed_and_says_both_opening_and_recovery(store: Store) -> None:
    async with listening(Hook()) as hook, alerted(store, webhook=webhook(hook.port)) as scene:
        assert await scene.send() == 1
        assert await scene.send() == 0
        (head, body), facts = hook.got[0], json.loads(hook.got[0][1])
        stamp = f"{head['X-Vonggac-Id']}.{head['X-Vonggac-Timestamp']}."
        signed = stamp.encode() + body
        digest = hmac.new(b"key", signed, hashlib.sha256).hexdigest()
        assert head["X-Vonggac-Signature"] == f"sha256={digest}"
        assert facts["id"] == head["X-Vonggac-Id"]
        assert facts["alert"]["camera"] == CAMERA
        await scene.report(150, (0, 40, UP), (40, 130, DOWN), (130, None, UP))
        await scene.look(151)
        await scene.send()
        assert [json.loads(b)["reason"] for _, b in hook.got] == ["opened", "recovered"]


async def test_a_webhook_that_fails_is_tried_again_under_the_same_id(store: Store) -> None:
    answers = [web.Response(status=503, headers={"Retry-After": "120"}), web.Response(status=500)]
    hook = Hook(answers=list(answers))
    async with listening(hook), alerted(store, webhook=webhook(hook.port)) as scene:
        await scene.send()
        scene.clock.at += timedelta(seconds=119)
        assert await scene.send() == 0
        scene.clock.at += timedelta(seconds=1)
        await scene.send()
        scene.clock.at += timedelta(seconds=10)
        await scene.send()
        assert len({head["X-Vonggac-Id"] for head, _ in hook.got}) == 1
        assert [(d.ok, d.detail) for d in await store.deliveries()] == [
            (True, "HTTP 204"),
            (False, "HTTP 500"),
            (False, "HTTP 503"),
        ]


async def test_a_redirect_is_not_followed_and_not_repeated(store: Store) -> None:
    hook = Hook()
    async with listening(hook), alerted(store, webhook=webhook(hook.port)) as scene:
        hook.answers.append(web.Response(status=307, headers={"Location": "/elsewhere"}))
        await scene.send()
        scene.clock.at += timedelta(days=1)
        assert await scene.send() == 0
        assert len(hook.got) == 1
        assert [d.detail for d in await store.deliveries()] == ["HTTP 307"]


async def test_nobody_there_is_tried_for_a_day_and_the_address_is_not_told(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async with alerted(store, webhook=webhook(free_port())) as scene:
        while await scene.send() or scene.clock.at < ORIGIN + timedelta(hours=30):
            scene.clock.at += timedelta(minutes=30)
        tries = await store.deliveries(1000)
        assert 40 < len(tries) < 60
        assert not any(d.ok for d in tries)
        assert "hush" not in caplog.text + str(tries)


async def test_a_crash_between_sending_and_noting_sends_again_under_the_same_id(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(Hook()) as hook, alerted(store, webhook=webhook(hook.port)) as scene:
        with monkeypatch.context() as crash:

            async def dies(*_: object, **__: object) -> None:
                raise asyncio.CancelledError

            crash.setattr(Store, "delivered", dies)
            with pytest.raises(asyncio.CancelledError):
                await scene.send()
        await scene.send()
        assert len(hook.got) == 2
        assert len({head["X-Vonggac-Id"] for head, _ in hook.got}) == 1


@dataclass
class Post:
    """A mail server's other side: enough of SMTP, and what it was told."""

    replies: dict[str, str] = field(default_factory=dict)
    mails: list[bytes] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    port: int = 0
    tls: ssl.SSLContext | None = None
    from_the_start: bool = False

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        say: Callable[[str], None] = lambda text: writer.write(f"{text}\r\n".encode())  # noqa: E731
        say("220 test")
        while line := await reader.readline():
            verb = line[:4].decode().upper()
            if verb == "EHLO":
                writer.write(b"250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n")
            elif verb == "STAR" and self.tls is not None:
                say("220 go")
                await writer.start_tls(self.tls)
            elif verb == "AUTH":
                self.logins.append(base64.b64decode(line.split()[2]))
                say(self.replies.get(verb, "235 ok"))
            elif verb == "DATA":
                say("354 go on")
                self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                say(self.replies.get(verb, "250 taken"))
            elif verb == "QUIT":
                say("221 bye")
                break
            else:
                say(self.replies.get(verb, "250 ok"))
        writer.close()


@asynccontextmanager
async def post_office(post: Post) -> AsyncIterator[Post]:
    tls = post.tls if post.from_the_start else None
    server = await asyncio.start_server(post.talk, "127.0.0.1", 0, ssl=tls)
    post.port = server.sockets[0].getsockname()[1]
    async with server:
        yield post


def email(port: int, security: SmtpSecurity = SmtpSecurity.NONE) -> EmailTransport:
    return EmailTransport(
        Email(
            smtp=Address(host="127.0.0.1", port=port), security=security,
            sender="vonggac@example.vn", to=("a@example.vn", "b@example.vn"),
            user="vonggac", password=Secret("mật khẩu"),
        )
    )  # fmt: skip


async def test_a_mail_says_it_in_vietnamese(store: Store) -> None:
    async with post_office(Post()) as post, alerted(store, email=email(post.port)) as scene:
        assert await scene.send() == 1
        mail = message_from_bytes(post.mails[0].removesuffix(b".\r\n"), policy=policy.default)
        assert mail["Subject"] == (
            "[Trường Tiểu học Vĩnh Quỳnh] Camera Cổng chính 1 mất hình từ 07:00 ngày 23/11/2026."
        )
        assert mail["To"] == "a@example.vn, b@example.vn"
        assert "camera không trả lời" in mail.get_content()
        assert post.logins == ["\0vonggac\0mật khẩu".encode()]
        assert [d.ok for d in await store.deliveries()] == [True]


@pytest.mark.parametrize(
    ("verb", "reply", "again"),
    [
        ("DATA", "451 later", True),
        ("DATA", "554 no", False),
        ("RCPT", "450 later", True),
        ("RCPT", "550 no such user", False),
        ("AUTH", "535 no", True),
        ("MAIL", "421 busy", True),
    ],
)
async def test_a_mail_servers_answer_decides(
    store: Store, verb: str, reply: str, again: bool
) -> None:
    async with (
        post_office(Post(replies={verb: reply})) as post,
        alerted(store, email=email(post.port)) as scene,
    ):
        await scene.send()
        scene.clock.at += timedelta(minutes=1)
        assert (await scene.send() == 1) is again


@pytest.mark.parametrize("security", [SmtpSecurity.TLS, SmtpSecurity.STARTTLS])
@pytest.mark.parametrize("trusted", [True, False])
async def test_a_mail_and_its_password_go_only_to_a_server_that_proves_itself(
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    security: SmtpSecurity,
    trusted: bool,
) -> None:
    files = make_certificate(tmp_path, "127.0.0.1")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(files.certificate))
    post = Post(tls=files.server_context(), from_the_start=security is SmtpSecurity.TLS)
    async with (
        post_office(post),
        alerted(store, email=email(post.port, security)) as scene,
    ):
        await scene.send()
        assert [d.ok for d in await store.deliveries()] == [trusted]
        assert (len(post.mails), len(post.logins)) == ((1, 1) if trusted else (0, 0))


async def test_a_mail_server_without_starttls_gets_neither_mail_nor_password(store: Store) -> None:
    async with (
        post_office(Post(replies={"STAR": "502 no"})) as post,
        alerted(store, email=email(post.port, SmtpSecurity.STARTTLS)) as scene,
    ):
        await scene.send()
        assert (post.mails, post.logins) == ([], [])
        scene.clock.at += timedelta(minutes=1)
        assert await scene.send() == 1
        assert [d.ok for d in await store.deliveries()] == [False, False]


async def test_a_transport_that_breaks_unforeseen_is_tried_again_later(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise KeyError("never thought of")

    monkeypatch.setattr(EmailTransport, "_deliver", breaks)
    async with alerted(store, email=email(1)) as scene:
        assert await scene.send() == 1
        assert await scene.send() == 0
        scene.clock.at += timedelta(seconds=5)
        assert await scene.send() == 1


async def test_one_way_out_that_fails_does_not_hold_up_the_other(store: Store) -> None:
    async with listening(Hook()) as hook, post_office(Post()) as post:
        hook.answers.append(web.Response(status=500))
        async with alerted(store, webhook=webhook(hook.port), email=email(post.port)) as scene:
            await scene.send()
            assert {(d.channel, d.ok) for d in await store.deliveries()} == {
                ("webhook", False),
                ("email", True),
            }
