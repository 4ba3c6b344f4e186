"""The files of ``configs/bad``: each ends with a comment that says the error it must give."""

from pathlib import Path
from typing import Final

from server.config import ConfigError

CONFIGS: Final = Path(__file__).resolve().parents[3] / "configs"
BAD: Final = CONFIGS / "bad"
_MARK: Final = "# error: "


def mistakes(kind: str) -> list[str]:
    """Return the names of all bad files of one kind."""
    found = sorted(file.stem for file in BAD.glob(f"{kind}-*.yaml"))
    assert found, f"no bad files of {kind} in {BAD}"
    return found


def wanted(name: str) -> str:
    """Return the whole message that a file says of itself: ``LINE: KEY: WHY`` after its name."""
    last = (BAD / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[-1]
    assert last.startswith(_MARK), f"{name} does not end with its error"
    message = last.removeprefix(_MARK)
    if message.startswith("no-such.env"):  # the trouble is in another file
        return message
    return f"{name}.yaml:{message}" if message[0].isdigit() else f"{name}.yaml: {message}"


def told(error: ConfigError) -> str:
    """Return an error's message with file names relative to ``configs/bad``."""
    return str(error).replace(f"{BAD}/", "")
