"""Passwords, tokens and the brake on guessing."""

from datetime import UTC, datetime, timedelta

from server.storage.passwords import hash_password
from server.web.auth import LONGEST_PASSWORD, Brake, Passwords, new_token, token_hash

NOW = datetime(2026, 11, 24, 2, 42, 10, tzinfo=UTC)


def test_a_token_has_256_bits_and_only_its_hash_is_stored() -> None:
    token = new_token()
    assert len(token) == 43
    assert token not in token_hash(token)
    assert len({new_token() for _ in range(100)}) == 100


async def test_only_the_right_password_fits() -> None:
    passwords = Passwords()
    stored = hash_password("mật khẩu Cổng 1")
    assert await passwords.fits(stored, "mật khẩu Cổng 1")
    assert not await passwords.fits(stored, "mật khẩu cổng 1")
    assert not await passwords.fits(None, "mật khẩu Cổng 1")
    assert not await passwords.fits(stored, "x" * (LONGEST_PASSWORD + 1))


def test_four_tries_are_free_then_each_one_waits_twice_as_long() -> None:
    brake, keys, now = Brake(), ("name:admin", "from:10.0.0.9"), NOW
    waits = []
    for _ in range(8):
        brake.failed(keys, now)
        waits.append(brake.wait_s(keys, now))
        now += timedelta(seconds=waits[-1])
    assert waits == [0, 0, 0, 0, 2, 4, 8, 16]
    assert brake.wait_s(keys, now) == 0


def test_the_wait_has_an_end_and_a_success_forgets() -> None:
    brake = Brake()
    for _ in range(60):
        brake.failed(("name:a",), NOW)
    assert brake.wait_s(("name:a",), NOW) == 300
    assert brake.wait_s(("name:b",), NOW) == 0
    brake.passed(("name:a",))
    assert brake.wait_s(("name:a",), NOW) == 0


def test_an_address_is_braked_over_many_accounts() -> None:
    brake = Brake()
    for i in range(20):
        brake.failed((f"name:{i}", "from:1"), NOW)
    assert brake.wait_s(("name:fresh", "from:1"), NOW) == 0
    for i in range(6):
        brake.failed((f"name:{i}", "from:1"), NOW)
    assert brake.wait_s(("name:fresh", "from:1"), NOW) == 64


def test_the_brake_keeps_a_bounded_number_of_keys() -> None:
    brake = Brake()
    for i in range(10_050):
        brake.failed((str(i),), NOW)
    assert len(brake._tries) == 10_000
