"""The page of a camera says where nobody looks at it for so long that a loss is told late."""

from dataclasses import replace

import pytest

from server.storage.rows import CameraFacts
from server.web.pages.camera import camera_page
from tests.pure.server.test_web_pages import NOW, look, school


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
