"""What a camera's page tells of pictures kept, of deeds done, and of recordings."""

from datetime import UTC, datetime, timedelta

import pytest

from server.commands import Answer
from server.domain.units import Source
from server.storage.rows import Deed
from server.texts import deeds as words
from server.texts.tongue import load
from server.web.asking import summed_up
from server.web.pages.evidence import MOST_DEEDS, MOST_SHOWN, deed_lines, pieces
from server.web.pages.recorded import recorded
from wire.messages import Evidence, Recording
from wire.vocabulary import Objection, Verb

NOW = datetime(2026, 11, 24, 2, 42, 10, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)
DAY_MS = 86_400_000


def deed(
    minutes_ago: float, person: str = "truc", action: str = "evidence_picture", **more: str
) -> Deed:
    at = NOW - timedelta(minutes=minutes_ago)
    outcome = more.get("outcome", "done")
    return Deed(id=1, at=at, person=person, action=action, camera="c", outcome=outcome)


def change(camera: str, ago_ms: int, before: bool = True) -> Evidence:  # noqa: FBT002
    after = NOW_MS - ago_ms
    return Evidence(
        id=f"{after}_x_0",
        camera=camera,
        after_utc_ms=after,
        before_utc_ms=after - 1 if before else None,
    )


def test_pieces_of_several_gate_pcs_lie_in_the_order_of_time_and_strange_ones_are_left_out() -> (
    None
):
    found = pieces(
        [
            (Source("a1", "c"), [change("c", 3000), change("c", 1000, before=False)]),
            (Source("a2", "other"), [change("other", 2000), change("c", 10)]),
        ]
    )
    assert [(p.agent, p.after_at) for p in found] == [
        ("a1", NOW - timedelta(seconds=1)),
        ("a2", NOW - timedelta(seconds=2)),
        ("a1", NOW - timedelta(seconds=3)),
    ]
    assert [p.before_at is None for p in found] == [True, False, False]
    many = [change("c", n) for n in range(1, 500)]
    assert len(pieces([(Source("a1", "c"), many)])) == MOST_SHOWN


def test_pictures_seen_together_are_one_line_and_other_deeds_stand_alone() -> None:
    lines = deed_lines(
        [
            deed(1),
            deed(2, outcome="not_kept"),
            deed(5),
            deed(6, "hoa"),
            deed(7),
            deed(30),
            deed(31, action="look"),
            deed(32, action="look", outcome="busy"),
        ]
    )
    assert [(line.person, line.action, line.count, line.outcome) for line in lines] == [
        ("truc", "evidence_picture", 3, "done"),
        ("hoa", "evidence_picture", 1, "done"),
        ("truc", "evidence_picture", 1, "done"),
        ("truc", "evidence_picture", 1, "done"),
        ("truc", "look", 1, "done"),
        ("truc", "look", 1, "busy"),
    ]
    assert lines[0].last_at == NOW - timedelta(minutes=1)
    assert lines[0].first_at == NOW - timedelta(minutes=5)
    assert len(deed_lines(deed(n, action="look") for n in range(50))) == MOST_DEEDS


def test_recordings_are_counted_in_whole_days_and_what_is_not_told_stays_open() -> None:
    told = Recording(
        asked_utc_ms=NOW_MS, oldest_utc_ms=NOW_MS - 31 * DAY_MS + 1, newest_utc_ms=NOW_MS, gaps=0
    )
    found = recorded(told)
    assert found is not None
    assert (found.days, found.gaps, found.disk) == (30, 0, None)
    nothing = recorded(Recording(asked_utc_ms=NOW_MS))
    assert nothing is not None
    assert (nothing.days, nothing.oldest_at, nothing.newest_at) == (None, None, None)
    backwards = recorded(Recording(asked_utc_ms=1, oldest_utc_ms=NOW_MS, newest_utc_ms=0))
    assert backwards is not None
    assert backwards.days == 0
    assert recorded(None) is None


@pytest.mark.parametrize(
    ("outcomes", "summed"),
    [
        (["done", "done"], "done"),
        (["unreachable", "done"], "partly"),
        (["done", "busy"], "partly"),
        (["busy", "unreachable"], "busy"),
        (["timed_out"], "timed_out"),
    ],
)
def test_of_two_gate_pcs_that_watch_one_camera_one_may_do_it(
    outcomes: list[str], summed: str
) -> None:
    assert summed_up([Answer(outcome=outcome) for outcome in outcomes]) == summed


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_outcome_and_every_action_has_words(language: str) -> None:
    tongue = load(language)
    outcomes = [None, "partly", "unreachable", "timed_out", *Objection, "of tomorrow"]
    for verb in (Verb.LOOK, Verb.NEW_VIEW):
        texts = [words.outcome_text(tongue, verb, outcome) for outcome in ["done", *outcomes]]
        assert all(texts)
        assert texts[0] not in texts[1:]
    for verb in Verb:
        assert words.action_word(tongue, verb) != verb
    assert words.action_word(tongue, "of_tomorrow") == "of_tomorrow"
