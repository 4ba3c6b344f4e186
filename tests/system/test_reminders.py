"""Reminders: from a late paper to a mail at the school, over pages, a store and a mail server."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import aiohttp
import pytest

from server.config import Reminders, ServerConfig, load_server
from server.domain.register import Register
from server.domain.units import Contact
from server.storage import Role, hash_password
from server.texts.tongue import load
from server.transports import build
from server.yearly.postman import Postman
from server.yearly.reminding import REMINDER, How, Reminded, reminder_in
from tests.system.test_pages_requests import VIEWER, VIEWERS_PASSWORD, client_of
from tests.system.test_yearly_pages import YEAR, asking, stand
from tests.system.web_district import NOW, PASSWORD, SEEDS, USER, Site, serve

LATE, OTHER = SEEDS[1].id, SEEDS[2].id
CONTACTS = (
    Contact(id="ht", name="Lan Hiệu Trưởng", mail="lan@truong.vn"),
    Contact(id="pht", name="Minh", mail="minh@truong.vn"),
    Contact(id="bv", name="Bảo", phone="0912345678"),
)
YAML = """
schema: vonggac.server/1
data_dir: .
units: u.yaml
plan: p.yaml
http: {{listen: 127.0.0.1:0}}
mqtt: {{embedded: {{listen: 127.0.0.1:0}}}}
alerts:
  email:
    smtp: 127.0.0.1:{port}
    security: none
    sender: vonggac@xa.vn
    to: [truc-ban@xa.vn]
"""


@dataclass
class Mailbox:
    """A mail server's other side: enough of SMTP. ``refuses``: addresses, and the answer."""

    got: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 xa.vn\r\n")
        while line := (await reader.readline()).decode().strip():
            word = line.split(":")[0].split(" ")[0].upper()
            if word == "RCPT":
                address = line.partition("<")[2].rstrip(">")
                self.to.append(address)
                writer.write(f"{self.refuses.get(address, '250 ok')}\r\n".encode())
            elif word == "DATA":
                writer.write(b"354 go on\r\n")
                body = await reader.readuntil(b"\r\n.\r\n")
                self.got.append(
                    message_from_bytes(body, _class=EmailMessage, policy=policy.default)
                )
                writer.write(b"250 taken\r\n")
            else:
                writer.write(b"250 xa.vn\r\n" if word != "QUIT" else b"221 bye\r\n")
            await writer.drain()
            if word == "QUIT":
                break
        writer.close()


@asynccontextmanager
async def mailbox() -> AsyncIterator[tuple[Mailbox, int]]:
    box = Mailbox()
    server = await asyncio.start_server(box.serve, "127.0.0.1", 0)
    async with server:
        yield box, server.sockets[0].getsockname()[1]


def mailing(folder: Path, port: int, before: ServerConfig) -> ServerConfig:
    file = folder / "mailing.yaml"
    file.write_text(YAML.format(port=port), encoding="utf-8")
    return replace(before, alerts=load_server(file).alerts)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """Two schools that owe a plan since September; one has contacts. No e-mail is set up."""
    async with serve(tmp_path, seeds=SEEDS[1:3]) as running:
        stand(running, asking())
        standing = running.deps.standing
        whole = standing.organisation
        schools = tuple(
            replace(s, contacts=CONTACTS if s.id == LATE else ()) for s in whole.schools
        )
        standing.register = Register.of(replace(whole, schools=schools))
        secret = hash_password(VIEWERS_PASSWORD)
        await running.store.create_user(VIEWER, secret, now=NOW, role=Role.VIEWER)
        yield running


@asynccontextmanager
async def with_alerts(site: Site, config: ServerConfig) -> AsyncIterator[Site]:
    other = Site(replace(site.deps, config=config))
    await other.start()
    try:
        yield other
    finally:
        await other.stop()


def with_mail(site: Site, folder: Path, port: int) -> AbstractAsyncContextManager[Site]:
    return with_alerts(site, mailing(folder, port, site.deps.config))


def without_mail(site: Site) -> AbstractAsyncContextManager[Site]:
    config = site.deps.config
    channels = {k: v for k, v in config.alerts.channels.items() if k != "email"}
    return with_alerts(site, replace(config, alerts=replace(config.alerts, channels=channels)))


def postman(site: Site, setting: Reminders | None = None) -> Postman:
    return Postman(
        store=site.store,
        standing=site.deps.standing,
        clock=site.deps.clock,
        changes=site.changes,
        duty=site.store.duty("reminders"),
        tongue=load("vi"),
        mail=build(site.deps.config.alerts, site.store).get("email"),
        setting=setting,
    )


async def page(client: aiohttp.ClientSession, path: str) -> str:
    async with client.get(path) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.text()


async def records(site: Site) -> list[Reminded]:
    return [reminder_in(r) for r in await site.store.records(REMINDER)]


async def press(client: aiohttp.ClientSession, path: str) -> int:
    """Press the button of a page of reminders."""
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', await page(client, path))
    form = {"seen": seen.group(1) if seen else ""}
    async with client.post(path, data=form, allow_redirects=False) as answer:
        return answer.status


async def seen_over_api(client: aiohttp.ClientSession) -> list[list[str]]:
    async with client.get(f"/api/v1/yearly/reminders?year={YEAR.id}") as answer:
        return [letter["to"] for letter in (await answer.json())["letters"]]


async def sent_over_api(client: aiohttp.ClientSession, seen: str) -> tuple[int, int | None]:
    async with client.post("/api/v1/yearly/reminders", json={"seen": seen}) as answer:
        return answer.status, (await answer.json()).get("letters")


async def test_without_a_mail_server_there_is_a_text_to_copy_and_no_button(site: Site) -> None:
    async with (
        without_mail(site) as mailless,
        await client_of(mailless, USER, PASSWORD) as officer,
    ):
        text = await page(officer, "/yearly/reminders")
        assert "Kế hoạch của trường" in text
        assert 'name="seen"' not in text
        async with officer.post("/yearly/reminders", data={"seen": ""}) as answer:
            assert answer.status == 400
    assert await records(site) == []


async def test_late_schools_are_reminded_once_a_day_and_it_is_told_how_it_went(
    site: Site, tmp_path: Path
) -> None:
    async with mailbox() as (box, port), with_mail(site, tmp_path, port) as mails:
        async with await client_of(mails, VIEWER, VIEWERS_PASSWORD) as viewer:
            text = await page(viewer, "/yearly/reminders")
            assert "lan@truong.vn" not in text
            assert "Lan Hiệu" not in text
            async with viewer.post("/yearly/reminders", data={"seen": ""}) as answer:
                assert answer.status == 403
            assert await seen_over_api(viewer) == [[], []]
        box.refuses = {"minh@truong.vn": "550 nobody"}
        async with await client_of(mails, USER, PASSWORD) as officer:
            text = await page(officer, "/yearly/reminders")
            assert "Lan Hiệu Trưởng &lt;lan@truong.vn&gt;" in text
            assert "0912345678" not in text
            async with officer.post("/yearly/reminders", data={"seen": "0" * 64}) as answer:
                assert answer.status == 409, "what was shown is not what would be sent"
            over_api = await seen_over_api(officer)
            assert sorted(over_api) == [[], ["lan@truong.vn", "minh@truong.vn"]]
            assert await sent_over_api(officer, "0" * 64) == (409, None)
            assert await press(officer, "/yearly/reminders") == 303
            assert await press(officer, "/yearly/reminders") == 409, "one letter a day"
            assert await press(officer, f"/yearly/reminders?school={LATE}") == 409
            at_work = postman(mails)
            await at_work.run_once()
            await at_work.run_once()
            (one,) = await records(site)
            assert (one.school, one.how) == (LATE, How.SENT)
            assert (one.reached, one.refused) == (("ht",), ("pht",))
            assert box.to == ["lan@truong.vn", "minh@truong.vn"]
            (mail,) = box.got
            assert mail["To"] == "lan@truong.vn"
            assert "Kế hoạch của trường, hạn 30/09/2026" in mail.get_content()
            text = await page(officer, "/yearly")
            assert f"đã nhắc ngày {one.day:%d/%m/%Y}" in text
            assert "đã nhắc" in await page(officer, f"/yearly/schools/{LATE}")
            assert "đã nhắc" not in await page(officer, f"/yearly/schools/{OTHER}")
            assert "550" in await page(officer, "/yearly/reminders")


async def test_a_letter_waits_for_the_mail_server_and_leaves_under_the_same_id(
    site: Site, tmp_path: Path
) -> None:
    setting = Reminders(at_hour=0, every_days=7)
    async with mailbox() as (box, port), with_mail(site, tmp_path, port) as mails:
        box.refuses = dict.fromkeys(("lan@truong.vn", "minh@truong.vn"), "451 later")
        await postman(mails, setting).run_once()
        (one,) = await records(site)
        assert (one.how, one.by, one.school) == (How.WAITING, "vonggac", LATE)
        async with await client_of(mails, USER, PASSWORD) as officer:
            assert "451" in await page(officer, "/yearly/reminders")
        box.refuses = {}
        await postman(mails, setting).run_once()
        (one,) = await records(site)
        assert (one.how, one.year) == (How.SENT, YEAR.id)
        assert [mail["To"] for mail in box.got] == ["lan@truong.vn", "minh@truong.vn"]
        ids = {mail["Message-ID"] for mail in box.got}
        await postman(mails, setting).run_once()
        assert len(box.got) == len(ids) == 2
        assert one.asked_at <= NOW + timedelta(minutes=1)
