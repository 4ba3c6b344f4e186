"""What the lockout guard knows, on the disk."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.redact import Secret
from edge.rtsp.url import Credentials
from edge.watcher.guard_file import LoginBook, covers
from edge.watcher.snapshot import Refusal, Snapshot, Tried

WRONG = Credentials("viewer", Secret("mật-khẩu-sai"))
OTHER = Credentials("viewer", Secret("mật-khẩu-khác"))


class FakeClock:
    """The machine's clocks; a restart of the machine begins ``mono_ms`` anew."""

    def __init__(self, mono_ms: int = 5_000_000, utc_s: float = 0) -> None:
        self.mono_ms = mono_ms
        self.utc = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=utc_s)

    def now(self) -> datetime:
        return self.utc

    def ms(self) -> int:
        return self.mono_ms

    async def wait(self, seconds: float) -> None:
        del seconds


def refusal(book: LoginBook, at_ms: int, *, device: str = "10.0.0.1:554") -> Refusal:
    return Refusal(device=device, mark=book.mark(device, WRONG), at_ms=at_ms)


async def test_a_refusal_is_found_again_after_the_machine_has_restarted(tmp_path: Path) -> None:
    book = LoginBook(tmp_path / "logins.json", FakeClock())
    tried = Tried(device="10.0.0.1:554", at_ms=4_999_000)
    await book.keep(Snapshot(refusals=(refusal(book, 4_990_000),), tried=(tried,)))

    later = LoginBook(tmp_path / "logins.json", FakeClock(mono_ms=7_000, utc_s=30))
    (found,) = later.restored.refusals
    assert found == refusal(later, 7_000 - 40_000)
    assert later.restored.tried == (Tried(device="10.0.0.1:554", at_ms=7_000 - 31_000),)
    assert later.mark("10.0.0.1:554", WRONG) != later.mark("10.0.0.1:554", OTHER)
    assert later.mark("10.0.0.1:554", WRONG) != later.mark("10.0.0.2:554", WRONG)


async def test_a_clock_that_was_set_back_does_not_put_a_refusal_in_the_future(
    tmp_path: Path,
) -> None:
    book = LoginBook(tmp_path / "logins.json", FakeClock())
    await book.keep(Snapshot(refusals=(refusal(book, 5_000_000),)))
    (found,) = LoginBook(
        tmp_path / "logins.json", FakeClock(mono_ms=100, utc_s=-86_400)
    ).restored.refusals
    assert found.at_ms == 100


async def test_no_password_stands_in_the_file_and_nobody_else_reads_it(tmp_path: Path) -> None:
    book = LoginBook(tmp_path / "logins.json", FakeClock())
    await book.keep(Snapshot(refusals=(refusal(book, 5_000_000),)))
    text = (tmp_path / "logins.json").read_text("utf-8")
    assert "10.0.0.1:554" in text
    assert not [word for word in ("sai", "khẩu", "viewer") if word in text]
    assert len(book.mark("10.0.0.1:554", WRONG)) == 4
    if os.name == "posix":
        assert (tmp_path / "logins.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\x00",
        b"[]",
        b'{"schema": "vonggac.logins/1"}',
        b'{"schema": "vonggac.logins/9", "key": "AAAA", "entries": []}',
        b'{"schema": "vonggac.logins/1", "key": "AAAA", "entries": [{"device": 3}]}',
        b"[" * 100_000,
    ],
)
async def test_a_damaged_file_is_as_good_as_none_and_is_written_anew(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "logins.json").write_bytes(content)
    book = LoginBook(tmp_path / "logins.json", FakeClock())
    assert book.restored == Snapshot()
    await book.keep(Snapshot(refusals=(refusal(book, 5_000_000),)))
    again = LoginBook(tmp_path / "logins.json", FakeClock())
    assert again.restored.refusals == (refusal(book, 5_000_000),)


async def test_old_refusals_and_too_many_are_left_out(tmp_path: Path) -> None:
    clock = FakeClock(mono_ms=10**9)
    book = LoginBook(tmp_path / "logins.json", clock)
    old = refusal(book, 10**9 - 25 * 3600 * 1000, device="old")
    passed = Tried(device="d", at_ms=10**9 - 60_000)
    await book.keep(Snapshot(refusals=(old,), tried=(passed,)))
    assert LoginBook(tmp_path / "logins.json", clock).restored == Snapshot()
    many = [refusal(book, 10**9 - n, device=f"d{n}") for n in range(3000)]
    await book.keep(Snapshot(refusals=tuple(many)))
    found = {one.device for one in LoginBook(tmp_path / "logins.json", clock).restored.refusals}
    assert len(found) == 2000
    assert {"d0", "d1999"} <= found
    assert (tmp_path / "logins.json").stat().st_size < 150_000


async def test_a_disk_that_refuses_is_logged_and_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    book = LoginBook(tmp_path / "file" / "logins.json", FakeClock())
    await asyncio.gather(*(book.keep(Snapshot(refusals=(refusal(book, n),))) for n in range(3)))
    assert "could not be kept" in caplog.text


def tried(*at_ms: int, device: str = "d") -> Snapshot:
    return Snapshot(tried=tuple(Tried(device=device, at_ms=ms) for ms in at_ms))


def test_a_try_that_is_written_down_stands_for_one_that_is_a_little_later() -> None:
    assert covers(tried(0), tried(30_000))
    assert not covers(tried(0), tried(30_001))
    assert not covers(tried(10), tried(9))
    assert covers(tried(0, 10), tried(5))
    assert not covers(tried(0), tried(5, 6))
    assert not covers(tried(0), tried(5, device="e"))
    assert not covers(tried(0), Snapshot(refusals=(Refusal(device="d", mark="m", at_ms=0),)))


async def test_a_host_that_is_tried_in_vain_is_not_written_down_each_time(tmp_path: Path) -> None:
    path = tmp_path / "logins.json"
    book = LoginBook(path, FakeClock())
    await book.keep(Snapshot(), at_least=True)
    assert not path.exists()
    writes = set()
    for n in range(10):
        await book.keep(tried(5_000_000 + n * 10_000), at_least=True)
        writes.add(path.stat().st_ino)
    assert len(writes) <= 3
