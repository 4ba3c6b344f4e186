"""A made-up world for the incident engine, and a scribe that plays days against it.

School hours are 06:30 to 17:00 local, Monday to Friday. ``at`` counts from 07:00 local of a Monday.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from server.domain.calendar import LOCAL, local_date, local_moment
from server.domain.incident.engine import Engine
from server.domain.incident.memory import Memory
from server.domain.incident.model import Change, Incident, Kind, Step
from server.domain.incident.rules import Rules
from server.domain.incident.signals import Aspect, Observation, Signal, Subject
from server.domain.incident.world import CameraPlace, Quiet, SchoolPlace

MONDAY_7 = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


_STARTS = (Step.OPENED, Step.RETIMED, Step.WORSENED, Step.UNSTABLE)


def at(seconds: float = 0) -> datetime:
    return MONDAY_7 + timedelta(seconds=seconds)


def camera(name: str) -> Subject:
    return Subject(Aspect.CAMERA, name)


def agent(name: str) -> Subject:
    return Subject(Aspect.AGENT, name)


def centre(name: str) -> Subject:
    return Subject(Aspect.CENTRE, name)


@dataclass
class Town:
    """A ``World``. Quiet spells: (subject id or "", from, until, reason)."""

    places: dict[str, CameraPlace] = field(default_factory=dict)
    by_school: dict[str, SchoolPlace] = field(default_factory=dict)
    homes: dict[Subject, str] = field(default_factory=dict)
    spells: list[tuple[str, datetime, datetime, str]] = field(default_factory=list)
    hours: tuple[tuple[int, int], ...] = ((6 * 60 + 30, 17 * 60),)
    """School hours of a weekday: local minutes, from and until."""
    always: bool | None = None
    """Whether it is always, or never, school time; None: by the hours."""
    unset: bool = False

    def camera(self, camera: str) -> CameraPlace | None:
        return self.places.get(camera)

    def school(self, school: str) -> SchoolPlace | None:
        return self.by_school.get(school)

    def school_of(self, subject: Subject) -> str | None:
        place = self.places.get(subject.id)
        return place.school if place is not None else self.homes.get(subject)

    def schools(self) -> Iterable[SchoolPlace]:
        return self.by_school.values()

    def is_required(self, school: str, at: datetime) -> bool | None:
        assert school in self.by_school
        if self.unset:
            return None
        if self.always is not None:
            return self.always
        local = at.astimezone(LOCAL)
        minute = local.hour * 60 + local.minute
        return local.weekday() < 5 and any(first <= minute < last for first, last in self.hours)

    def next_turn(self, school: str, at: datetime) -> datetime | None:
        assert school in self.by_school
        if self.always is not None or self.unset:
            return None
        days = [local_date(at) + timedelta(days=n) for n in range(15)]
        edges = (minute for span in self.hours for minute in span)
        turns = [local_moment(d, m) for m in edges for d in days if d.weekday() < 5]
        return min((t for t in turns if t > at), default=None)

    def quiet(self, subject: Subject, kind: Kind, at: datetime) -> Quiet | None:
        for name, start, until, reason in self.spells:
            if kind is not Kind.CENTRE and name in {"", subject.id} and start <= at < until:
                return Quiet(until=until, reason=reason)
        return None

    def add_school(
        self,
        name: str,
        *,
        cameras: int = 4,
        gates: int = 1,
        agents: int = 1,
        hosts: Mapping[int, str] | None = None,
        unit: str = "u",
        above: tuple[str, ...] = (),
    ) -> list[str]:
        """Add a school whose cameras ``<name>.0`` ... its agents look at in turn."""
        agent_ids = tuple(f"{name}-a{i}" for i in range(agents))
        ids = tuple(f"{name}.{i}" for i in range(cameras))
        for i, camera_id in enumerate(ids):
            self.places[camera_id] = CameraPlace(
                id=camera_id,
                school=name,
                zone=f"{name}/{'gate' if i < gates else 'yard'}",
                zone_kind="cong_truong" if i < gates else "san_truong",
                agents=(agent_ids[i % agents],),
                host=(hosts or {}).get(i, f"10.0.0.{i}"),
                is_gate=i < gates,
                required=True,
            )
        self.by_school[name] = SchoolPlace(
            id=name, unit=unit, agents=agent_ids, cameras=ids, above=above
        )
        for agent_id in agent_ids:
            for aspect in (Aspect.AGENT, Aspect.SPOOL, Aspect.CLOCK, Aspect.CERTIFICATE):
                self.homes[Subject(aspect, agent_id)] = name
        self.homes[Subject(Aspect.GATE_DOOR, f"{name}/door")] = name
        self.homes[Subject(Aspect.GATE_STREAM, f"{name}/door")] = name
        return list(ids)

    def remove_camera(self, name: str) -> None:
        del self.places[name]


def seen(
    subject: Subject,
    signal: Signal,
    when: datetime,
    *,
    since: datetime | None = None,
    cause: str = "",
) -> Observation:
    return Observation(at=when, subject=subject, signal=signal, since=since or when, cause=cause)


@dataclass
class Day:
    """Plays a story second by second as it is told, and keeps all changes."""

    town: Town = field(default_factory=Town)
    rules: Rules = field(default_factory=Rules)
    engine: Engine = field(init=False)
    changes: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine = Engine(self.rules, self.town)

    def see(
        self, subject: Subject, signal: Signal, s: float, *, since: float | None = None, cause: str
    ) -> None:
        began = at(s if since is None else since)
        self.changes += self.engine.observe(seen(subject, signal, at(s), since=began, cause=cause))

    def down(
        self, name: str, s: float, *, since: float | None = None, cause: str = "network.timeout"
    ) -> None:
        self.see(camera(name), Signal.TROUBLE, s, since=since, cause=cause)

    def up(self, name: str, s: float) -> None:
        self.see(camera(name), Signal.OK, s, cause="")

    def unknown(self, name: str, s: float) -> None:
        self.see(camera(name), Signal.UNKNOWN, s, cause="")

    def silent(self, name: str, s: float, *, since: float | None = None) -> None:
        """An agent is noticed to be silent at ``s``; its last word was 75 s before."""
        began = s - 75 if since is None else since
        self.see(agent(name), Signal.TROUBLE, s, since=began, cause="agent.silent")

    def heard(self, name: str, s: float) -> None:
        self.see(agent(name), Signal.OK, s, cause="")

    def until(self, s: float) -> None:
        self.changes += self.engine.advance(at(s))

    def restart(self) -> None:
        body = self.engine.memory.encode()
        self.engine = Engine(self.rules, self.town, Memory.decode(body))

    def steps(self, *wanted: Step) -> list[tuple[Step, str]]:
        """Return the steps so far with their roots, all or the wanted ones."""
        return [(c.step, c.incident.root) for c in self.changes if not wanted or c.step in wanted]

    def messages(self) -> list[tuple[Step, str, float]]:
        """Return what people were told: step, root, and when in seconds."""
        return [(s, r, (t - MONDAY_7).total_seconds()) for s, r, t in told(self.changes)]

    def last(self, root: str) -> Incident:
        return [c.incident for c in self.changes if c.incident.root == root][-1]


def told(changes: Iterable[Change]) -> list[tuple[Step, str, datetime]]:
    """Return the messages that changes lead to, as whoever pages does: at their own times.

    A call that is not yet due is taken back by what outdates it.
    """
    waiting: dict[str, tuple[Step, str, datetime]] = {}
    sent: list[tuple[Step, str, datetime]] = []
    heard: set[str] = set()

    def send_due(now: datetime) -> None:
        for name, call in sorted(waiting.items(), key=lambda x: x[1][2]):
            if call[2] <= now:
                sent.append(call)
                heard.add(name)
                del waiting[name]

    for change in changes:
        send_due(change.at)
        incident = change.incident
        if change.step in {*_STARTS, Step.RECOVERED, Step.ABSORBED}:
            waiting.pop(incident.id, None)
        if change.step in _STARTS:
            if incident.tell_at is not None:
                due = max(incident.tell_at, change.at)
                waiting[incident.id] = (change.step, incident.root, due)
        elif (
            change.step is Step.RECOVERED
            and incident.id in heard
            and heard.isdisjoint(change.heirs)
        ):
            sent.append((change.step, incident.root, change.at))
    send_due(datetime.max.replace(tzinfo=UTC))
    return sent


Play = Callable[[Day], None]
