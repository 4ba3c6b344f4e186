"""What is kept of a change: the picture from before it began, and the one that showed it."""

import asyncio
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.agent.references import References
from edge.agent.witness import MOST_AN_HOUR, CameraWitness, View, Witness
from edge.evidence import EvidenceStore
from edge.picture.judge import Finding
from edge.picture.picture import Picture
from tests.pure.edge.test_uplink_time import FakeClock
from wire.vocabulary import Cause

MOVED, BLACK = Cause.PICTURE_MOVED, Cause.PICTURE_BLACK


def seen(at_ms: int, cause: Cause | None) -> View:
    return View(at_ms, 10**12 + at_ms, b"%d" % at_ms, cause)


def found(cause: Cause | None, began_ms: int) -> Finding:
    return Finding(cause=cause, began_ms=began_ms)


def run(*steps: tuple[int, Cause | None, int]) -> list[tuple[int | None, int] | None]:
    """Show pictures (seconds, cause, since when); return the seconds of before and after."""
    witness = CameraWitness()
    kept: list[tuple[int | None, int] | None] = []
    for at_s, cause, began_s in steps:
        change = witness.step(seen(at_s * 1000, cause), found(cause, began_s * 1000))
        if change is None:
            kept.append(None)
        else:
            before, after = change
            kept.append((before.at_ms // 1000 if before else None, after.at_ms // 1000))
    return kept


def test_before_is_a_picture_that_surely_shows_what_was_there_before_the_change() -> None:
    calm = [(n * 10, None, n * 10) for n in range(10)]  # what is sure at 100 began at 80, or at 70
    assert run(*calm, (100, MOVED, 80), (110, MOVED, 80))[-2:] == [(50, 100), None]
    assert run((0, None, 0), (10, None, 10), (20, MOVED, 10)) == [None, None, (0, 20)]


def test_before_the_end_of_trouble_is_the_trouble_though_it_was_believed_gone_late() -> None:
    calm = [(n * 10, None, n * 10) for n in range(4)]
    trouble = [(40 + n * 10, MOVED, 40) for n in range(6)]  # the last is a good one already
    kept = run(*calm, *trouble, (100, None, 100), (110, None, 110))
    assert kept[4:] == [(10, 40), *[None] * 5, (70, 100), None]
    assert run(*calm, (40, BLACK, 30), (50, None, 50))[-1] == (40, 50)


def test_a_change_of_cause_is_a_change_too() -> None:
    kept = run((0, None, 0), (10, BLACK, 10), (20, BLACK, 10), (30, MOVED, 30), (40, None, 40))
    assert kept == [None, (0, 10), None, (10, 30), (30, 40)]


def test_trouble_at_the_first_picture_has_nothing_before_it() -> None:
    assert run((0, BLACK, 0), (10, BLACK, 0)) == [(None, 0), None]


def test_a_change_that_began_before_all_that_is_remembered_has_no_picture_before_it() -> None:
    quiet = [(n * 10, None, n * 10) for n in range(30)]
    assert run(*quiet, (300, Cause.PICTURE_FROZEN, 100))[-1] == (None, 300)


def test_in_trouble_no_picture_is_a_good_one() -> None:
    witness = CameraWitness()
    for at_s in range(4):
        witness.step(seen(at_s * 1000, None), found(None, at_s * 1000))
    good = witness.good()
    assert good is not None
    assert good.at_ms == 1000
    witness.step(seen(4000, MOVED), found(MOVED, 3000))
    assert witness.good() is None


def test_a_restless_camera_is_kept_so_often_an_hour() -> None:
    steps = [(n * 10, BLACK if n % 2 else None, n * 10) for n in range(200)]
    assert sum(change is not None for change in run(*steps)) == MOST_AN_HOUR
    assert run(*steps, (3700, None, 3700))[-1] is not None


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def picture(level: int) -> Picture:
    luma = np.full((180, 320), level, np.uint8)
    return Picture(luma=luma, width=640, height=360, compressed_size=1)


async def test_pictures_of_a_change_reach_the_disk_and_are_found_again(tmp_path: Path) -> None:
    clock = FakeClock()
    witness = witness_in(tmp_path, clock)
    await witness.open(["gate"])
    for level, cause in ((200, None), (5, BLACK)):
        witness.on_picture("gate", picture(level), found(cause, clock.ms()), clock.ms())
        clock.turn(10)
    (evidence,) = await witness.pieces("gate")
    now_ms = round(clock.now().timestamp() * 1000)
    assert (evidence.cause, evidence.after_utc_ms) == (BLACK, now_ms - 10_000)
    assert evidence.before_utc_ms == now_ms - 20_000
    for side, level in (("before", 200), ("after", 5)):
        jpeg = await witness.picture("gate", evidence.id, side)
        assert jpeg is not None
        shown = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert shown is not None
        assert abs(int(shown.mean()) - level) <= 1
    climb_out(tmp_path, evidence.id)
    assert await witness.picture("gate", evidence.id, "/../secret") is None
    assert await witness.picture("yard", evidence.id, "before") is None
    witness.close()


def climb_out(folder: Path, piece_id: str) -> None:
    """Lay out a file that a side's name could lead to, were it taken for a path."""
    (folder / "camera-gate" / f"{piece_id}.").mkdir()
    (folder / "camera-gate" / "secret.jpg").write_bytes(b"secret")


def witness_in(folder: Path, clock: FakeClock, **limits: int) -> Witness:
    return Witness(
        lambda: EvidenceStore(folder, **{"max_bytes": 10**6, "keep_days": 30} | limits),
        clock=clock,
        utc_ms=lambda: round(clock.now().timestamp() * 1000),
    )


async def test_a_camera_moved_while_the_agent_was_off_has_a_picture_from_before(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    first = witness_in(tmp_path, clock)
    await first.open(["gate"])
    for level in (100, 110, 120, 130):
        first.on_picture("gate", picture(level), found(None, clock.ms()), clock.ms())
        clock.turn(10)
    await first.keep_house()
    first.close()
    clock.turn(3600)
    clock.mono_ms = 5  # the machine was started anew
    second = witness_in(tmp_path, clock)
    await second.open(["gate", "yard"])
    second.on_picture("gate", picture(5), found(MOVED, 5), 5)
    await second.keep_house()  # in trouble nothing takes its place
    (evidence,) = await second.pieces("gate")
    jpeg = await second.picture("gate", evidence.id, "before")
    second.close()
    assert jpeg is not None
    shown = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert shown is not None
    assert abs(int(shown.mean()) - 110) <= 1
    assert evidence.before_utc_ms == evidence.after_utc_ms - 3_630_000


async def test_switched_off_nothing_is_even_remembered(tmp_path: Path) -> None:
    clock = FakeClock()
    witness = witness_in(tmp_path, clock, max_bytes=0)
    await witness.open(["gate"])
    witness.on_picture("gate", picture(5), found(BLACK, 0), 0)
    assert await witness.pieces(None) == ()
    assert files_in(tmp_path) == []
    witness.close()


async def test_a_disk_that_hangs_holds_nobody_up_and_fills_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock, hung = FakeClock(), threading.Event()
    witness = witness_in(tmp_path, clock)
    await witness.open(["gate"])
    monkeypatch.setattr(EvidenceStore, "keep", lambda *_, **__: hung.wait(30))
    for camera in range(150):
        witness.on_picture(f"c{camera}", picture(5), found(BLACK, 0), 0)
    assert sum("does not keep up" in record.message for record in caplog.records) == 50
    hung.set()
    await asyncio.to_thread(witness.close)


class Learner:
    """A judge that has learned some bytes."""

    def __init__(self, learned: bytes | None) -> None:
        if learned is not None and not learned.startswith(b"v1"):
            raise ValueError("another version's")
        self.learned = learned or b"v1"

    def memory(self) -> bytes:
        return self.learned


async def test_what_a_judge_learned_outlives_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "references"
    first = References(folder)
    judge = first.restore("gate", Learner)
    judge.learned = b"v1 a fence and a tree"
    await first.save_all()
    assert References(folder).restore("gate", Learner).learned == b"v1 a fence and a tree"
    assert References(folder).restore("yard", Learner).learned == b"v1"


async def test_what_has_not_changed_is_not_written_again(tmp_path: Path) -> None:
    references = References(tmp_path)
    references.restore("gate", Learner)
    await references.save_all()
    (path,) = files_in(tmp_path)
    path.unlink()
    await references.save_all()
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("spoil", ["cut", "flip", "empty", "version"])
async def test_damage_costs_what_was_learned_and_nothing_more(
    spoil: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    references = References(tmp_path)
    judge = references.restore("gate", Learner)
    judge.learned = b"v2 of tomorrow" if spoil == "version" else b"v1 a fence"
    await references.save("gate")
    (path,) = files_in(tmp_path)
    content = path.read_bytes()
    spoiled = {
        "cut": content[:-3],
        "flip": content[:-1] + bytes([content[-1] ^ 1]),
        "empty": b"",
        "version": content,
    }
    path.write_bytes(spoiled[spoil])
    assert References(tmp_path).restore("gate", Learner).learned == b"v1"
    assert "begun anew" in caplog.text


async def test_a_camera_that_left_the_configuration_is_forgotten(tmp_path: Path) -> None:
    references = References(tmp_path)
    references.prune(set())  # no folder yet
    for camera in ("gate", "yard"):
        references.restore(camera, Learner).learned = b"v1 x"
    await references.save_all()
    References(tmp_path).prune({"gate"})
    assert [path.name for path in files_in(tmp_path)] == ["camera-gate.ref"]


async def test_a_full_disk_is_said_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    references = References(tmp_path / "file" / "references")
    references.restore("gate", Learner)
    await references.save_all()
    assert "can't be kept" in caplog.text
