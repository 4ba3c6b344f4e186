"""Officials read in Vietnamese what is wrong with their plan."""

import re

import pytest

from server.config import ConfigError, load_plan
from server.texts.details import MAX_CHARS
from server.texts.mistakes import PHRASES, SENTENCES, mistake_text
from server.texts.tongue import load
from tests.pure.server.mistakes import BAD, mistakes

ENGLISH = re.compile(r"\b(is|are|the|expected|found|unknown|stands|needs|known|mean)\b")


@pytest.mark.parametrize("name", mistakes("plan"))
def test_each_mistake_of_a_plan_is_told_in_vietnamese(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_plan(BAD / f"{name}.yaml")
    said = mistake_text(load("vi"), caught.value.why)
    assert said.lang == "vi", caught.value.why
    assert not ENGLISH.search(said.text), said.text
    assert mistake_text(load("en"), caught.value.why).text == caught.value.why


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("a whole number is expected, found the text 'ba'", "cần số nguyên, nhưng ghi chữ 'ba'"),
        ("unknown key; did you mean 'min_cameras'?", "khóa không có; có phải 'min_cameras' không?"),
        ("a number is expected, found nothing", "cần một số, nhưng ghi trống"),
        ("text is expected, found the number 3; put it in quotes", None),
    ],
)
def test_phrases_inside_are_told_too(why: str, said: str | None) -> None:
    found = mistake_text(load("vi"), why)
    assert found.text == (said or "cần chữ, nhưng ghi số 3; hãy đặt trong dấu ngoặc kép")


def test_what_nobody_foresaw_stays_as_it_came() -> None:
    for why in ("the moon is full", "unknown key; " + "x" * MAX_CHARS):
        assert mistake_text(load("vi"), why).lang == "en"


def test_no_sentence_hides_behind_a_wider_one() -> None:
    for table in (SENTENCES, PHRASES):
        assert len(set(table)) == len(table)
