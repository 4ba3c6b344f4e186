"""What the engine has been told of each subject, and so what is news to it. Pure.

Only what is not well is remembered: a subject that is missing is well, or was never heard of. Of a
subject that is well it is no news that nobody can tell any more, for that neither opens nor closes
anything; a city whose line is cut is told of by its agents alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from server.domain.incident.memory import Memory
from server.domain.incident.signals import Aspect, Observation, Signal, Subject

_TREMBLE: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How one subject stands now, and since when (UTC); see ``Observation``."""

    subject: Subject
    signal: Signal
    since: datetime
    cause: str = ""
    detail: str | None = None


class Told(NamedTuple):
    """What the engine was last told of a subject that is not well."""

    signal: Signal
    cause: str
    since: datetime


class Heard:
    """The engine's knowledge as its teller sees it."""

    def __init__(self, memory: Memory) -> None:
        self._told = {a.subject: Told(a.signal, a.cause, a.since) for a in memory.ailments}
        for subject, since in memory.unknown:
            self._told[subject] = Told(Signal.UNKNOWN, "", since)

    def of(self, subject: Subject) -> Told | None:
        """Return what was told of a subject; None: it is well."""
        return self._told.get(subject)

    def subjects(self) -> tuple[Subject, ...]:
        """Return who is not well now."""
        return tuple(self._told)

    def news(self, findings: Iterable[Finding], at: datetime) -> list[Observation]:
        """Return what of some findings the engine does not know yet, and note it as told."""
        found: list[Finding] = []
        for finding in findings:
            if self._is_news(finding):
                self._note(finding)
                found.append(finding)
        return [
            Observation(
                at=at,
                subject=f.subject,
                signal=f.signal,
                since=min(f.since, at),
                cause=f.cause,
                detail=f.detail,
            )
            for f in found
        ]

    def _is_news(self, finding: Finding) -> bool:
        told = self._told.get(finding.subject)
        if told is None:
            return finding.signal is Signal.TROUBLE
        if finding.signal is Signal.TROUBLE:
            other = (told.signal, told.cause) != (Signal.TROUBLE, finding.cause)
            return other or _is_redated(finding, told)
        return told.signal is not finding.signal

    def _note(self, finding: Finding) -> None:
        if finding.signal in {Signal.OK, Signal.GONE}:
            self._told.pop(finding.subject, None)
        else:
            self._told[finding.subject] = Told(finding.signal, finding.cause, finding.since)


def _is_redated(finding: Finding, told: Told) -> bool:
    """Tell whether a gate PC is known by now to have fallen silent later than was told.

    Its last will may come after its silence was noticed.
    """
    return finding.subject.aspect is Aspect.AGENT and finding.since - told.since > _TREMBLE
