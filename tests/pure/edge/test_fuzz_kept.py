"""Every input that fuzzing began with or has ever found, run again: ``python -m tests.fuzz``."""

from collections.abc import Iterator

import pytest

from tests.fuzz import decoder
from tests.fuzz.hunt import CORPUS, TARGETS, Hunt


@pytest.fixture
def _process_ended() -> Iterator[None]:
    yield
    decoder.close()


@pytest.mark.usefixtures("_process_ended")
@pytest.mark.parametrize("name", TARGETS)
def test_every_kept_input_still_does_no_harm(name: str) -> None:
    hunt = Hunt.seeded(name, 0)
    for file in hunt.target.files():
        hunt.try_one(file.read_bytes())
        assert not hunt.found, (file.name, *hunt.found.values())
    assert hunt.inputs >= 3


@pytest.mark.parametrize("name", sorted(set(TARGETS) - {"decoder"}))
def test_a_few_fresh_mutations_do_no_harm(name: str) -> None:
    """Seeded, so that they are the same each time; ``python -m tests.fuzz`` hunts for more."""
    hunt = Hunt.seeded(name, 20)
    hunt.run(inputs=25)
    assert not hunt.found


def test_every_folder_of_inputs_is_somebodys() -> None:
    assert {folder.name for folder in CORPUS.iterdir() if folder.is_dir()} == set(TARGETS)
