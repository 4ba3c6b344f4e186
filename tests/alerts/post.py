"""Letters: written and brought away by the product's own rules, once a second."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from server.domain.incident.model import Change, Incident, Phase, Severity
from server.domain.paging.calls import call_id
from server.domain.paging.directory import Directory
from server.domain.paging.escalating import Unsettled, escalations
from server.domain.paging.handover import Known, hand_overs, handed_over, standing_hand_overs
from server.domain.paging.people import Call, Occasion
from server.domain.paging.posting import WINDOW, Door, Due, room_left, sort_post
from server.domain.paging.standing import concerned, page
from server.notifier.daily import daily_calls, is_time
from server.notifier.postman import wait_s
from server.storage import Brought, ChannelHealth
from server.watching import Alarm

_GONE_OUT: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""As in ``server.storage.telling``: a call that may have left is never withdrawn."""
_DIGEST: Final = 5
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message that left; ``incident`` as it stood then. A digest tells of ``several``."""

    at: datetime
    id: str
    occasion: Occasion
    receiver: str
    channel: str
    incident: Incident | None = None
    several: tuple["Sent", ...] = ()


@dataclass(slots=True)
class _Letter:
    call: Call
    next_at: datetime
    attempts: int = 0
    done: bool = False
    bundled: tuple[Call, ...] = ()


@dataclass(slots=True, kw_only=True)
class Post:
    """All letters, and what left of them.

    ``broken``: channels that fail, from when to when; ``per_minute``: limits of channels;
    ``acknowledged``: when somebody takes an incident on, by its root.
    """

    directory: Directory
    broken: Sequence[tuple[str, datetime, datetime]] = ()
    per_minute: Mapping[str, int] = field(default_factory=dict)
    acknowledged: Mapping[str, datetime] = field(default_factory=dict)
    daily: bool = False
    sent: list[Sent] = field(default_factory=list)
    incidents: dict[str, Incident] = field(default_factory=dict)
    _letters: dict[str, _Letter] = field(default_factory=dict)
    _of: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _waiting: dict[str, _Letter] = field(default_factory=dict)
    _ok: dict[str, datetime] = field(default_factory=dict)
    _failing: dict[str, datetime] = field(default_factory=dict)
    _handed: set[tuple[datetime, str]] = field(default_factory=set)
    _hand_at: datetime | None = None

    def take(
        self, changes: Sequence[Change], now: datetime, brought: Sequence[Brought] = ()
    ) -> None:
        """Write what changes lead to, in their transaction; ``brought`` has left already."""
        of = {n: list(self._of[n]) for n in concerned(changes)}
        standing = {n: {k: self._standing(k, now) for k in of[n]} for n in of}
        paged = page(changes, self.directory, standing)
        for name in paged.withdrawn:
            letter = self._letters[name]
            if not letter.attempts and not letter.done:
                self._forget(name)
        for call in paged.calls:
            self._put(call)
        for change in changes:
            self.incidents[change.incident.id] = change.incident
        for one in brought:
            left = self._letters.get(one.letter)
            if left is not None and not left.done:
                left.attempts = 1
                self._done(left)

    def tell(self, alarm: Alarm, now: datetime) -> None:
        """Bring away what is told without letters, as ``server.notifier.emergency`` does."""
        for call in alarm.calls:
            waits = call.at > now or self._is_broken(call.way.channel, now)
            if not waits and call.id not in alarm.brought:
                alarm.brought[call.id] = Brought(letter=call.id, at=now, detail="")
                self.sent.append(_sent(call, alarm.incident, now))

    def _standing(self, name: str, now: datetime) -> Call:
        letter = self._letters[name]
        may_have_left = letter.attempts > 0 or letter.call.at <= now
        return replace(letter.call, at=_GONE_OUT) if may_have_left else letter.call

    def _put(self, call: Call, bundled: tuple[Call, ...] = ()) -> None:
        if call.id not in self._letters:
            letter = _Letter(call=call, next_at=call.at, bundled=bundled)
            self._letters[call.id] = self._waiting[call.id] = letter
            if call.incident is not None:
                self._of[call.incident].append(call.id)

    def _forget(self, name: str) -> None:
        letter = self._letters.pop(name)
        self._waiting.pop(name, None)
        if letter.call.incident is not None:
            self._of[letter.call.incident].remove(name)

    def next_at(self) -> datetime | None:
        """Return when the next letter may leave."""
        at = [letter.next_at for letter in self._waiting.values()]
        return min(at if self._hand_at is None else [*at, self._hand_at], default=None)

    def calls(self) -> list[Call]:
        """Return what stands of all that was written of incidents, without escalations."""
        about = [letter.call for letter in self._letters.values() if letter.call.incident]
        later = {(c.incident, c.receiver) for c in about if c.occasion is Occasion.ESCALATED}
        return [c for c in about if (c.incident, c.receiver) not in later]

    def stages(self) -> list[int]:
        """Return after how many seconds somebody else is told."""
        return [s.after_s for p in self.directory.policies for s in p.stages if s.after_s]

    def run(self, now: datetime) -> None:
        """Do what the notifier does each second."""
        if self.stages():
            for call in escalations(self._unsettled(now), self.directory, now):
                self._put(call)
        if self._hand_at is None or now >= self._hand_at:
            self._hand_over(now)
        if self.daily and is_time(now):
            for call in daily_calls(self.directory, now):
                self._put(call)
        due = [x for x in self._waiting.values() if x.next_at <= now and not self._waits(x)]
        by_channel: defaultdict[str, list[_Letter]] = defaultdict(list)
        for letter in due:
            if self._overtaken(letter, now):
                self._done(letter)
            else:
                by_channel[letter.call.way.channel].append(letter)
        for channel, letters in by_channel.items():
            self._channel(channel, letters, now)

    def _hand_over(self, now: datetime) -> None:
        """Tell whoever's turn has begun, and note when the next one does (within a day)."""
        for one in standing_hand_overs(self.directory, now):
            if (one.at, one.receiver) not in self._handed:
                self._handed.add((one.at, one.receiver))
                for call in handed_over(one, self.directory, self._known(), now):
                    self._put(call)
        later = hand_overs(self.directory, now, now + _DAY)
        self._hand_at = later[0].due if later else now + _DAY

    def _known(self) -> Iterable[Known]:
        for name, incident in self.incidents.items():
            if incident.phase is not Phase.CLOSED:
                yield Known(incident, tuple(self._letters[k].call for k in self._of[name]))

    def health(self) -> dict[str, ChannelHealth]:
        """Return how channels do."""
        return {
            name: ChannelHealth(
                last_ok_at=self._ok.get(name), failing_since=self._failing.get(name)
            )
            for name in {*self._ok, *self._failing}
        }

    def _unsettled(self, now: datetime) -> Iterable[Unsettled]:
        for name, incident in self.incidents.items():
            taken = self.acknowledged.get(incident.root)
            if incident.phase is not Phase.CLOSED and (taken is None or taken > now):
                calls = tuple(self._letters[k].call for k in self._of[name])
                yield Unsettled(incident=incident, acknowledged=False, calls=calls)

    def _siblings(self, letter: _Letter) -> Iterable[_Letter]:
        call = letter.call
        for name in self._of[call.incident or ""]:
            other = self._letters[name]
            if (other.call.receiver, other.call.way) == (call.receiver, call.way):
                yield other

    def _waits(self, letter: _Letter) -> bool:
        """Tell whether the word that it is over waits for an earlier one."""
        over = letter.call.occasion is Occasion.RECOVERED
        return over and any(x is not letter and not x.done for x in self._siblings(letter))

    def _overtaken(self, letter: _Letter, now: datetime) -> bool:
        return letter.call.occasion is not Occasion.RECOVERED and any(
            x.call.occasion is Occasion.RECOVERED and not x.done and x.next_at <= now
            for x in self._siblings(letter)
        )

    def _channel(self, channel: str, letters: Sequence[_Letter], now: datetime) -> None:
        left: defaultdict[Door, list[datetime]] = defaultdict(list)
        for sent in reversed(self.sent):
            if sent.at < now - WINDOW:
                break
            known = self._letters.get(sent.id)
            if known is not None and sent.channel == channel:
                left[Door(sent.receiver, known.call.way)].append(sent.at)
        times = (at for some in left.values() for at in some)
        post = sort_post(
            [self._due(letter) for letter in letters],
            left=left,
            digest=self._digest,
            room=room_left(times, per_minute=self.per_minute.get(channel), now=now),
            now=now,
        )
        for bundle in post.bundles:
            self._bundle([self._letters[due.id] for due in bundle])
        for due in post.leaving:
            self._try(self._letters[due.id], now)

    def _due(self, letter: _Letter) -> Due:
        calls = letter.bundled or (letter.call,)
        told = [self.incidents[c.incident] for c in calls if c.incident is not None]
        return Due(
            id=letter.call.id,
            door=Door(letter.call.receiver, letter.call.way),
            occasion=letter.call.occasion,
            incident=letter.call.incident,
            urgent=any(i.severity is Severity.URGENT for i in told),
            at=letter.call.at,
        )

    def _digest(self, receiver: str) -> int:
        known = self.directory.receivers.get(receiver)
        return _DIGEST if known is None else known.digest

    def _bundle(self, letters: Sequence[_Letter]) -> None:
        first = letters[0].call
        about = "\n".join(letter.call.id for letter in letters)
        name = call_id(Occasion.DIGEST, about, first.receiver, first.way)
        call = replace(first, id=name, incident=None, occasion=Occasion.DIGEST)
        self._put(call, tuple(letter.call for letter in letters))
        for letter in letters:
            self._done(letter)

    def _try(self, letter: _Letter, now: datetime) -> None:
        channel = letter.call.way.channel
        letter.attempts += 1
        if self._is_broken(channel, now):
            self._failing.setdefault(channel, now)
            letter.next_at = now + timedelta(seconds=wait_s(letter.attempts))
            return
        self._failing.pop(channel, None)
        self._ok[channel] = now
        self._done(letter)
        self.sent.append(self._sent(letter, now))

    def _is_broken(self, channel: str, now: datetime) -> bool:
        return any(c == channel and start <= now < end for c, start, end in self.broken)

    def _sent(self, letter: _Letter, now: datetime) -> Sent:
        return replace(
            self._of_call(letter.call, now),
            several=tuple(self._of_call(call, now) for call in letter.bundled),
        )

    def _of_call(self, call: Call, now: datetime) -> Sent:
        known = None if call.incident is None else self.incidents[call.incident]
        return _sent(call, known, now)

    def _done(self, letter: _Letter) -> None:
        letter.done = True
        self._waiting.pop(letter.call.id, None)


def _sent(call: Call, incident: Incident | None, now: datetime) -> Sent:
    return Sent(
        at=now,
        id=call.id,
        occasion=call.occasion,
        receiver=call.receiver,
        channel=call.way.channel,
        incident=incident,
    )
