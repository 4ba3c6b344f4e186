"""The command line in two languages: help, mistakes, and where the language is chosen."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.cli.helping import IN_VIETNAMESE
from edge.cli.main import _parser, main
from edge.cli.mistakes import _PATTERNS, said, told
from edge.cli.parsing import Parser, language_in
from edge.config import ConfigError

COMMANDS = ("run", "check-config", "check", "judge", "discover", "doctor", "evidence", "new-view")
MISTAKES = {
    "the following arguments are required: URL": "còn thiếu: URL",
    "argument --lang: invalid choice: 'fr' (choose from 'vi', 'en')": (
        "--lang: không có “fr”; hãy chọn một trong: 'vi', 'en'"
    ),
    "argument --config: expected one argument": "--config: còn thiếu giá trị",
    "argument --seconds: invalid float value: 'x'": "--seconds: “x” không phải là số",
    "argument --seconds: '3' is no number from 5 to 600": (
        "--seconds: “3” không phải là số từ 5 đến 600"
    ),
    "argument --x: something of argparse's": "--x: something of argparse's",
    "unrecognized arguments: --foo": "không hiểu: --foo",
    "--prompt needs a user in the address: rtsp://user@host/...": (
        "--prompt cần tên đăng nhập trong địa chỉ: rtsp://user@host/..."
    ),
    "--prompt needs --user": "--prompt phải đi cùng --user",
    "no password: set CAM in the secrets file, or use --prompt": (
        "chưa có mật khẩu: ghi CAM trong tệp mật khẩu, hoặc dùng --prompt"
    ),
    "no password was given": "chưa nhập mật khẩu",
    "--seconds is over 0 and at most 60": "--seconds phải lớn hơn 0 và nhiều nhất 60",
    "no such network interface: eth9; there are: lo (127.0.0.1)": (
        "không có card mạng eth9; máy này có: lo (127.0.0.1)"
    ),
    "'10.0.0' is no subnet; one looks like 192.168.1.0/24": (
        "“10.0.0” không phải dải địa chỉ; cần có dạng 192.168.1.0/24"
    ),
    "only IPv4 subnets are looked at": "chỉ dò dải địa chỉ IPv4",
    "10.0.0.0/16 has 65536 addresses; /22 (1024) is the most looked at": (
        "10.0.0.0/16 có 65536 địa chỉ; rộng nhất là /22 (1024 địa chỉ)"
    ),
    "--interval must lie between 0.04 and 86400 seconds": (
        "--interval phải từ 0.04 đến 86400 giây"
    ),
    "can't read the folder D:\\anh: No such file or directory": (
        "không đọc được thư mục D:\\anh: không có tệp hay thư mục này"
    ),
    "no pictures (.jpg .png) in anh": "trong anh không có ảnh (.jpg .png)",
    "no camera 'roof' in D:\\edge.yaml: gate, yard": "không có camera “roof” trong D:\\edge.yaml",
    "no camera 'roof' in edge.yaml": "không có camera “roof” trong edge.yaml",
    "can't write to out: Permission denied": "không ghi được vào out: không có quyền truy cập",
    "another agent is running with D:\\var": "phần mềm đang chạy rồi, với thư mục D:\\var",
    "gate_input cannot listen on 127.0.0.1:8787: Address already in use": (
        "gate_input: không mở được cổng 127.0.0.1:8787: cổng đang được chương trình khác dùng"
    ),
    "cannot write in var: No space left on device": (
        "không ghi được vào thư mục var: ổ đĩa hết chỗ"
    ),
    "other users of this machine can see that password; see --help": (
        "người dùng khác của máy này xem được mật khẩu đó; xem --help"
    ),
    "a camera address starts with rtsp:// or rtsps://": (
        "địa chỉ camera phải bắt đầu bằng rtsp:// hoặc rtsps://"
    ),
    "the disk says something new": "the disk says something new",
}


def parsers() -> Iterator[argparse.ArgumentParser]:
    whole = _parser("en")
    yield whole
    (commands,) = (a for a in whole._actions if isinstance(a, argparse._SubParsersAction))
    yield from commands.choices.values()


def texts() -> set[str]:
    found: set[str | None] = set()
    for parser in parsers():
        found |= {parser.description, parser.epilog}
        for action in parser._actions:
            found.add(action.help)
            if isinstance(action, argparse._SubParsersAction):
                found |= {choice.help for choice in action._choices_actions}
    return {text for text in found if text and text != argparse.SUPPRESS}


def test_every_help_text_has_its_vietnamese_and_none_is_left_over() -> None:
    assert texts() == set(IN_VIETNAMESE)


@pytest.mark.parametrize("command", [(), *((command,) for command in COMMANDS)])
def test_help_is_vietnamese_unless_english_is_asked_for(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    for asked, words in (
        ((), ("cách dùng:", "tùy chọn:", "hiện hướng dẫn này")),
        (("--lang", "en"), ("usage:", "options:", "show this help")),
    ):
        with pytest.raises(SystemExit) as ended:
            main([*asked, *command, "--help"])
        assert ended.value.code == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert all(word in shown for word in words)


@pytest.mark.parametrize(("english", "vietnamese"), MISTAKES.items())
def test_a_mistake_is_told_in_a_persons_language(english: str, vietnamese: str) -> None:
    assert said(english, "vi") == vietnamese
    assert said(english, "en") == english


def test_every_mistake_that_is_known_is_tried() -> None:
    for pattern, _ in _PATTERNS:
        assert any(pattern.fullmatch(text) for text in MISTAKES), pattern


def test_a_mistake_of_a_configuration_names_file_and_place() -> None:
    error = ConfigError(Path("edge.yaml"), "line 2, column 5", "is not UTF-8 text")
    assert told(error, "vi") == "edge.yaml: dòng 2, cột 5: không phải văn bản UTF-8"
    assert told(error, "en") == "edge.yaml: line 2, column 5: is not UTF-8 text"
    missing = ConfigError(Path("x.yaml"), "", "cannot be read: No such file or directory")
    assert told(missing, "vi") == "x.yaml: không đọc được: không có tệp hay thư mục này"


@pytest.mark.parametrize(
    ("argv", "language"),
    [
        (["check", "x"], "vi"),
        (["--lang", "en", "check"], "en"),
        (["check", "--lang=en"], "en"),
        (["check", "--lang", "vi"], "vi"),
        (["check", "--lang"], "vi"),
    ],
)
def test_the_language_may_stand_anywhere(argv: list[str], language: str) -> None:
    assert language_in(argv) == language


def test_a_language_before_the_command_holds_for_the_command() -> None:
    parsed = _parser("en").parse_args(["--lang", "en", "check", "rtsp://x/"])
    assert parsed.lang == "en"


def test_bad_usage_ends_with_64(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        Parser(prog="p", language="vi").parse_args(["--foo"])
    assert ended.value.code == 64
    assert capsys.readouterr().err.splitlines()[-1] == "p: không hiểu: --foo"
