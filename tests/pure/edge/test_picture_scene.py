"""The judge against a place that it has learned: what is a fault, and what only looks like one."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache
from itertools import islice

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from edge.picture.judge import Finding, Judge
from edge.picture.picture import Picture
from edge.picture.stills import picture_of
from sim.scene import Scene, Size, frame, make_scene
from wire.vocabulary import Cause

pytestmark = pytest.mark.long

EVERY_MS = 10_000
HOUR_MS = 3_600_000
LEARNING = 14
BEGINS = datetime(2026, 9, 7, 7, tzinfo=timezone(timedelta(hours=7)))
Pixels = npt.NDArray[np.uint8]
Change = Callable[[Pixels, int], Pixels]
LEARNED = {Cause.PICTURE_COVERED, Cause.PICTURE_MOVED, Cause.PICTURE_BLURRED}


@cache
def place(name: str = "gate") -> Scene:
    size = Size(width=320, height=180, fps=1, frames=97)
    return make_scene(name, "TRƯỜNG TIỂU HỌC", seed=3, size=size, begins=BEGINS)


@cache
def still(name: str, number: int, variant: str) -> Pixels:
    return frame(place(name), number, variant)


def pixels(number: int, variant: str = "normal", name: str = "gate") -> Pixels:
    """One picture; a few of each fault are drawn once and taken in turns."""
    return still(name, number * 11 if variant == "normal" else number % 3, variant).copy()


def pictures(variant: str = "normal", change: Change | None = None) -> Iterator[Picture]:
    for number in range(1000):
        seen = pixels(number, variant)
        yield picture_of(change(seen, number) if change else seen)


class Watching:
    """A judge and its clock."""

    def __init__(self, judge: Judge | None = None) -> None:
        self.judge = judge or Judge(freeze_after_ms=10**9)
        self.at_ms = 0

    def see(self, source: Iterator[Picture], count: int, every_ms: int = EVERY_MS) -> list[Finding]:
        found = []
        for picture in islice(source, count):
            found.append(self.judge.step(picture, self.at_ms))
            self.at_ms += every_ms
        return found


def learned() -> Watching:
    watching = Watching()
    assert {each.cause for each in watching.see(pictures(), LEARNING)} == {None}
    return watching


def causes(found: list[Finding]) -> list[Cause | None]:
    return [each.cause for each in found]


def clip(values: npt.NDArray[np.floating]) -> Pixels:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


def burnt_out(seen: Pixels, number: int) -> Pixels:
    del number
    return clip(seen * 5.0 + 60)


def hand(seen: Pixels, number: int) -> Pixels:
    """Skin, out of focus, over the left 40 % of the picture."""
    del number
    sharp = np.zeros(seen.shape[:2])
    sharp[:, : int(0.4 * seen.shape[1])] = 1
    mask = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 5))[..., None]
    skin = np.array([70.0, 90, 150]) + np.random.default_rng(1).normal(0, 1, seen.shape)
    return clip(seen * (1 - mask) + skin * mask)


def hand_and_exposure(seen: Pixels, number: int) -> Pixels:
    """The camera answers the dark hand with more light elsewhere."""
    return hand(clip(seen * 1.8), number)


def soft(seen: Pixels, number: int) -> Pixels:
    del number
    return np.asarray(cv2.GaussianBlur(seen, (0, 0), 1.6), np.uint8)


def shifted(seen: Pixels, number: int) -> Pixels:
    """What was in the middle stands 20 % further right."""
    del number
    by = round(0.2 * seen.shape[1])
    return np.hstack([seen[:, :by][:, ::-1], seen[:, :-by]])


def striped(seen: Pixels, number: int) -> Pixels:
    rows = 40 * np.sin(np.arange(seen.shape[0]) * 0.9 + number)
    return clip(seen + rows[:, None, None])


def purple(seen: Pixels, number: int) -> Pixels:
    del number
    return clip(seen * np.array([1.5, 0.5, 1.5]))


FAULTS = [
    pytest.param("covered", None, Cause.PICTURE_COVERED, id="covered"),
    pytest.param("moved", None, Cause.PICTURE_MOVED, id="moved"),
    pytest.param("blurred", None, Cause.PICTURE_BLURRED, id="blurred"),
    pytest.param("noise", None, Cause.PICTURE_NOISE, id="noise"),
    pytest.param("no_signal", None, Cause.PICTURE_NO_SIGNAL, id="no signal"),
    pytest.param("black", None, Cause.PICTURE_BLACK, id="black"),
    pytest.param("normal", hand, Cause.PICTURE_COVERED, id="a hand over 40 %"),
    pytest.param("normal", hand_and_exposure, Cause.PICTURE_COVERED, id="a hand, exposed for"),
    pytest.param("normal", soft, Cause.PICTURE_BLURRED, id="slightly out of focus"),
    pytest.param("normal", shifted, Cause.PICTURE_MOVED, id="turned by a fifth"),
    pytest.param("normal", burnt_out, Cause.PICTURE_OVEREXPOSED, id="burnt out"),
    pytest.param("normal", striped, Cause.PICTURE_NOISE, id="stripes"),
    pytest.param("normal", purple, Cause.PICTURE_NOISE, id="a cast"),
]


@pytest.mark.parametrize(("variant", "change", "cause"), FAULTS)
def test_a_fault_is_found_within_three_pictures_dated_at_its_first_and_cleared_again(
    variant: str, change: Change | None, cause: Cause
) -> None:
    watching = learned()
    began_ms = watching.at_ms
    found = watching.see(pictures(variant, change), 6)
    assert found[3].cause is cause
    assert found[0].cause is None
    assert {each.began_ms for each in found[3:]} == {began_ms}
    after = watching.see(pictures(), 4)
    assert causes(after)[-2:] == [None, None]


def test_how_much_is_hidden_and_where_is_told() -> None:
    watching = learned()
    detail = watching.see(pictures(change=hand), 4)[-1].detail
    assert detail is not None
    assert detail.endswith("% of the picture is hidden, left")


def test_by_how_much_the_view_turned_is_told() -> None:
    watching = learned()
    detail = watching.see(pictures(change=shifted), 4)[-1].detail
    assert detail == "the view has turned by 20 % of the picture to the left"


def darker(seen: Pixels, number: int) -> Pixels:
    return clip(seen * (0.96 ** min(number, 30)))


def infrared(seen: Pixels, number: int) -> Pixels:
    """Grey, bright in the middle, dark towards the rim."""
    del number
    rows, columns = np.mgrid[0 : seen.shape[0], 0 : seen.shape[1]]
    light = np.exp(-(((columns - 150) / 120.0) ** 2) - ((rows - 110) / 90.0) ** 2)
    grey = cv2.cvtColor(seen, cv2.COLOR_BGR2GRAY) * light * 0.9 + 6
    return np.repeat(clip(grey)[..., None], 3, axis=2)


def foggy(seen: Pixels, number: int) -> Pixels:
    del number
    return clip(seen * 0.6 + 75)


def person_close(seen: Pixels, number: int) -> Pixels:
    """Somebody walks past, close to the lens, in two pictures of every six."""
    if number % 6 < 2:
        at = 60 + 110 * (number % 6)
        cv2.rectangle(seen, (at, 40), (at + 90, 180), (60, 80, 40), -1)
        cv2.circle(seen, (at + 45, 30), 25, (90, 120, 170), -1)
        cv2.line(seen, (at + 20, 60), (at + 80, 170), (200, 200, 210), 5)
    return seen


def glitched(seen: Pixels, number: int) -> Pixels:
    return np.zeros_like(seen) if number % 5 == 0 else seen


def one_without_focus(seen: Pixels, number: int) -> Pixels:
    return soft(seen, number) if number % 4 == 0 else seen


NUISANCES = [darker, infrared, foggy, person_close, glitched, one_without_focus]


@pytest.mark.parametrize("change", NUISANCES)
def test_what_only_looks_like_a_fault_rings_no_bell(change: Change) -> None:
    watching = learned()
    assert set(causes(watching.see(pictures(change=change), 24))) == {None}
    assert set(causes(watching.see(pictures(), 8))) == {None}


def test_a_light_once_learned_is_judged_in_too() -> None:
    watching = learned()
    watching.see(pictures(change=infrared), 24)
    night_hand = watching.see(pictures(change=lambda seen, n: hand(infrared(seen, n), n)), 5)
    assert night_hand[-1].cause is Cause.PICTURE_COVERED


def test_what_is_not_learned_yet_is_said_to_be_unchecked() -> None:
    watching = Watching()
    found = watching.see(pictures(), LEARNING)
    assert set(found[0].unchecked) == LEARNED
    assert found[-1].unchecked == ()


def test_a_plain_wall_is_unchecked_and_never_in_alarm() -> None:
    def walls() -> Iterator[Picture]:
        rng = np.random.default_rng(4)
        for number in range(40):
            yield picture_of(clip(150 + number % 7 + rng.normal(0, 2, (180, 320, 3))))

    found = Watching().see(walls(), 40)
    assert set(causes(found)) == {None}
    assert set(found[-1].unchecked) >= LEARNED


def test_a_thing_that_is_taken_away_is_no_cover() -> None:
    """Three posters on a plain wall; then there are two."""

    def walls(posters: int) -> Iterator[Picture]:
        rng = np.random.default_rng(7)
        paint = np.random.default_rng(8).normal(0, 40, (12, 9, 3))
        poster = cv2.resize(np.asarray(paint, np.float32), (60, 60))
        for _ in range(100):
            seen = np.full((180, 320, 3), 150.0) + rng.normal(0, 1.5, (180, 320, 3))
            for left in (240, 150, 20)[:posters]:
                seen[60:120, left : left + 60] += poster
            yield picture_of(clip(seen))

    watching = Watching()
    watching.see(walls(3), LEARNING)
    assert set(causes(watching.see(walls(2), 10))) == {None}
    hidden = watching.see((_covered_left(each) for each in walls(3)), 5)
    assert hidden[-1].cause is Cause.PICTURE_COVERED


def _covered_left(picture: Picture) -> Picture:
    """Lay a dark cloth over the left third."""
    luma = picture.luma.copy()
    luma[:, :120] = 60
    return replace(picture, luma=luma)


def test_another_size_of_picture_is_learned_anew_and_the_old_one_is_not_forgotten() -> None:
    def larger() -> Iterator[Picture]:
        for number in range(100):
            yield picture_of(cv2.resize(pixels(number), (640, 480)).astype(np.uint8))

    watching = learned()
    found = watching.see(larger(), LEARNING)
    assert set(causes(found)) == {None}
    assert set(found[0].unchecked) == LEARNED
    assert watching.see(pictures(), 1)[0].unchecked == ()


def test_a_camera_that_was_covered_during_a_restart_is_found() -> None:
    memory = learned().judge.memory()
    again = Watching(Judge(freeze_after_ms=10**9, memory=memory))
    assert again.see(pictures(change=hand), 4)[-1].cause is Cause.PICTURE_COVERED


def test_a_person_may_say_that_the_view_is_right() -> None:
    watching = learned()
    assert watching.see(pictures(change=shifted), 5)[-1].cause is Cause.PICTURE_MOVED
    watching.judge.new_view()
    assert set(causes(watching.see(pictures(change=shifted), LEARNING))) == {None}
    assert watching.see(pictures(), 5)[-1].cause is Cause.PICTURE_MOVED


def test_a_view_that_has_been_stable_for_hours_becomes_the_reference() -> None:
    watching = learned()
    found = watching.see(pictures(change=shifted), 50, HOUR_MS // 6)
    assert found[30].cause is Cause.PICTURE_MOVED
    assert found[-1].cause is None
    assert watching.see(pictures(), 5)[-1].cause is None, "the former view is still known"


def test_a_cover_never_becomes_the_reference() -> None:
    watching = learned()
    found = watching.see(pictures("covered"), 40, HOUR_MS)
    assert found[-1].cause is Cause.PICTURE_COVERED
