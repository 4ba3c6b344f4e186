"""What one seed means: how large the world is, how it is paced, and which faults come when."""

import random
from dataclasses import dataclass, field
from typing import Final

_HOUR: Final = 3600.0
_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: what, when, for how long, against whom (an agent, a server), and how strong."""

    at_s: float
    kind: str
    who: int
    for_s: float
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One seed's world.

    Attributes:
        faults_until_s: Faults begin and end before.
        settle_s: So long after the last fault everything may take to be delivered.
        longest_wait_s: A server's longest pause between tries of a database that is away.
        back_off_max_s: An agent's longest pause after silence.
        poison: The share of gate events that the centre can't take, or can't even read.
        immediate: The embedded broker's way: a server's PUBACK on receipt.
    """

    seed: int
    pace: str
    faults_until_s: float
    settle_s: float
    longest_wait_s: float
    back_off_max_s: float
    agents: int
    cameras: int
    servers: int
    watermark_s: float
    save_s: float
    look_at_clock_s: float
    change_every_s: float
    event_every_s: float
    spool_max_bytes: int
    checkpoint_pages: int
    disk_latency_s: float
    commit_latency_s: float
    delay_s: float
    broker_bound: int
    window: int
    immediate: bool
    wrong_clocks: tuple[int, ...]
    poison: float
    faults: tuple[Fault, ...] = field(default=())


_WEIGHTS: Final = {
    "partition": 6,
    "lossy": 5,
    "half_open": 3,
    "broker_restart": 3,
    "broker_down": 2,
    "kill_agent": 8,
    "cut_agent": 6,
    "stop_agent": 3,
    "disk_full": 3,
    "disk_error": 2,
    "clock_step": 4,
    "clone": 1,
    "roll_back": 1,
    "kill_server": 5,
    "kill_after_commit": 4,
    "cut_centre": 3,
    "db_down": 3,
    "db_slow": 2,
}


def make_plan(seed: int) -> Plan:
    """Return the plan of a seed."""
    rng = random.Random(f"plan {seed}")
    pace = rng.choices(("minutes", "crowded", "day", "days"), (3, 1, 3, 4))[0]
    span_s, watermark_s, save_s, change_s, event_s, faults = _PACES[pace](rng)
    agents = rng.choice((1, 1, 2, 3)) if pace in {"minutes", "day"} else rng.choice((1, 1, 2))
    servers = rng.choice((1, 1, 2))
    kinds = rng.sample(list(_WEIGHTS), rng.randint(1, 8))  # some faults together, not always all
    if pace == "crowded":
        kinds = sorted({*kinds, "partition"})
    return Plan(
        seed=seed,
        pace=pace,
        faults_until_s=span_s,
        settle_s=max(3 * _HOUR, 2.5 * watermark_s),
        longest_wait_s=max(15.0, watermark_s / 10),
        back_off_max_s=max(300.0, watermark_s / 4),
        agents=agents,
        cameras=rng.choice((1, 2, 2, 3)),
        servers=servers,
        watermark_s=watermark_s,
        save_s=save_s,
        look_at_clock_s=max(30.0, save_s),
        change_every_s=change_s,
        event_every_s=event_s,
        spool_max_bytes=rng.choice(
            (90_000, 150_000, 1 << 29) if pace == "crowded" else (200_000, 1 << 29)
        ),
        checkpoint_pages=rng.choice((4, 20, 100, 1000)),
        disk_latency_s=rng.choice((0.001, 0.02, 0.5)),
        commit_latency_s=rng.choice((0.001, 0.05, 0.5)),
        delay_s=rng.choice((0.002, 0.05, 0.4)),
        broker_bound=rng.choice((3, 20, 1000)),
        window=rng.choice((1, 5, 100)),
        immediate=rng.random() < 0.4,
        wrong_clocks=tuple(_wrong_clock(rng) for _ in range(agents)),
        poison=rng.choice((0.0, 0.0, 0.0, 0.04)),
        faults=tuple(_faults(rng, kinds, span_s, faults, agents, servers)),
    )


def _minutes(rng: random.Random) -> tuple[float, float, float, float, float, int]:
    return rng.uniform(600, 3600), rng.choice((20.0, 60.0)), 10.0, 60.0, 30.0, rng.randint(2, 14)


def _day(rng: random.Random) -> tuple[float, float, float, float, float, int]:
    watermark_s = rng.choice((600.0, 1800.0))
    span_s = rng.uniform(0.3, 1.5) * _DAY
    return span_s, watermark_s, rng.choice((300.0, 900.0)), _HOUR, _HOUR, rng.randint(2, 16)


def _days(rng: random.Random) -> tuple[float, float, float, float, float, int]:
    span_s = rng.uniform(3, 40) * _DAY
    return span_s, 6 * _HOUR, 3 * _HOUR, 12 * _HOUR, 8 * _HOUR, rng.randint(2, 12)


def _crowded(rng: random.Random) -> tuple[float, float, float, float, float, int]:
    """More changes and events than a small spool holds while its agent is cut off."""
    event_s = rng.choice((10.0, 600.0))
    return rng.uniform(1, 2) * _HOUR, 300.0, 60.0, 10.0, event_s, rng.randint(2, 6)


_PACES: Final = {"minutes": _minutes, "crowded": _crowded, "day": _day, "days": _days}


def _wrong_clock(rng: random.Random) -> int:
    """Return how wrong a gate PC's clock is to begin with, ms."""
    kind = rng.random()
    if kind < 0.5:
        return rng.randint(-1500, 1500)
    if kind < 0.75:
        return rng.randint(-600_000, 600_000)
    return rng.choice((-1, 1)) * rng.randint(3_600_000, 3 * 365 * 86_400_000)


def _faults(
    rng: random.Random, kinds: list[str], span_s: float, count: int, agents: int, servers: int
) -> list[Fault]:
    weights = [_WEIGHTS[kind] for kind in kinds]
    found = []
    for _ in range(count):
        kind = rng.choices(kinds, weights)[0]
        for_s = min(rng.choice((5.0, 60.0, 0.02 * span_s, 0.4 * span_s)), span_s * 0.5)
        at_s = rng.uniform(0, span_s - for_s)
        whose = agents if kind in _AGENTS else servers
        found.append(
            Fault(
                at_s=at_s, kind=kind, who=rng.randrange(whose), for_s=for_s, strength=rng.random()
            )
        )
    return sorted(found, key=lambda fault: fault.at_s)


_AGENTS: Final = frozenset(
    {
        "partition",
        "lossy",
        "half_open",
        "kill_agent",
        "cut_agent",
        "stop_agent",
        "disk_full",
        "disk_error",
        "clock_step",
        "clone",
        "roll_back",
    }
)
