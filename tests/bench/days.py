"""Long days and nights of synthetic cameras before the picture judge: false alarms, stuck alarms.

``python -m tests.bench.days [--json] [--days 14] [--dt 1140] [--seeds 1] [--only gate,yard]
[--clips DIR] [--jobs 2] [-v] [--look DIR]``

Short sequences can't show whether a judge that learned one light still knows its camera in another:
eight real days of one camera put every detector that we know in alarm for more than half of the
time. Here are suns, clouds, fog, rain, nights, lamps, snow, people, parked vehicles and buildings
that grow, for weeks, and a fault every second day after the first three.

``--clips`` takes a folder of folders of clean stills as further places; the first still of each is
relit. ``--look`` writes the picture before each false alarm and at it. Half of the runs lose some
hours of pictures, as when a camera is off.
"""

import argparse
import json
import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from edge.picture.picture import Picture
from tests.bench.days_camera import Camera
from tests.bench.days_faults import Fault, Faulty, plan
from tests.bench.days_places import PLACES
from tests.bench.days_score import Score, judged, table
from tests.bench.days_sky import DAY_S
from tests.bench.days_views import U8, View, from_still

SEED_OF_DAY: Final = 306


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One picture of a run, the seconds since its first local midnight and what is wrong in it."""

    t_s: float
    picture: Picture
    fault: Fault | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One camera for some days; ``still`` is a picture file to relight, or None for a drawing."""

    place: str
    seed: int
    days: int
    dt_s: float
    faults: bool = True
    still: Path | None = None

    def view(self) -> View:
        """Return the place."""
        if self.still is None:
            return PLACES[self.place]()
        bgr = cv2.imread(str(self.still))
        if bgr is None:
            raise SystemExit(f"{self.still} is not a picture")
        pixels: U8 = np.asarray(bgr, np.uint8)
        return from_still(self.place, pixels, self.seed)


def samples(run: Run) -> Iterator[Sample]:
    """Render a run, picture by picture, in the order of time."""
    camera = Camera(run.view(), seed=run.seed, first_day=SEED_OF_DAY)
    donor = next(place for place in PLACES if place != run.place)
    faulty = Faulty(camera, Camera(PLACES[donor](), seed=run.seed + 50, first_day=SEED_OF_DAY))
    faults = plan(days=run.days, seed=run.seed, dt_s=run.dt_s) if run.faults else ()
    rng = np.random.default_rng((run.seed, 6))
    begins_s, off = rng.uniform(0, DAY_S), _off(run, rng)
    for number in range(int((run.days * DAY_S - begins_s) / run.dt_s)):
        t_s = begins_s + number * run.dt_s
        if any(start <= t_s < end for start, end in off):
            continue
        fault = next((each for each in faults if each.start_s <= t_s < each.end_s), None)
        now = camera.moment(t_s, number)
        yield Sample(t_s=t_s, picture=faulty.picture(now, fault), fault=fault)


def _off(run: Run, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Return when the camera was off: in every second run, some hours of one or two days."""
    if run.seed % 2:
        return []
    starts = rng.uniform(1, run.days, 2) * DAY_S
    return [(float(start), float(start + rng.uniform(2, 14) * 3600)) for start in starts]


def _scored(job: tuple[Run, Path | None]) -> Score:
    cv2.setNumThreads(1)
    run, look = job
    return judged(run, samples(run), look)


def _runs(options: argparse.Namespace) -> list[Run]:
    stills: dict[str, Path | None] = dict.fromkeys(PLACES)
    if options.clips:
        folders = sorted(each for each in options.clips.iterdir() if each.is_dir())
        stills |= {each.name: min(each.glob("*.jpg")) for each in folders}
    only = set(options.only.split(",")) if options.only else set(stills)
    return [
        Run(place=place, seed=seed, days=options.days, dt_s=options.dt,
            faults=not options.no_faults, still=still)
        for place, still in stills.items() if place in only
        for seed in range(options.first_seed, options.first_seed + options.seeds)
    ]  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--dt", type=float, default=1140.0, help="seconds between pictures")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--only", help="places, by commas")
    parser.add_argument("--no-faults", action="store_true")
    parser.add_argument("--clips", type=Path, help="a folder of folders of stills")
    parser.add_argument("--look", type=Path, help="where to write pictures of false alarms")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("-v", action="store_true", help="name each false alarm and each fault")
    return parser.parse_args()


def main() -> None:
    """Run the bench; see the module's text."""
    options = _options()
    jobs: list[tuple[Run, Path | None]] = [(run, options.look) for run in _runs(options)]
    scores = []
    # Spawned: OpenCV's threads, once begun, don't outlive a fork.
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        for score in pool.imap(_scored, jobs):
            scores.append(score)
            if not options.json:
                print(score.line(), flush=True)
            if options.v:
                print("\n".join(f"    {line}" for line in score.story), flush=True)
    figures: dict[str, Any] = table(scores)
    print(json.dumps(figures if options.json else figures["ratios"]))


if __name__ == "__main__":
    main()
