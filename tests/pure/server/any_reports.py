"""Reports as agents send them in every order, and reports of any values that the wire allows."""

import random
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from server.ingest.reading import read_report
from server.ingest.screening import screen
from server.storage import Intake
from tests.pure.server.reports import BOOT, ORIGIN_MS, SPOOL, intake, item, passage, segment, uuid
from wire.codec import VERSION, encode
from wire.messages import BootStory, Gap, GateEvent, Hold, Report, Segment, Vitals, Watermark
from wire.vocabulary import State

VITALS = Vitals(version="1", uptime_s=1, cpu=0.1, memory=1, disk_free=1, spool_items=0,
                spool_bytes=0)  # fmt: skip


def pieces(report: Intake) -> list[Intake]:
    """Return a report's items each by itself, as halving for poison may leave them."""
    return [
        replace(report, items=(x,), after=None, watermarks=(), vitals=None) for x in report.items
    ]


def a_life(rng: random.Random, agent: str) -> list[Intake]:
    """Return the reports of two boots, with changes, holds, gate events and gaps."""
    reports = []
    for n in (1, 2):
        boot, seq, now, number = uuid(n, "b"), 0, 0, 0
        for turn in range(rng.randrange(2, 7)):
            after = seq
            things: list[Segment | GateEvent | Gap] = []
            for _ in range(rng.randrange(5)):
                number, start = number + 1, now
                now += rng.randrange(1, 90_000)
                camera, state = rng.choice(["cam1", "cam2"]), rng.choice([State.UP, State.DOWN])
                things += [
                    segment(number, start, end, state, boot=boot, camera=camera)
                    for end in rng.sample([None, now, now - 1], k=rng.randrange(1, 4))
                ]
            if rng.random() < 0.5:
                things.append(passage(n * 1000 + seq))
            if rng.random() < 0.3:
                things.append(Gap(first_seq=1, last_seq=seq + 1, kind="segment", count=3,
                                  reason="full", boot=boot, cameras=("cam1",)))  # fmt: skip
            seq += len(things)
            held = (Hold(camera="cam1", last_good_ms=max(now - 500, 0)),) if turn % 2 else ()
            story = BootStory(id=boot, origin_utc_ms=ORIGIN_MS + n * 10_000_000,
                              offset_ms=None if turn < 2 else 5000, steps=turn // 3)  # fmt: skip
            reports.append(
                intake(
                    *(item(after + k, thing) for k, thing in enumerate(things, 1)),
                    agent=agent,
                    spool=boot,
                    sent_ms=n * 10_000_000 + now + turn,
                    boots=(story,),
                    watermarks=(Watermark(boot=boot, until_ms=now, after_seq=seq, held=held),),
                    vitals=VITALS,
                    after=rng.choice([None, after]),
                )
            )
    return reports


GROWING = "\u0958\U0001d160\ufb2c"  # longer when composed
WORDS = st.text(
    st.characters(codec="utf-8") | st.sampled_from("\x00\ufffd\u0130đĐẾ" + GROWING), max_size=64
) | st.text(GROWING, min_size=64, max_size=64)
TEXTS = WORDS | st.text(st.sampled_from("\x00\u0958\U0001d160aế"), min_size=500, max_size=500)
MOMENTS = st.sampled_from([0, 1, 86_400_000, ORIGIN_MS, 10**14 - 1, 10**14]) | st.integers(
    0, 10**14
)
NUMBERS = st.sampled_from([1, 2, 2**53 - 1, 2**53]) | st.integers(1, 2**53)
OFFSETS = st.none() | st.integers(-(10**40), 10**40)


@st.composite
def things(draw: st.DrawFn) -> Any:
    match draw(st.sampled_from(["segment", "event", "gap"])):
        case "segment":
            start = draw(MOMENTS)
            return segment(
                draw(NUMBERS), start, draw(st.none() | st.integers(start, 10**14)), State.DOWN,
                cause=draw(WORDS), detail=draw(TEXTS),
            )  # fmt: skip
        case "event":
            return passage(draw(st.integers(0, 50)), draw(st.integers(0, 10**13)), kind=draw(WORDS),
                           note=draw(TEXTS), subject=draw(WORDS), reader=draw(WORDS))  # fmt: skip
        case _:
            first = draw(NUMBERS)
            return Gap(first_seq=first, last_seq=draw(st.integers(first, 2**53)), kind=draw(WORDS),
                       count=draw(st.integers(0, 2**53)), reason=draw(TEXTS),
                       start_ms=draw(MOMENTS), end_ms=draw(MOMENTS))  # fmt: skip


@st.composite
def any_report(draw: st.DrawFn) -> Intake:
    """Return what ingest makes of a report of any values that the wire allows."""
    seqs = sorted(draw(st.sets(NUMBERS, max_size=6)))
    report = Report(
        v=VERSION,
        spool=draw(st.sampled_from([SPOOL, BOOT])),
        sent_utc_ms=draw(MOMENTS),
        boots=(
            BootStory(id=BOOT, origin_utc_ms=draw(MOMENTS), offset_ms=draw(OFFSETS),
                      steps=draw(NUMBERS), machine=draw(st.none() | TEXTS)),
        ),
        kept_from=draw(NUMBERS),
        after=draw(st.none() | NUMBERS),
        items=tuple(item(seq, draw(things())) for seq in seqs),
        watermarks=(Watermark(boot=BOOT, until_ms=draw(MOMENTS), after_seq=draw(NUMBERS)),),
        vitals=Vitals(version=draw(WORDS), uptime_s=2**53, cpu=1e308, memory=2**53,
                      disk_free=2**53, spool_items=2**53, spool_bytes=0,
                      clock_offset_ms=draw(OFFSETS), platform=draw(TEXTS)),
    )  # fmt: skip
    read = read_report(encode(report))
    return screen(
        "agent1", read, keepers={}, received_utc_ms=draw(MOMENTS), late=draw(st.booleans())
    )
