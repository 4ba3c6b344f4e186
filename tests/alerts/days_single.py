"""Single faults, each of every kind and cause that a camera or a gate PC can have."""

from server.domain.incident.model import Kind
from server.domain.paging.people import Occasion
from tests.alerts.script import AGENT_S, CAMERA_S, COVERED, COVERED_S, GATE_S, Day, day
from tests.alerts.truth import Cut
from wire.vocabulary import DOWN_CAUSES, Cause


@day("31 a yard without faults, day and night")
def _quiet(_d: Day) -> None:
    """Nothing happens, and nobody is told anything."""


def _loss(cause: Cause) -> None:
    @day(f"1 a hall's camera is lost: {cause}")
    def _of(d: Day) -> None:
        d.ill("s1.4", "8:00:11", "8:41", cause=cause)
        d.told(Kind.CAMERA, "camera:s1.4", "8:00:11", CAMERA_S, over="8:41")


for _cause in sorted(DOWN_CAUSES):
    if not _cause.startswith("picture."):
        _loss(_cause)


def _useless(cause: Cause) -> None:
    @day(f"14 a hall's picture is of no use: {cause}")
    def _of(d: Day) -> None:
        within_s = 120 if cause is Cause.PICTURE_FROZEN else COVERED_S
        d.ill("s1.5", "9:10:03", "9:52", cause=cause)
        d.told(Kind.PICTURE, "camera:s1.5", "9:10:03", within_s, over="9:52")


for _cause in sorted(Cause):
    if _cause.startswith("picture."):
        _useless(_cause)


@day("14 a gate camera is covered at 6:50")
def _covered(d: Day) -> None:
    d.ill("s3.1", "6:50", "7:25", cause=COVERED)
    d.told(Kind.PICTURE, "camera:s3.1", "6:50", COVERED_S, over="7:25")


@day("7 a gate camera falls mute")
def _gate(d: Day) -> None:
    d.ill("s3.2", "7:02:30", "7:30")
    d.told(Kind.CAMERA, "camera:s3.2", "7:02:30", GATE_S, over="7:30")


@day("3 a camera is lost for half a minute")
def _blip(d: Day) -> None:
    d.ill("s1.4", "8:00", "8:00:30")


@day("31 a gate camera drops out for 12 seconds, ten times in the day")
def _blips(d: Day) -> None:
    for hour in range(7, 17):
        d.ill("s1.1", f"{hour}:13", f"{hour}:13:12")


@day("26 a lossy stream is noted, and nobody is told")
def _lossy(d: Day) -> None:
    d.ill("s1.4", "8:00", "10:00", cause="stream.lossy")


@day("26 a slow stream at night and by day is noted, and nobody is told")
def _slow(d: Day) -> None:
    d.ill("s1.1", "0:30", "10:00", cause="stream.slow")


def _recording(cause: str) -> None:
    @day(f"23 a recorder's channel: {cause}")
    def _of(d: Day) -> None:
        d.ill("s1.4", "8:00", "14:00", cause=cause, detect_s=60)
        d.told(Kind.RECORDING, "recording:s1.4", "8:00", 3700, over="14:00", over_s=1800)


for _cause in sorted(Cause):
    if _cause.startswith("recording."):
        _recording(_cause)


@day("20 a camera's clock is wrong")
def _camera_clock(d: Day) -> None:
    cause = next(c for c in sorted(Cause) if c.startswith("clock."))
    d.ill("s1.4", "8:00", "10:00", cause=cause, detect_s=60)
    d.told(Kind.CLOCK, "clock:s1.4", "8:00", 800, over="10:00", over_s=1800)


@day("25 a gate PC's program ends and is started again")
def _crash(d: Day) -> None:
    d.off("s1-a", "8:00:20", "8:30", how=Cut.CRASH)
    d.told(Kind.AGENT, "agent:s1-a", "8:00:20", AGENT_S, over="8:30")


@day("25 a gate PC is switched off in order in school hours")
def _goodbye(d: Day) -> None:
    d.off("s1-a", "8:00:20", "8:30", how=Cut.GOODBYE)
    d.told(Kind.AGENT, "agent:s1-a", "8:00:20", AGENT_S, over="8:30")


@day("25 a gate PC loses its power")
def _agent_power(d: Day) -> None:
    d.off("s1-a", "8:00:20", "9:00")
    d.told(Kind.AGENT, "agent:s1-a", "8:00:20", AGENT_S, over="9:00")


@day("25 one of two gate PCs loses its line")
def _one_of_two(d: Day) -> None:
    d.off("s2-b", "8:00:20", "9:00", how=Cut.LINE)
    d.told(Kind.AGENT, "agent:s2-b", "8:00:20", AGENT_S, over="9:00")


@day("31 a gate PC's line drops for a quarter of a minute, once an hour")
def _short(d: Day) -> None:
    for hour in range(24):
        d.off("s1-a", f"{hour}:20", f"{hour}:20:15", how=Cut.LINE)


@day("29 a gate PC is off every night", days=2)
def _nights(d: Day) -> None:
    d.off("s1-a", "17:40", "2 6:10", how=Cut.GOODBYE)


@day("29 a gate PC that was switched off for the night does not come back", days=2)
def _stays_off(d: Day) -> None:
    d.off("s1-a", "17:40", "2 8:00", how=Cut.GOODBYE)
    d.told(Kind.AGENT, "agent:s1-a", "17:40", 10, at="2 6:30", over="2 8:00",
           occasion=Occasion.WORSENED)  # fmt: skip
