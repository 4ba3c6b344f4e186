"""MQTT topics: ``vg/1/{agent}/{leaf}``, the agent's name being its authenticated user name.

One static pattern ACL (publish ``vg/1/%u/report|history|status|reply``, subscribe ``vg/1/%u/ack|
config|command``) therefore isolates every agent on any broker. Names come from a fixed alphabet, so
that a name can hold no wildcard or separator (CVE-2017-7650).
"""

import re
from enum import StrEnum
from typing import Final, NamedTuple

PREFIX: Final = "vg/1"
ID_PATTERN: Final = r"^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$"
_ID: Final = re.compile(ID_PATTERN)


class Leaf(StrEnum):
    """The last word of a topic.

    ``history`` carries reports too: those of former boots, of which there may be weeks. On a topic
    of their own they never stand in front of the present.
    """

    REPORT = "report"
    HISTORY = "history"
    STATUS = "status"
    REPLY = "reply"
    ACK = "ack"
    CONFIG = "config"
    COMMAND = "command"


UPWARD: Final = frozenset({Leaf.REPORT, Leaf.HISTORY, Leaf.STATUS, Leaf.REPLY})
"""What an agent may publish; the other leaves are what it may subscribe to."""


class Topic(NamedTuple):
    """A parsed topic."""

    agent: str
    leaf: Leaf


def is_id(text: str) -> bool:
    """Tell whether ``text`` may name an agent, camera, school, gate or zone."""
    return _ID.fullmatch(text) is not None


def topic(agent: str, leaf: Leaf) -> str:
    """Build a topic. Raises ``ValueError`` for a name outside the alphabet."""
    if not is_id(agent):
        raise ValueError(f"not an agent name: {agent!r} (want {ID_PATTERN})")
    return f"{PREFIX}/{agent}/{leaf}"


def every_agent(leaf: Leaf) -> str:
    """Return the subscription filter for one leaf of every agent."""
    return f"{PREFIX}/+/{leaf}"


def parse_topic(text: str) -> Topic | None:
    """Return who and what a topic is about, or None for one that isn't ours."""
    parts = text.split("/")
    if len(parts) != 4 or "/".join(parts[:2]) != PREFIX or not is_id(parts[2]):  # noqa: PLR2004 (see the docstring)
        return None
    try:
        return Topic(parts[2], Leaf(parts[3]))
    except ValueError:
        return None


def may_use(agent: str, text: str, *, publish: bool) -> bool:
    """Tell whether ``agent`` may publish to, or subscribe to, the topic ``text``."""
    parsed = parse_topic(text)
    if parsed is None or parsed.agent != agent:
        return False
    return (parsed.leaf in UPWARD) == publish
