"""The notifier over a real database: every letter leaves, late rather than never, under one id."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import cast

import pytest

from server.domain.incident.model import Change, Kind, Severity, Step
from server.domain.incident.signals import Aspect, Subject
from server.domain.paging.directory import directory_of
from server.domain.paging.people import Occasion, Target
from server.notifier import Notifier
from server.paging.acknowledging import look_behind, take_on
from server.paging.links import LIFE, LinkError, letter_of, load_key, token_of
from server.storage import Store
from server.transports import GiveUpError, Message, RetryError
from tests.pure.server.paging_people import (
    MORNING,
    ORGANISATION,
    directory,
    incident,
    opened,
    person,
    policy,
    recovered,
    to,
    weekly,
)
from tests.system.fixtures_notifier import URL, Deadly, Killed, MovedClock, Scene, scene

LINE = "Trường s1: camera Cổng mất kết nối từ 06:49 (không trả lời)"
AN = directory(policy(to("an")), people=(person("an"),))


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path, AN) as made:
        yield made


def several(number: int, **changes: object) -> list[Change]:
    """Return the opening of so many incidents of one school."""
    found = (incident(Kind.CAMERA, **changes) for _ in range(number))  # type: ignore[arg-type]
    return [opened(replace(one, id=f"i{n}")) for n, one in enumerate(found)]


def link_in(text: str) -> str:
    """Return the token of the link in a message."""
    return text.split(f"{URL}/a/")[1].split(maxsplit=1)[0]


async def test_a_letter_leaves_once_with_its_words_its_links_and_a_log(one: Scene) -> None:
    await one.happen(opened())
    await one.rounds(5)
    email = one.channels["email"]
    assert email.subjects == [LINE]
    assert one.news == 1  # pages hear of it, and of nothing else
    (message,) = email.taken
    assert message.to == ("an@x",)
    key = await load_key(one.store)
    (letter,) = await one.store.letters_of("camera-s1")
    assert letter_of(key, link_in(message.text), one.clock.now()) == letter.id == message.id
    assert (letter.done_at, letter.outcome, letter.attempts) == (MORNING, "taken", 1)
    assert [(d.ok, d.detail) for d in await one.store.deliveries()] == [(True, "taken")]


async def test_the_channel_was_down_that_second_27(one: Scene) -> None:
    """peers.md 27: messages lost for good because the channel was away at that second."""
    email = one.channels["email"]
    email.answers = [RetryError("away"), RetryError("away")]
    await one.happen(opened())
    await one.rounds(4)
    assert email.subjects == []
    await one.rounds(30)
    assert email.subjects == [LINE]
    log = reversed(await one.store.deliveries())
    assert [(d.ok, d.at - MORNING) for d in log] == [
        (False, timedelta(0)),
        (False, timedelta(seconds=5)),
        (True, timedelta(seconds=15)),
    ]
    assert len({d.letter for d in await one.store.deliveries()}) == 1


async def test_too_many_requests_hold_the_whole_channel_and_lose_nothing_27(
    tmp_path: Path,
) -> None:
    """netdata#13119: Telegram's 429 lost messages."""
    book = directory(policy(to("an"), to("binh")), people=(person("an"), person("binh")))
    async with scene(tmp_path, book) as one:
        email = one.channels["email"]
        email.answers = [RetryError("HTTP 429", after_s=60)]
        await one.happen(opened())
        await one.rounds(12, every_s=4.9)
        assert email.taken == []
        await one.rounds(3)
        assert sorted(m.to for m in email.taken) == [("an@x",), ("binh@x",)]


async def test_a_dead_channel_is_not_tried_with_every_letter_at_once(tmp_path: Path) -> None:
    people = tuple(person(f"p{n}") for n in range(10))
    book = directory(policy(*(to(p.id) for p in people)), people=people)
    async with scene(tmp_path, book) as one:
        one.channels["email"].answers = [RetryError("away") for _ in range(100)]
        await one.happen(opened())
        await one.rounds(1)
        assert len(await one.store.deliveries()) == 3


async def test_what_no_day_brought_away_is_given_up_loudly(
    one: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    one.channels["email"].answers = [RetryError("away") for _ in range(200)]
    await one.happen(opened())
    with caplog.at_level(logging.ERROR, logger="server.notifier"):
        for _ in range(60):
            await one.rounds(every_s=1800)
    (letter,) = await one.store.letters_of("camera-s1")
    assert (letter.next_at, letter.done_at) == (None, None)
    assert one.clock.now() - MORNING > timedelta(hours=24)
    assert [r.levelname for r in caplog.records] == ["ERROR"]
    day = MORNING + timedelta(hours=24)
    assert await one.store.letters_given_up(day, one.clock.now()) == {"email": 1}


async def test_a_refused_address_is_not_tried_again_and_stands_in_no_log(
    one: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    one.channels["email"].answers = [GiveUpError("no such address: an@x")]
    await one.happen(opened())
    with caplog.at_level(logging.INFO, logger="server.notifier"):
        await one.rounds(30)
    assert one.channels["email"].taken == []
    assert [d.detail for d in await one.store.deliveries()] == ["no such address: an@x"]
    assert caplog.messages
    assert "an@x" not in caplog.text


async def test_a_hanging_channel_holds_up_no_other(tmp_path: Path) -> None:
    book = directory(
        policy(to("an"), to("binh")), people=(person("an", channel="sms"), person("binh"))
    )
    async with scene(tmp_path, book, channels=("email", "sms")) as one:
        one.channels["sms"].hold = asyncio.Event()
        await one.happen(opened())
        for _ in range(200):
            await one.notifier.run_once()
            await asyncio.sleep(0.01)
            if one.channels["email"].taken:
                break
        assert one.channels["email"].subjects == [LINE]
        assert one.channels["sms"].taken == []
        one.channels["sms"].hold.set()
        await one.notifier.postman.rest()
        assert one.channels["sms"].subjects == [LINE]


async def test_killed_after_the_channel_took_it_the_repeat_has_the_same_id(one: Scene) -> None:
    await one.happen(opened())
    tried = one.store.letter_tried

    async def killed(*_args: object, **_more: object) -> None:
        raise asyncio.CancelledError

    one.store.letter_tried = killed  # type: ignore[method-assign]
    await one.notifier.run_once()
    with pytest.raises(asyncio.CancelledError):
        await one.notifier.postman.rest()
    one.store.letter_tried = tried  # type: ignore[method-assign]
    one.notifier = one.another()
    await one.rounds(3)
    first, again = one.channels["email"].taken
    assert first.id == again.id


async def test_a_burst_becomes_one_message_also_when_killed_in_between(one: Scene) -> None:
    await one.happen(*several(12))
    await one.notifier.run_once()
    one.clock.move(6)
    await one.notifier.run_once()
    await one.notifier.postman.rest()  # the bundle is written, not sent
    assert one.channels["email"].taken == []
    one.notifier = one.another()
    await one.rounds(3)
    (message,) = one.channels["email"].taken
    assert message.subject == f"12 sự cố cùng lúc: {LINE}"
    assert message.text.count("- Trường s1") == 12
    letters = [(await one.store.letters_of(f"i{n}"))[0] for n in range(12)]
    assert {letter.outcome for letter in letters} == {"bundled"}


async def test_a_burst_reaches_a_program_one_by_one_and_people_as_one(tmp_path: Path) -> None:
    """Also where nobody wrote a receiver: the one called Mặc định has both ways."""
    both = directory_of(
        ORGANISATION, receivers={}, rotas={}, policies=(), channels=("email", "webhook")
    )
    async with scene(tmp_path, both, channels=("email", "webhook")) as one:
        await one.happen(*several(7))
        await one.rounds(10)
        (digest,), each = one.channels["email"].taken, one.channels["webhook"].taken
        assert digest.facts["occasion"] == "digest"
        assert {m.facts["incident"]["id"] for m in each} == {f"i{n}" for n in range(7)}
        assert len({m.id for m in each}) == 7


async def test_one_link_takes_a_whole_burst_on(one: Scene) -> None:
    await one.happen(*several(7))
    await one.rounds(10)
    (message,) = one.channels["email"].taken
    key = await load_key(one.store)
    behind = await look_behind(one.store, letter_of(key, link_in(message.text), one.clock.now()))
    assert behind is not None
    assert await take_on(one.store, behind, by="Bình", now=one.clock.now()) == 7


async def test_a_long_outage_is_not_followed_by_stale_openings(one: Scene) -> None:
    email = one.channels["email"]
    email.answers = [RetryError("away")] * 3
    await one.happen(opened())
    await one.rounds(20)
    await one.happen(recovered(incident(), timedelta(seconds=20)))
    await one.rounds(60)
    assert email.subjects == [
        "Đã khắc phục sau 1 phút: Trường s1: camera Cổng mất kết nối từ 06:49"
    ]
    outcomes = {x.occasion: x.outcome for x in await one.store.letters_of("camera-s1")}
    assert outcomes == {Occasion.OPENED: "overtaken", Occasion.RECOVERED: "taken"}


async def test_a_channels_limit_lets_openings_out_before_what_is_over(tmp_path: Path) -> None:
    people = tuple(person(f"p{n}") for n in range(4))
    book = directory(policy(*(to(p.id) for p in people)), people=people)
    async with scene(tmp_path, book, per_minute={"email": 4}) as one:
        await one.happen(opened())
        await one.rounds(2)
        second = replace(incident(), id="second")
        await one.happen(recovered(incident(), timedelta(seconds=2)), opened(second))
        await one.rounds(10, every_s=5)
        assert len(one.channels["email"].taken) == 4  # the minute's room is used up
        await one.rounds(25, every_s=5)
        occasions = [m.facts["occasion"] for m in one.channels["email"].taken]
        assert occasions == ["opened"] * 8 + ["recovered"] * 4


async def test_the_next_in_line_is_told_until_somebody_takes_it_on(tmp_path: Path) -> None:
    ladder = policy(to("an"), to("binh", 60), to("chief", 120))
    people = (person("an"), person("binh"), person("chief"))
    async with scene(tmp_path, directory(ladder, people=people)) as one:
        email = one.channels["email"]
        await one.happen(opened())
        await one.rounds(12, every_s=4.9)
        assert [m.to for m in email.taken] == [("an@x",)]
        await one.rounds(3, every_s=5)
        assert [m.to for m in email.taken] == [("an@x",), ("binh@x",)]
        assert email.subjects[1].startswith("Chưa ai tiếp nhận: Trường s1")
        key = await load_key(one.store)
        name = letter_of(key, link_in(email.taken[1].text), one.clock.now())
        behind = await look_behind(one.store, name)
        assert behind is not None
        assert await take_on(one.store, behind, by="Bình", now=one.clock.now()) == 1
        await one.rounds(24, every_s=5)
        assert len(email.taken) == 2
        row = await one.store.incident("camera-s1")
        assert row is not None
        assert row.acknowledged_by == "Bình"
        again = await look_behind(one.store, name)
        assert again is not None
        assert again.used
        await one.happen(recovered(incident(), one.clock.now() - MORNING))
        await one.rounds(3)
        assert [m.to for m in email.taken[2:]] == [("an@x",), ("binh@x",)]


async def test_links_are_signed_and_end(one: Scene) -> None:
    key, now = await load_key(one.store), one.clock.now()
    assert await load_key(one.store) == key
    await one.happen(opened())
    (letter,) = await one.store.letters_of("camera-s1")
    token = token_of(key, letter.id, now + LIFE)
    assert letter_of(key, token, now + LIFE - timedelta(seconds=1)) == letter.id
    with pytest.raises(LinkError) as ended:
        letter_of(key, token, now + LIFE)
    assert ended.value.expired
    for forged in ("", "a", "é", "AAAA" * 16, token[:-2] + "AA", token_of(b"x", letter.id, now)):
        with pytest.raises(LinkError) as refused:
            letter_of(key, forged, now)
        assert not refused.value.expired


async def test_every_morning_says_how_yesterday_was_once(tmp_path: Path) -> None:
    people = (person("an", daily=True), person("binh"))
    book = directory(policy(to("binh")), people=people)
    async with scene(tmp_path, book) as one:
        await one.happen(opened(incident(Kind.AGENT, severity=Severity.NORMAL,
                                         subject=Subject(Aspect.AGENT, "s1-a"))))  # fmt: skip
        await one.rounds(5)
        assert [m.to for m in one.channels["email"].taken] == [("binh@x",)]
        one.clock.at = MORNING + timedelta(minutes=10)  # 07:00
        await one.rounds(5)
        one.notifier = one.another()
        await one.rounds(5)
        daily = [m for m in one.channels["email"].taken if m.facts["occasion"] == "all_clear"]
        assert [(m.to, m.subject) for m in daily] == [
            (
                ("an@x",),
                "Vọng Gác 23/11: 1 sự cố đang mở, 0/2 máy tính trực cổng đang gửi tin",
            )
        ]
        assert "- Trường s1: Máy mất liên lạc từ 06:49" in daily[0].text


async def test_absorbed_steps_tell_nobody(one: Scene) -> None:
    await one.happen(opened(), Change(at=MORNING, step=Step.ABSORBED, incident=incident()))
    await one.rounds(3)
    assert len(one.channels["email"].taken) == 1  # it was due already: told, and nothing more


async def test_killed_between_any_two_steps_nothing_stays_untold(tmp_path: Path) -> None:
    """Every call of the database in turn kills the notifier; the next one goes on from there."""
    people = (person("an", digest=1), person("chief"))
    book = directory(policy(to("an"), to("chief", 10)), people=people)
    async with scene(tmp_path, book) as one:
        taken, at, alive = one.channels["email"].taken, 0, False
        while not alive:
            at += 1
            taken.clear()
            names = {f"{at}-{n}" for n in range(2)}
            now = one.clock.now()
            made = (incident(at=now, severity=Severity.URGENT) for _ in names)
            await one.happen(*(opened(replace(i, id=n)) for i, n in zip(made, names, strict=True)))
            deadly = Deadly(one.store, at)
            await walk(one, one.another(cast("Store", deadly)))
            if deadly.killed:
                await walk(one, one.another())
            assert told_by(taken, "an@x") == names
            assert told_by(taken, "chief@x") == names
            assert not await one.store.letters_due(now=one.clock.now())
            for name in names:
                await one.store.acknowledge_incident(name, by="an", now=one.clock.now())
            one.clock.move(1200)  # those ten minutes count no more
            alive = not deadly.killed
        assert at > 20


TUESDAYS = weekly("an", "binh", start=date(2026, 11, 3), handover=time(7))
"""Bình's turn begins ten minutes after ``MORNING``."""
ON_DUTY = policy(to("rota", target=Target.ROTA))


async def test_whoever_takes_over_gets_one_message_of_what_is_open(tmp_path: Path) -> None:
    book = directory(ON_DUTY, people=(person("an"), person("binh")), rotas=(TUESDAYS,))
    async with scene(tmp_path, book, channels=("email", "webhook")) as one:
        email = one.channels["email"]
        await one.happen(*several(3))
        await one.rounds(2)
        await one.store.acknowledge_incident("i1", by="An", now=one.clock.now())
        await one.happen(recovered(replace(incident(), id="i2"), timedelta(minutes=5)))
        email.taken.clear()
        one.clock.move(640)
        await one.rounds(4, every_s=6)
        (message,) = [m for m in email.taken if m.to == ("binh@x",)]
        assert message.subject == f"Bạn nhận ca trực: 2 sự cố đang mở: {LINE}"
        assert f"- {LINE} (An đã tiếp nhận)\n" in message.text
        assert f"{URL}/a/" in message.text
        row = await one.store.incident("i0")
        assert row is not None
        await one.happen(recovered(replace(incident(), id="i0"), timedelta(minutes=15)))
        await one.rounds(3)
        assert [m.to for m in email.taken[-2:]] == [("an@x",), ("binh@x",)]


async def test_killed_between_any_two_steps_whoever_takes_over_hears_once(tmp_path: Path) -> None:
    """A turn a fortnight: every call of the database in turn kills the notifier in one of them."""
    book = directory(ON_DUTY, people=(person("an"), person("binh")), rotas=(TUESDAYS,))
    async with scene(tmp_path, book) as one:
        taken, at, alive = one.channels["email"].taken, 0, False
        while not alive:
            at += 1
            one.clock.at = MORNING + timedelta(days=14 * at)
            made = [replace(incident(at=one.clock.now()), id=f"{at}-{n}") for n in range(2)]
            await one.happen(*map(opened, made))
            await walk(one, one.another())
            taken.clear()
            one.clock.move(600)
            deadly = Deadly(one.store, at)
            await walk(one, one.another(cast("Store", deadly)))
            if deadly.killed:
                await walk(one, one.another())
            assert told_by(taken, "binh@x") == {i.id for i in made}
            assert told_by(taken, "an@x") == set()
            assert len({m.id for m in taken}) == 1
            await one.happen(*(recovered(i, timedelta(hours=4)) for i in made))
            alive = not deadly.killed
        assert at > 15


async def walk(one: Scene, notifier: Notifier) -> None:
    """Let a notifier work for as long as it lives, or has something to do."""
    with suppress(Killed):
        for _ in range(4):
            await notifier.run_once()
            await notifier.postman.rest()
            one.clock.move(6)


class Ticks(MovedClock):
    """Time passes in steps of whoever waits, when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self._resting, self._go = asyncio.Event(), asyncio.Semaphore(0)

    async def wait(self, seconds: float) -> None:
        self._resting.set()
        await self._go.acquire()
        self.move(seconds)

    async def tick(self, times: int) -> None:
        """Let the loop go round so often."""
        for _ in range(times):
            await self._resting.wait()
            self._resting.clear()
            self._go.release()
        await self._resting.wait()


async def test_it_looks_when_a_letter_is_due_when_there_is_news_and_now_and_then(
    one: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quiet district costs a look each five seconds, and a letter waits for none of them."""
    looks: list[float] = []
    clock, asked = Ticks(), one.store.channels_waiting

    async def noted() -> dict[str, datetime]:
        looks.append((clock.at - MORNING).total_seconds())
        return await asked()

    monkeypatch.setattr(one.store, "channels_waiting", noted)
    one.clock = clock
    running = asyncio.create_task(one.another().run())
    try:
        await clock.tick(11)
        assert looks == [0, 5, 10]
        one.changes.publish("gate/g1")
        one.changes.publish("agent/a1")
        await clock.tick(1)
        assert looks == [0, 5, 10]
        one.changes.publish("incidents")
        await clock.tick(1)
        assert looks == [0, 5, 10, 13]  # and 15: who is next in line waits for no news
        one.channels["email"].answers.append(RetryError("busy"))
        await one.happen(opened())  # tried at once, and again after five seconds
        one.changes.publish("incidents")
        for _ in range(12):
            await clock.tick(1)
            await asyncio.sleep(0.05)  # its lane is a task of its own
        assert looks[4] == 14
        assert len(looks) < 12, looks
        assert len(one.channels["email"].taken) == 1
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def told_by(taken: list[Message], address: str) -> set[str]:
    """Return the incidents that somebody was told of; each of a message's repeats has its id."""
    by_text: dict[tuple[str, ...], str] = {}
    found: set[str] = set()
    for message in taken:
        if message.to != (address,):
            continue
        facts = message.facts
        about = facts["incidents"] if "incidents" in facts else [facts["incident"]]
        names = tuple(sorted(each["id"] for each in about))
        assert by_text.setdefault((facts["occasion"], *names), message.id) == message.id
        found |= set(names)
    return found
