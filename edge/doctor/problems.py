"""Every mistake of a configuration, not only the first.

``edge.config.build`` stops at the first mistake, as an agent should. Here the place it names is
mended in memory (a wrong value taken out, a missing one put in) and the rest is read again, until
nothing is wrong or nothing can be mended. What was mended is never used for anything else.
"""

import os
import re
from collections import ChainMap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from edge.config import ConfigError, EdgeConfig
from edge.config.load import SCHEMA, build
from edge.config.yaml_file import read_yaml

MAX_PROBLEMS: Final = 30
_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_NAME: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_STAND_INS: Final[Mapping[str, Any]] = {
    "schema": SCHEMA,
    "agent": "stand-in",
    "centre": {"url": "mqtt://stand-in"},
    "centre.url": "mqtt://stand-in",
    "gate_input.listen": "127.0.0.1:1",
    "gate_input.token": "stand-in",
    "url": "rtsp://stand-in",
}


def read(
    path: Path, environment: Mapping[str, str] | None = None
) -> tuple[EdgeConfig | None, tuple[ConfigError, ...]]:
    """Return the configuration, or None and all that is wrong with it."""
    environment = os.environ if environment is None else environment
    found: list[ConfigError] = []
    try:
        content = read_yaml(path)
    except ConfigError as error:
        return None, (error,)
    while len(found) < MAX_PROBLEMS:
        try:
            config = build(path, content, environment)
        except ConfigError as error:
            if found and (error.key, error.why) == (found[-1].key, found[-1].why):
                break  # what was mended is still wrong
            found.append(error)
            stand_ins = _stand_ins(str(content) if error.file != path else error.why)
            environment = ChainMap(dict(environment), stand_ins)
            if not _mend(content, error, path):
                break
        else:
            return (None if found else config), tuple(found)
    return None, tuple(found)


def _stand_ins(text: str) -> dict[str, str]:
    """Give each ``${NAME}`` some value, so that one without does not hide what comes after it."""
    return dict.fromkeys(_NAME.findall(text), "stand-in")


def _mend(content: Any, error: ConfigError, path: Path) -> bool:
    """Put the place that ``error`` names right; tell whether that was possible."""
    if not isinstance(content, dict):
        return False
    if error.file != path:  # the secrets file
        return content.pop("secrets_file", None) is not None
    steps = [int(index) if index else name for name, index in _STEP.findall(error.key)]
    if not steps:
        return False
    return _put_right(content, steps, error.key)


def _put_right(content: dict[str, Any], steps: list[str | int], key: str) -> bool:
    parent: Any = content
    for step in steps[:-1]:
        try:
            parent = parent[step]
        except (KeyError, IndexError, TypeError):
            return False
    last = steps[-1]
    stand_in = _STAND_INS.get(key, _STAND_INS.get(str(last)))
    if isinstance(parent, list) and isinstance(last, int) and last < len(parent):
        parent[last] = {"id": f"stand-in-{last}", "url": _STAND_INS["url"]}
        return True
    if not isinstance(parent, dict):
        return False
    if last == "id":
        parent[last] = f"stand-in-{'-'.join(str(step) for step in steps[:-1])}".replace(".", "-")
    elif stand_in is not None:
        parent[last] = stand_in
    elif last in parent:
        del parent[last]
    else:
        return False
    return True
