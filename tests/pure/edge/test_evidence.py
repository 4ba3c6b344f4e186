"""Pictures of changes on the disk: bounded in size and age, fair, whole or not at all."""

import json
import os
import sys
from pathlib import Path

import pytest

from edge.cli.main import main
from edge.evidence import EvidenceStore, piece
from wire.messages import Evidence

DAY_MS = 86_400_000
NOON = 1_795_000_000_000


def store_in(folder: Path, *, max_bytes: int = 10_000, keep_days: int = 30) -> EvidenceStore:
    return EvidenceStore(folder, max_bytes=max_bytes, keep_days=keep_days)


def change(camera: str, at_ms: int, cause: str | None = "picture.moved") -> Evidence:
    return piece(camera, cause=cause, after_utc_ms=at_ms, before_utc_ms=at_ms - 10_000)


def keep(store: EvidenceStore, evidence: Evidence, size: int = 500) -> bool:
    return store.keep(evidence, before=b"b" * size, after=b"a" * size)


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_what_is_kept_is_listed_found_and_read_also_by_another_process(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    moved, ended = change("gate", NOON), change("gate", NOON + 60_000, cause=None)
    assert keep(store, moved)
    assert store.keep(ended, before=None, after=b"jpeg")
    for reader in (store, store_in(tmp_path)):
        assert reader.pieces("gate") == (ended, moved)
        assert reader.pieces() == (ended, moved)
        assert reader.pieces("yard") == ()
        assert reader.find("gate", moved.id) == moved
        assert reader.picture(moved, "before") == b"b" * 500
        assert reader.picture(ended, "before") is None
        assert reader.picture(ended, "after") == b"jpeg"
        assert reader.used_bytes == 1004


def test_a_name_that_leads_elsewhere_finds_nothing(tmp_path: Path) -> None:
    store = store_in(tmp_path / "evidence")
    (tmp_path / "secret.after.jpg").write_bytes(b"x")
    keep(store, change("gate", NOON))
    for name in ("../../secret", "", ".", "1_../secret_0"):
        assert store.find("gate", name) is None
        assert store.find("../gate", name) is None


def test_over_the_limit_the_camera_that_holds_most_gives_its_oldest(tmp_path: Path) -> None:
    store = store_in(tmp_path, max_bytes=10_000)
    keep(store, change("calm", NOON))
    for minute in range(1, 30):
        keep(store, change("restless", NOON + minute * 60_000))
    assert store.used_bytes == 10_000
    assert [e.after_utc_ms for e in store.pieces("calm")] == [NOON]
    kept = [(e.after_utc_ms - NOON) // 60_000 for e in store.pieces("restless")]
    assert kept == list(range(29, 20, -1))
    assert len(files_in(tmp_path)) == 20


def test_what_is_older_than_the_days_kept_goes(tmp_path: Path) -> None:
    store = store_in(tmp_path, keep_days=2)
    keep(store, change("gate", NOON))
    keep(store, change("yard", NOON + DAY_MS))
    keep(store, change("gate", NOON + 2 * DAY_MS))
    assert len(store.pieces()) == 3
    store.trim(NOON + 2 * DAY_MS + 1)
    assert [e.after_utc_ms for e in store.pieces("gate")] == [NOON + 2 * DAY_MS]
    store.trim(NOON + 9 * DAY_MS)
    assert (store.pieces(), files_in(tmp_path)) == ((), [])


def test_one_good_picture_is_kept_until_it_is_too_old(tmp_path: Path) -> None:
    store = store_in(tmp_path, keep_days=1)
    for minute in range(3):
        store.keep_good("gate", NOON + minute, b"good %d" % minute)
    assert files_in(tmp_path) == [f"{NOON + 2}.good.jpg"]
    assert store_in(tmp_path).good("gate") == (NOON + 2, b"good 2")
    assert store.good("yard") is None
    assert store.pieces() == ()
    store.sweep()
    store.trim_good(NOON + 2 + DAY_MS)
    assert store.good("gate") is not None
    store.trim_good(NOON + 3 + DAY_MS)
    assert store.good("gate") is None
    store.keep_good("gate", NOON, b"x")
    off = store_in(tmp_path, max_bytes=0)
    off.keep_good("gate", NOON + 1, b"y")
    off.trim_good(NOON)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("limits", [{"max_bytes": 0}, {"keep_days": 0}])
def test_switched_off_it_keeps_nothing_and_clears_what_there_was(
    limits: dict[str, int], tmp_path: Path
) -> None:
    keep(store_in(tmp_path), change("gate", NOON))
    store = store_in(tmp_path, **limits)
    assert not keep(store, change("gate", NOON + 1))
    store.trim(NOON)
    assert (store.pieces(), files_in(tmp_path)) == ((), [])


def test_what_a_crash_left_half_written_is_swept_away_and_counts_for_nothing(
    tmp_path: Path,
) -> None:
    keep(store_in(tmp_path), change("gate", NOON))
    folder = tmp_path / "camera-gate"
    half = change("gate", NOON + 5)
    (folder / f"{half.id}.before.jpg").write_bytes(b"half")
    (folder / ".0123.tmp").write_bytes(b"draft")
    (folder / "holiday.after.jpg").write_bytes(b"not ours")
    store = store_in(tmp_path)
    assert [e.after_utc_ms for e in store.pieces()] == [NOON]
    store.sweep()
    name = change("gate", NOON).id
    assert files_in(tmp_path) == sorted(
        [f"{name}.after.jpg", f"{name}.before.jpg", "holiday.after.jpg"]
    )


def test_a_disk_that_takes_nothing_costs_evidence_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = store_in(tmp_path)

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        assert not keep(store, change("gate", NOON))
        assert not keep(store, change("gate", NOON + 1))
    assert [r.message for r in caplog.records] == [
        f"evidence can't be kept in {tmp_path}: No space left on device"
    ]
    assert (store.pieces(), files_in(tmp_path)) == ((), [])
    assert keep(store, change("gate", NOON + 2))


def test_half_a_piece_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, written = store_in(tmp_path), []

    def full_at_the_second(fd: int) -> None:
        written.append(fd)
        if len(written) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_at_the_second)
    assert not keep(store, change("gate", NOON))
    assert files_in(tmp_path) == []


def test_a_repeat_takes_the_place_of_the_first(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    keep(store, change("gate", NOON))
    keep(store, change("gate", NOON), size=100)
    assert len(store.pieces()) == 1
    assert store.used_bytes == 200


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps rights otherwise")
def test_only_the_owner_may_look(tmp_path: Path) -> None:
    keep(store_in(tmp_path / "evidence"), change("gate", NOON))
    for path in (tmp_path / "evidence").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def config_in(folder: Path) -> Path:
    path = folder / "edge.yaml"
    path.write_text(
        "schema: vonggac.edge/1\nagent: a1\ndata_dir: var\n"
        "centre: {url: 'mqtt://127.0.0.1:1883'}\n"
        "cameras: [{id: gate, name: Cổng chính, url: 'rtsp://127.0.0.1/1'}]\n",
        "utf-8",
    )
    return path


def test_the_technician_lists_and_copies_what_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = config_in(tmp_path)
    store = store_in(tmp_path / "var" / "evidence")
    keep(store, change("gate", NOON))
    store.keep(change("gone", NOON + 60_000, cause=None), before=None, after=b"alone")
    command = ["evidence", "--config", str(config)]
    assert main([*command, "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(one["camera"], one["cause"]) for one in listed] == [
        ("gone", None),
        ("gate", "picture.moved"),
    ]
    assert main([*command, "--camera", "gate", "--export", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "Cổng chính" in said.out
    assert "gone" not in said.out
    assert "2 ảnh" in said.err
    names = files_in(tmp_path / "out")
    assert [name.rpartition("_")[2] for name in names] == ["1-before.jpg", "2-after.jpg"]
    assert (tmp_path / "out" / names[0]).read_bytes() == b"b" * 500


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--camera", "roof"], "không có camera “roof”"),
        (["--export", "{}/edge.yaml"], "không ghi được vào"),
        (["--lang", "fr"], "không có “fr”"),
    ],
)
def test_what_makes_no_sense_to_the_evidence_command_is_bad_usage(
    more: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = config_in(tmp_path)
    keep(store_in(tmp_path / "var" / "evidence"), change("gate", NOON))
    command = ["evidence", "--config", str(config), *(word.format(tmp_path) for word in more)]
    try:
        code = main(command)
    except SystemExit as ended:
        code = int(ended.code or 0)
    assert code == 64
    assert says in capsys.readouterr().err


def test_without_pictures_the_evidence_command_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evidence", "--config", str(config_in(tmp_path))]) == 0
    assert "Chưa lưu ảnh nào" in capsys.readouterr().out
    assert not (tmp_path / "var").exists()
