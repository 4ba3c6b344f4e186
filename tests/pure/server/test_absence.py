"""A database that is away: what people are told of it without one, and when. A clock by hand."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from server.domain.incident.engine import Engine
from server.domain.incident.memory import Memory
from server.domain.incident.model import Kind, Severity
from server.domain.incident.rules import Rule, Rules
from server.domain.incident.signals import Subject
from server.domain.incident.world import Quiet
from server.domain.paging.directory import Directory
from server.domain.paging.people import Occasion
from server.notifier.emergency import Emergency
from server.notifier.speaking import Speaker
from server.texts.naming import Names
from server.texts.tongue import LANGUAGES, load
from server.transports import GiveUpError, Message, RetryError
from server.watching.absence import Absence, Alarm
from server.watching.centre import DATABASE, trouble
from server.watching.heard import Heard
from tests.pure.server.incident_world import Town, at
from tests.pure.server.paging_people import ORGANISATION, directory, person, policy, to

BOOK = directory(policy(to("an")), people=(person("an"),))
UNTIL = at(1200)


@dataclass
class Channel:
    """Raises ``answers`` first; keeps what it takes."""

    answers: list[Exception] = field(default_factory=list)
    taken: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> str:
        if self.answers:
            raise self.answers.pop(0)
        self.taken.append(message)
        return "taken"

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Scene:
    """A server whose database answers at 0 s for the last time, and goes on being asked."""

    rules: Rules = field(default_factory=Rules)
    town: Town = field(default_factory=Town)
    book: Directory = BOOK
    absence: Absence = field(default_factory=Absence)
    channel: Channel = field(default_factory=Channel)
    time: datetime = field(default_factory=at)

    def __post_init__(self) -> None:
        self.absence.book = self.book
        self.works(0)
        self.emergency = Emergency(
            alarm=self.alarm,
            speaker=Speaker(
                tongues={code: load(code) for code in LANGUAGES},
                fallback="vi",
                names=lambda: Names(ORGANISATION),
                public_url=None,
            ),
            transports={"email": self.channel},
            clock=self,
        )

    def now(self) -> datetime:
        return self.time

    async def wait(self, seconds: float) -> None:
        raise NotImplementedError(seconds)

    def alarm(self) -> Alarm | None:
        return self.absence.look(self.rules, self.town, self.time)

    def works(self, s: float, *, mine: bool = True) -> None:
        """Ask the database at that second, and have an answer."""
        self.time = at(s)
        self.absence.asked(self.time)
        self.absence.answered(self.time, mine=mine)

    def away(self, first_s: int, last_s: int) -> list[int]:
        """Ask in vain, and send, every five seconds; return at which of them something left."""
        return asyncio.run(self._away(first_s, last_s))

    async def _away(self, first_s: int, last_s: int) -> list[int]:
        found = []
        for s in range(first_s, last_s + 1, 5):
            self.time = at(s)
            self.absence.asked(self.time)
            had = len(self.channel.taken)
            await self.emergency.run_once()
            found += [s] * (len(self.channel.taken) - had)
        return found


def test_it_is_told_after_two_minutes_and_once() -> None:
    scene = Scene()
    assert scene.away(10, 3600) == [130]
    (message,) = scene.channel.taken
    assert message.facts["incident"]["root"] == "centre:database"
    assert message.facts["incident"]["began_at"] == "2026-11-23T00:00:10Z"
    assert message.to == ("an@x",)
    assert "07:00" in message.subject
    assert "cơ sở dữ liệu" in message.subject
    assert "http" not in message.text


@pytest.mark.parametrize("last_s", [10, 125])
def test_what_is_back_within_two_minutes_is_not_told(last_s: int) -> None:
    scene = Scene()
    assert scene.away(10, last_s) == []
    scene.works(last_s + 1)
    assert scene.away(last_s + 5, last_s + 120) == []


def test_who_did_not_have_the_duty_tells_nobody_and_leaves_it_to_who_had_it() -> None:
    scene = Scene()
    scene.works(5, mine=False)
    assert not scene.absence.gives_way(at(5))
    assert scene.away(10, 600) == []
    assert scene.absence.gives_way(at(601))
    scene.works(602, mine=False)
    assert scene.absence.gives_way(at(610))
    assert not scene.absence.gives_way(at(611))


def test_who_had_the_duty_gives_way_to_nobody() -> None:
    scene = Scene()
    scene.away(10, 600)
    assert not scene.absence.gives_way(at(601))


def test_a_database_that_comes_and_goes_is_told_directly_once_in_half_an_hour() -> None:
    scene, told = Scene(), []
    for start in range(10, 7200, 200):
        told += scene.away(start, start + 190)
        scene.works(start + 195)
    assert told == [130, 1930, 3730, 5530]


def test_what_the_log_gets_has_the_true_beginning_and_the_time_of_the_message() -> None:
    scene = Scene()
    scene.away(10, 300)
    (seen,) = scene.absence.news(Heard(Memory()), at(301))
    assert (seen.since, seen.at) == (at(10), at(130))
    alarm = scene.absence.alarm
    assert alarm is not None
    assert (alarm.incident.began_at, alarm.incident.opened_at) == (at(10), at(130))
    assert [one.letter for one in scene.absence.brought()] == [call.id for call in alarm.calls]
    scene.works(302)
    assert scene.absence.brought() == ()
    assert scene.alarm() is None


def test_where_another_server_has_the_duty_now_the_end_is_told_directly_and_once() -> None:
    scene = Scene()
    scene.away(10, 300)
    scene.works(305, mine=False)
    for s in (305, 310, 315):
        scene.works(s, mine=False)
        asyncio.run(scene.emergency.run_once())
    _, over = scene.channel.taken
    assert over.facts["occasion"] == Occasion.RECOVERED
    assert "4 phút" in over.subject
    assert "không mất" in over.text
    assert over.facts["incident"]["ended_at"] == "2026-11-23T00:05:05Z"


def test_who_was_not_reached_hears_no_end_either() -> None:
    scene = Scene()
    scene.channel.answers = [RetryError("no") for _ in range(100)]
    scene.away(10, 300)
    scene.channel.answers.clear()
    scene.works(305, mine=False)
    asyncio.run(scene.emergency.run_once())
    assert scene.channel.taken == []


def test_what_can_not_leave_is_tried_again_later_and_later_under_the_same_id() -> None:
    scene = Scene()
    scene.channel.answers = [RetryError("busy"), RetryError("busy", after_s=60), RetryError("no")]
    assert scene.away(10, 600) == [215]
    alarm = scene.absence.alarm
    assert alarm is not None
    assert scene.channel.taken[0].id == alarm.calls[0].id


def test_what_will_never_leave_is_given_up_and_no_log_has_an_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    scene = Scene()
    scene.channel.answers = [GiveUpError("no such mailbox: an@x")]
    assert scene.away(10, 600) == []
    assert "no such mailbox: ..." in caplog.text
    assert "an@x" not in caplog.text


def test_what_is_for_information_only_is_not_told() -> None:
    noted = Rule(grace_s=60, in_hours=Severity.NOTED, off_hours=Severity.NOTED)
    assert Scene(rules=Rules(kinds={Kind.CENTRE: noted})).away(10, 900) == []


def test_a_longer_grace_is_kept_to() -> None:
    patient = Rule(grace_s=600, in_hours=Severity.URGENT, off_hours=Severity.URGENT)
    assert Scene(rules=Rules(kinds={Kind.CENTRE: patient})).away(10, 900) == [610]


class Paused(Town):
    """Somebody works on the database until 1200 s, and has said so."""

    def quiet(self, subject: Subject, kind: Kind, at: datetime) -> Quiet | None:
        spell = Quiet(until=UNTIL, reason="new disks")
        return (
            spell if subject.id == "database" and at < UNTIL else super().quiet(subject, kind, at)
        )


def test_a_pause_is_kept_to_and_what_is_still_wrong_at_its_end_is_told() -> None:
    assert Scene(town=Paused()).away(10, 1500) == [1200]


def test_time_in_which_this_process_was_stopped_does_not_count() -> None:
    scene = Scene()
    scene.absence.asked(at(10))
    assert scene.away(3600, 3900) == [3720]


def test_what_was_told_stays_as_it_was_told_although_nobody_asked_for_a_while() -> None:
    scene = Scene()
    assert scene.away(10, 300) == [130]
    assert scene.away(500, 900) == []
    (seen,) = scene.absence.news(Heard(Memory()), at(901))
    assert (seen.since, seen.at) == (at(10), at(130))


def test_a_channel_that_fails_for_a_day_is_left_alone() -> None:
    scene = Scene()
    scene.channel.answers = [RetryError("no")] * 6
    scene.away(10, 300)
    assert not scene.channel.answers
    assert scene.away(90_000, 90_100) == []


def test_a_database_that_was_slow_before_it_went_away_is_one_trouble() -> None:
    scene = Scene()
    engine = Engine(scene.rules, scene.town)
    (seen,) = Heard(engine.memory).news([trouble(DATABASE, at(-20))], at(-2))
    engine.observe(seen)
    scene.absence.memory = engine.memory.encode()
    assert scene.away(10, 300) == [130]
    alarm = scene.absence.alarm
    assert alarm is not None
    assert alarm.incident.began_at == at(-20)
    (opened,) = engine.advance(at(130))
    assert opened.incident.id == alarm.incident.id


def test_what_was_told_already_is_not_told_directly() -> None:
    scene = Scene()
    engine = Engine(scene.rules, scene.town)
    (seen,) = Heard(engine.memory).news([trouble(DATABASE, at(-120))], at(-60))
    engine.observe(seen)
    assert engine.advance(at(0))
    scene.absence.memory = engine.memory.encode()
    assert scene.away(10, 300) == []
