"""Every text has its Vietnamese, and what is compiled is what is written."""

import re
import unicodedata

import pytest
from babel.messages.catalog import Message

from server.texts import catalogue
from server.texts.causes import CAUSES
from server.texts.tongue import LANGUAGES, load
from server.texts.words import STATE_WORDS, cause_word, verdict
from wire.vocabulary import Cause, State


def messages(language: str) -> list[Message]:
    return [m for m in catalogue.read(language) if m.id]


def ids(found: list[Message]) -> set[str]:
    return {m.id if isinstance(m.id, str) else m.id[0] for m in found}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_of_code_and_templates_is_in_the_catalogue(language: str) -> None:
    wanted = ids([m for m in catalogue.collected() if m.id])
    assert ids(messages(language)) == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_missing(language: str) -> None:
    assert catalogue.missing(catalogue.read(language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    path = catalogue.catalogue_path(language).with_suffix(".mo")
    assert path.read_bytes() == catalogue.compiled(catalogue.read(language))


def texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def test_vietnamese_is_composed_and_spelt_as_agreed() -> None:
    for message in messages("vi"):
        for text in texts(message):
            assert unicodedata.is_normalized("NFC", text), text
            assert not re.search(r"hoá|uỷ|xoá|\bqui\b", text), text


def test_every_text_fills_in_the_same_values() -> None:
    for message in messages("vi"):
        wanted = set(re.findall(r"%\((\w+)\)s", str(message.id)))
        for text in texts(message):
            assert set(re.findall(r"%\((\w+)\)s", text)) == wanted, message.id


def test_each_cause_has_a_label_and_at_most_three_steps() -> None:
    assert set(CAUSES) == set(Cause)
    vi = load("vi")
    for cause, words in CAUSES.items():
        assert 1 <= len(words.steps) <= 3
        assert cause_word(vi, cause) not in {"", cause, words.label}


def test_states_have_the_designs_words() -> None:
    vi = load("vi")
    assert {vi.text(word) for word in STATE_WORDS.values()} == {
        "Đang giám sát", "Hình ảnh kém", "Mất kết nối", "Chưa rõ",
    }  # fmt: skip
    assert verdict(vi, State.DEGRADED, "picture.covered") == "Hình ảnh kém: bị che khuất"
    assert verdict(vi, State.DOWN, "from.the.future") == "Mất kết nối: from.the.future"
