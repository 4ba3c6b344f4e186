"""The vocabulary: what each cause means."""

import pytest

from wire.vocabulary import DOWN_CAUSES, Cause, State, state_of


@pytest.mark.parametrize("cause", list(Cause))
def test_a_cause_leaves_no_picture_or_a_poor_one(cause: Cause) -> None:
    family = cause.split(".")[0]
    assert state_of(cause) is (State.DOWN if cause in DOWN_CAUSES else State.DEGRADED)
    if family in {"network", "rtsp"}:
        assert cause in DOWN_CAUSES
    if family in {"picture", "clock", "recording"}:
        assert cause not in DOWN_CAUSES


def test_no_cause_is_up() -> None:
    assert state_of(None) is State.UP
