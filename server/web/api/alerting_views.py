"""From who is told, and when, to what the API and commands say of it, and back. Pure."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from server.domain.incident.rules import DEFAULTS, Rules
from server.domain.paging.people import Receiver
from server.domain.paging.turns import on_turn
from server.paging.book import PagingBook
from server.texts.tongue import N_
from server.web.api import alerting_types as a
from server.web.forms import BadInputError
from server.web.pages.rules import FIGURES, own_figures
from server.web.previewing import Compared, Sums
from server.web.ruleforms import check_rules


def paging_out(book: PagingBook, now: datetime, *, whole: bool) -> a.PagingOut:
    """Return receivers, rotas and policies; ``whole``: with addresses."""
    return a.PagingOut(
        receivers=tuple(
            a.ReceiverKept(revision=k.revision, receiver=k.value if whole else _bare(k.value))
            for k in book.receivers.values()
        ),
        rotas=tuple(
            a.RotaKept(revision=k.revision, rota=k.value, on_turn=on_turn(k.value, now))
            for k in book.rotas.values()
        ),
        policies=tuple(
            a.PolicyKept(revision=k.revision, policy=k.value) for k in book.policies.values()
        ),
    )


def _bare(receiver: Receiver) -> Receiver:
    """Return a receiver without addresses."""
    return replace(
        receiver,
        ways=tuple(replace(way, address="") for way in receiver.ways),
        urgent_ways=tuple(replace(way, address="") for way in receiver.urgent_ways),
    )


def rules_in(body: a.RulesBody, zones: Collection[str]) -> Rules:
    """Return the rules that a program asks for. Raises ``BadInputError``.

    ``zones``: the plan's kinds of zone.
    """
    if not set(body.figures) <= set(FIGURES):
        raise BadInputError("figures", N_("is not known"))
    figures: dict[str, Any] = dict(body.figures)
    rules = Rules(
        kinds=MappingProxyType({**DEFAULTS, **body.kinds}),
        zones=MappingProxyType({(z.kind, z.zone): z.rule for z in body.zones}),
        **figures,
    )
    check_rules(rules, zones)
    return rules


def rules_body(rules: Rules, revision: int) -> a.RulesBody:
    """Return rules as a program reads, changes and sends them back."""
    return a.RulesBody(
        revision=revision,
        kinds=dict(rules.kinds),
        zones=tuple(a.ZoneRule(kind=k, zone=z, rule=r) for (k, z), r in rules.zones.items()),
        figures={name: getattr(rules, name) for name in own_figures(rules)},
    )


def preview_out(found: Compared) -> a.PreviewOut:
    """Return what rules would have sent."""
    return a.PreviewOut(
        start=found.start,
        cut=found.cut,
        observations=found.observations,
        asked=_sums(found.asked),
        standing=_sums(found.standing),
        sent=found.sent,
        escalated=found.escalated,
    )


def _sums(sums: Sums) -> a.SumsOut:
    return a.SumsOut(
        messages=sums.messages,
        incidents=sums.incidents,
        kinds={str(kind): number for kind, number in sums.kinds.items()},
        schools=tuple(sums.schools.most_common()),
    )
