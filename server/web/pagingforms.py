"""Receivers, rotas and policies as forms say them, checked. Pure; raises ``BadInputError``."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, time
from typing import Final

from server.config.alerts import Addressing, Channel
from server.domain.incident.model import Kind, Severity
from server.domain.paging.people import (
    Policy,
    QuietHours,
    Receiver,
    Rota,
    Stage,
    Stand,
    Target,
    Way,
)
from server.texts.tongue import LANGUAGES, N_
from server.web import forms
from server.web.forms import BadInputError
from server.web.pagingchecks import check_address

MOST_FIELDS: Final = 1000
MEMBERS: Final = 8
STAGES: Final = 5
_NAME: Final = 80
_ADDRESS: Final = 320
_NEEDED: Final = N_("must not be empty")
_UNKNOWN: Final = N_("is not known")
_DAY_S: Final = 86400
Given = Mapping[str, str]
Channels = Mapping[str, Channel]


def receiver(given: Given, channels: Channels, *, name: str) -> Receiver:
    """Return a receiver with the id ``name``."""
    ways = tuple(_ways(given, "way", channels))
    if not ways:
        raise BadInputError("ways", N_("must not be empty: how is this person reached?"))
    language = forms.text(given, "language") or LANGUAGES[0]
    if language not in LANGUAGES:
        raise BadInputError("language", _UNKNOWN)
    return Receiver(
        id=name,
        name=_named(given),
        ways=ways,
        urgent_ways=tuple(_ways(given, "urgent", channels)),
        language=language,
        quiet=_quiet(given),
        digest=forms.number(given, "digest", default=5, least=0, most=100),
        active=bool(given.get("active")),
        daily=bool(given.get("daily")),
        handover=bool(given.get("handover")),
    )


def _ways(given: Given, prefix: str, channels: Channels) -> Iterator[Way]:
    for name, channel in channels.items():
        field = f"{prefix}.{name}"
        if given.get(f"{field}.own") and channel.addressing is not Addressing.NEEDED:
            yield Way(channel=name)
        if channel.addressing is not Addressing.NONE:
            said = forms.text(given, field, longest=_ADDRESS)
            for address in filter(None, re.split(r"[,;\s]+", said)):
                check_address(field, address, channel)
                yield Way(channel=name, address=address)


def _quiet(given: Given) -> QuietHours | None:
    start, end = _time(given, "quiet_start"), _time(given, "quiet_end")
    if start is None and end is None:
        return None
    if start is None or end is None or start == end:
        raise BadInputError("quiet_end", N_("needs a beginning and another end"))
    return QuietHours(start=start, end=end)


def rota(given: Given, known: Collection[str], *, name: str, before: Rota | None) -> Rota:
    """Return a rota; its stands stay as they are. ``known``: ids of receivers."""
    members = tuple(
        _known(given, f"m{i}", known) for i in range(MEMBERS) if forms.text(given, f"m{i}")
    )
    if not members:
        raise BadInputError("m0", _NEEDED)
    handover = _time(given, "handover")
    if handover is None:
        raise BadInputError("handover", _NEEDED)
    return Rota(
        id=name,
        name=_named(given),
        members=members,
        start=_day(given, "start"),
        handover=handover,
        days=forms.number(given, "days", default=7, least=1, most=366),
        stands=before.stands if before else (),
    )


def with_stand(given: Given, known: Collection[str], before: Rota) -> Rota:
    """Return a rota with one more stand. No receiver: nobody has the turn then."""
    stand = Stand(
        first=_day(given, "first"),
        last=_day(given, "last"),
        receiver=_known(given, "receiver", known) if forms.text(given, "receiver") else "",
        reason=forms.text(given, "reason", longest=_NAME),
    )
    if stand.last < stand.first:
        raise BadInputError("last", N_("must not lie before the first day"))
    stands = sorted((*before.stands, stand), key=lambda s: (s.first, s.last))
    return replace(before, stands=tuple(stands))


def without_stand(given: Given, before: Rota) -> Rota:
    """Return a rota without one of its stands, by its place."""
    place = forms.number(given, "stand", default=-1, least=-1, most=10_000)
    if not 0 <= place < len(before.stands):
        raise BadInputError("stand", _UNKNOWN)
    return replace(before, stands=before.stands[:place] + before.stands[place + 1 :])


def policy(
    given: Given,
    *,
    name: str,
    receivers: Collection[str],
    rotas: Collection[str],
    units: Collection[str],
    schools: Collection[str],
) -> Policy:
    """Return a policy. The others are the ids that there are."""
    stages = tuple(_stages(given, receivers, rotas))
    if not stages:
        raise BadInputError("s0", N_("must not be empty: who is told first?"))
    wanted = {*_ticked(given, "school", schools)}
    one = forms.text(given, "school")
    if one:
        wanted.add(_known(given, "school", schools))
    return Policy(
        id=name,
        name=_named(given),
        stages=stages,
        units=tuple(_ticked(given, "unit", units)),
        schools=tuple(sorted(wanted)),
        kinds=tuple(Kind(k) for k in _ticked(given, "kind", list(Kind))),
        least=forms.choice(given, "least", Severity, default=Severity.NORMAL),
        recovery=bool(given.get("recovery")),
    )


def _stages(given: Given, receivers: Collection[str], rotas: Collection[str]) -> Iterator[Stage]:
    """Yield the stages: ``s0`` is ``school``, ``rota:ID`` or ``receiver:ID``, ``t0`` minutes."""
    for i in range(STAGES):
        target, _, name = forms.text(given, f"s{i}").partition(":")
        if not target:
            continue
        after = forms.number(given, f"t{i}", default=0, least=0, most=_DAY_S // 60)
        known = {"school": {""}, "rota": rotas, "receiver": receivers}.get(target, ())
        if name not in known:
            raise BadInputError(f"s{i}", _UNKNOWN)
        yield Stage(after_s=after * 60, target=Target(target), id=name)


def _ticked(given: Given, prefix: str, known: Collection[str]) -> list[str]:
    return [name for name in known if given.get(f"{prefix}.{name}")]


def _named(given: Given) -> str:
    name = forms.text(given, "name", longest=_NAME)
    if not name:
        raise BadInputError("name", _NEEDED)
    return name


def _known(given: Given, field: str, known: Collection[str]) -> str:
    value = forms.text(given, field)
    if value not in known:
        raise BadInputError(field, _UNKNOWN)
    return value


def _day(given: Given, field: str) -> date:
    found = forms.day(given, field)
    if found is None:
        raise BadInputError(field, _NEEDED)
    return found


def _time(given: Given, field: str) -> time | None:
    value = forms.text(given, field)
    if not value:
        return None
    try:
        return time.fromisoformat(value).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise BadInputError(field, N_("must be a time of day, HH:MM")) from None
