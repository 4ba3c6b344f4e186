"""What would close a unit's gaps soonest, and what it costs. Pure.

A place that is short of working cameras needs repairs where enough cameras exist, and new ones
where they don't. A repair comes before an installation, and of equals the one that wins the most
required seconds (those in which the place was surely unwatched) comes first.

Prices are the authority's own, with their source. What has no price is counted and never guessed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from server.domain.period import CameraPeriod, SchoolPeriod, ZonePeriod


class Action(StrEnum):
    """What is to be done, the quickest first."""

    REPAIR = "repair"
    INSTALL = "install"


class Work(StrEnum):
    """Kinds of work that have a price of their own."""

    NETWORK = "network"
    SETTINGS = "settings"
    STREAM = "stream"
    LENS = "lens"
    CAMERA = "camera"
    RECORDER = "recorder"
    INSTALL = "install"


class Fund(StrEnum):
    """Where the money comes from: the budget, or donations and fees ("xã hội hóa")."""

    BUDGET = "budget"
    SOCIAL = "social"


_BY_CAUSE: Final[Mapping[str, Work]] = {
    "rtsp.auth": Work.SETTINGS,
    "rtsp.not_found": Work.SETTINGS,
    "rtsp.busy": Work.SETTINGS,
    "picture.covered": Work.LENS,
    "picture.blurred": Work.LENS,
    "picture.moved": Work.LENS,
    "picture.overexposed": Work.LENS,
}
_BY_FAMILY: Final[Mapping[str, Work]] = {
    "network": Work.NETWORK,
    "rtsp": Work.CAMERA,
    "stream": Work.STREAM,
    "picture": Work.CAMERA,
    "recording": Work.RECORDER,
    "clock": Work.SETTINGS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One thing to do at one place.

    Attributes:
        cameras: Those to repair, the one that lost the most time first; none for an installation.
        count: How many cameras to repair or to install.
        work: By kind of work, how many.
        causes: Of repairs: by which causes these cameras lost their time, the most first.
        gain_s: Required seconds of the period in which the place was surely unwatched.
    """

    school: SchoolPeriod
    zone: ZonePeriod
    action: Action
    count: int
    work: Mapping[Work, int]
    cameras: tuple[CameraPeriod, ...] = ()
    causes: tuple[str, ...] = ()
    gain_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one unit of some work costs.

    Attributes:
        amount_vnd: Dong.
        source: Who says so: a quotation, a price list. Never empty.
        fund: Who pays for such work.
    """

    work: Work
    amount_vnd: int
    source: str
    fund: Fund
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLine:
    """Work of one kind: how many units, at which price (None: none is known)."""

    work: Work
    count: int
    price: Price | None

    @property
    def amount_vnd(self) -> int | None:
        """Dong; None without a price."""
        return None if self.price is None else self.price.amount_vnd * self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What some remedies cost: by kind of work, and by who pays.

    ``unpriced``: units of work that have no price; the sums are without them.
    """

    lines: tuple[BudgetLine, ...]
    by_fund: Mapping[Fund, int]
    unpriced: int

    @property
    def amount_vnd(self) -> int:
        """All that has a price, in dong."""
        return sum(self.by_fund.values())


def work_for(cause: str) -> Work:
    """Return the kind of work that removes a cause."""
    known = _BY_CAUSE.get(cause)
    return known or _BY_FAMILY.get(cause.partition(".")[0], Work.CAMERA)


def remedies(schools: Iterable[SchoolPeriod]) -> list[Remedy]:
    """Return what is to be done at places that are short now, in the order of doing it."""
    found = [r for school in schools for zone in school.zones for r in _of_zone(school, zone)]
    order = list(Action)
    return sorted(
        found,
        key=lambda r: (order.index(r.action), -r.gain_s, r.school.school.id, r.zone.zone.id),
    )


def budget(work: Iterable[Remedy], prices: Mapping[Work, Price]) -> Budget:
    """Add up what remedies cost."""
    counts = Counter[Work]()
    for remedy in work:
        counts.update(remedy.work)
    lines = tuple(
        BudgetLine(work=kind, count=counts[kind], price=prices.get(kind))
        for kind in Work
        if counts[kind]
    )
    by_fund = Counter[Fund]()
    for line in lines:
        if line.price is not None:
            by_fund[line.price.fund] += line.price.amount_vnd * line.count
    return Budget(
        lines=lines,
        by_fund={fund: by_fund[fund] for fund in Fund},
        unpriced=sum(line.count for line in lines if line.price is None),
    )


def _of_zone(school: SchoolPeriod, zone: ZonePeriod) -> Iterator[Remedy]:
    """Yield what a place is short of on the last day that counted.

    A camera is broken that lost time on that day. As many are to be repaired as the place needs
    beside those that are sound.
    """
    if zone.need is None:
        return
    here = {c.id for c in school.school.cameras if c.zone == zone.zone.id}
    broken = sorted(
        (c for c in zone.cameras if c.camera.id in here and _is_broken(school, c)),
        key=lambda c: (-sum(c.lost.values()), c.camera.id),
    )
    gain_s = 0 if zone.seconds is None else zone.seconds.not_met
    repairs = broken[: max(0, zone.need - (zone.installed - len(broken)))]
    if repairs:
        lost = Counter[str]()
        for camera in repairs:
            lost.update(camera.lost)
        yield Remedy(
            school=school,
            zone=zone,
            action=Action.REPAIR,
            count=len(repairs),
            work=Counter(work_for(_main(c.lost)) for c in repairs),
            cameras=tuple(repairs),
            causes=tuple(sorted(lost, key=lambda cause: (-lost[cause], cause))),
            gain_s=gain_s,
        )
    if zone.installed < zone.need:
        missing = zone.need - zone.installed
        yield Remedy(
            school=school,
            zone=zone,
            action=Action.INSTALL,
            count=missing,
            work={Work.INSTALL: missing},
            gain_s=gain_s,
        )


def _is_broken(school: SchoolPeriod, camera: CameraPeriod) -> bool:
    return camera.lost_on is not None and camera.lost_on == school.counted_on


def _main(lost: Mapping[str, int]) -> str:
    """Return the cause of the most lost time."""
    return max(lost, key=lambda cause: (lost[cause], cause))
