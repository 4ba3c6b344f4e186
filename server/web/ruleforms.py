"""The rules of incidents as a form says them, checked. Pure; raises ``BadInputError``."""

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any, Final

from server.domain.incident.model import Kind, Severity
from server.domain.incident.rules import DEFAULTS, Rule, Rules
from server.texts.tongue import N_
from server.web import forms
from server.web.forms import BadInputError
from server.web.pages.rules import FIGURES

MOST_FIELDS: Final = 400
LONGEST_S: Final = 7 * 86400
_MOST: Final = 10_000
_HUNDRED: Final = 100
SHARES: Final = frozenset({"line_share", "leftover_share"})
"""Settings that are shares; a form says them in percent."""
_SECONDS: Final = frozenset({"grace_s", "calm_s"})
NEW: Final = frozenset({"new_kind", "new_zone"})
"""The fields that ask for one more rule."""
_OUT_OF_BOUNDS: Final = N_("is out of bounds")
Given = Mapping[str, str]


def rules_of(given: Given, before: Rules, zones: Collection[str]) -> Rules:
    """Return the rules that a form asks for.

    ``zones``: the plan's kinds of zone. Rules for zones stand if the form has them and does not
    take them away; ``new_kind`` and ``new_zone`` add one, if there is none, as its kind's is.
    """
    kinds = {kind: _rule(given, kind) for kind in Kind}
    places = {
        (kind, zone): _rule(given, f"{kind}@{zone}")
        for kind, zone in before.zones
        if not given.get(f"{kind}@{zone}.gone")
    }
    places |= _kept(given, places, zones)
    places = _added(given, kinds, zones) | places
    figures: dict[str, Any] = {name: _figure(given, name) for name in FIGURES}
    return Rules(kinds=MappingProxyType(kinds), zones=MappingProxyType(places), **figures)


def _kept(
    given: Given, known: Collection[tuple[Kind, str]], zones: Collection[str]
) -> dict[tuple[Kind, str], Rule]:
    """Return the rules for zones that the form has from a preview, and nobody has saved yet."""
    found: dict[tuple[Kind, str], Rule] = {}
    for name in given:
        key, dot, field = name.rpartition(".")
        kind, at, zone = key.partition("@")
        if dot and at and field == "grace_s" and kind in set(Kind) and zone in zones:
            pair = (Kind(kind), zone)
            if pair not in known and not given.get(f"{key}.gone"):
                found[pair] = _rule(given, key)
    return found


def _added(
    given: Given, kinds: Mapping[Kind, Rule], zones: Collection[str]
) -> dict[tuple[Kind, str], Rule]:
    kind, zone = forms.text(given, "new_kind"), forms.text(given, "new_zone")
    if not kind and not zone:
        return {}
    if kind not in set(Kind):
        raise BadInputError("new_kind", N_("is not known"))
    if zone not in zones:
        raise BadInputError("new_zone", N_("is not known"))
    return {(Kind(kind), zone): kinds[Kind(kind)]}


def _rule(given: Given, key: str) -> Rule:
    default = DEFAULTS[Kind(key.partition("@")[0])]
    asked: dict[str, Any] = {f.name: _value(given, key, f.name, default) for f in fields(Rule)}
    return replace(default, **asked)


def _value(given: Given, key: str, name: str, default: Rule) -> int | Severity | None:
    field, standing = f"{key}.{name}", getattr(default, name)
    if name in _SECONDS:
        return forms.number(given, field, default=standing, least=0, most=LONGEST_S)
    if name == "gate_grace_s":
        if not forms.text(given, field):
            return None
        return forms.number(given, field, default=0, least=0, most=LONGEST_S)
    if name == "gate" and not forms.text(given, field):
        return None
    return forms.choice(given, field, Severity, default=standing or Severity.NORMAL)


def _figure(given: Given, name: str) -> int | float:
    standing = getattr(Rules(), name)
    if name in SHARES:
        asked = forms.number(
            given, name, default=round(standing * _HUNDRED), least=1, most=_HUNDRED
        )
        return asked / _HUNDRED
    least = 0 if name.endswith("_s") else 1
    most = LONGEST_S if name.endswith("_s") else _MOST
    return forms.number(given, name, default=standing, least=least, most=most)


def check_rules(rules: Rules, zones: Collection[str]) -> None:
    """Refuse rules that no form could say."""
    for (kind, zone), rule in [((k, ""), r) for k, r in rules.kinds.items()] + list(
        rules.zones.items()
    ):
        if zone and zone not in zones:
            raise BadInputError("zone", N_("is not known"))
        seconds = (rule.grace_s, rule.gate_grace_s or 0, rule.calm_s)
        if not all(0 <= s <= LONGEST_S for s in seconds):
            raise BadInputError(kind, _OUT_OF_BOUNDS)
    for name in FIGURES:
        value, is_share = getattr(rules, name), name in SHARES
        least = 0 if name.endswith("_s") else 0.01 if is_share else 1
        most = 1 if is_share else LONGEST_S if name.endswith("_s") else _MOST
        if not least <= value <= most or (not is_share and value != int(value)):
            raise BadInputError(name, _OUT_OF_BOUNDS)
