"""The rules of incidents as a page shows them: a table, and how two versions differ. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Final

from server.domain.incident.model import Kind
from server.domain.incident.rules import DEFAULTS, Rule, Rules

RULE_FIELDS: Final = tuple(field.name for field in fields(Rule))
FIGURES: Final = tuple(f.name for f in fields(Rules) if f.name not in {"kinds", "zones"})
"""Names of the settings that are of no kind."""
_NONE: Final = Rules()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One line of the table: a kind, maybe in zones of a kind. ``key`` begins its fields' names.

    ``own``: whether it differs from the default.
    """

    kind: Kind
    zone: str | None
    rule: Rule
    own: bool

    @property
    def key(self) -> str:
        """What its fields' names begin with."""
        return self.kind if self.zone is None else f"{self.kind}@{self.zone}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One setting that two versions have otherwise; ``kind`` None: of no kind.

    ``before`` None: there was no such rule; ``after`` None: there is none any more.
    """

    kind: Kind | None
    zone: str | None
    name: str
    before: str | None
    after: str | None


def rule_rows(rules: Rules) -> tuple[RuleRow, ...]:
    """Return the table: every kind, and behind it its rules for zones."""
    found: list[RuleRow] = []
    for kind in Kind:
        rule = rules.kinds.get(kind, DEFAULTS[kind])
        found.append(RuleRow(kind=kind, zone=None, rule=rule, own=rule != DEFAULTS[kind]))
        zones = sorted((zone, r) for (k, zone), r in rules.zones.items() if k is kind)
        found += [RuleRow(kind=kind, zone=zone, rule=r, own=True) for zone, r in zones]
    return tuple(found)


def own_figures(rules: Rules) -> Mapping[str, bool]:
    """Return which of the settings that are of no kind differ from the default."""
    return {name: getattr(rules, name) != getattr(_NONE, name) for name in FIGURES}


def differences(before: Rules, after: Rules) -> tuple[Difference, ...]:
    """Return what two versions say otherwise."""
    return (*_of_rules(before, after), *_of_figures(before, after))


def _of_rules(before: Rules, after: Rules) -> Iterator[Difference]:
    old = {(row.kind, row.zone): row.rule for row in rule_rows(before)}
    new = {(row.kind, row.zone): row.rule for row in rule_rows(after)}
    for kind, zone in _keys(old, new):
        one, other = old.get((kind, zone)), new.get((kind, zone))
        for name in RULE_FIELDS:
            was, now = _text(one, name), _text(other, name)
            if was != now:
                yield Difference(kind=kind, zone=zone, name=name, before=was, after=now)


def _keys(
    old: Iterable[tuple[Kind, str | None]], new: Iterable[tuple[Kind, str | None]]
) -> list[tuple[Kind, str | None]]:
    return list(dict.fromkeys((*new, *old)))


def _text(rule: Rule | None, name: str) -> str | None:
    value = None if rule is None else getattr(rule, name)
    return None if value is None else f"{value}"


def _of_figures(before: Rules, after: Rules) -> Iterator[Difference]:
    for name in FIGURES:
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            yield Difference(kind=None, zone=None, name=name, before=f"{was}", after=f"{now}")
