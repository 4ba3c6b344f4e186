"""What a command could not do, in Vietnamese: wrong usage, configurations, a start that failed.

The English is made where the mistake is found. What no pattern knows is shown as it is, so that it
can still be sent on.
"""

import re
from typing import Final

from edge.advice import Language
from edge.config import ConfigError
from edge.doctor.reasons import in_vietnamese

_PATTERNS: Final = tuple(
    (re.compile(pattern), vietnamese)
    for pattern, vietnamese in (
        (r"the following arguments are required: (.+)", "còn thiếu: {0}"),
        (r"argument (\S+): invalid choice: '(.*?)' \(choose from (.+)\)",
         "{0}: không có “{1}”; hãy chọn một trong: {2}"),
        (r"argument (\S+): expected one argument", "{0}: còn thiếu giá trị"),
        (r"argument (\S+): invalid float value: '(.*)'", "{0}: “{1}” không phải là số"),
        (r"argument (\S+): '(.*)' is no number from 5 to 600",
         "{0}: “{1}” không phải là số từ 5 đến 600"),
        (r"argument (\S+): (.+)", "{0}: {1}"),
        (r"unrecognized arguments: (.+)", "không hiểu: {0}"),
        (r"--prompt needs a user in the address: (.+)",
         "--prompt cần tên đăng nhập trong địa chỉ: {0}"),
        (r"--prompt needs --user", "--prompt phải đi cùng --user"),
        (r"no password: set (.+) in the secrets file, or use --prompt",
         "chưa có mật khẩu: ghi {0} trong tệp mật khẩu, hoặc dùng --prompt"),
        (r"no password was given", "chưa nhập mật khẩu"),
        (r"--seconds is over 0 and at most 60", "--seconds phải lớn hơn 0 và nhiều nhất 60"),
        (r"no such network interface: (.+); there are: (.+)",
         "không có card mạng {0}; máy này có: {1}"),
        (r"'?(.+?)'? is no subnet; one looks like (.+)",
         "“{0}” không phải dải địa chỉ; cần có dạng {1}"),
        (r"only IPv4 subnets are looked at", "chỉ dò dải địa chỉ IPv4"),
        (r"(.+) has (\d+) addresses; (\S+) \((\d+)\) is the most looked at",
         "{0} có {1} địa chỉ; rộng nhất là {2} ({3} địa chỉ)"),
        (r"--interval must lie between (.+) and (.+) seconds",
         "--interval phải từ {0} đến {1} giây"),
        (r"can't read the folder (.+): (.+?)", "không đọc được thư mục {0}: {1}"),
        (r"no pictures \((.+)\) in (.+)", "trong {1} không có ảnh ({0})"),
        (r"no camera '(.+)' in ([^:]+|\w:[^:]+)(?:: (.+))?", "không có camera “{0}” trong {1}"),
        (r"can't write to (.+): (.+?)", "không ghi được vào {0}: {1}"),
        (r"another agent is running with (.+)", "phần mềm đang chạy rồi, với thư mục {0}"),
        (r"gate_input cannot listen on (.+): (.+?)",
         "gate_input: không mở được cổng {0}: {1}"),
        (r"cannot write in (.+): (.+?)", "không ghi được vào thư mục {0}: {1}"),
        (r"other users of this machine can see that password; see --help",
         "người dùng khác của máy này xem được mật khẩu đó; xem --help"),
    )
)  # fmt: skip
_PLACES: Final = (
    (re.compile(r"line (\d+), column (\d+)"), r"dòng \1, cột \2"),
    (re.compile(r"line (\d+)"), r"dòng \1"),
)


def told(error: Exception, language: Language) -> str:
    """Return an error in one line, in a person's language."""
    if language == "en":
        return str(error)
    if isinstance(error, ConfigError):
        parts = (str(error.file), _place(error.key), in_vietnamese(error.why))
        return ": ".join(part for part in parts if part)
    return said(str(error), language)


def said(text: str, language: Language) -> str:
    """Return what went wrong in a person's language."""
    if language == "en":
        return text
    for pattern, vietnamese in _PATTERNS:
        if found := pattern.fullmatch(text):
            return vietnamese.format(*(in_vietnamese(part or "") for part in found.groups()))
    return in_vietnamese(text)


def _place(key: str) -> str:
    for pattern, vietnamese in _PLACES:
        if pattern.fullmatch(key):
            return pattern.sub(vietnamese, key)
    return key
