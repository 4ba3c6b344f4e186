"""YAML with its lines: what is refused before anybody asks for a value."""

from pathlib import Path

import pytest

from server.config import ConfigError
from server.config.document import Field
from server.config.yaml_file import MAX_BYTES, read


def field_of(folder: Path, text: str) -> Field:
    """Return the field ``x`` of a file."""
    file = folder / "f.yaml"
    file.write_text("schema: s/1\n" + text, encoding="utf-8")
    return read(file, "s/1").mapping("schema", "x").need("x")


def why_not(folder: Path, content: bytes) -> str:
    file = folder / "f.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read(file, "s/1")
    return str(caught.value).removeprefix(str(file))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", ": the file is empty"),
        (b"# only a comment\n", ": the file is empty"),
        (b"\xff\xfe", ": not UTF-8 text (byte 0)"),
        (b"schema: s/1\nx: \x07\n", ":2: not valid YAML: special characters are not allowed"),
        (b"[" * 100_000, ": nested too deeply"),
        (b"x: *who\n", ":1: not valid YAML: found undefined alias 'who'"),
        (b"1: x\n", ":1: 1: a key must be a word, found the number 1"),
        (b"on: x\n", ":1: on: a key must be a word, found on (a truth value in YAML)"),
        (b"? [a]\n: x\n", ":1: a key must be a word"),
        (b"x:\n  - a: 1\n    a: 2\n", ":3: x[0].a: stands twice, first in line 2"),
        (b"x: 1\n", ": schema: missing; this file should begin with schema: s/1"),
        (b"schema: [s/1]\n", ":1: schema: 's/1' is expected, found a list"),
    ],
)
def test_a_file_that_is_no_such_document(tmp_path: Path, content: bytes, why: str) -> None:
    assert why_not(tmp_path, content) == why


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path, why in [
        (tmp_path / "none.yaml", "No such file or directory"),
        (tmp_path, "Is a directory"),
    ]:
        with pytest.raises(ConfigError) as caught:
            read(path, "s/1")
        assert str(caught.value) == f"{path}: cannot be read: {why}"


def test_a_huge_file_is_not_even_opened(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    with file.open("wb") as opened:
        opened.truncate(MAX_BYTES + 1)
    with pytest.raises(ConfigError, match="larger than 16 MiB"):
        read(file, "s/1")


def test_an_alias_that_holds_itself_ends(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="text is expected, found a list"):
        field_of(tmp_path, "x: &a [*a]\n").text()


def test_aliases_that_multiply_cost_nothing(tmp_path: Path) -> None:
    lines = ["x: &a0 [1]"] + [
        f"y{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)
    ]
    file = tmp_path / "f.yaml"
    file.write_text("schema: s/1\n" + "\n".join(lines))
    with pytest.raises(ConfigError, match="unknown key"):
        read(file, "s/1").mapping("schema", "x")


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_bytes(b"\xef\xbb\xbfschema: s/1\r\nx: y\r\n")
    assert read(file, "s/1").mapping("schema", "x").need("x").text() == "y"


@pytest.mark.parametrize("text", ["16:30", "0x10", "1_000", "1e3", ".inf", "7.0", "true", "ten"])
def test_what_is_no_plain_whole_number(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="a whole number is expected"):
        field_of(tmp_path, f"x: {text}\n").integer(0, 10**6)


@pytest.mark.parametrize("text", ["16:30", "0x10", "'7'", "true", "[7]"])
def test_what_is_no_plain_number(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="a number is expected"):
        field_of(tmp_path, f"x: {text}\n").number(0, 10**6)


@pytest.mark.parametrize("text", [".inf", ".nan", "-.inf"])
def test_what_is_no_number_of_this_world(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"a number is expected|is not between"):
        field_of(tmp_path, f"x: {text}\n").number(0, 10**6)


@pytest.mark.parametrize(("text", "value"), [("7", 7), ("+7", 7), ("0", 0), ("1000000", 10**6)])
def test_whole_numbers(tmp_path: Path, text: str, value: int) -> None:
    assert field_of(tmp_path, f"x: {text}\n").integer(0, 10**6) == value


@pytest.mark.parametrize("text", ["no", "2026-11-23", "12", "1.5", "~", "[a]", "{a: b}"])
def test_what_is_no_text_without_quotes(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"text is expected|missing"):
        field_of(tmp_path, f"x: {text}\n").text()


def test_a_tag_of_python_is_only_a_strange_text(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="text is expected"):
        field_of(tmp_path, "x: !!python/object/apply:os.system [echo]\n").text()


@pytest.mark.parametrize("name", ["a", "a-b_c9", "a" * 64])
def test_ids(tmp_path: Path, name: str) -> None:
    assert field_of(tmp_path, f"x: {name}\n").identifier() == name


@pytest.mark.parametrize("name", ["A", "-a", "a-", "a b", "a/b", "a#", "é", "a" * 65])
def test_what_is_no_id(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="is not a valid id"):
        field_of(tmp_path, f"x: {name}\n").identifier()
