"""XML from strangers: read where it can be, refused where it must be, bounded always."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.onvif.markup import MAX_BYTES, MarkupError, escape, parse

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]>'
    b"<a>&c;&c;&c;</a>"
)
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


def test_prefixes_need_no_declaration() -> None:
    root = parse(b"<x:a><y:b z:c='1'> two </y:b><b>three</b></x:a>")
    assert root.name == "a"
    assert root.said("b") == "two"
    assert root.find("b") is not None
    assert [node.text for node in root.every("b")] == [" two ", "three"]
    assert next(root.every("b")).attributes == {"c": "1"}


def test_a_path_descends() -> None:
    root = parse(b"<a><b><d>1</d></b><c><d>2</d><e/></c></a>")
    assert root.said("c", "d") == "2"
    assert root.said("c", "e") is None
    assert root.said("x", "d") is None


@pytest.mark.parametrize("content", [BOMB, OUTSIDE, b'<!DOCTYPE a SYSTEM "http://x/"><a/>'])
def test_a_document_type_is_refused(content: bytes) -> None:
    with pytest.raises(MarkupError, match="document type"):
        parse(content)


def test_depth_count_and_length_are_bounded() -> None:
    with pytest.raises(MarkupError, match="too deep"):
        parse(b"<a>" * 100 + b"</a>" * 100)
    with pytest.raises(MarkupError, match="too deep or too long"):
        parse(b"<r>" + b"<a/>" * 30_000 + b"</r>")
    with pytest.raises(MarkupError, match="over 512 KiB"):
        parse(b"<a>" + b" " * MAX_BYTES + b"</a>")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<a>Cổng</a>".encode(), "Cổng"),
        (b"<a>caf\xe9</a>", "caf\N{REPLACEMENT CHARACTER}"),
        (b"<?xml version='1.0' encoding='GB2312'?><a>gate</a>", "gate"),
        (b"<?xml version='1.0' encoding='no-such'?><a>gate</a>", "gate"),
        (b"\n<a>gate</a>\x00\x00", "gate"),
        ('<?xml version="1.0" encoding="utf-16"?><a>gate</a>'.encode("utf-16"), "gate"),
    ],
)
def test_encodings_that_are_not_what_they_say(content: bytes, text: str) -> None:
    assert parse(content).text == text


@pytest.mark.parametrize("content", [b"", b"\x00", b"<a>", b"gate", b"<a></b>", b"<a/><b/>"])
def test_what_is_no_xml(content: bytes) -> None:
    with pytest.raises(MarkupError):
        parse(content)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(MarkupError):
        parse(content)


@given(st.text(alphabet=st.characters(exclude_categories=["C"]), max_size=60))
def test_what_is_escaped_comes_back(text: str) -> None:
    assert parse(f"<a b='1'>{escape(text)}</a>".encode()).text.strip() == text.strip()
