"""Intakes for tests, drawn from one small agent's life."""

from datetime import UTC, datetime

from server.storage import Intake
from wire.messages import BootStory, Gap, GateEvent, Item, Segment, Watermark
from wire.vocabulary import State

ORIGIN = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
ORIGIN_MS = int(ORIGIN.timestamp() * 1000)
BOOT = "b0000000-0000-4000-8000-000000000001"
SPOOL = "50000000-0000-4000-8000-000000000001"


def uuid(number: int, first: str = "e") -> str:
    return f"{first}0000000-0000-4000-8000-{number:012d}"


def segment(
    number: int, start_ms: int, end_ms: int | None = None, state: State = State.UP, **more: str
) -> Segment:
    values = {"boot": BOOT, "camera": "cam1", **more}
    return Segment(number=number, start_ms=start_ms, end_ms=end_ms, state=state, **values)


def passage(number: int, at_ms: int = 0, **more: str) -> GateEvent:
    values = {"gate": "gate1", "kind": "passage", **more}
    when = ORIGIN_MS + at_ms
    return GateEvent(id=uuid(number), occurred_utc_ms=when, accepted_utc_ms=when + 20, **values)


def item(seq: int, thing: Segment | GateEvent | Gap) -> Item:
    match thing:
        case Segment():
            return Item(seq=seq, segment=thing)
        case GateEvent():
            return Item(seq=seq, gate_event=thing)
        case Gap():
            return Item(seq=seq, gap=thing)


def intake(
    *items: Item,
    agent: str = "agent1",
    spool: str = SPOOL,
    sent_ms: int = 60_000,
    boots: tuple[BootStory, ...] = (BootStory(id=BOOT, origin_utc_ms=ORIGIN_MS),),
    watermarks: tuple[Watermark, ...] = (),
    **more: object,
) -> Intake:
    return Intake(
        agent=agent,
        spool=spool,
        sent_utc_ms=ORIGIN_MS + sent_ms,
        received_utc_ms=ORIGIN_MS + sent_ms + 100,
        boots=boots,
        items=items,
        watermarks=watermarks,
        **more,  # type: ignore[arg-type]
    )


def watermark(until_ms: int, after_seq: int = 0, boot: str = BOOT) -> Watermark:
    return Watermark(boot=boot, until_ms=until_ms, after_seq=after_seq)
