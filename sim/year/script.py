"""What happens in the example's year by script; the rest is drawn (``drama``). Pure."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Final

from sim.year.dates import clock
from sim.year.happenings import Absence, Fault

_PLUG: Final = 2025
"""The seed of the bad plug's blinks."""


def _flaps() -> Iterator[Fault]:
    """Yield a bad plug: forty blinks in two hours of a morning."""
    rng, at = Random(_PLUG), clock(date(2025, 12, 3), 7, 5)
    for _ in range(40):
        at += rng.randrange(60, 240)
        end = at + rng.randrange(2, 50)
        yield Fault(camera="m-th-le-loi-san-truong-1", cause="stream.stalled", start=at, end=end)
        at = end


def _lossy() -> Iterator[Fault]:
    """Yield a radio link that loses packets on every afternoon of some weeks, in both terms."""
    for first, count in ((date(2025, 11, 17), 12), (date(2026, 3, 16), 19)):
        for ordinal in range(first.toordinal(), first.toordinal() + count):
            day = date.fromordinal(ordinal)
            for camera in ("m-mn-huong-sen-cong-chinh-1", "m-mn-huong-sen-cong-chinh-2"):
                start, end = clock(day, 13, 40, 7), clock(day, 15, 55, 31)
                yield Fault(camera=camera, cause="stream.lossy", start=start, end=end)


FAULTS: Final = (
    # Dark for a month: nobody went to change the lamp.
    Fault(
        camera="m-th-tran-phu-bep-an-1",
        cause="picture.black",
        start=clock(date(2026, 3, 2), 10, 4, 17),
        end=clock(date(2026, 4, 3), 14, 22, 9),
    ),
    # A cable at the gate of a school of several levels; announced work ended it.
    Fault(
        camera="m-thcs-nguyen-hue-cong-chinh-2",
        cause="network.unreachable",
        start=clock(date(2026, 3, 9), 15, 31, 2),
        end=clock(date(2026, 3, 10), 9, 41, 55),
    ),
    # Two agents look at the parking; each has trouble of its own, and a second is the better one.
    Fault(
        camera="m-thcs-ha-dong-nha-xe-1",
        cause="network.timeout",
        start=clock(date(2026, 3, 5), 7, 10, 4),
        end=clock(date(2026, 3, 5), 10, 50, 33),
        agent="m-thcs-ha-dong-phu",
    ),
    Fault(
        camera="m-thcs-ha-dong-nha-xe-1",
        cause="stream.lossy",
        start=clock(date(2026, 4, 21), 7, 0, 1),
        end=clock(date(2026, 4, 21), 9, 30, 9),
        agent="m-thcs-ha-dong",
    ),
    Fault(
        camera="m-thcs-ha-dong-nha-xe-1",
        cause="network.refused",
        start=clock(date(2026, 4, 21), 8, 0, 42),
        end=clock(date(2026, 4, 21), 11, 0, 7),
        agent="m-thcs-ha-dong-phu",
    ),
    # Froze just before the nightly report, which still vouched for it: dated back afterwards.
    Fault(
        camera="m-thpt-ha-dong-nha-xe-1",
        cause="picture.frozen",
        start=clock(date(2025, 11, 12), 0, 19, 20),
        end=clock(date(2025, 11, 12), 6, 55, 2),
        noticed_s=60,
    ),
    *_flaps(),
    *_lossy(),
)

ABSENCES: Final = (
    # Alive and cut off for three weeks; its history came on the last morning, days after closing.
    Absence(
        agent="m-thcs-ha-dong",
        start=clock(date(2025, 11, 3), 9, 17, 40),
        end=clock(date(2025, 11, 24), 8, 12, 6),
        alive=True,
    ),
    # Cut off in the afternoon, back in the evening: told before the day was closed.
    Absence(
        agent="m-th-le-loi",
        start=clock(date(2025, 9, 16), 13, 50, 3),
        end=clock(date(2025, 9, 16), 21, 5, 44),
        alive=True,
    ),
    # Cut off over the night of the year's end.
    Absence(
        agent="m-lc-minh-khai",
        start=clock(date(2025, 12, 30), 10, 0, 1),
        end=clock(date(2026, 1, 5), 7, 30, 59),
        alive=True,
    ),
    # Came back with a clock over two hours ahead, for a day.
    Absence(
        agent="m-mn-tuoi-tho",
        start=clock(date(2025, 11, 18), 6, 2, 20),
        end=clock(date(2025, 11, 18), 6, 4, 1),
        alive=False,
        error_s=7_987,
    ),
    Absence(
        agent="m-mn-tuoi-tho",
        start=clock(date(2025, 11, 19), 11, 45, 8),
        end=clock(date(2025, 11, 19), 11, 47, 30),
        alive=False,
    ),
    # Ran for five hours without a network, by a clock far ahead: nobody knows when that was.
    Absence(
        agent="m-th-ha-dong",
        start=clock(date(2026, 2, 25), 7, 40, 15),
        end=clock(date(2026, 2, 25), 15, 10, 42),
        alive=False,
        lost=(clock(date(2026, 2, 25), 9), clock(date(2026, 2, 25), 14, 3, 12)),
    ),
    # Nobody switched it on again after Tet until the Wednesday.
    Absence(
        agent="m-mn-hoa-mai",
        start=clock(date(2026, 2, 7), 11, 20, 33),
        end=clock(date(2026, 2, 25), 6, 48, 5),
        alive=False,
    ),
)
