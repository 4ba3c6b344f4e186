"""``vonggac-edge judge``: run the picture judge over a folder of pictures.

The same judge that the agent runs. It learns from the first pictures what is normal, so a folder
should begin with healthy ones; the times are the place in the folder times ``--interval``.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.advice import Language, advise
from edge.cli.common import (
    CANNOT,
    STATE_WORDS,
    UsageError,
    add_language_option,
    language_of,
)
from edge.clock import SystemClock
from edge.config import WatchConfig
from edge.picture.judge import Finding, Judge
from edge.picture.stills import UnreadableStill, natural_order, read_still
from edge.picture.threads import use_one_thread
from wire.vocabulary import Cause, state_of

_MS: Final = 1000
_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})
_LEAST_S, _MOST_S = 0.04, 86_400.0
_SAY_EVERY_MS: Final = 2000
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "vi": {
        "since": "từ",
        "unchecked": "chưa kiểm tra được",
        "skipped": "không đọc được, bỏ qua",
        "judged": "Đã xem {count} hình trong {time}, bỏ qua {skipped}.",
        "none": "Không có cảnh báo nào.",
        "alarms": "{count} cảnh báo, {share} thời gian:",
        "to": "đến",
    },
    "en": {
        "since": "since",
        "unchecked": "not checkable",
        "skipped": "can't be read, skipped",
        "judged": "{count} pictures of {time} judged, {skipped} skipped.",
        "none": "No alarm.",
        "alarms": "{count} alarm(s), {share} of the time:",
        "to": "to",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One picture of the folder: what was found, or why it was skipped."""

    name: str
    at_ms: int
    finding: Finding | None
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as one line of ``--json``."""
        head = {"kind": "frame", "name": self.name, "at_s": self.at_ms / _MS}
        if self.finding is None:
            return head | {"kind": "skipped", "why": self.problem}
        found = self.finding
        return head | {
            "state": state_of(found.cause),
            "cause": found.cause,
            "began_s": found.began_ms / _MS,
            "detail": found.detail,
            "unchecked": list(found.unchecked),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Pictures in a row with one cause; times in ms, ``until_ms`` is the last of them."""

    cause: Cause
    began_ms: int
    until_ms: int
    first: str
    last: str
    pictures: int


def add(commands: Any) -> None:
    """Add the command."""
    judge = commands.add_parser(
        "judge",
        help="run the picture judge over a folder of pictures",
        description="Judge the pictures of a folder in natural order of their names (2 before 10) "
        "as one camera's, the first ones taken as healthy. Exit code: 0 all were judged, whatever "
        "was found; 1 some could not be read and were skipped; 64 bad usage.",
        epilog="--json prints one JSON object a line, as the pictures are judged: kind frame "
        "(name, at_s, state, cause, began_s, detail, unchecked) or skipped (name, at_s, why), "
        "and at the end kind summary (pictures, skipped, alarms).",
    )
    judge.add_argument("--frames", type=Path, required=True, metavar="DIR", help="jpg png bmp webp")
    judge.add_argument(
        "--interval", type=float, default=10.0, metavar="S", help="seconds between two (10)"
    )
    judge.add_argument("--json", action="store_true", help="print one JSON object a line")
    add_language_option(judge)
    judge.set_defaults(act=_judge)


def _judge(options: argparse.Namespace) -> int:
    if not _LEAST_S <= options.interval <= _MOST_S:
        raise UsageError(f"--interval must lie between {_LEAST_S} and {_MOST_S:.0f} seconds")
    paths = pictures_in(options.frames)
    interval_ms = round(options.interval * _MS)
    judged = []
    for one in _with_progress(judge_all(paths, interval_ms), len(paths)):
        judged.append(one)
        if options.json:
            print(json.dumps(one.to_json(), ensure_ascii=False))
        else:
            print(line_of(one, language_of(options)))
    if options.json:
        print(json.dumps(_summary(judged), ensure_ascii=False))
    else:
        print("\n".join(("", *_summary_lines(judged, interval_ms, language_of(options)))))
    return CANNOT if any(one.finding is None for one in judged) else 0


def pictures_in(folder: Path) -> list[Path]:
    """Return a folder's pictures in natural order. Raises ``UsageError`` if there are none."""
    try:
        names = [path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES]
        found = [path for path in names if path.is_file()]
    except OSError as error:
        raise UsageError(f"can't read the folder {folder}: {error.strerror}") from error
    if not found:
        raise UsageError(f"no pictures ({' '.join(sorted(_SUFFIXES))}) in {folder}")
    return sorted(found, key=lambda path: natural_order(path.name))


def judge_all(paths: Iterable[Path], interval_ms: int) -> Iterator[Judged]:
    """Judge pictures as one camera's; one that can't be read keeps its place in time."""
    use_one_thread()
    judge = Judge(freeze_after_ms=round(WatchConfig().freeze_after_s * _MS))
    for number, path in enumerate(paths):
        at_ms = number * interval_ms
        try:
            finding = judge.step(read_still(path), at_ms)
        except UnreadableStill as error:
            yield Judged(name=path.name, at_ms=at_ms, finding=None, problem=str(error))
        else:
            yield Judged(name=path.name, at_ms=at_ms, finding=finding)


def alarms_of(judged: Iterable[Judged]) -> list[Alarm]:
    """Return the spans of one cause; a skipped picture ends none."""
    found: list[Alarm] = []
    standing: Cause | None = None
    for one in judged:
        if one.finding is None:
            continue
        cause = one.finding.cause
        if cause is not None:
            goes_on = cause is standing
            last = found.pop() if goes_on else None
            found.append(_longer(last, one, cause))
        standing = cause
    return found


def _longer(last: Alarm | None, one: Judged, cause: Cause) -> Alarm:
    assert one.finding is not None
    return Alarm(
        cause=cause,
        began_ms=last.began_ms if last else one.finding.began_ms,
        until_ms=one.at_ms,
        first=last.first if last else one.name,
        last=one.name,
        pictures=1 + (last.pictures if last else 0),
    )


def line_of(one: Judged, language: Language) -> str:
    """Return one picture's line: name, time, state, and what was found."""
    words = _WORDS[language]
    head = f"{one.name:<24} {clock_of(one.at_ms):>9}  "
    found = one.finding
    if found is None:
        return f"{head}{words['skipped']}: {one.problem}"
    text = STATE_WORDS[language][state_of(found.cause)]
    if found.cause is not None:
        text += f"  {found.cause}  {words['since']} {clock_of(found.began_ms)}"
    if found.detail:
        text += f"  {found.detail}"
    if found.unchecked:
        names = (cause.partition(".")[2] for cause in found.unchecked)
        text += f"  ({words['unchecked']}: {', '.join(names)})"
    return head + text


def clock_of(ms: int) -> str:
    """Return a time in the folder as hours:minutes:seconds."""
    seconds = ms // _MS
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _summary(judged: list[Judged]) -> dict[str, Any]:
    return {
        "kind": "summary",
        "pictures": sum(one.finding is not None for one in judged),
        "skipped": sum(one.finding is None for one in judged),
        "alarms": [
            {
                "cause": alarm.cause,
                "began_s": alarm.began_ms / _MS,
                "until_s": alarm.until_ms / _MS,
                "first": alarm.first,
                "last": alarm.last,
                "pictures": alarm.pictures,
            }
            for alarm in alarms_of(judged)
        ],
    }


def _summary_lines(judged: list[Judged], interval_ms: int, language: Language) -> Iterator[str]:
    words, alarms = _WORDS[language], alarms_of(judged)
    seen = [one for one in judged if one.finding is not None]
    time = clock_of(len(judged) * interval_ms)
    yield words["judged"].format(count=len(seen), time=time, skipped=len(judged) - len(seen))
    if not alarms:
        yield words["none"]
        return
    share = f"{sum(alarm.pictures for alarm in alarms) / len(seen):.1%}"
    if language == "vi":
        share = share.replace(".", ",")
    yield words["alarms"].format(count=len(alarms), share=share)
    for alarm in alarms:
        span = f"{clock_of(alarm.began_ms)} {words['to']} {clock_of(alarm.until_ms)}"
        found = advise(alarm.cause, language).summary
        yield f"  {span}  {alarm.cause}  {alarm.first} – {alarm.last}  {found}"


def _with_progress(judged: Iterator[Judged], count: int) -> Iterator[Judged]:
    """Say now and then on standard error how far it is, where the work takes long."""
    clock = SystemClock()
    said_ms = clock.ms()
    for number, one in enumerate(judged, start=1):
        yield one
        if clock.ms() - said_ms >= _SAY_EVERY_MS:
            said_ms = clock.ms()
            print(f"vonggac-edge: {number}/{count}", file=sys.stderr, flush=True)
