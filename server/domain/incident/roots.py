"""Which root several troubles have in common: those of cameras of one network.

Troubles whose true beginnings lie within ``together_s`` are looked at together, and the widest root
that explains them is taken: their network, their recorder, their password. That a root is shared
is a conclusion, and told as such.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.domain.incident.kinds import AUTH, SLOW, possible_roots
from server.domain.incident.memory import Ailment
from server.domain.incident.model import Kind
from server.domain.incident.networks import network_of
from server.domain.incident.rules import Rules
from server.domain.incident.signals import Aspect
from server.domain.incident.timing import Ground
from server.domain.incident.world import CameraPlace

Why = tuple[tuple[str, int | str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """What is concluded of a trouble: its root, and all who are in trouble by it.

    ``due``: until then it is waited whether more join in, and ``waiting`` wait with it; ``unit``:
    of a line.
    """

    kind: Kind
    root: str
    ailing: tuple[Ailment, ...]
    due: datetime
    sure: bool = True
    unit: str | None = None
    why: Why = ()
    waiting: tuple[Ailment, ...] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """An ailing camera and where it stands."""

    ailment: Ailment
    place: CameraPlace

    @property
    def address(self) -> str:
        """Its address in its network; of one whose address nobody knows, its own."""
        return self.place.host or f"?{self.place.id}"


def due_as(ground: Ground, ailment: Ailment, kind: Kind, *, hasty: bool) -> datetime:
    """Return when a trouble may be told if it is of that kind, and had a moment for others.

    ``hasty``: it has come and gone so often that its grace is used up.
    """
    place = ground.place(ailment.subject)
    since, noticed = ailment.since, ailment.noticed
    grace = timedelta(0) if hasty else ground.grace(kind, place)
    if ailment.subject.aspect not in {Aspect.CAMERA, Aspect.AGENT}:
        return max(since + grace, noticed)
    return ground.ripe(place, since=since, noticed=noticed, grace=grace)


def look_due(ground: Ground, ailment: Ailment, *, hasty: bool) -> datetime:
    """Return when a trouble's root is first looked for: when the first of the possible is due.

    A shared root must not wait for the grace that its members would have had alone.
    """
    kinds = possible_roots(ailment.kind, ailment.cause)
    return min(due_as(ground, ailment, kind, hasty=hasty) for kind in kinds)


def single(ground: Ground, ailment: Ailment, *, hasty: bool) -> Root:
    """Return the root of a trouble that nobody shares; it is due by its own kind's grace."""
    due = due_as(ground, ailment, ailment.kind, hasty=hasty)
    return Root(kind=ailment.kind, root=ailment.root, ailing=(ailment,), due=due)


def camera_root(
    ground: Ground,
    ailment: Ailment,
    others: Iterable[Ailment],
    *,
    is_hasty: Callable[[Ailment], bool],
) -> Root:
    """Return the root of a camera's trouble; ``others`` are ailing cameras of its school.

    ``is_hasty``: who has failed so often that it is given no grace.
    """
    place = ground.place(ailment.subject)
    alone = single(ground, ailment, hasty=is_hasty(ailment))
    if place is None or not place.agents:
        return alone
    own = _Seen(ailment, place)
    seen = [own, *_behind(ground, own, others)]
    found = _shared(ground.rules, own, seen, min(network_of(ground.world, place)))
    if found is None:
        return alone
    kind, root, members, sure = found
    return Root(
        kind=kind,
        root=root,
        ailing=tuple(m.ailment for m in members),
        due=min(
            m.ailment.noticed if is_hasty(m.ailment) else _ripe(ground, kind, m) for m in members
        ),
        sure=sure,
        why=_why(ground, kind, own, members),
    )


def centre_root(ground: Ground, ailment: Ailment, own: Iterable[Ailment]) -> Root:
    """Return the root of the centre's trouble: what failed first of all that failed together."""
    length = timedelta(seconds=ground.rules.together_s)
    failed = sorted((a for a in own if a.in_trouble), key=lambda a: (a.since, a.subject))
    first, last = best_window([a.since for a in failed], ailment.since, length)
    together = tuple(a for a in failed if first <= a.since <= last)
    due = min(a.since for a in together) + ground.grace(Kind.CENTRE)
    return Root(kind=Kind.CENTRE, root=together[0].root, ailing=together, due=due)


def best_window(
    times: Sequence[datetime], around: datetime, length: timedelta
) -> tuple[datetime, datetime]:
    """Return the span of that length that holds ``around`` and most of ``times``, the earliest.

    ``times`` rise. The span begins at one of them; both ends are included.
    """
    best, most = around, 0
    end = 0
    for begin, start in enumerate(times):
        if start > around:
            break
        end = max(end, begin)
        while end < len(times) and times[end] <= start + length:
            end += 1
        if start + length >= around and end - begin > most:
            best, most = start, end - begin
    return best, best + length


def _ripe(ground: Ground, kind: Kind, seen: _Seen) -> datetime:
    return seen.ailment.since + ground.grace(kind, seen.place)


def _behind(ground: Ground, own: _Seen, others: Iterable[Ailment]) -> list[_Seen]:
    """Return the others that are in the same kind of trouble in the same network."""
    found, agents = [], network_of(ground.world, own.place)
    for other in others:
        if other.subject == own.ailment.subject or other.kind is not own.ailment.kind:
            continue
        place = ground.place(other.subject)
        if other.in_trouble and place is not None and not agents.isdisjoint(place.agents):
            found.append(_Seen(other, place))
    return found


def _together(own: _Seen, seen: Sequence[_Seen], length: timedelta) -> list[_Seen]:
    ordered = sorted(seen, key=lambda s: (s.ailment.since, s.ailment.subject))
    times = [s.ailment.since for s in ordered]
    first, last = best_window(times, own.ailment.since, length)
    return [s for s in ordered if first <= s.ailment.since <= last]


def _shared(
    rules: Rules, own: _Seen, seen: Sequence[_Seen], agent: str
) -> tuple[Kind, str, list[_Seen], bool] | None:
    """Return kind, root, members and whether it is sure; None: the trouble is its own.

    ``agent``: the first of the network's, by which it is named.
    """
    kind = own.ailment.kind
    near = _together(own, seen, rules.reach(kind, ""))
    if kind is Kind.PICTURE:
        alike = [s for s in near if s.ailment.cause == own.ailment.cause]
        root = f"picture:{agent}/{own.ailment.cause}"
        return (kind, root, alike, False) if len(alike) >= rules.network_least else None
    if kind in SLOW:
        channels = [s for s in near if s.address == own.address]
        root = f"{kind}:{agent}/{own.address}"
        return (kind, root, channels, False) if len(channels) >= rules.recorder_least else None
    refused = [s for s in (seen if own.ailment.cause == AUTH else near) if s.ailment.cause == AUTH]
    if own.ailment.cause == AUTH:
        refused = _together(own, refused, rules.reach(kind, AUTH))
    if len(refused) >= rules.credentials_least and len(refused) * 2 > len(near):
        if own in refused:
            return Kind.CREDENTIALS, f"credentials:{agent}", refused, False
        near = [s for s in near if s not in refused]
    return _lost(rules, own, near, agent)


def _lost(
    rules: Rules, own: _Seen, near: Sequence[_Seen], agent: str
) -> tuple[Kind, str, list[_Seen], bool] | None:
    """The same for cameras that give no picture, less those that refuse a password together."""
    addresses = Counter(s.address for s in near)
    if len(near) >= rules.network_least and len(addresses) > 1:
        return Kind.NETWORK, f"network:{agent}", list(near), False
    if addresses[own.address] >= rules.recorder_least:
        channels = [s for s in near if s.address == own.address]
        return Kind.RECORDER, f"recorder:{agent}/{own.address}", channels, True
    return None


def _why(ground: Ground, kind: Kind, own: _Seen, members: Sequence[_Seen]) -> Why:
    """Return the evidence: how many of how many, within which time, behind which address."""
    school = ground.world.school(own.place.school)
    places = [ground.world.camera(c) for c in (school.cameras if school is not None else ())]
    agents = network_of(ground.world, own.place)
    behind = [p for p in places if p is not None and not agents.isdisjoint(p.agents)]
    one_address = kind not in {Kind.NETWORK, Kind.CREDENTIALS, Kind.PICTURE}
    if one_address:
        behind = [p for p in behind if p.host == own.place.host]
    times = [m.ailment.since for m in members]
    spread = int((max(times) - min(times)).total_seconds())
    gates = sum(m.place.is_gate for m in members)
    of_gates = sum(p.is_gate for p in behind)
    why: list[tuple[str, int | str]] = [
        ("cameras", len(members)),
        ("of", max(len(behind), len(members))),
        ("within_s", spread),
    ]
    if of_gates:
        why += [("gates", gates), ("gates_of", max(of_gates, gates))]
    if one_address and own.place.host is not None:
        why.append(("host", own.place.host))
    return tuple(why)
