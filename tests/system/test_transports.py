"""Webhook, Telegram and Apprise over real HTTP: what they send, and what they make of answers."""

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from server.config import Alerts, AppriseUrl, Channel, Secret, Telegram, Way, Webhook
from server.transports import (
    GiveUpError,
    RetryError,
    Transport,
    UnusableChannelError,
    build,
    check,
)
from server.transports.apprise import AppriseTransport
from server.transports.telegram import TelegramTransport
from server.transports.webhook import WebhookTransport
from tests.system.fixtures_server import free_port
from tests.system.fixtures_transports import (  # noqa: F401 (a fixture for all)
    AT,
    SENTINEL,
    Office,
    message,
    nothing_secret_is_logged,
    open_office,
    said,
)

DOCS = Path(__file__).resolve().parents[2] / "docs" / "alerts.md"
TOKEN = f"1:{SENTINEL}"

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # Apprise imports it


class NoKeepsakes:
    async def keepsake(self, name: str) -> tuple[int, bytes] | None:
        raise AssertionError(name)

    async def keep(self, name: str, value: bytes, *, expected: int) -> bool:
        raise AssertionError(name, value, expected)


async def refusal(sending: Awaitable[str]) -> RetryError | GiveUpError:
    """Return how it failed, once it is sure that nothing secret is told."""
    with pytest.raises((RetryError, GiveUpError)) as caught:
        await sending
    error = caught.value
    assert isinstance(error, RetryError | GiveUpError)
    assert SENTINEL not in str(error)
    return error


# ------------------------------------------------------------------ webhook


def webhook(office: Office) -> WebhookTransport:
    url = f"{office.url}/hook?token={SENTINEL}"
    return WebhookTransport(Webhook(url=Secret(url), secret=Secret(SENTINEL)))


async def test_the_receiver_in_the_documents_takes_a_message_once_and_no_forgery() -> None:
    code = re.search(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    assert code[1].count("\n") <= 16
    receiver: dict[str, Any] = {}
    exec(code[1], receiver)
    async with open_office(Office()) as office:
        transport = webhook(office)
        await transport.send(message(to=("0912",)))
        await transport.close()
        _, heads, body = office.got[0]
        key, now = SENTINEL.encode(), AT.timestamp()
        taken = receiver["taken"]
        assert taken(key, heads, body, now=now + 299, had=set())
        assert json.loads(body)["to"] == ["0912"]
        assert not taken(key, heads, body, now=now + 301, had=set())  # played again, later
        assert not taken(key, heads, body, now=now, had={"m-1"})  # a repeat
        assert not taken(b"other", heads, body, now=now, had=set())
        assert not taken(key, heads, body + b" ", now=now, had=set())
        forged = [{**heads, "X-Vonggac-Id": "m-2"}, {**heads, "X-Vonggac-Timestamp": "1"}]
        assert not any(taken(key, f, body, now=now, had=set()) for f in forged)
        digest = hmac.new(key, f"m-1.{int(now)}.".encode() + body, hashlib.sha256).hexdigest()
        assert heads["X-Vonggac-Signature"] == f"sha256={digest}"


@pytest.mark.parametrize(
    ("status", "headers", "again", "after_s"),
    [
        (429, {"Retry_After": "30"}, True, 30.0),
        (503, {"Retry_After": "Mon, 23 Nov 2026 00:12:00 GMT"}, True, 120.0),
        (500, {}, True, None),
        (408, {"Retry_After": "99999999"}, True, 3600.0),
        (404, {}, False, None),
        (307, {"Location": "/elsewhere"}, False, None),
    ],
)
async def test_a_webhooks_answer_decides(
    status: int, headers: dict[str, str], again: bool, after_s: float | None
) -> None:
    async with open_office(Office(usual=said(status, **headers))) as office:
        transport = webhook(office)
        error = await refusal(transport.send(message()))
        await transport.close()
        assert isinstance(error, RetryError) is again
        assert getattr(error, "after_s", None) == after_s
        assert len(office.got) == 1


# ------------------------------------------------------------------ Telegram


def telegram(office: Office, chat: str | None = "-100") -> TelegramTransport:
    return TelegramTransport(Telegram(token=Secret(TOKEN), chat=chat, server=office.url))


SENT = said(200, {"ok": True, "result": {"message_id": 7}})


async def test_telegram_is_given_plain_text_and_shows_no_preview_of_links() -> None:
    async with open_office(Office(usual=SENT)) as office:
        transport = telegram(office)
        assert await transport.send(message()) == "message 7"
        assert await transport.send(message(to=("5", "@trực"), text="x" * 5000)) == (
            "message 7, message 7"
        )
        await transport.close()
        first, *more = office.bodies()
        assert first == {
            "chat_id": "-100",
            "text": message().text,
            "link_preview_options": {"is_disabled": True},
        }
        assert [(b["chat_id"], len(b["text"])) for b in more] == [("5", 4000), ("@trực", 4000)]
        assert office.got[0][0] == f"/bot{TOKEN}/sendMessage"


async def test_netdata_13119_telegrams_429_loses_no_message_and_waits_as_long_as_it_asks() -> None:
    busy = {"ok": False, "error_code": 429, "parameters": {"retry_after": 17}}
    async with open_office(Office(usual=SENT, answers=[said(429, busy)])) as office:
        transport = telegram(office)
        error = await refusal(transport.send(message()))
        assert isinstance(error, RetryError)
        assert error.after_s == 17.0
        assert await transport.send(message()) == "message 7"
        await transport.close()


class InPieces(Office):
    """Answers so slowly that it comes in pieces, and then goes on for ever."""

    async def take(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for piece in (b'{"ok": true, "result"', b': {"message_id": 8}}', *[b" " * 4096] * 100):
            await answer.write(piece)
            await asyncio.sleep(0.01 if len(piece) < 99 else 0)
        return answer


async def test_an_answer_in_pieces_is_read_to_its_end_and_an_endless_one_is_not() -> None:
    async with open_office(InPieces()) as office:
        transport = telegram(office)
        assert await transport.send(message()) == "message 8"
        await transport.close()


@pytest.mark.parametrize(
    ("status", "again"), [(401, True), (404, True), (502, True), (400, False), (403, False)]
)
async def test_telegrams_answer_decides(status: int, again: bool) -> None:
    body = {"ok": False, "error_code": status, "description": f"no {TOKEN}"}
    async with open_office(Office(usual=said(status, body))) as office:
        transport = telegram(office)
        error = await refusal(transport.send(message()))
        await transport.close()
        assert isinstance(error, RetryError) is again


async def test_a_group_that_became_a_supergroup_is_found_again() -> None:
    moved = {"ok": False, "error_code": 400, "parameters": {"migrate_to_chat_id": -1009}}
    async with open_office(Office(usual=SENT, answers=[said(400, moved)])) as office:
        transport = telegram(office)
        assert await transport.send(message()) == "message 7"
        await transport.close()
        assert [b["chat_id"] for b in office.bodies()] == ["-100", "-1009"]


async def test_nobody_there_and_no_chat() -> None:
    nobody = Office(port=free_port())
    transport = telegram(nobody)
    assert isinstance(await refusal(transport.send(message())), RetryError)
    assert isinstance(await refusal(telegram(nobody, None).send(message())), GiveUpError)
    await transport.close()


# ------------------------------------------------------------------ Apprise


def apprise(office: Office, path: str = f"{SENTINEL}", limit_s: float = 5.0) -> AppriseTransport:
    url = f"json://user:{SENTINEL}@127.0.0.1:{office.port}/{path}"
    return AppriseTransport(AppriseUrl(url=Secret(url)), limit_s=limit_s)


async def test_apprise_brings_subject_and_text_and_no_address_reaches_beyond_its_place() -> None:
    async with open_office(Office()) as office:
        transport = apprise(office)
        assert await transport.send(message()) == "taken by Apprise"
        sms = apprise(office, "sms/{address}")
        assert await sms.send(message(to=("+84 91/../x?method=GET",))) == "taken by Apprise"
        assert isinstance(await refusal(sms.send(message())), GiveUpError)
        await transport.close()
        await sms.close()
        body = office.bodies()[0]
        assert body["title"] == message().subject
        assert body["message"].strip() == message().text.strip()
        path, _, body_of_sms = office.got[1]
        assert path.startswith("/sms/")
        assert len(body_of_sms) > 0  # it is still a POST
        assert office.got[1][1]["Content-Type"] == "application/json"


@pytest.mark.parametrize(("status", "after_s"), [(429, 60.0), (500, None), (404, None)])
async def test_all_of_apprises_failures_are_tried_again(status: int, after_s: float | None) -> None:
    async with open_office(Office(usual=said(status))) as office:
        transport = apprise(office)
        error = await refusal(transport.send(message()))
        await transport.close()
        assert isinstance(error, RetryError)
        assert error.after_s == after_s
        assert str(status) in str(error)


class Slow(Office):
    async def take(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(1)
        return await super().take(request)


async def test_apprise_is_not_waited_for_longer_than_its_limit() -> None:
    async with open_office(Slow()) as office:
        transport = apprise(office, limit_s=0.2)
        began = time.monotonic()
        assert isinstance(await refusal(transport.send(message())), RetryError)
        assert isinstance(await refusal(transport.send(message())), RetryError)
        assert time.monotonic() - began < 0.9
        assert "still hangs" in str(await refusal(transport.send(message())))
        await transport.close()


async def test_nobody_there_for_apprise() -> None:
    transport = apprise(Office(port=free_port()))
    assert isinstance(await refusal(transport.send(message())), RetryError)
    await transport.close()


# ------------------------------------------------------------------ all of them


def alerts(**ways: Way) -> Alerts:
    return Alerts(channels={n: Channel(name=n, way=w) for n, w in ways.items()})


def test_a_channel_that_can_never_work_is_named_at_the_start() -> None:
    bad = AppriseUrl(url=Secret(f"nosuchservice://{SENTINEL}"))
    with pytest.raises(UnusableChannelError) as caught:
        build(alerts(la=bad), NoKeepsakes())
    assert str(caught.value).startswith("alerts.channels.la: Apprise does not know")
    assert SENTINEL not in str(caught.value)
    with pytest.raises(UnusableChannelError):
        check(alerts(la=bad))


async def test_the_channels_are_built_by_name() -> None:
    made = build(
        alerts(
            nhom=Telegram(token=Secret(TOKEN)),
            ntfy=AppriseUrl(url=Secret(f"ntfy://{SENTINEL}@localhost/x")),
        ),
        NoKeepsakes(),
    )
    kinds: dict[str, type[Transport]] = {"nhom": TelegramTransport, "ntfy": AppriseTransport}
    assert {name: type(transport) for name, transport in made.items()} == kinds
    for transport in made.values():
        await transport.close()
