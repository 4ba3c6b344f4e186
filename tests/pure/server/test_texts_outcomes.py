"""Whatever a transport says of an attempt is said in Vietnamese, too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import server.transports
from server.texts.outcomes import SENTENCES, outcome_told
from server.texts.tongue import load
from server.transports.zalo import LATER, NEVER

FOLDER = Path(server.transports.__file__).parent
UNCHANGED = {"HTTP 1", "Zalo 1"}


def said() -> Iterator[str]:
    """Every text that a transport fails with; ``1`` stands for what is filled in."""
    for file in sorted(FOLDER.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                name = ast.unparse(node.exc.func)
                if name in {"RetryError", "GiveUpError"}:
                    yield from texts(node.exc.args[0])


def texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    if isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "1" for part in node.values
        )


def test_there_is_something_to_say() -> None:
    assert len(set(said())) > 15


@pytest.mark.parametrize("text", sorted(set(said()) - UNCHANGED))
def test_every_failure_has_words(text: str) -> None:
    assert outcome_told(load("vi"), text) != text
    assert outcome_told(load("en"), text)


def test_every_error_of_zalo_has_words() -> None:
    assert {why for _, why in LATER.values()} | set(NEVER.values()) <= SENTENCES


def test_what_is_filled_in_is_said_too_and_the_unknown_stays() -> None:
    vi = load("vi")
    told = outcome_told(vi, "Zalo error -213: this person does not follow the Official Account")
    assert told == "Zalo báo lỗi -213: người này chưa quan tâm Official Account"
    assert outcome_told(vi, "HTTP 204") == "HTTP 204"
    assert outcome_told(vi, "bundled in another") == "bundled in another"
    assert outcome_told(vi, "taken by a%b") == "a%b đã nhận"
