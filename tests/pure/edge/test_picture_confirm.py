"""From what each picture shows to what is held."""

import pytest

from edge.picture.confirm import Confirm, Trouble
from wire.vocabulary import Cause

CAUSES = {
    "b": Cause.PICTURE_BLACK,
    "c": Cause.PICTURE_COVERED,
    "m": Cause.PICTURE_MOVED,
    "s": Cause.PICTURE_BLURRED,
    "n": Cause.PICTURE_NOISE,
}
LETTERS = {cause: letter for letter, cause in CAUSES.items()}


def held(shown: str) -> str:
    """Return what is held after each picture; "." is nothing."""
    confirm = Confirm()
    said = ""
    for at, letter in enumerate(shown):
        trouble = None if letter == "." else Trouble(cause=CAUSES[letter], at_ms=at)
        now = confirm.step(trouble)
        said += "." if now is None else LETTERS[now.cause]
    return said


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("..c.c.c.", "........"),
        (".cc.cc.c", "........"),
        (".cccc", "...cc"),
        (".bbb", "..bb"),
        ("bb.", ".b."),
        ("ccc.c.", "..cccc"),
        ("ccc..", "..cc."),
        ("mcc", "..c"),
        ("cmm", "..m"),
        ("smc", "..."),
        ("cccmmmm", "..cccmm"),
        ("cccmcmc", "..ccccc"),
    ],
)
def test_what_several_pictures_agree_on_is_held(shown: str, said: str) -> None:
    assert held(shown) == said


def test_it_is_dated_at_the_first_picture_of_the_run_whatever_that_was_called() -> None:
    confirm = Confirm()
    for at, cause in enumerate((Cause.PICTURE_MOVED, Cause.PICTURE_COVERED)):
        confirm.step(Trouble(cause=cause, at_ms=at))
    now = confirm.step(Trouble(cause=Cause.PICTURE_COVERED, at_ms=2, detail="half"))
    assert now is not None
    assert (now.began_ms, now.detail) == (0, "half")
