"""Incidents in the reader's words, for templates. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.incident.model import Incident, Kind, Member, Severity
from server.domain.incident.signals import Subject
from server.texts import incident_words as tables
from server.texts import incidents as words
from server.texts.first_lines import cause_text
from server.texts.incidents import Called
from server.texts.tongue import Tongue
from server.web.pages.incident import Turn


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words for one reader; ``called`` knows the names."""

    tongue: Tongue
    called: Called

    def title(self, incident: Incident) -> str:
        """Return what is wrong, without the school."""
        return words.title(self.tongue, incident, self.called)

    def headline(self, incident: Incident) -> str:
        """Return where and what."""
        return words.headline(self.tongue, incident, self.called)

    def root(self, incident: Incident) -> str:
        """Return what is at the root."""
        return words.root_text(self.tongue, incident, self.called)

    def why(self, incident: Incident) -> str:
        """Return the evidence; empty where there is nothing to explain."""
        return words.why(self.tongue, incident)

    def steps(self, incident: Incident) -> Sequence[str]:
        """Return what to do."""
        return [self.tongue.text(step) for step in words.steps(incident)]

    def kind(self, kind: Kind) -> str:
        """Return a kind."""
        return self.tongue.text(tables.KINDS[kind].label)

    def severity(self, severity: Severity) -> str:
        """Return how grave it is."""
        return self.tongue.text(tables.SEVERITIES[severity])

    def member(self, member: Member) -> str:
        """Return how a member is called."""
        return words.subject_name(member.subject, self.called)

    def subject(self, subject: Subject) -> str:
        """Return how a subject is called."""
        return words.subject_name(subject, self.called)

    def cause(self, member: Member) -> str:
        """Return a member's cause."""
        return cause_text(self.tongue, member.cause) if member.cause else ""

    def held(self, incident: Incident) -> str:
        """Return why it is not told at once; empty if it is."""
        known = tables.HELD.get(incident.held)
        return self.tongue.text(known) if known else incident.held

    def paused(self, incident: Incident) -> bool:
        """Tell whether a person's silence or announced work holds it back."""
        return bool(incident.held) and incident.held not in tables.HELD

    def turn(self, turn: Turn, incident: Incident) -> str:
        """Return one line of the course."""
        known = tables.STEPS.get(turn.step)
        if known is None:
            return turn.step
        return self.tongue.text(known, by=turn.by or "", text=turn.text, title=self.title(incident))
