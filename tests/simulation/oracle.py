"""What must be true, whatever died: judged as it happens where that is cheap, else at the end.

The oracle knows what was posted at each gate and what each camera did, and reads the database. It
shares no code with what it judges but the vocabulary.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from tests.simulation.story import Story
from wire.messages import Ack, Gap, GateEvent, Report

Look = Callable[..., list[tuple[Any, ...]]]
_IDENTITY: Final = ("boot", "number", "camera")


@dataclass(slots=True)
class Oracle:
    """Everything that is known from outside."""

    story: Story
    look: Look
    posted: dict[str, tuple[str, GateEvent]] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    forgiven: set[str] = field(default_factory=set)
    found: list[str] = field(default_factory=list)
    _wire: dict[tuple[str, str], dict[int, bytes]] = field(default_factory=dict)
    _waiting: dict[tuple[str, str], dict[int, bytes]] = field(default_factory=dict)
    _tellers: dict[tuple[str, str], dict[int, set[str]]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    spools: set[str] = field(default_factory=set)

    def blame(self, name: str, what: str) -> None:
        """Note a violation; the run ends at its next step."""
        self.found.append(f"{name}: {what}")
        self.story.tell("ORACLE", f"{name}: {what}")

    # ---------------------------------------------------------------- while it runs

    def sent(self, agent: str, report: Report) -> None:
        """Note a report that an agent publishes: a number means one thing for ever."""
        known = self._wire.setdefault((agent, report.spool), {})
        waiting = self._waiting.setdefault((agent, report.spool), {})
        tellers = self._tellers.setdefault((agent, report.spool), {})
        last = 0
        for item in report.items:
            tellers.setdefault(item.seq, set()).add(report.boots[-1].machine or "")
            if item.seq <= last:
                self.blame("order", f"{item.seq} after {last} in a report of {agent}")
            last = item.seq
            body = msgspec.json.encode(item)
            if item.seq not in known:
                known[item.seq] = waiting[item.seq] = body
            elif known[item.seq] != body:
                self.blame("a number used twice", f"{agent} {report.spool} {item.seq}")
            if item.gap is not None and item.gap not in self.gaps:
                self.story.count("seen: segments gave way")
                self.gaps.append(item.gap)
        if report.spool not in self.spools:
            self.spools.add(report.spool)
            self.story.count("seen: boots")

    def acked(self, agent: str, ack: Ack) -> None:
        """Judge an ack as it leaves: all that it claims is committed."""
        key = (agent, ack.spool)
        waiting = self._waiting.get(key, {})
        refused = {refusal.seq for refusal in ack.refused}
        for refusal in ack.refused:
            event = msgspec.json.decode(self._wire[key][refusal.seq]).get("gate_event")
            if event is None or event["id"] not in self.forgiven:
                self.blame("refused", f"{agent} {refusal.seq}: {refusal.reason}")
        spans = [(1, ack.through), *((r.first, r.last) for r in ack.ranges)]
        for seq in [seq for seq in waiting if any(a <= seq <= b for a, b in spans)]:
            body = waiting.pop(seq)
            if seq in refused or self._is_told_later(key, body):
                continue
            if not self._is_committed(agent, ack.spool, body):
                self.blame("ack before commit", f"{agent} {ack.spool} {body.decode()}")

    def _is_told_later(self, key: tuple[str, str], body: bytes) -> bool:
        """Tell whether a clone told what had given way at the original before that sent it.

        The newer telling of the same segment is on its way, from who never told the old one.
        """
        item = msgspec.json.decode(body)
        if (segment := item.get("segment")) is None:
            return False
        tellers = self._tellers[key]
        for seq, other in self._waiting[key].items():
            newer = msgspec.json.decode(other).get("segment")
            if seq > item["seq"] and newer and all(newer[k] == segment[k] for k in _IDENTITY):
                return not tellers[seq] & tellers[item["seq"]]
        return False

    def _is_committed(self, agent: str, spool: str, body: bytes) -> bool:
        item = msgspec.json.decode(body)
        if event := item.get("gate_event"):
            if event["id"] in self.forgiven:
                return True
            sql = "SELECT 1 FROM gate_event WHERE agent = ? AND id = ?"
            return bool(self.look(sql, (agent, event["id"])))
        if segment := item.get("segment"):
            sql = """SELECT s.end_ms FROM segment s JOIN boot b ON b.id = s.boot_id
                     JOIN source c ON c.id = s.source_id
                     WHERE b.agent = ? AND b.uuid = ? AND s.number = ? AND c.camera = ?"""
            values = (agent, segment["boot"], segment["number"], segment["camera"])
            rows = self.look(sql, values)
            end_ms = segment.get("end_ms")
            return bool(rows) and (end_ms is None or rows[0][0] == end_ms)
        sql = "SELECT 1 FROM gap WHERE agent = ? AND spool = ? AND seq = ?"
        return bool(self.look(sql, (agent, spool, item["seq"])))

    # ---------------------------------------------------------------- at the end

    def judge_events(self) -> None:
        """Every acknowledged event once; none that nobody posted; each as it was posted."""
        rows = self.look(
            "SELECT agent, id, gate, kind, subject, occurred_ms, accepted_ms FROM gate_event"
        )
        stored: defaultdict[str, int] = defaultdict(int)
        for agent, id_, gate, kind, subject, occurred_ms, _accepted_ms in rows:
            stored[id_] += 1
            known = self.posted.get(id_)
            if known is None:
                self.blame("an event that nobody posted", id_)
                continue
            whose, event = known
            told = (whose, event.gate, event.kind, event.subject, event.occurred_utc_ms)
            if told != (agent, gate, kind, subject, occurred_ms):
                self.blame("an event that was changed", f"{told} {(agent, gate, kind, subject)}")
        for id_, at_ms in self.acknowledged.items():
            if stored[id_] > 1:
                self.blame("an event twice", id_)
            if not stored[id_] and id_ not in self.forgiven:
                who = self.posted[id_][0]
                self.blame("an event lost", f"{id_} of {who}, acknowledged at {at_ms / 1000:.3f}")
