"""Halves never say more than the whole did, and everything good gets in."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from server.ingest.halving import commit_by_halves
from server.storage import Intake, PoisonError, Progress
from server.storage.merging import received
from tests.pure.server.desk import spans
from tests.pure.server.reports import BOOT, ORIGIN_MS, SPOOL, item, passage, segment, watermark
from wire.messages import BootStory, Refusal, Vitals

STORY = BootStory(id=BOOT, origin_utc_ms=ORIGIN_MS)
VITALS = Vitals(
    version="1", uptime_s=1, cpu=0.1, memory=1, disk_free=1, spool_items=1, spool_bytes=1
)


class Picky:
    """A store that refuses some numbers, marks and stories, and believes what it is told."""

    def __init__(self, *, numbers: set[int], marks: set[int], vitals: bool, boots: bool) -> None:
        self.numbers, self.marks, self.vitals, self.boots = numbers, marks, vitals, boots
        self.items: set[int] = set()
        self.told: set[int] = set()
        self.kept_marks: set[int] = set()
        self.progress = Progress()

    async def commit(self, intakes: Sequence[Intake]) -> dict[tuple[str, str], Progress]:
        if any(self._minds(i) for i in intakes):
            raise PoisonError("never")
        for i in intakes:
            self.items |= {x.seq for x in i.items}
            self.kept_marks |= {w.until_ms for w in i.watermarks}
            for first, last in spans(i):
                self.told |= set(range(first, last + 1))
            self.progress = received(self.progress, spans(i))
        return {(i.agent, i.spool): self.progress for i in intakes}

    def _minds(self, intake: Intake) -> bool:
        return (
            any(x.seq in self.numbers for x in intake.items)
            or any(w.until_ms in self.marks for w in intake.watermarks)
            or (self.vitals and intake.vitals is not None)
            or (self.boots and bool(intake.boots))
        )


def _intake(numbers: Sequence[int], **more: object) -> Intake:
    items = tuple(item(n, passage(n) if n % 2 else segment(n, 0)) for n in numbers)
    values = {"boots": (STORY,), "items": items, **more}
    return Intake(agent="a", spool=SPOOL, sent_utc_ms=1, received_utc_ms=2, **values)  # type: ignore[arg-type]


@given(
    numbers=st.lists(st.integers(2, 40), unique=True, min_size=1).map(sorted),
    poison=st.sets(st.integers(2, 40)),
    marks=st.sets(st.integers(1, 3)),
    vitals=st.booleans(),
)
async def test_all_that_is_good_gets_in_and_all_that_is_not_is_refused(
    numbers: list[int], poison: set[int], marks: set[int], vitals: bool
) -> None:
    picky = Picky(numbers=poison, marks=marks, vitals=vitals, boots=False)
    whole = _intake(
        numbers, watermarks=tuple(watermark(n) for n in (1, 2, 3)), vitals=VITALS,
        refused=(Refusal(seq=50, reason="read"),), kept_from=2,
    )  # fmt: skip
    committed = await commit_by_halves(picky.commit, [whole])
    refused = {r.seq for i, _ in committed for r in i.refused}
    assert picky.items == set(numbers) - poison
    assert refused == set(numbers) & poison | {50}
    assert picky.kept_marks == {1, 2, 3} - marks
    assert picky.told == {1, *numbers, 50}


@given(
    numbers=st.lists(st.integers(1, 40), unique=True, min_size=2).map(sorted),
    data=st.data(),
)
async def test_a_half_never_says_that_its_brothers_numbers_are_in(
    numbers: list[int], data: st.DataObject
) -> None:
    """With an ``after`` in a half, an ack would let the agent delete what was never committed."""
    bad = data.draw(st.sampled_from(numbers))
    after = data.draw(st.integers(0, numbers[0] - 1))
    untrue: set[int] = set()

    class Faulty(Picky):
        async def commit(self, intakes: Sequence[Intake]) -> dict[tuple[str, str], Progress]:
            if any(x.seq == bad for i in intakes for x in i.items):
                raise KeyError("a fault of ours")
            done = await super().commit(intakes)
            untrue.update(self.told & set(numbers) - self.items)
            return done

    picky = Faulty(numbers=set(), marks=set(), vitals=False, boots=False)
    await commit_by_halves(picky.commit, [_intake(numbers, after=after)])
    assert picky.items == set(numbers) - {bad}
    assert not untrue


async def test_a_gate_event_beside_a_story_that_the_database_refuses_gets_in_without_it() -> None:
    picky = Picky(numbers=set(), marks=set(), vitals=False, boots=True)
    committed = await commit_by_halves(picky.commit, [_intake([1, 2, 3])])
    assert picky.items == {1, 3}
    assert [r.seq for i, _ in committed for r in i.refused] == [2]
    assert picky.progress.through == 3
