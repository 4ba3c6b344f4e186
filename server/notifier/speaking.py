"""From a letter to its message: in its language, with its links, about how things stand now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from server.domain.paging.people import Occasion
from server.notifier.daily import figures_in, tell_daily
from server.notifier.handover import handed_lines
from server.notifier.telling import Said, tell_incident, tell_many, tell_test
from server.paging.acknowledging import bundled
from server.paging.links import LIFE, token_of
from server.storage.incident_rows import IncidentRow, LetterRow
from server.texts.naming import Names
from server.texts.tongue import Tongue
from server.transports import GiveUpError, Message


def spoken_of(letter: LetterRow) -> set[str]:
    """Return the ids of the incidents that a letter's message names."""
    if letter.occasion is Occasion.ALL_CLEAR:
        return set(figures_in(letter).open)
    return {one.incident for one in bundled(letter)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Says letters.

    Attributes:
        tongues: By language.
        fallback: The language of letters in one that is not there.
        public_url: Where people reach the pages; None: messages have no links.
    """

    tongues: Mapping[str, Tongue]
    fallback: str
    names: Callable[[], Names]
    public_url: str | None

    def say(
        self,
        letter: LetterRow,
        incidents: Mapping[str, IncidentRow],
        *,
        key: bytes,
        now: datetime,
    ) -> Message:
        """Return the message of a letter; ``key`` is what links are signed with.

        Raises ``GiveUpError`` where there is nothing to tell.
        """
        said = Said(
            tongue=self.tongues.get(letter.language, self.tongues[self.fallback]),
            names=self.names(),
            public_url=self.public_url,
            now=now,
        )
        token = token_of(key, letter.id, now + LIFE)
        match letter.occasion:
            case Occasion.TEST:
                return tell_test(letter, said)
            case Occasion.ALL_CLEAR:
                figures = figures_in(letter)
                still = [incidents[name] for name in figures.open if name in incidents]
                return tell_daily(letter, figures, still, said)
            case Occasion.DIGEST:
                told = [
                    (one.occasion, incidents[one.incident])
                    for one in bundled(letter)
                    if one.incident in incidents
                ]
                handed = all(occasion is Occasion.HANDOVER for occasion, _ in told)
                words = handed_lines([row for _, row in told], said) if handed else None
                return tell_many(letter, told, said, token=token, words=words)
            case _:
                row = incidents.get(letter.incident or "")
                if row is None:
                    raise GiveUpError("its incident is not there any more")
                handed = letter.occasion is Occasion.HANDOVER
                subject = handed_lines([row], said)[0] if handed else ""
                return tell_incident(letter, row, said, token=token, subject=subject)
