"""The bench of long days renders what it says: every place, every fault, the same each time."""

import numpy as np
import pytest

from tests.bench.days import Run, samples
from tests.bench.days_camera import Camera
from tests.bench.days_faults import KINDS, Fault, Faulty, plan
from tests.bench.days_places import PLACES
from tests.bench.days_sky import DAY_S, sun_at

NOON_S, NIGHT_S = DAY_S + 12 * 3600, DAY_S + 23 * 3600


@pytest.mark.parametrize("place", PLACES)
def test_a_day_in_every_place_goes_from_dark_to_light_and_back(place: str) -> None:
    day = list(samples(Run(place=place, seed=1, days=2, dt_s=14_400)))
    means = [float(each.picture.luma.mean()) for each in day]
    assert all(each.picture.luma.shape == (180, 320) for each in day)
    assert 5 < min(means) < max(means) < 250
    again = list(samples(Run(place=place, seed=1, days=2, dt_s=14_400)))
    assert np.array_equal(day[-1].picture.luma, again[-1].picture.luma)


@pytest.mark.parametrize(("number", "kind"), list(enumerate(kind for kind, _ in KINDS)))
def test_every_fault_shows_by_day_or_at_night(number: int, kind: str) -> None:
    t_s = (NOON_S, NIGHT_S)[number % 2]
    fault = Fault(kind=kind, accept=dict(KINDS)[kind], start_s=t_s, end_s=t_s + 600, seed=3)
    camera = Camera(PLACES["gate"](), seed=1)
    faulty = Faulty(camera, Camera(PLACES["yard"](), seed=2))
    now, later = camera.moment(t_s, 1), camera.moment(t_s + 60, 2)
    faulty.picture(now, fault)
    broken = faulty.picture(later, fault).luma[20:].astype(float)
    whole = faulty.picture(later, None).luma[20:].astype(float)
    assert np.abs(broken - whole).mean() > 1.5


def test_faults_are_planted_after_the_days_of_learning_and_last_a_dozen_pictures() -> None:
    faults = plan(days=30, seed=1, dt_s=1140)
    assert min(each.start_s for each in faults) >= 3 * DAY_S
    assert min(each.end_s - each.start_s for each in faults) >= 12 * 1140
    assert len({each.kind for each in faults}) >= 12


def test_the_sun_is_high_at_noon_and_rises_in_the_east() -> None:
    assert sun_at(12 * 3600, 172).elevation_deg > 80
    assert sun_at(0, 172).elevation_deg < -30
    assert 60 < sun_at(6.5 * 3600, 80).azimuth_deg < 120
