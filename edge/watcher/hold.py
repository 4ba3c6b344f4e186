"""One session with one camera, as long as it lasts: looks, pictures, what is said.

It lasts until the stream ends or is given up, or until its time is over: a visit's, or a turn's.
Even then it stays while anything looks wrong, until that has been told from a glitch.

While packets come, a look every half second; ``up`` is said once a second, dated by the last
packet, so that a watermark never vouches for more than was received. When packets stop, the camera
is asked over RTSP: if it answers, its encoder has stalled; if not, the session is given up and the
next try tells what is wrong with the network.

A machine that puts us aside for seconds (busy, or asleep) loses packets and pictures that the
camera has sent. So after a look that comes late all patience begins anew: our trouble is no
camera's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from edge.picture.decoder import Undecodable
from edge.rtsp.health import Demand
from edge.rtsp.keyframe import KeyFrame
from edge.rtsp.replies import Trouble
from edge.sighting import Verdict
from edge.watcher.assess import Eyes, assess, up_since_ms
from edge.watcher.facts import facts
from edge.watcher.seams import Feed, Watched
from edge.watcher.window import WINDOW_MS, Window
from wire.vocabulary import Cause

TICK_S: Final = 0.5
SAY_EVERY_MS: Final = 1000
FACTS_EVERY_MS: Final = 10_000
STALL_RECONNECT_MS: Final = 15_000
"""After so long a stall a new session is tried: it helps with some encoders."""
STALL_ASK_MS: Final = 5_000
LINGER_MS: Final = 30_000
"""So long a session stays at most when its time is over: a missing key frame is told by then."""
PUT_ASIDE_MS: Final = 2_000
"""A look that comes so late tells that this machine has no time for us."""
_ANSWER_S: Final = 1.5
_STALLED: Final = Trouble(
    Cause.STREAM_STALLED, "no packets, but RTSP still answers: its encoder has stopped"
)
_MUTE: Final = Trouble(Cause.STREAM_STALLED, "PLAY was accepted, then neither packets nor answers")


@dataclass(slots=True, kw_only=True)
class Session:
    """One stream, as long as it lasts.

    Attributes:
        pictures_since_ms: Since when its pictures, and those of visits before, tell of one another.
        is_over: Tells at ``Clock.ms`` whether its time is over.
        unseen_s: Tells at ``Clock.ms`` for how long nobody looks between two looks, if at all.
        left: Whether it ended for that reason.
        changed_ms: When another cause was said than before.
    """

    watched: Watched
    feed: Feed
    began_ms: int
    pictures_since_ms: int
    is_over: Callable[[int], bool] = lambda _: False
    unseen_s: Callable[[int], int | None] = lambda _: None
    left: bool = False
    changed_ms: int | None = None
    over_ms: int | None = None
    told: bool = False
    eyes: Eyes = field(init=False)
    demand: Demand = field(init=False)
    window: Window = field(default_factory=Window)
    size_px: tuple[int, int] | None = None
    next_picture_ms: int = 0
    next_facts_ms: int = 0
    next_ask_ms: int = 0
    stalled: bool = False
    resumed_ms: int | None = None
    attentive_ms: int = -WINDOW_MS

    def __post_init__(self) -> None:
        watch = self.watched.camera.watch
        self.demand = Demand(
            max_loss=watch.max_loss, min_fps=watch.min_fps, described_fps=self.feed.described_fps
        )
        self.eyes = Eyes(since_ms=self.began_ms, pictures_since_ms=self.pictures_since_ms)

    @property
    def has_seen(self) -> bool:
        """Whether a picture has been judged."""
        return self.eyes.finding is not None

    async def hold(self) -> None:
        """Look every half second until the stream ends or is given up."""
        clock = self.watched.clock
        self._ask_for_picture(self.began_ms)
        # The first picture comes at once, the others spread: 50 cameras share one decoder.
        period_ms = self.watched.camera.watch.picture_every_s * 1000
        self.next_picture_ms = self.began_ms + round(
            period_ms * (0.5 + 0.5 * self.watched.jitter())
        )
        while await self._look(clock.ms()):
            left_ms = clock.ms()
            await clock.wait(TICK_S)
            self._look_up(left_ms)

    def _look_up(self, left_ms: int) -> bool:
        """Tell whether this machine had no time for us since then; if so, be patient anew."""
        now_ms = self.watched.clock.ms()
        if now_ms - left_ms < PUT_ASIDE_MS:
            return False
        self.attentive_ms = self.eyes.since_ms = now_ms
        self.window.clear()
        if self.eyes.asked_ms is not None:
            self._ask_for_picture(now_ms)
        return True

    async def _look(self, now_ms: int) -> bool:
        """Look once; tell whether to go on."""
        feed = self.feed
        silent_since_ms = feed.counter.last_packet_ms or self.began_ms
        if feed.trouble is not None:
            self._ended(feed.trouble, now_ms)
            return False
        patient_since_ms = max(silent_since_ms, self.attentive_ms)
        if now_ms - patient_since_ms >= self.watched.camera.watch.stall_after_s * 1000:
            return await self._silent(silent_since_ms, now_ms)
        if self.stalled:
            self._resumed(now_ms)
        if feed.counter.last_packet_ms is None:
            self.watched.say_again()
            return True
        await self._picture(now_ms)
        now_ms = self.watched.clock.ms()  # a decoder takes its time, and packets come meanwhile
        self.window.add(now_ms, feed.counter.counts())
        self._say(now_ms)
        self.left = self._may_leave(now_ms)
        if self.left or now_ms >= self.next_facts_ms:
            self._tell_facts(now_ms)
        return not self.left

    def _may_leave(self, now_ms: int) -> bool:
        """Tell whether the session's time is over and what is to be said has been said."""
        if not self.is_over(now_ms):
            return False
        if self.over_ms is None:
            self.over_ms = now_ms
        if now_ms - self.over_ms >= LINGER_MS:
            return True
        if not self.told or self.window.is_doubtful(self.demand):
            return False
        confirm_ms = round(self.watched.camera.watch.confirm_s * 1000)
        return self.changed_ms is None or now_ms - self.changed_ms > confirm_ms

    def _ended(self, trouble: Trouble, now_ms: int) -> None:
        """The stream is gone. Mostly the next try tells why; what it can't tell is said now."""
        self.watched.standing.lose(self.feed.ended_ms or now_ms)
        never_sent = self.feed.counter.last_packet_ms is None
        if never_sent or trouble.cause is Cause.RTSP_PROTOCOL:
            self._say_lost(trouble, tried_ms=self.began_ms)

    async def _silent(self, since_ms: int, now_ms: int) -> bool:
        """No packets: ask over RTSP. Tell whether to keep the session."""
        if not self.stalled:
            self.watched.standing.lose(since_ms)
        if now_ms >= self.next_ask_ms:
            self.next_ask_ms = now_ms + STALL_ASK_MS
            asked_ms = self.watched.clock.ms()
            if not await self.feed.answers(_ANSWER_S):
                if self._look_up(asked_ms):
                    return True
                self._mute(since_ms)
                return False
            if (self.feed.counter.last_packet_ms or since_ms) > since_ms:
                return True  # it was only late
        self.stalled = True
        self._say_lost(_STALLED, tried_ms=since_ms)
        return now_ms - max(since_ms, self.began_ms) < STALL_RECONNECT_MS

    def _mute(self, since_ms: int) -> None:
        """RTSP does not answer either: the next try tells why, unless the camera never sent."""
        if self.feed.counter.last_packet_ms is None:
            self._say_lost(_MUTE, tried_ms=since_ms)

    def _say_lost(self, trouble: Trouble, *, tried_ms: int) -> None:
        verdict = Verdict(cause=trouble.cause, detail=trouble.detail)
        self.watched.say_no_stream(verdict, tried_ms=tried_ms)

    def _resumed(self, now_ms: int) -> None:
        """Packets come again: what the picture was before says nothing of what it is now."""
        self.stalled = False
        self.resumed_ms = now_ms
        self.eyes = Eyes(since_ms=now_ms, pictures_since_ms=now_ms)
        self.window.clear()
        self._ask_for_picture(now_ms)

    # ------------------------------------------------------------ pictures

    def _ask_for_picture(self, now_ms: int) -> None:
        self.feed.want_key_frame()
        self.eyes.asked_ms = now_ms
        self.eyes.dropped_before = self.feed.counter.collector.dropped
        self.next_picture_ms = now_ms + round(self.watched.camera.watch.picture_every_s * 1000)

    async def _picture(self, now_ms: int) -> None:
        key_frame = self.feed.take_key_frame()
        if key_frame is not None:
            self.eyes.asked_ms = None
            await self._judge(key_frame, now_ms)
        elif self.watched.control.begin_look() or (
            self.eyes.asked_ms is None and now_ms >= self.next_picture_ms
        ):
            self._ask_for_picture(now_ms)

    async def _judge(self, key_frame: KeyFrame, now_ms: int) -> None:
        try:
            picture = await self.watched.decoder.decode(key_frame.codec, key_frame.data)
        except Undecodable as error:
            if self.eyes.blind is None:
                self.eyes.blind_since_ms = now_ms
            self.eyes.blind = Trouble(Cause.STREAM_UNDECODABLE, str(error))
            self._ask_for_picture(now_ms)  # one damaged key frame is no reason to wait for long
            return
        self.eyes.blind = None
        self.size_px = (picture.width, picture.height)
        self.eyes.finding = finding = self.watched.judge.step(picture, now_ms)
        self.watched.on_picture(self.watched.camera.id, picture, finding, now_ms)

    # ------------------------------------------------------------ what is said

    def _say(self, now_ms: int) -> None:
        counter, standing = self.feed.counter, self.watched.standing
        before = standing.verdict.cause if standing.verdict else None
        found = assess(
            counter,
            self.eyes,
            self.window,
            demand=self.demand,
            now_ms=now_ms,
            said=before,
            aside=self.watched.aside(),
        )
        if found is None or (found[0].cause is None and self._was_poor_lately(before, now_ms)):
            return
        verdict, began_ms = found
        self.told = True
        changed = standing.verdict is None or before != verdict.cause
        if not changed and now_ms - standing.said_ms < SAY_EVERY_MS:
            return
        if changed:
            self.changed_ms = now_ms
        if changed and verdict.cause is None:
            since_ms = up_since_ms(
                before, counter, self.eyes, self.window, resumed_ms=self.resumed_ms
            )
            began_ms = since_ms or began_ms
        standing.lost_ms = None
        at_ms = counter.last_packet_ms or now_ms
        self.watched.on_sighting(standing.say(verdict, began_ms=began_ms, at_ms=at_ms))

    def _was_poor_lately(self, before: Cause | None, now_ms: int) -> bool:
        """Tell whether a poor stream has not been looked at for long enough since we were away."""
        is_poor = before in {Cause.STREAM_LOSSY, Cause.STREAM_SLOW}
        return is_poor and now_ms - self.attentive_ms < WINDOW_MS

    def _tell_facts(self, now_ms: int) -> None:
        found = facts(
            self.watched.camera.id,
            self.feed.counter,
            self.window,
            codec=self.feed.codec,
            size_px=self.size_px,
            finding=self.eyes.finding,
            unseen_s=self.unseen_s(now_ms),
        )
        if found is not None:
            self.next_facts_ms = now_ms + FACTS_EVERY_MS
            self.watched.on_facts(found)
