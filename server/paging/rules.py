"""The rules of incidents in the book of records: one record of kind ``alert_rules``, id ``rules``.

Every revision stays, so that what was told can be held against what was asked then. What a record
does not say is as it is by default.
"""

from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Final

import msgspec

from server.domain.incident.model import Kind
from server.domain.incident.rules import DEFAULTS, Rule, Rules
from server.storage import Put, Record, Store

ALERT_RULES: Final = "alert_rules"
THE_RULES: Final = "rules"
_MAPPINGS: Final = frozenset({"kinds", "zones"})
_DEFAULT: Final = Rules()


class _InZone(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    zone: str
    rule: Rule


class _Stored(msgspec.Struct, frozen=True, kw_only=True):
    kinds: dict[Kind, Rule] = {}
    zones: tuple[_InZone, ...] = ()
    figures: dict[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRules:
    """Rules as they stand, and the revision that says so (0: nobody wrote any)."""

    rules: Rules
    revision: int = 0


def put_rules(rules: Rules, *, expected: int) -> Put:
    """Return the revision of the rules that follows ``expected``."""
    stored = _Stored(
        kinds={kind: rule for kind, rule in rules.kinds.items() if DEFAULTS.get(kind) != rule},
        zones=tuple(_InZone(kind=k, zone=z, rule=r) for (k, z), r in rules.zones.items()),
        figures={
            f.name: value
            for f in fields(Rules)
            if f.name not in _MAPPINGS
            and (value := getattr(rules, f.name)) != getattr(_DEFAULT, f.name)
        },
    )
    return Put(kind=ALERT_RULES, id=THE_RULES, expected=expected, data=msgspec.json.encode(stored))


def read_rules(record: Record) -> Rules:
    """Return what a revision of the rules says; a figure of another version is left out."""
    stored = msgspec.json.decode(record.data, type=_Stored)
    known = {f.name for f in fields(Rules)} - _MAPPINGS
    return Rules(
        kinds=MappingProxyType({**DEFAULTS, **stored.kinds}),
        zones=MappingProxyType({(z.kind, z.zone): z.rule for z in stored.zones}),
        **{name: value for name, value in stored.figures.items() if name in known},
    )


async def load_rules(store: Store) -> KeptRules:
    """Return the rules that stand. Raises ``StoreError``."""
    record = await store.record(ALERT_RULES, THE_RULES)
    if record is None or record.gone:
        return KeptRules(rules=Rules())
    return KeptRules(rules=read_rules(record), revision=record.revision)
