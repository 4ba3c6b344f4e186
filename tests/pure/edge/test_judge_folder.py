"""``vonggac-edge judge``: a folder of pictures, judged in order, spoken of in both languages."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.cli import judge
from edge.cli.judge import Alarm, Judged, alarms_of, clock_of, judge_all, pictures_in
from edge.cli.main import main
from edge.picture.judge import Finding
from edge.picture.stills import natural_order
from wire.vocabulary import Cause


def make_folder(folder: Path, *, black: range = range(0), count: int = 12) -> Path:
    """Draw a place with sensor noise, black at the numbers of ``black``."""
    noise = np.random.default_rng(7)
    place = cv2.resize(noise.integers(40, 200, (20, 32, 3), np.uint8), (320, 180))
    for number in range(count):
        grain = noise.integers(-3, 4, place.shape)
        picture = np.clip(place.astype(int) + grain, 0, 255) * (number not in black)
        cv2.imwrite(str(folder / f"{number}.jpg"), picture.astype(np.uint8))
    return folder


def seen(number: int, cause: Cause | None) -> Judged:
    finding = Finding(cause=cause, began_ms=number * 1000)
    return Judged(name=f"{number}.jpg", at_ms=number * 1000, finding=finding)


def _file(folder: Path) -> Path:
    path = folder / "a.jpg"
    path.touch()
    return path


def test_names_are_read_as_people_count() -> None:
    names = ["a10.jpg", "a2.jpg", "A1.JPG", "2.jpg", "10.jpg", "a2b.jpg"]
    assert sorted(names, key=natural_order) == [
        *("2.jpg", "10.jpg", "A1.JPG", "a2.jpg", "a2b.jpg", "a10.jpg")
    ]


def test_pictures_are_judged_in_order_and_a_broken_one_keeps_its_time(tmp_path: Path) -> None:
    make_folder(tmp_path, black=range(8, 11))
    (tmp_path / "3.jpg").write_bytes((tmp_path / "3.jpg").read_bytes()[:500])
    (tmp_path / "notes.txt").write_text("no picture")
    judged = list(judge_all(pictures_in(tmp_path), 5000))
    assert [one.name for one in judged] == [f"{n}.jpg" for n in range(12)]
    assert [one.at_ms for one in judged] == [n * 5000 for n in range(12)]
    assert [n for n, one in enumerate(judged) if one.finding is None] == [3]
    (alarm,) = alarms_of(judged)
    assert (alarm.cause, alarm.began_ms, alarm.last) == (Cause.PICTURE_BLACK, 40_000, "10.jpg")


def test_alarms_are_spans_of_one_cause_and_a_skipped_picture_ends_none() -> None:
    skipped = Judged(name="x", at_ms=3000, finding=None, problem="empty")
    black, moved = Cause.PICTURE_BLACK, Cause.PICTURE_MOVED
    run = [seen(0, None), seen(1, black), seen(2, black), skipped, seen(4, black), seen(5, moved)]
    run += [seen(6, None), seen(7, moved)]
    assert alarms_of(run) == [
        Alarm(cause=black, began_ms=1000, until_ms=4000, first="1.jpg", last="4.jpg", pictures=3),
        Alarm(cause=moved, began_ms=5000, until_ms=5000, first="5.jpg", last="5.jpg", pictures=1),
        Alarm(cause=moved, began_ms=7000, until_ms=7000, first="7.jpg", last="7.jpg", pictures=1),
    ]


def test_json_is_one_object_a_line_and_a_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_folder(tmp_path, black=range(8, 12))
    (tmp_path / "5.png").touch()
    assert main(["judge", "--frames", str(tmp_path), "--interval", "20", "--json"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["kind"] for line in lines] == [
        *["frame"] * 6,
        "skipped",
        *["frame"] * 6,
        "summary",
    ]
    assert lines[6] == {
        "kind": "skipped",
        "name": "5.png",
        "at_s": 120.0,
        "why": "the file is empty",
    }
    assert lines[-2]["cause"] == "picture.black"
    assert lines[-1]["pictures"] == 12
    assert [alarm["cause"] for alarm in lines[-1]["alarms"]] == ["picture.black"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["Hình ảnh kém", "1 cảnh báo", "Đã xem 12 hình"]),
        ("en", ["Poor", "1 alarm", "12 pic"]),
    ],
)
def test_text_names_what_was_found_in_both_languages(
    language: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_folder(tmp_path, black=range(8, 12))
    assert main(["judge", "--frames", str(tmp_path), "--lang", language]) == 0
    out = capsys.readouterr().out
    for word in [*words, "picture.black", "0:01:20"]:
        assert word in out


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda folder: folder / "none", "không đọc được thư mục"),
        (lambda folder: folder, "không có ảnh"),
        (_file, "không đọc được thư mục"),
    ],
)
def test_a_folder_without_pictures_is_bad_usage(
    make: "object", says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(make)
    assert main(["judge", "--frames", str(make(tmp_path))]) == 64
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("interval", ["0", "-3", "nan", "inf", "1e9"])
def test_an_interval_that_makes_no_sense_is_bad_usage(interval: str, tmp_path: Path) -> None:
    make_folder(tmp_path, count=1)
    assert main(["judge", "--frames", str(tmp_path), f"--interval={interval}"]) == 64


def test_long_work_says_how_far_it_is_and_keeps_its_output_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(judge, "_SAY_EVERY_MS", 0)
    make_folder(tmp_path, count=3)
    assert main(["judge", "--frames", str(tmp_path), "--json"]) == 0
    said = capsys.readouterr()
    assert said.err.splitlines() == [f"vonggac-edge: {n}/3" for n in (1, 2, 3)]
    assert all(line.startswith("{") for line in said.out.splitlines())


def test_times_in_the_folder_count_beyond_a_day() -> None:
    assert clock_of(0) == "0:00:00"
    assert clock_of(90_061_000) == "25:01:01"
