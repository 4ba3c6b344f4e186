"""Everybody who can be told, and which policies name them for an incident. Pure.

Where nobody wrote anything the configured ways out are one receiver, who is told of everything that
is normal or graver; where there are receivers and no policy, all of them are. Forgotten settings
must never mean silence.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from server.domain.incident.model import Incident, Kind, Severity
from server.domain.incident.signals import Aspect
from server.domain.paging.people import Policy, Receiver, Rota, Stage, Target, Way
from server.domain.paging.turns import on_turn
from server.domain.units import Contact, Organisation

EVERYBODY: Final = "mac-dinh"
"""The id of the receiver, and of the policy, that stand where nobody wrote any."""
_GRAVITY: Final = {Severity.NOTED: 0, Severity.NORMAL: 1, Severity.URGENT: 2}
_OF_NO_PLACE: Final = frozenset({Kind.CENTRE, Kind.CHANNEL, Kind.CERTIFICATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Receivers, rotas and policies by id, and the schools' own contacts.

    Attributes:
        contact_ways: Channels for what a contact may have (``mail``, ``zalo``, ``phone``), in the
            order in which they are tried; the first that the contact has is used.
    """

    organisation: Organisation
    receivers: Mapping[str, Receiver]
    rotas: Mapping[str, Rota] = field(default_factory=lambda: MappingProxyType({}))
    policies: tuple[Policy, ...] = ()
    contact_ways: tuple[tuple[str, str], ...] = ()

    def fitting(self, incident: Incident) -> tuple[Policy, ...]:
        """Return the policies by which somebody is told of an incident.

        What is of no place (the centre's own trouble) is told by policies without a place, or by
        all where there is none: it must not stay untold because every policy names a district.
        """
        grave = [p for p in self.policies if _suits(p, incident)]
        if incident.kind in _OF_NO_PLACE:
            return tuple(p for p in grave if not (p.units or p.schools)) or tuple(grave)
        schools, units = self._places(incident)
        return tuple(p for p in grave if _covers(p, schools, units))

    def called(self, stage: Stage, incident: Incident, at: datetime) -> tuple[Receiver, ...]:
        """Return who is told by a stage at ``at``; empty where nobody has the turn."""
        if stage.target is Target.SCHOOL:
            return self.contacts(incident.school)
        name: str | None = stage.id
        if stage.target is Target.ROTA:
            rota = self.rotas.get(stage.id)
            name = None if rota is None else on_turn(rota, at)
        found = None if name is None else self.receivers.get(name)
        return (found,) if found is not None and found.active else ()

    def contacts(self, school: str | None) -> tuple[Receiver, ...]:
        """Return a school's own contacts as receivers; those whom no channel reaches are left."""
        known = None if school is None else self.organisation.school(school)
        if known is None:
            return ()
        made = ((c, _way_to(c, self.contact_ways)) for c in known.contacts)
        return tuple(
            Receiver(id=f"school:{known.id}/{contact.id}", name=contact.name, ways=(way,))
            for contact, way in made
            if way is not None
        )

    def _places(self, incident: Incident) -> tuple[set[str], set[str]]:
        """Return the schools that it touches, and the units above them."""
        schools = {incident.school} if incident.school else set(self._touched(incident))
        units = {incident.unit} if incident.unit else set()
        known = (self.organisation.school(s) for s in schools)
        units |= {s.unit for s in known if s is not None}
        return schools, self._with_above(units)

    def _touched(self, incident: Incident) -> Iterable[str]:
        for member in incident.members:
            aspect, name = member.subject
            of_camera = aspect is Aspect.CAMERA
            found = self.organisation.camera(name) if of_camera else self.organisation.agent(name)
            if found is not None:
                yield found[0].id

    def _with_above(self, units: set[str]) -> set[str]:
        parents = {u.id: u.parent for u in self.organisation.units}
        found: set[str] = set()
        for unit in units:
            above: str | None = unit
            while above is not None and above not in found:
                found.add(above)
                above = parents.get(above)
        return found


def directory_of(
    organisation: Organisation,
    *,
    receivers: Mapping[str, Receiver],
    rotas: Mapping[str, Rota],
    policies: tuple[Policy, ...],
    channels: tuple[str, ...],
    contact_ways: tuple[tuple[str, str], ...] = (),
    language: str = "vi",
) -> Directory:
    """Return the directory of what people wrote, filled in where they wrote nothing.

    ``channels`` are the names of the configured ways out that need no address, ``language`` is that
    of the receiver whom they are where nobody wrote any.
    """
    if not receivers:
        ways = tuple(Way(channel=name) for name in channels)
        one = Receiver(id=EVERYBODY, name="Mặc định", ways=ways, language=language, daily=True)
        receivers = MappingProxyType({EVERYBODY: one})
    if not policies:
        all_of_them = tuple(
            Stage(after_s=0, target=Target.RECEIVER, id=name) for name in sorted(receivers)
        )
        policies = (Policy(id=EVERYBODY, name="Mặc định", stages=all_of_them),)
    return Directory(
        organisation=organisation,
        receivers=receivers,
        rotas=rotas,
        policies=policies,
        contact_ways=contact_ways,
    )


def _suits(policy: Policy, incident: Incident) -> bool:
    grave = _GRAVITY[incident.severity] >= _GRAVITY[policy.least]
    return grave and (not policy.kinds or incident.kind in policy.kinds)


def _covers(policy: Policy, schools: set[str], units: set[str]) -> bool:
    if not policy.units and not policy.schools:
        return True
    return not schools.isdisjoint(policy.schools) or not units.isdisjoint(policy.units)


def _way_to(contact: Contact, ways: tuple[tuple[str, str], ...]) -> Way | None:
    has = {"mail": contact.mail, "zalo": contact.zalo, "phone": contact.phone}
    for what, channel in ways:
        address = has.get(what)
        if address:
            return Way(channel=channel, address=address)
    return None
