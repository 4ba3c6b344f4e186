"""What a camera counts against whoever asks, and when it locks."""

from sim.login import Lockout, Login


def tried(login: Login, *, right: bool = False, times: int = 1, now: float = 0.0) -> bool:
    opened = False
    for _ in range(times):
        opened = login.offered(right=right, now=now)
    return opened


def test_five_wrong_passwords_within_thirty_seconds_lock_for_five_minutes() -> None:
    login = Login(Lockout())
    tried(login, times=4, now=0)
    assert tried(login, right=True, now=1)
    tried(login, now=30)
    assert login.locked(30)
    assert not login.locked(330)
    assert (login.password_tries, login.locks) == (5, 1)


def test_slow_tries_do_not_lock() -> None:
    login = Login(Lockout())
    for second in range(0, 200, 8):
        tried(login, now=second)
    assert (login.locks, login.password_tries) == (0, 25)


def test_a_try_in_a_lock_begins_it_anew_even_with_the_right_password() -> None:
    login = Login(Lockout())
    tried(login, times=5)
    assert not tried(login, right=True, now=299)
    assert login.locked(598)
    assert login.password_tries == 6
    assert tried(login, right=True, now=599)


def test_without_a_lockout_it_only_counts() -> None:
    login = Login()
    tried(login, times=50)
    assert (login.password_tries, login.locks, login.locked(0)) == (50, 0, False)


def test_a_repair_unlocks() -> None:
    login = Login(Lockout())
    tried(login, times=5)
    login.unlock()
    assert tried(login, right=True)
    tried(login, times=4)
    assert not login.locked(0)
