"""Commands: a short list of verbs, each obeyed once, and only while it is good."""

import asyncio
import uuid
from pathlib import Path

import pytest

from edge.agent import commands
from edge.agent.commands import LONGEST_MS, Commands
from edge.agent.letterbox import Letterbox, post, take_answer, take_back
from edge.evidence import piece
from wire.codec import MAX_BYTES, VERSION, encode
from wire.messages import Command, Evidence, Reply
from wire.vocabulary import Verb

NOW = 1_795_000_000_000
PIECE = piece("gate", cause="picture.moved", after_utc_ms=NOW, before_utc_ms=NOW - 1)


class Wishes:
    """Notes what is wished for of one camera."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def look_now(self) -> None:
        self.heard.append("look")

    def new_view(self) -> None:
        self.heard.append("new_view")


class Shelf:
    """Evidence of one change."""

    async def pieces(self, camera: str | None) -> tuple[Evidence, ...]:
        return (PIECE,) if camera in {None, "gate"} else ()

    async def picture(self, camera: str, piece_id: str, side: str) -> bytes | None:
        if camera == "broken":
            raise OSError(5, "Input/output error")
        if camera == "hung":
            await asyncio.Event().wait()
        return b"jpeg" if (camera, piece_id, side) == ("gate", PIECE.id, "before") else None


class Desk:
    """Commands with everything around them."""

    def __init__(self) -> None:
        self.wishes = {"gate": Wishes(), "yard": Wishes()}
        self.replies: list[Reply] = []
        self.saved: list[str] = []
        self.now_ms = NOW
        self.commands = Commands(
            controls=self.wishes,
            evidence=Shelf(),
            on_new_view=self.save,
            reply=self.replies.append,
            utc_ms=lambda: self.now_ms,
        )

    async def save(self, camera: str) -> None:
        self.saved.append(camera)

    async def take(self, *commands: Command) -> list[Reply]:
        """Offer commands, obey what waits, return all replies so far."""
        for command in commands:
            self.commands.offer(command)
        running = asyncio.create_task(self.commands.run())
        for _ in range(50):
            await asyncio.sleep(0)
        running.cancel()
        return self.replies


def command(
    verb: str, camera: str | None = "gate", *, good_ms: int = 60_000, **more: str
) -> Command:
    return Command(
        v=VERSION,
        id=str(uuid.uuid4()),
        verb=verb,
        expires_utc_ms=NOW + good_ms,
        camera=camera,
        evidence=more.get("evidence"),
        side=more.get("side"),
    )


async def test_look_and_new_view_reach_the_camera_that_is_named_alone() -> None:
    desk = Desk()
    replies = await desk.take(command(Verb.LOOK), command(Verb.NEW_VIEW))
    assert [reply.ok for reply in replies] == [True, True]
    assert desk.wishes["gate"].heard == ["look", "new_view"]
    assert desk.wishes["yard"].heard == []
    assert desk.saved == ["gate"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (command("reboot"), "unknown_verb"),
        (command(Verb.NEW_VIEW, "roof"), "unknown_camera"),
        (command(Verb.LOOK, None), "unknown_camera"),
        (command(Verb.LOOK, good_ms=0), "expired"),
        (command(Verb.LOOK, good_ms=-60_000), "expired"),
        (command(Verb.LOOK, good_ms=LONGEST_MS + 1), "expired"),
        (command(Verb.EVIDENCE_PICTURE), "not_kept"),
        (command(Verb.EVIDENCE_PICTURE, evidence="../secret", side="before"), "not_kept"),
        (command(Verb.EVIDENCE_PICTURE, evidence=PIECE.id, side="after"), "not_kept"),
        (command(Verb.EVIDENCE_PICTURE, "broken", evidence=PIECE.id), "failed: Input/output"),
    ],
)
async def test_what_is_not_obeyed_is_answered_with_a_reason(asked: Command, why: str) -> None:
    desk = Desk()
    (reply,) = await desk.take(asked)
    assert (reply.id, reply.ok) == (asked.id, False)
    assert reply.text.startswith(why)
    assert desk.wishes["gate"].heard == []


async def test_a_disk_that_hangs_holds_up_no_other_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "LONGEST_S", 0.0)
    desk = Desk()
    asked = command(Verb.EVIDENCE_PICTURE, "hung", evidence=PIECE.id, side="before")
    replies = await desk.take(asked, command(Verb.LOOK))
    assert [(reply.ok, reply.text) for reply in replies] == [(False, "failed"), (True, "")]


async def test_one_id_is_obeyed_and_answered_once() -> None:
    desk = Desk()
    asked = command(Verb.NEW_VIEW)
    replies = await desk.take(asked, asked)
    await desk.take(asked)
    assert len(replies) == 1
    assert desk.wishes["gate"].heard == ["new_view"]


async def test_what_expires_while_it_waits_is_not_obeyed() -> None:
    desk = Desk()
    desk.commands.offer(command(Verb.NEW_VIEW, good_ms=1000))
    desk.now_ms += 1000
    (reply,) = await desk.take()
    assert reply.text == "expired"
    assert desk.wishes["gate"].heard == []


async def test_few_wait_and_the_rest_hear_that_the_agent_is_busy() -> None:
    desk = Desk()
    many = [command(Verb.LOOK) for _ in range(40)]
    for one in many:
        desk.commands.offer(one)
    assert {reply.text for reply in desk.replies} == {"busy"}
    assert len(desk.replies) == 24
    await desk.take()
    assert len(desk.wishes["gate"].heard) == 16


async def test_evidence_is_listed_of_one_camera_or_of_all_and_its_pictures_fit_a_message() -> None:
    desk = Desk()
    asked = [command(Verb.EVIDENCE), command(Verb.EVIDENCE, None), command(Verb.EVIDENCE, "yard")]
    picture = command(Verb.EVIDENCE_PICTURE, evidence=PIECE.id, side="before")
    of_gate, of_all, of_yard, shown = await desk.take(*asked, picture)
    assert of_gate.evidence == of_all.evidence == (PIECE,)
    assert (of_yard.ok, of_yard.evidence) == (True, ())
    assert shown.picture == b"jpeg"
    assert len(encode(Reply(v=VERSION, id=shown.id, ok=True, picture=b"x" * 120_000))) < MAX_BYTES


async def test_a_letter_is_obeyed_and_answered_and_nothing_is_left(tmp_path: Path) -> None:
    desk = Desk()
    letterbox = Letterbox(tmp_path, desk.commands.obey)
    letterbox.open()
    asked = command(Verb.NEW_VIEW, good_ms=-(10**9))  # by this machine's clock, however wrong
    post(tmp_path, asked)
    assert take_answer(tmp_path, asked) is None
    await letterbox.look()
    answer = take_answer(tmp_path, asked)
    assert answer is not None
    assert answer.ok
    assert desk.wishes["gate"].heard == ["new_view"]
    assert list((tmp_path / "letterbox").iterdir()) == []


async def test_letters_of_a_former_run_and_letters_that_say_nothing_are_thrown_away(
    tmp_path: Path,
) -> None:
    desk = Desk()
    letterbox = Letterbox(tmp_path, desk.commands.obey)
    letterbox.open()
    post(tmp_path, command(Verb.NEW_VIEW))
    letterbox.open()
    (tmp_path / "letterbox" / "x.letter").write_bytes(b"{")
    (tmp_path / "letterbox" / "y.letter").write_bytes(b"x" * 10_000)
    await letterbox.look()
    assert list((tmp_path / "letterbox").iterdir()) == []
    assert desk.wishes["gate"].heard == []


def test_without_an_agent_a_letter_finds_no_box_and_can_be_taken_back(tmp_path: Path) -> None:
    asked = command(Verb.NEW_VIEW)
    with pytest.raises(FileNotFoundError):
        post(tmp_path, asked)
    (tmp_path / "letterbox").mkdir()
    post(tmp_path, asked)
    assert take_back(tmp_path, asked)
    assert not take_back(tmp_path, asked)
