"""Run the judge over a rendered run and count: false alarms, time in alarm, faults found."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import cv2
import numpy as np

from edge.config import WatchConfig
from edge.picture.judge import Finding, Judge
from edge.picture.picture import Picture
from tests.bench.days_faults import Fault
from tests.bench.days_sky import DAY_S
from wire.vocabulary import Cause

GRACE_SAMPLES: Final = 6
"""An alarm may stay for so many pictures after its fault is over."""


class SampleLike(Protocol):
    """What ``days.Sample`` is; named here so that the two don't import each other."""

    @property
    def t_s(self) -> float: ...
    @property
    def picture(self) -> Picture: ...
    @property
    def fault(self) -> Fault | None: ...


class RunLike(Protocol):
    """What ``days.Run`` is."""

    @property
    def place(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def dt_s(self) -> float: ...


@dataclass(slots=True)
class Outcome:
    """How one planted fault fared; counts are of pictures."""

    fault: Fault
    pictures: int = 0
    found_after: int | None = None
    right_after: int | None = None
    in_alarm: int = 0
    unchecked: int = 0
    cleared: bool | None = None


@dataclass(slots=True, kw_only=True)
class Score:
    """One run's figures."""

    place: str
    seed: int
    dt_s: float
    outcomes: list[Outcome] = field(default_factory=list)
    healthy: int = 0
    false_pictures: int = 0
    false_alarms: int = 0
    false_causes: Counter[str] = field(default_factory=Counter)
    unchecked: Counter[str] = field(default_factory=Counter)
    longest_false_h: float = 0.0
    judge_s: float = 0.0
    total_s: float = 0.0
    pictures: int = 0
    story: list[str] = field(default_factory=list)

    @property
    def days(self) -> float:
        """Return how many days of healthy pictures were judged."""
        return self.healthy * self.dt_s / DAY_S

    def line(self) -> str:
        """Return one line for people."""
        found = [each for each in self.outcomes if each.found_after is not None]
        right = [each for each in self.outcomes if each.right_after is not None]
        a_day = self.false_alarms / max(0.1, self.days)
        share = 100 * self.false_pictures / max(1, self.healthy)
        return (
            f"{self.place:12s} seed {self.seed}: {a_day:5.2f} false alarms a day,"
            f" {share:5.1f} % of time in alarm"
            f" (longest {self.longest_false_h:.1f} h) {dict(self.false_causes)};"
            f" {len(found)}/{len(self.outcomes)} faults found, {len(right)} with the right cause,"
            f" {sum(each.cleared is False for each in self.outcomes)} not cleared;"
            f" {1000 * self.judge_s / max(1, self.pictures):.1f} ms a picture"
            f" (+ {1000 * (self.total_s - self.judge_s) / max(1, self.pictures):.1f} to render)"
        )


def judged(run: RunLike, samples: Iterable[SampleLike], look: Path | None = None) -> Score:
    """Judge all samples of a run; ``look`` is where to write pictures of false alarms."""
    score = Score(place=run.place, seed=run.seed, dt_s=run.dt_s)
    judge = Judge(freeze_after_ms=round(WatchConfig().freeze_after_s * 1000))
    tally = _Tally(score, look)
    began_s = time.perf_counter()
    for sample in samples:
        step_s = time.perf_counter()
        finding = judge.step(sample.picture, round(sample.t_s * 1000))
        score.judge_s += time.perf_counter() - step_s
        tally.note(sample, finding)
    tally.end()
    score.total_s = time.perf_counter() - began_s
    return score


class _Tally:
    """Follows findings through faults and the health between them."""

    def __init__(self, score: Score, look: Path | None) -> None:
        self._score, self._look = score, look
        self._outcome: Outcome | None = None
        self._stale: Cause | None = None
        self._since_fault = GRACE_SAMPLES
        self._before: Cause | None = None
        self._false_since_s: float | None = None
        self._picture: Picture | None = None

    def note(self, sample: SampleLike, finding: Finding) -> None:
        """Count one picture."""
        self._score.pictures += 1
        if sample.fault is not None:
            self._in_fault(sample, sample.fault, finding)
        else:
            self._in_health(sample, finding)
        self._before = finding.cause
        self._picture = sample.picture

    def end(self) -> None:
        """Tell the last fault's story."""
        self._close()

    def _in_fault(self, sample: SampleLike, fault: Fault, finding: Finding) -> None:
        if self._outcome is None or self._outcome.fault is not fault:
            self._close()
            self._outcome = Outcome(fault)
            self._score.outcomes.append(self._outcome)
            self._stale, self._since_fault = self._before, 0
            self._false_since_s = None
        outcome = self._outcome
        if finding.cause != self._stale:
            self._stale = None
        outcome.unchecked += not fault.accept.isdisjoint(finding.unchecked)
        if finding.cause is not None and finding.cause != self._stale:
            outcome.in_alarm += 1
            if outcome.found_after is None:
                outcome.found_after = outcome.pictures
            if outcome.right_after is None and finding.cause in fault.accept:
                outcome.right_after = outcome.pictures
        outcome.pictures += 1
        del sample

    def _in_health(self, sample: SampleLike, finding: Finding) -> None:
        self._since_fault += 1
        if self._since_fault <= GRACE_SAMPLES:
            if self._outcome is not None and self._since_fault == GRACE_SAMPLES:
                self._outcome.cleared = finding.cause is None
            return
        self._close()
        score = self._score
        score.healthy += 1
        score.unchecked.update(str(cause) for cause in finding.unchecked)
        if finding.cause is None:
            self._false_since_s = None
            return
        score.false_pictures += 1
        score.false_causes[finding.cause.value] += 1
        if self._false_since_s is None:
            self._false_since_s = sample.t_s
            score.false_alarms += self._before is None
            self._tell(sample, finding)
        lasts_h = (sample.t_s - self._false_since_s) / 3600
        score.longest_false_h = max(score.longest_false_h, lasts_h)

    def _tell(self, sample: SampleLike, finding: Finding) -> None:
        when = f"day {sample.t_s // DAY_S:.0f} {sample.t_s % DAY_S / 3600:05.2f} h"
        left = " (left over from a fault)" if self._before is not None else ""
        self._score.story.append(f"{when}: false {finding.cause} {finding.detail or ''}{left}")
        if self._look is None:
            return
        self._look.mkdir(parents=True, exist_ok=True)
        both = [each.luma for each in (self._picture, sample.picture) if each is not None]
        name = f"{self._score.place}-{self._score.seed}-{sample.t_s:08.0f}-{finding.cause}.png"
        cv2.imwrite(str(self._look / name), np.hstack(both))

    def _close(self) -> None:
        if self._outcome is None:
            return
        each, self._outcome = self._outcome, None
        self._score.story.append(
            f"day {each.fault.start_s // DAY_S:.0f} {each.fault.start_s % DAY_S / 3600:05.2f} h:"
            f" {each.fault.kind}: found after {each.found_after}, right after {each.right_after},"
            f" in alarm {each.in_alarm}/{each.pictures}, not checkable {each.unchecked},"
            f" cleared {each.cleared}"
        )


def table(scores: list[Score]) -> dict[str, Any]:
    """Return all figures, with ``ratios`` over all runs."""
    outcomes = [each for score in scores for each in score.outcomes]
    days, healthy = sum(score.days for score in scores), sum(score.healthy for score in scores)
    pictures = sum(score.pictures for score in scores)
    delays = [each.found_after for each in outcomes if each.found_after is not None]
    cleared = [each.cleared for each in outcomes if each.cleared is not None]
    missed = [each for each in outcomes if each.found_after is None]
    return {
        "ratios": {
            "false_alarms_a_day": _ratio(sum(score.false_alarms for score in scores), days),
            "time_in_alarm": _ratio(sum(score.false_pictures for score in scores), healthy),
            "longest_false_h": max((round(s.longest_false_h, 1) for s in scores), default=0.0),
            "found": _ratio(len(delays), len(outcomes)),
            "right": _ratio(sum(o.right_after is not None for o in outcomes), len(outcomes)),
            "missed_but_said_so": _ratio(
                sum(2 * each.unchecked >= each.pictures for each in missed), len(missed)
            ),
            "cleared": _ratio(sum(cleared), len(cleared)),
            "found_within_3": _ratio(sum(delay <= 3 for delay in delays), len(outcomes)),
        },
        "ms_a_picture": 1000 * _ratio(sum(s.judge_s for s in scores), pictures),
        "by_kind": _by_kind(outcomes),
        "runs": [_row(score) for score in scores],
    }


def _ratio(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0


def _by_kind(outcomes: list[Outcome]) -> dict[str, dict[str, int]]:
    rows: dict[str, dict[str, int]] = {}
    for each in outcomes:
        name = f"{each.fault.kind}{' at night' if each.fault.at_night else ''}"
        row = rows.setdefault(name, {"planted": 0, "found": 0, "right": 0, "not_cleared": 0})
        row["planted"] += 1
        row["found"] += each.found_after is not None
        row["right"] += each.right_after is not None
        row["not_cleared"] += each.cleared is False
    return dict(sorted(rows.items()))


def _row(score: Score) -> dict[str, Any]:
    return {
        "place": score.place,
        "seed": score.seed,
        "dt_s": score.dt_s,
        "days": round(score.days, 2),
        "false_alarms_a_day": _ratio(score.false_alarms, score.days),
        "time_in_alarm": _ratio(score.false_pictures, score.healthy),
        "longest_false_h": round(score.longest_false_h, 2),
        "false_causes": dict(score.false_causes),
        "unchecked": {k: _ratio(v, score.healthy) for k, v in score.unchecked.items()},
        "faults": len(score.outcomes),
        "found": sum(each.found_after is not None for each in score.outcomes),
        "right": sum(each.right_after is not None for each in score.outcomes),
    }
