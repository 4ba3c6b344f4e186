import re
import unicodedata

import pytest

from edge.advice import Advice, Language, advise
from wire.vocabulary import Cause

EVERY: list[tuple[Language, Cause | None]] = [
    (language, cause) for language in ("vi", "en") for cause in (None, *Cause)
]


@pytest.mark.parametrize(("language", "cause"), EVERY)
def test_every_cause_has_advice_with_at_most_three_steps(
    language: Language, cause: Cause | None
) -> None:
    found = advise(cause, language)
    assert isinstance(found, Advice)
    assert len(found.steps) <= 3
    assert bool(found.steps) is (cause is not None)
    assert bool(found.not_needed) is (cause is not None)
    for sentence in (found.summary, *found.steps):
        assert sentence.endswith((".", "?", ")")), sentence
    assert found.text.startswith(found.summary)


@pytest.mark.parametrize("cause", [None, *Cause])
def test_vietnamese_is_nfc_and_in_the_house_spelling(cause: Cause | None) -> None:
    text = advise(cause, "vi").text
    assert unicodedata.is_normalized("NFC", text)
    assert not re.search(r"hoá|uỷ|xoá|qui\b", text)


def test_a_wrong_password_sends_nobody_up_a_ladder() -> None:
    assert "thang" in advise(Cause.RTSP_AUTH, "vi").not_needed
    assert "thang" not in " ".join(advise(Cause.RTSP_AUTH, "vi").steps)
