"""Commands to agents: who waits hears the agent that was asked, and no other; nobody waits long."""

import asyncio
from datetime import UTC, datetime

import pytest

from server.commands import Answer, Commands
from wire.codec import VERSION, encode
from wire.messages import Command, Reply
from wire.vocabulary import Verb

NOW = datetime(2026, 11, 24, 2, 42, 10, tzinfo=UTC)
OTHERS_ID = "0b2c3d4e-1111-4222-8333-444455556666"


class StillClock:
    def now(self) -> datetime:
        return NOW

    async def wait(self, seconds: float) -> None:
        raise AssertionError(seconds)


class Post:
    """The way to agents: keeps what is sent; may be closed."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.is_open = is_open
        self.sent: list[tuple[str, Command]] = []
        self.commands = Commands(StillClock(), send=self.send)

    def send(self, agent: str, command: Command) -> bool:
        self.sent.append((agent, command))
        return self.is_open

    def ask(self, agent: str = "a1", good_for_s: float = 5) -> "asyncio.Task[Answer]":
        asked = self.commands.ask(agent, Verb.LOOK, camera="c1", good_for_s=good_for_s)
        return asyncio.create_task(asked)

    def reply(self, number: int = 0, *, agent: str = "a1", ok: bool = True, text: str = "") -> None:
        command = self.sent[number][1]
        self.commands.take(agent, encode(Reply(v=VERSION, id=command.id, ok=ok, text=text)))


async def test_a_command_goes_to_its_agent_once_and_is_good_for_as_long_as_somebody_waits() -> None:
    post = Post()
    asked = post.ask(good_for_s=5)
    await asyncio.sleep(0)
    ((agent, command),) = post.sent
    assert (agent, command.verb, command.camera) == ("a1", "look", "c1")
    assert command.expires_utc_ms == round(NOW.timestamp() * 1000) + 5000
    post.reply()
    assert (await asked).is_done


async def test_another_agents_reply_a_stray_one_and_junk_answer_nobody() -> None:
    post = Post()
    asked = post.ask()
    await asyncio.sleep(0)
    post.reply(agent="a2", ok=False)
    post.commands.take("a1", encode(Reply(v=VERSION, id=OTHERS_ID, ok=False)))
    post.commands.take("a1", b"{")
    await asyncio.sleep(0)
    assert not asked.done()
    post.reply()
    post.reply(ok=False)  # a repeat comes too late
    assert (await asked).is_done


async def test_junk_is_worth_a_line_only_from_who_was_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    post = Post()
    asked = post.ask("a1")
    await asyncio.sleep(0)
    for agent in ("a2", "a2", "a1"):
        post.commands.take(agent, b"{")
    assert [r.args[0] for r in caplog.records if r.args] == ["a1"]  # type: ignore[index]
    asked.cancel()


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("unknown_camera", "unknown_camera"),
        ("unknown_verb: this version knows no 'look'", "unknown_verb"),
        ("this version knows no 'look'", "unknown_verb"),
        ("expired", "expired"),
        ("something that no version says", "failed"),
        ("", "failed"),
    ],
)
async def test_an_objection_is_known_by_its_first_word(text: str, outcome: str) -> None:
    post = Post()
    asked = post.ask()
    await asyncio.sleep(0)
    post.reply(ok=False, text=text)
    assert (await asked).outcome == outcome


async def test_without_a_broker_or_an_answer_nobody_waits_for_ever() -> None:
    assert (await Post(is_open=False).ask()).outcome == "unreachable"
    post = Post()
    assert (await post.ask(good_for_s=0.01)).outcome == "timed_out"
    post.reply()  # too late


async def test_one_agent_is_not_asked_too_much_at_once() -> None:
    post = Post()
    many = [post.ask() for _ in range(12)]
    other = post.ask("a2")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for number, (agent, _) in enumerate(list(post.sent)):
        post.reply(number, agent=agent)
    answers = [(await asked).outcome for asked in many]
    assert answers == ["done"] * 8 + ["busy"] * 4
    assert (await other).is_done
    assert (await _one_more(post)).is_done


async def _one_more(post: Post) -> Answer:
    asked = post.ask()
    await asyncio.sleep(0)
    post.reply(len(post.sent) - 1)
    return await asked
