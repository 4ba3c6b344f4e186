"""Whether an entry names only what there is: for what pages and programs send. Pure.

Raises ``BadInputError``.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Final

from server.config.alerts import Addressing, Channel
from server.domain.paging.people import Policy, Receiver, Rota, Target, Way
from server.domain.units import Organisation
from server.paging.book import Entry
from server.register.cells import MAIL
from server.texts.tongue import LANGUAGES, N_
from server.web import forms
from server.web.forms import BadInputError

_NEEDED: Final = N_("must not be empty")
_UNKNOWN: Final = N_("is not known")
_NAME: Final = 80
_MOST: Final = 200
_DAY_S: Final = 86400
_ADDRESS: Final = re.compile(r"[^\s\x00-\x1f\x7f]{1,320}")  # as long as a letter's column has room


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What there is: the register, the configured channels, ids of receivers and of rotas."""

    organisation: Organisation
    channels: Mapping[str, Channel]
    receivers: Collection[str] = ()
    rotas: Collection[str] = ()


def check(entry: Entry, ground: Ground) -> None:
    """Refuse an entry that is no good."""
    if not 0 < len(entry.name.strip()) <= _NAME:
        raise BadInputError("name", N_("must be a text of 1 to %(most)s characters"), most=_NAME)
    match entry:
        case Receiver():
            _receiver(entry, ground)
        case Rota():
            _rota(entry, ground)
        case Policy():
            _policy(entry, ground)


def _receiver(entry: Receiver, ground: Ground) -> None:
    if not entry.ways:
        raise BadInputError("ways", N_("must not be empty: how is this person reached?"))
    if len(entry.ways) + len(entry.urgent_ways) > _MOST or not 0 <= entry.digest <= _MOST:
        raise BadInputError("ways", N_("are too many"))
    for way in (*entry.ways, *entry.urgent_ways):
        _way(way, ground.channels)
    if entry.language not in LANGUAGES:
        raise BadInputError("language", _UNKNOWN)
    if entry.quiet is not None:
        _time_of_day("quiet_end", entry.quiet.start)
        _time_of_day("quiet_end", entry.quiet.end)
        if entry.quiet.start == entry.quiet.end:
            raise BadInputError("quiet_end", N_("needs a beginning and another end"))


def _time_of_day(field: str, said: time) -> None:
    """Refuse a time with an offset: it compares with no local time."""
    if said.tzinfo is not None:
        raise BadInputError(field, N_("must be a time of day, HH:MM"))


def _way(way: Way, channels: Mapping[str, Channel]) -> None:
    channel = channels.get(way.channel)
    if channel is None:
        raise BadInputError("ways", _UNKNOWN)
    if channel.addressing is Addressing.NEEDED and not way.address:
        raise BadInputError("address", _NEEDED)
    if channel.addressing is Addressing.NONE and way.address:
        raise BadInputError("address", N_("is not used by this channel"))
    if way.address:
        check_address("address", way.address, channel)


def check_address(field: str, address: str, channel: Channel) -> None:
    """Refuse an address that no letter could carry: one word, for mail a mail address."""
    if channel.kind == "email" and not MAIL.fullmatch(address):
        raise BadInputError(field, N_("must be a mail address"))
    if not _ADDRESS.fullmatch(address):
        raise BadInputError(field, N_("must be one address without spaces"))


def _rota(entry: Rota, ground: Ground) -> None:
    if not 0 < len(entry.members) <= _MOST:
        raise BadInputError("m0", _NEEDED)
    _time_of_day("handover", entry.handover)
    forms.in_our_time("start", entry.start)
    for stand in entry.stands:
        forms.in_our_time("first", stand.first)
        forms.in_our_time("last", stand.last)
    if not 1 <= entry.days <= 366:  # noqa: PLR2004 - a year
        raise BadInputError("days", N_("must be a whole number from 1 to 366"))
    stands = [stand.receiver for stand in entry.stands if stand.receiver]
    if not {*entry.members, *stands} <= set(ground.receivers):
        raise BadInputError("m0", _UNKNOWN)
    if any(stand.last < stand.first for stand in entry.stands):
        raise BadInputError("last", N_("must not lie before the first day"))


def _policy(entry: Policy, ground: Ground) -> None:
    if not 0 < len(entry.stages) <= _MOST:
        raise BadInputError("s0", N_("must not be empty: who is told first?"))
    known = {
        Target.SCHOOL: {""},
        Target.RECEIVER: set(ground.receivers),
        Target.ROTA: set(ground.rotas),
    }
    if any(stage.id not in known[stage.target] for stage in entry.stages):
        raise BadInputError("s0", _UNKNOWN)
    if not all(0 <= stage.after_s <= _DAY_S for stage in entry.stages):
        raise BadInputError("s0", N_("must come within a day"))
    units = {unit.id for unit in ground.organisation.units}
    if not set(entry.units) <= units:
        raise BadInputError("units", _UNKNOWN)
    if any(ground.organisation.school(school) is None for school in entry.schools):
        raise BadInputError("schools", _UNKNOWN)
