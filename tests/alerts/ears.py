"""What the centre has heard of each gate PC by a moment; looked up anew only when one says more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from server.storage import AgentSeen
from tests.alerts.eyes import GatePc


class _Known(NamedTuple):
    """What is heard of a gate PC from a moment until it says more, in seconds of the story."""

    from_s: float
    until_s: float
    newest_s: float
    said: object
    seen: AgentSeen


@dataclass(slots=True)
class Ears:
    """Hears ``pcs`` in a story that begins at ``start``."""

    start: datetime
    pcs: Mapping[str, GatePc]
    _known: dict[str, _Known] = field(default_factory=dict, init=False)

    def heard(self, s: float, since: datetime | None) -> dict[str, AgentSeen]:
        """Return who was heard by second ``s``; ``since``: those alone who said more since then."""
        from_s = -float("inf") if since is None else (since - self.start).total_seconds()
        found: dict[str, AgentSeen] = {}
        for name, pc in self.pcs.items():
            known = self._known.get(name)
            if known is None or not known.from_s <= s < known.until_s:
                known = self._known[name] = self._looked(pc, s, known)
            if known.newest_s >= from_s:
                found[name] = known.seen
        return found

    def _looked(self, pc: GatePc, s: float, before: _Known | None) -> _Known:
        """Return what was heard of one: the same value while nothing more was."""
        said = word, item, hint = pc.last_word(s), pc.last_item(s), pc.hint(s)
        until_s = pc.next_news(s)
        if before is not None and before.said == said:
            return before._replace(from_s=s, until_s=until_s)
        heard_at = self._at(word)
        seen = AgentSeen(
            agent=pc.name,
            last_report_at=heard_at,
            last_report_until=heard_at,
            online_hint=None if hint is None else hint[1],
            hint_at=None if hint is None else self._at(hint[0]),
            items_at=self._at(item),
        )
        newest_s = max(word or pc.begin_s, hint[0] if hint else pc.begin_s)
        return _Known(s, until_s, newest_s, said, seen)

    def _at(self, s: float | None) -> datetime | None:
        return None if s is None else self.start + timedelta(seconds=s)
