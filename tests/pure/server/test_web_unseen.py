"""The page of a camera says what nobody has seen, and where a loss is therefore told late."""

from dataclasses import replace

import pytest

from server.storage.rows import CameraFacts
from server.web.pages.camera import camera_page
from tests.pure.server.test_web_pages import NOW, look, school
from wire.vocabulary import State


@pytest.mark.parametrize(
    ("camera", "unseen_s", "asked_s"),
    [
        ("a1", None, None),
        ("a1", 30, None),
        ("a1", 35, 45),
        ("a3", 60, None),
        ("a3", 65, 90),
    ],
)
def test_a_loss_that_is_told_late_is_said_to_be(
    camera: str, unseen_s: int | None, asked_s: int | None
) -> None:
    page = camera_page(look(school()), camera)
    assert page.told_after_s is None
    page = replace(page, facts=CameraFacts(at=NOW, unseen_s=unseen_s))
    assert page.told_after_s == asked_s


def test_no_trouble_is_said_only_of_what_somebody_has_seen() -> None:
    survey = look(school())
    assert camera_page(survey, "a1").is_known
    (seen,) = survey.schools
    dark = tuple(replace(span, state=State.UNKNOWN, cause=None) for span in seen.cameras[0].drawn)
    blind = replace(seen, cameras=(replace(seen.cameras[0], drawn=dark), *seen.cameras[1:]))
    assert seen.cameras[0].camera.id == "a1"
    assert not camera_page(replace(survey, schools=(blind,)), "a1").is_known
