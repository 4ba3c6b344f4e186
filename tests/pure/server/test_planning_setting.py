"""One value set in a text: that line changes and no other, and nothing loses its source."""

import difflib
from pathlib import Path
from typing import Final

import pytest

from server.config import ConfigError, parse_plan
from server.domain.planfacts import open_facts
from server.planning.paper import PlanningError, Refusal
from server.planning.setting import settable, with_value
from tests.pure.server.mistakes import CONFIGS

pytestmark = pytest.mark.long

TEXT: Final = (CONFIGS / "plan.example.yaml").read_text(encoding="utf-8")


HEAD: Final = """\
schema: vonggac.plan/1
plan: {id: kh, title: K, version: "1"}
sources: {xa: {kind: commune_plan, ref: Q}}
zones: {c: {vi: C}}
"""


OPEN: Final = {f.key for f in open_facts(parse_plan(TEXT, file=Path("x")))}


def changed(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[0] in "+-" and line[:3] not in {"+++", "---"}]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("camera_requirements.mam_non.san_choi.min_cameras", "2"),
        ("uptime.required_percent", "97.5"),
        ("recording_retention_days", "30"),
        ("documents.bao_cao_so.due", "05-31"),
        ("plan.document_no", "15"),
        ("calendar.holidays.confirmed_by", "Nguyễn Thị An"),
    ],
)
def test_a_value_is_set_and_its_line_alone_changes(key: str, value: str) -> None:
    source = None if key.startswith(("plan.", "active", "calendar.holidays")) else "vi_du"
    after = with_value(TEXT, key, value, source=source)
    assert len(changed(TEXT, after)) in {2, 4}  # the value's line, and its source's if elsewhere
    still_open = {f.key for f in open_facts(parse_plan(after, file=Path("x")))}
    assert key in OPEN - still_open  # and in kinds of school that inherit it


def test_a_note_stands_in_the_source() -> None:
    key = "camera_requirements.mam_non.san_choi.min_cameras"
    after = parse_plan(
        with_value(TEXT, key, "2", source="vi_du", note='mục "1": a'), file=Path("x")
    )
    found = after.requirement("mam_non", "san_choi")
    assert found is not None
    assert found.source is not None
    assert found.source.note == 'mục "1": a'


def test_the_source_of_another_value_is_not_replaced() -> None:
    with pytest.raises(PlanningError) as caught:
        with_value(TEXT, "guards.training.certificate_required", "true", source="tt124")
    assert caught.value.why is Refusal.SHARED_SOURCE
    kept = with_value(TEXT, "guards.training.certificate_required", "true", source="vi_du")
    assert 'note: "mục IV"}}' in kept.splitlines()[_line(kept, "certificate_required: true")]


def _line(text: str, words: str) -> int:
    return next(n for n, line in enumerate(text.splitlines()) if words in line)


@pytest.mark.parametrize(
    "text",
    [
        "camera_requirements: {thcs: {c: {required: unset, min_cameras: unset}}}\n",
        "camera_requirements:\n  thcs:\n    c:\n      required: unset\n      min_cameras: unset\n",
    ],
)
def test_a_source_is_written_where_none_stands(text: str) -> None:
    after = with_value(
        HEAD + text, "camera_requirements.thcs.c.min_cameras", "2", source="xa", note="1"
    )
    found = parse_plan(after, file=Path("x")).requirement("thcs", "c")
    assert found is not None
    assert found.min_cameras == 2
    assert found.source is not None
    assert found.source.note == "1"


@pytest.mark.parametrize(
    ("key", "value", "source", "why"),
    [
        ("uptime.required_percent", "nhiều", "vi_du", Refusal.UNREADABLE),
        ("uptime.required_percent", "95", "product", Refusal.UNREADABLE),
        ("uptime.required_percent", "95, x: 1", "vi_du", Refusal.UNREADABLE),
        ("uptime.measured_over", "always", None, Refusal.NOT_OPEN),
        ("no.such.key", "1", None, Refusal.NOT_OPEN),
    ],
)
def test_what_can_not_be_set_is_refused_with_its_reason(
    key: str, value: str, source: str | None, why: Refusal
) -> None:
    with pytest.raises(PlanningError) as caught:
        with_value(TEXT, key, value, source=source)
    assert caught.value.why is why


def test_what_stands_as_unset_is_offered_by_its_key() -> None:
    offered = settable(TEXT)
    assert "documents.bien_ban_kiem_tra.every" in offered
    assert "camera_requirements.thpt.nha_xe.min_cameras" in offered  # by way of an alias
    assert "uptime.measured_over" not in offered


@pytest.mark.parametrize(
    "text",
    [
        "a: &a {b: unset, c: *a}\n",
        "a: &a [*a]\n",
        "\n".join(
            [
                "a0: &a0 [x, x]",
                *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)),
            ]
        ),
    ],
    ids=["a mapping in itself", "a list in itself", "nine to the eleventh"],
)
def test_aliases_that_hold_themselves_or_a_million_others_end(text: str) -> None:
    assert len(settable(text)) <= 10
    with pytest.raises(ConfigError):
        parse_plan("schema: vonggac.plan/1\n" + text, file=Path("x"))


def test_a_text_that_is_no_yaml_offers_nothing() -> None:
    assert settable("a: [") == frozenset()
    assert settable("") == frozenset()
