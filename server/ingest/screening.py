"""Which items will never be right, and why. Pure.

The store trusts nothing and takes nearly everything: a camera that is not registered is stored all
the same and shown as such, because the edge may know of it first. Refused is only what can never be
given a meaning:

* a segment that ends before it starts, says ``unknown``, or belongs to a boot of which no story is
  told (it could never be put on the clock);
* a gap that ends before it starts;
* an event of a gate that the units file gives to others and not to this agent: one school's PC must
  not write another's gate log. A gate that nobody has yet is taken (the file may lag behind).
"""

from collections.abc import Mapping

from server.domain.register import Register
from server.ingest.reading import Read
from server.storage import Intake
from wire.messages import GateEvent, Item, Refusal, Segment
from wire.vocabulary import State

GateKeepers = Mapping[str, frozenset[str]]
"""The agents that may report each registered gate."""


def gate_keepers(register: Register) -> GateKeepers:
    """Return who may report which gate: whoever ever kept it, for history may come late."""
    keepers: dict[str, set[str]] = {}
    for school in register.schools.values():
        for gate in school.gates:
            keepers.setdefault(gate[0].value.id, set())
        for agent in school.agents:
            for piece in agent:
                for kept in piece.value.gates:
                    keepers.setdefault(kept, set()).add(piece.value.id)
    return {gate: frozenset(agents) for gate, agents in keepers.items()}


def screen(
    agent: str, read: Read, *, keepers: GateKeepers, received_utc_ms: int, late: bool
) -> Intake:
    """Return what is to be committed of a report; watermarks of untold boots are left out.

    ``late``: it came as history.
    """
    report = read.report
    told = {story.id for story in report.boots}
    items: list[Item] = []
    out = list(read.refused)
    own: set[str] = set()  # gates that were looked up
    for item in report.items:
        event = item.gate_event
        if event is None or event.gate not in own:
            reason = _wrong(agent, item, told, keepers)
            if reason is not None:
                out.append(Refusal(seq=item.seq, reason=reason))
                continue
            if event is not None:
                own.add(event.gate)
        items.append(item)
    return Intake(
        agent=agent,
        spool=report.spool,
        sent_utc_ms=report.sent_utc_ms,
        received_utc_ms=received_utc_ms,
        boots=report.boots,
        items=tuple(items),
        watermarks=tuple(w for w in report.watermarks if w.boot in told),
        vitals=report.vitals,
        refused=tuple(out),
        kept_from=report.kept_from,
        after=report.after,
        late=late,
        gates=frozenset(own),
    )


def _wrong(agent: str, item: Item, told: set[str], keepers: GateKeepers) -> str | None:
    if item.segment is not None:
        return _wrong_segment(item.segment, told)
    if item.gate_event is not None:
        return _wrong_gate_event(agent, item.gate_event, keepers)
    if item.gap is not None and item.gap.last_seq < item.gap.first_seq:
        return f"the gap ends ({item.gap.last_seq}) before it starts ({item.gap.first_seq})"
    return None


def _wrong_segment(segment: Segment, told: set[str]) -> str | None:
    if segment.state is State.UNKNOWN:
        return "a segment can't say unknown: that is what no segment means"
    if segment.end_ms is not None and segment.end_ms < segment.start_ms:
        return f"the segment ends ({segment.end_ms}) before it starts ({segment.start_ms})"
    if segment.boot not in told:
        return f"the report tells nothing of the boot {segment.boot}"
    return None


def _wrong_gate_event(agent: str, event: GateEvent, keepers: GateKeepers) -> str | None:
    allowed = keepers.get(event.gate)
    if allowed is None or agent in allowed:
        return None
    return f"the gate {event.gate} is not one of this agent's"
