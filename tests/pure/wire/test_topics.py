"""Topics: an agent can name only itself, and only in its own direction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.topics import PREFIX, Leaf, every_agent, is_id, may_use, parse_topic, topic


def test_a_topic_reads_back_as_it_was_built() -> None:
    for leaf in Leaf:
        parsed = parse_topic(topic("c1-thvq", leaf))
        assert parsed is not None
        assert (parsed.agent, parsed.leaf) == ("c1-thvq", leaf)


@pytest.mark.parametrize(
    "name", ["", "#", "+", "a/b", "A", "đ", "-a", "a-", "a" * 65, "a\n", "$sys", "a b"]
)
def test_names_outside_the_alphabet_are_refused(name: str) -> None:
    assert not is_id(name)
    with pytest.raises(ValueError, match="not an agent name"):
        topic(name, Leaf.REPORT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "vg",
        "vg/1/a",
        "vg/2/a/report",
        "vg/1/a/report/x",
        "vg/1/+/report",
        "vg/1/a/nope",
        "/vg/1/a/report",
    ],
)
def test_what_is_not_ours_is_not_parsed(text: str) -> None:
    assert parse_topic(text) is None


@pytest.mark.parametrize(
    ("agent", "text", "publish", "allowed"),
    [
        ("a", "vg/1/a/report", True, True),
        ("a", "vg/1/a/history", True, True),
        ("a", "vg/1/a/history", False, False),
        ("a", "vg/1/a/status", True, True),
        ("a", "vg/1/a/ack", False, True),
        ("a", "vg/1/a/config", False, True),
        ("a", "vg/1/a/ack", True, False),
        ("a", "vg/1/a/report", False, False),
        ("a", "vg/1/b/report", True, False),
        ("a", "vg/1/b/ack", False, False),
        ("a", "vg/1/+/ack", False, False),
        ("a", "vg/1/#", False, False),
        ("a", "#", False, False),
        ("a", "$SYS/broker", False, False),
    ],
)
def test_an_agent_may_use_only_its_own_topics_in_their_direction(
    agent: str, text: str, publish: bool, allowed: bool
) -> None:
    assert may_use(agent, text, publish=publish) is allowed


@given(st.text(max_size=40))
def test_no_text_lets_an_agent_out_of_its_own_branch(text: str) -> None:
    for publish in (True, False):
        if may_use("a", text, publish=publish):
            assert text.startswith(f"{PREFIX}/a/")


def test_the_filter_of_every_agent_has_one_wildcard() -> None:
    assert every_agent(Leaf.REPORT) == "vg/1/+/report"
