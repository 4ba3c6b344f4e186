"""The example's files: the register as ``units.yaml``, the year as one happening per line. Pure.

A line of ``year.jsonl`` is a JSON object with ``at`` (RFC 3339), and one of: ``agent``, ``leaf``
and ``report``; ``record`` (something that people typed in); ``plan`` (a version, and who made it).
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from sim.year.commune import SCHOOLS, UNITS
from sim.year.dates import EVER, OPEN, clock
from sim.year.happenings import Drama
from sim.year.letters import letters
from sim.year.places import Agent, Camera, Days, School, Zone
from sim.year.rules import CONFIRMED, OFFS, WORKS, YEAR_FIRST, Off, Works
from wire.codec import encode

Json = dict[str, Any]

TYPED_BY: Final = "lan"
CONFIRMED_BY: Final = "minh"
PLAN2: Final = "plan-2.yaml"

_PRICES: Final = (
    ("network", 450_000, "budget"),
    ("settings", 200_000, "budget"),
    ("stream", 350_000, "budget"),
    ("lens", 150_000, "budget"),
    ("camera", 2_400_000, "social"),
    ("install", 3_900_000, "social"),
)
"""In dong; made up, as the source beside each says. ``recorder`` has none: it was never asked."""


# ---------------------------------------------------------------- the register
def units_yaml() -> str:
    """Return the register as the centre reads it."""
    lines = [
        "# Made by `python -m sim.year write`: don't edit by hand. Everything in it is made up.",
        "schema: vonggac.units/1",
        "units:",
        *(f"  - {_flow({'id': i, 'name': n, 'level': v, 'parent': p})}" for i, n, v, p in UNITS),
        "schools:",
        *(line for school in SCHOOLS for line in _school(school)),
    ]
    return "\n".join(lines) + "\n"


def _school(school: School) -> Iterator[str]:
    now = school.units[-1]
    yield f"  - id: {school.id}"
    yield f"    name: {school.name}"
    yield f"    kind: {school.kind}"
    if school.levels:
        yield f"    levels: [{', '.join(school.levels)}]"
    yield f"    unit: {now.value}"
    if len(school.units) > 1:
        before = [{"to": s.last.isoformat(), "unit": s.value} for s in school.units[:-1]]
        yield f"    before: [{', '.join(map(_flow, before))}]"
    if school.units[0].first != EVER:
        yield f"    from: {school.units[0].first}"
    if now.last != OPEN:
        yield f"    to: {now.last}"
        yield f"    merged_into: {school.merged_into}"
    yield "    zones:"
    yield from (f"      - {_flow(_zone(zone))}" for zone in school.zones)
    yield "    gates:"
    yield from (f"      - {_flow(_gate(school, zone))}" for zone in _gates(school))
    yield "    agents:"
    yield from (f"      - {_flow(_agent(school, agent))}" for agent in school.agents)
    yield "    cameras:"
    yield from (f"      - {_flow(_camera(camera))}" for camera in school.cameras)


def _gates(school: School) -> list[Zone]:
    return [zone for zone in school.zones if zone.kind == "cong_truong"]


def _zone(zone: Zone) -> Json:
    told: Json = {"id": zone.id, "name": zone.name, "kind": zone.kind}
    return told if zone.first == EVER else {**told, "from": zone.first.isoformat()}


def _gate(school: School, zone: Zone) -> Json:
    told: Json = {"id": f"{school.id}-{zone.id}", "name": zone.name, "zone": zone.id}
    return told if zone.first == EVER else {**told, "from": zone.first.isoformat()}


def _agent(school: School, agent: Agent) -> Json:
    """Return an agent, with the gate that it stands at: its own by number, else the first."""
    gates = _gates(school)
    gate = gates[min(school.agents.index(agent), len(gates) - 1)]
    told: Json = {"id": agent.id, "name": agent.name, "gates": [f"{school.id}-{gate.id}"]}
    if gate.first != EVER:
        told["from"] = gate.first.isoformat()
    if agent.last != OPEN:
        told["to"] = agent.last.isoformat()
    return told


def _camera(camera: Camera) -> Json:
    first, now = camera.zones[0], camera.zones[-1]
    told: Json = {"id": camera.id, "name": camera.name, "zone": now.value, **_eyes(camera)}
    if first.first != EVER:
        told["from"] = first.first.isoformat()
    if now.last != OPEN:
        told["to"] = now.last.isoformat()
    if len(camera.zones) > 1:
        told["before"] = [_former(stay) for stay in camera.zones[:-1]]
    return told


def _former(stay: Days) -> Json:
    return {"to": stay.last.isoformat(), "zone": stay.value}


def _eyes(camera: Camera) -> Json:
    if len(camera.eyes) == 1 and camera.eyes[0][1] == camera.id:
        return {"agent": camera.eyes[0][0]}
    return {
        "agents": [
            {"agent": agent} if name == camera.id else {"agent": agent, "camera": name}
            for agent, name in camera.eyes
        ]
    }


def _flow(told: Json) -> str:
    """Return a mapping in YAML's short form; names are put in quotes only where they must be."""
    return "{" + ", ".join(f"{key}: {_value(value)}" for key, value in told.items()) + "}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, dict):
        return _flow(value)
    return "null" if value is None else str(value)


# ---------------------------------------------------------------- the year
def year_lines(drama: Drama) -> Iterator[str]:
    """Yield the year, line by line, in the order in which the centre heard it."""
    told = [
        (
            letter.at,
            1,
            f'"agent":"{letter.agent}","leaf":"{letter.leaf}","report":'
            + encode(letter.report).decode(),
        )
        for letter in letters(drama)
    ]
    typed = [(at, 0, json.dumps(what, ensure_ascii=False)[1:-1]) for at, what in _typed()]
    for at, _, rest in sorted([*told, *typed], key=lambda line: line[:2]):
        yield f'{{"at":"{_moment(at)}",{rest}}}'


def _typed() -> Iterator[tuple[int, Json]]:
    """Yield what people typed in."""
    begun = clock(YEAR_FIRST, 14)
    for work, amount, fund in _PRICES:
        data = {"amount_vnd": amount, "source": "ví dụ, không có thật", "fund": fund}
        yield begun, _record("price", work, data)
    for off in OFFS:
        yield off.typed, _record("day_off", off.name, _off(off))
    for work_ in WORKS:
        yield work_.typed, _record("maintenance", work_.name, _works(work_))
    yield CONFIRMED, {"plan": PLAN2, "typed_by": TYPED_BY, "confirmed_by": CONFIRMED_BY}


def _record(kind: str, name: str, data: Json) -> Json:
    return {"record": {"kind": kind, "id": name, "by": TYPED_BY, "data": data}}


def _off(off: Off) -> Json:
    return {
        "first": off.first.isoformat(),
        "last": off.last.isoformat(),
        "reason": off.reason,
        "kind": off.kind,
        "schools": list(off.schools),
        "windows": None if off.windows is None else [list(window) for window in off.windows],
    }


def _works(work: Works) -> Json:
    return {
        "start": _moment(work.start),
        "end": _moment(work.end),
        "reason": work.reason,
        "schools": [work.school],
        "zones": None if work.zone is None else [work.zone],
    }


def _moment(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def joined(lines: Iterable[str]) -> bytes:
    """Return lines as the bytes of a file."""
    return "".join(f"{line}\n" for line in lines).encode()
