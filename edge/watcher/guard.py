"""The lockout guard: how seldom an agent may show a device a password that it does not take. Pure.

Cameras after QCVN 135:2024/BTTTT lock a login for five minutes after five wrong passwords within
30 s, and each try in a lock begins it anew. A recorder counts all its channels together, and a
service manager starts an agent that crashes again and again. So, per device and credential:

- A credential that was refused is not shown again before ``pause_ms`` is over. A changed one is
  another credential and is tried at once.
- While nobody knows whether it is right, one channel tries it and the others wait for the answer.
  ``FRESH_MS`` after it was accepted it needs to be proven again, unless it plays somewhere.
- When the pause is over, another channel than the one that was refused is to try first, if there is
  one: perhaps its user may only not view that one. So that one waits a tenth longer.
- A refusal while another channel plays with the same credential concerns that channel alone (its
  user may lack the right to it). For ``SETTLE_MS`` nobody else tries then: perhaps the others have
  been cut off too, and we are about to notice. If they were, it concerns them all.
- Whatever the credentials, a device refuses us ``MAX_REFUSALS`` times in ``WINDOW_MS`` at most. One
  that was right the last time has one more try than that: others' mistakes don't keep it out.

Meanwhile a camera may be asked without a password, which no camera counts as a try. What was
refused, and tries whose answer is not known, outlive a restart (``snapshot``, ``restored``): an
agent that dies in the middle of each try still has but ``MAX_REFUSALS`` of them in a minute.

A device is a host, if the configuration lists it, else a host and a port: behind one address with
forwarded ports stand different cameras. A credential is known by its ``mark`` alone.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from edge.watcher.snapshot import EVERY_CHANNEL, Refusal, Snapshot, Tried

FRESH_MS: Final = 10_000
SETTLE_MS: Final = 3_000
WINDOW_MS: Final = 60_000
MAX_REFUSALS: Final = 3
HANDICAP: Final = 1.1


class Leave(Enum):
    """What a channel may do now."""

    PASSWORD = "password"  # noqa: S105 (a word)
    """Show its password, and tell what came of it."""
    WAIT = "wait"
    """Another channel is trying the same device; its answer may be this one's too."""
    BARE = "bare"
    """Ask without a password at most."""


class Answer(Enum):
    """What came of showing a password."""

    ACCEPTED = "accepted"
    """It opened; or what was answered had nothing to do with it any more."""
    REFUSED = "refused"
    FULL = "full"
    """It was refused for want of a session: another one of ours plays with it."""
    UNTOLD = "untold"
    """It was shown, and no answer came: the camera may have counted it."""
    UNSHOWN = "unshown"
    """It was not shown: nothing to show it to, or nobody asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who wants in: a channel of a device, with a credential's mark."""

    device: str
    channel: str
    mark: str


@dataclass(slots=True)
class _Device:
    """One device.

    Attributes:
        channels: Which have asked.
        trying: Which channel's password is under way while nobody knows whether it is right, and
            since when.
        showing: Which channels show one that is known to be right.
        tried: When passwords were shown that were not accepted, at least not yet.
        refused_at_ms: By mark and channel (empty: all), when it was refused.
        refused_by: By mark, which channel was refused last.
        accepted_at_ms: By mark, when it was accepted last.
        fresh_at_ms: The same, until the last channel that plays with it has stopped.
        playing: By mark, how many channels play.
    """

    channels: set[str] = field(default_factory=set)
    trying: tuple[str, int] | None = None
    showing: set[str] = field(default_factory=set)
    tried: list[int] = field(default_factory=list)
    refused_at_ms: dict[tuple[str, str], int] = field(default_factory=dict)
    refused_by: dict[str, str] = field(default_factory=dict)
    accepted_at_ms: dict[str, int] = field(default_factory=dict)
    fresh_at_ms: dict[str, int] = field(default_factory=dict)
    playing: Counter[str] = field(default_factory=Counter)


class Guard:
    """All devices of one agent. ``pause_ms`` is how long what was refused is left alone."""

    def __init__(self, *, restored: Snapshot | None = None) -> None:
        self._devices: dict[str, _Device] = {}
        for refusal in restored.refusals if restored else ():
            device = self._device(refusal.device)
            device.refused_at_ms[refusal.mark, refusal.channel] = refusal.at_ms
        for tried in restored.tried if restored else ():
            self._device(tried.device).tried.append(tried.at_ms)

    def ask(self, login: Login, now_ms: int, *, pause_ms: int) -> Leave:
        """Tell what ``login`` may do; after ``PASSWORD`` tell ``answered`` what came of it."""
        device = self._device(login.device)
        device.channels.add(login.channel)
        if self.refused_at_ms(login, now_ms, pause_ms=pause_ms) is not None:
            return Leave.BARE
        device.tried = [at_ms for at_ms in device.tried if 0 <= now_ms - at_ms < WINDOW_MS]
        if len(device.tried) >= MAX_REFUSALS + (login.mark in device.accepted_at_ms):
            return Leave.BARE
        if self._is_unsettled(device, login.mark, now_ms):
            return Leave.WAIT
        if self._is_fresh(device, login.mark, now_ms):
            return _among_others(device, login)
        return _alone(device, login, now_ms)

    def answered(self, login: Login, answer: Answer, now_ms: int) -> None:
        """Take what came of showing a password, or of not showing it after all."""
        device = self._device(login.device)
        device.showing.discard(login.channel)
        noted_ms = None
        if device.trying is not None and device.trying[0] == login.channel:
            _, noted_ms = device.trying
            device.trying = None
        if answer in {Answer.ACCEPTED, Answer.UNSHOWN} and noted_ms in device.tried:
            device.tried.remove(noted_ms)
        if answer not in {Answer.ACCEPTED, Answer.UNSHOWN} and noted_ms is None:
            device.tried.append(now_ms)
        if answer is Answer.ACCEPTED:
            device.accepted_at_ms[login.mark] = device.fresh_at_ms[login.mark] = now_ms
            for channel in (EVERY_CHANNEL, login.channel):
                device.refused_at_ms.pop((login.mark, channel), None)
        if answer is Answer.REFUSED:
            channel = login.channel if device.playing[login.mark] else EVERY_CHANNEL
            device.refused_at_ms[login.mark, channel] = now_ms
            device.refused_by[login.mark] = login.channel
            if channel == EVERY_CHANNEL:
                device.accepted_at_ms.pop(login.mark, None)
                device.fresh_at_ms.pop(login.mark, None)

    def joined(self, login: Login) -> None:
        """Note that a channel plays that was accepted."""
        self._device(login.device).playing[login.mark] += 1

    def left(self, login: Login, now_ms: int) -> None:
        """Note that it plays no more."""
        device = self._device(login.device)
        device.playing[login.mark] = max(device.playing[login.mark] - 1, 0)
        if device.playing[login.mark]:
            return
        device.fresh_at_ms.pop(login.mark, None)
        if self._is_unsettled(device, login.mark, now_ms):
            device.refused_at_ms[login.mark, EVERY_CHANNEL] = now_ms
            device.accepted_at_ms.pop(login.mark, None)

    def refused_at_ms(self, login: Login, now_ms: int, *, pause_ms: int) -> int | None:
        """Return when the credential was refused, while that keeps it back; else None."""
        device = self._device(login.device)
        if device.refused_by.get(login.mark) == login.channel and len(device.channels) > 1:
            pause_ms = round(pause_ms * HANDICAP)
        for channel in (EVERY_CHANNEL, login.channel):
            at_ms = device.refused_at_ms.get((login.mark, channel))
            if at_ms is not None and now_ms - at_ms < pause_ms:
                return at_ms
        return None

    def is_proven(self, login: Login) -> bool:
        """Tell whether the device has accepted the credential during this run, and not refused."""
        return login.mark in self._device(login.device).accepted_at_ms

    def snapshot(self) -> Snapshot:
        """Return what must outlive a restart."""
        return Snapshot(
            refusals=tuple(
                Refusal(device=name, mark=mark, channel=channel, at_ms=at_ms)
                for name, device in self._devices.items()
                for (mark, channel), at_ms in device.refused_at_ms.items()
            ),
            tried=tuple(
                Tried(device=name, at_ms=at_ms)
                for name, device in self._devices.items()
                for at_ms in device.tried
            ),
        )

    def _is_fresh(self, device: _Device, mark: str, now_ms: int) -> bool:
        fresh_at_ms = device.fresh_at_ms.get(mark)
        if fresh_at_ms is None:
            return False
        return device.playing[mark] > 0 or now_ms - fresh_at_ms < FRESH_MS

    def _is_unsettled(self, device: _Device, mark: str, now_ms: int) -> bool:
        """Tell whether one channel has just been refused, others may follow."""
        return any(
            refused == mark and channel != EVERY_CHANNEL and now_ms - at_ms < SETTLE_MS
            for (refused, channel), at_ms in device.refused_at_ms.items()
        )

    def _device(self, name: str) -> _Device:
        return self._devices.setdefault(name, _Device())


def _among_others(device: _Device, login: Login) -> Leave:
    """Let ``login`` show what is known to be right, unless too many do so at this moment."""
    if len(device.showing) + len(device.tried) > MAX_REFUSALS:
        return Leave.WAIT
    device.showing.add(login.channel)
    return Leave.PASSWORD


def _alone(device: _Device, login: Login, now_ms: int) -> Leave:
    """Let ``login`` show what nobody knows to be right, unless another does so at this moment."""
    if device.trying is not None and device.trying[0] != login.channel:
        return Leave.WAIT
    if device.trying is None:
        device.trying = (login.channel, now_ms)
        device.tried.append(now_ms)
    return Leave.PASSWORD


def device_of(host: str, port: int, listed: Iterable[str]) -> str:
    """Name the device at an address; ``listed`` hosts are one device with all their ports."""
    host = host.lower()
    return host if host in listed else f"{host}:{port}"
