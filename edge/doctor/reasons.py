"""Why a configuration can't be used, in Vietnamese.

``ConfigError.why`` is English, made in several places of ``edge.config``. Each pattern here turns
one of those sentences; one that none of them knows is shown as it is, which a technician can still
send on. A test holds this against every file of ``configs/bad``.
"""

import re
from typing import Final

_TYPES: Final = {
    "a whole number": "số nguyên",
    "a number": "số",
    "text": "chữ",
    "true/false": "true/false",
    "nothing": "để trống",
    "a mapping (key: value)": "nhóm khóa (khóa: giá trị)",
    "a list (- item)": "danh sách (- mục)",
}

_ERRORS: Final = {
    "No such file or directory": "không có tệp hay thư mục này",
    "Permission denied": "không có quyền truy cập",
    "Is a directory": "đây là một thư mục",
    "Not a directory": "đây không phải thư mục",
    "Address already in use": "cổng đang được chương trình khác dùng",
    "File exists": "đã có tệp trùng tên",
    "No space left on device": "ổ đĩa hết chỗ",
}
"""What the operating system says, as Python words it on Linux and Windows alike."""

_PATTERNS: Final = tuple(
    (re.compile(pattern), vietnamese)
    for pattern, vietnamese in (
        (r"is missing", "còn thiếu"),
        (r"is missing; user and password go together", "còn thiếu; tên và mật khẩu phải có cả hai"),
        (r"(.+) is no channel number", "{0} không phải số kênh"),
        (r"has no login in it; .+", "không ghi tên và mật khẩu ở đây; chúng có khóa riêng"),
        (r"has no # in it", "không có dấu # ở đây"),
        (r"a visit of (.+) can't be paid every (.+)",
         "mỗi {1} không thể thăm camera trong {0}"),
        (r"a camera address has at most (\d+) characters",
         "địa chỉ camera dài nhất {0} ký tự"),
        (r"the camera address holds a malformed IPv6 address", "địa chỉ IPv6 của camera bị sai"),
        (r"the camera address has port (\d+); .+",
         "địa chỉ camera có cổng {0}; cổng là số từ 1 đến 65535"),
        (r"the path of the camera address holds a control character",
         "đường dẫn của camera có ký tự điều khiển"),
        (r"no such key; did you mean '(.+)'\?", "không có khóa này; có phải ý là “{0}”?"),
        (r"no such key; known are: (.+)", "không có khóa này; các khóa được dùng: {0}"),
        (r"the key '?(.+?)'? is given twice", "khóa “{0}” được ghi hai lần"),
        (r"the key (.+) is not text", "khóa {0} không phải là chữ"),
        (r"aliases \(\*name\) are not used here", "không dùng tham chiếu kiểu *tên ở đây"),
        (r"not valid YAML: (.+)", "không đúng cú pháp YAML: {0}"),
        (r"is no agent's configuration.*", "không phải tệp cài đặt của phần mềm tại trường"),
        (r"must be (vonggac\S+), not (.+); is this an agent's file\?",
         "phải là {0}, không phải {1}; đây có phải tệp của phần mềm tại trường?"),
        (r"(.+) is no id; an id has .+",
         ("{0} không dùng làm mã được; mã chỉ có a-z, 0-9, - và _ (tối đa 64 ký tự), "
         "bắt đầu và kết thúc bằng chữ hoặc số")),
        (r"'?(.+?)'? is already the id of (.+)", "mã “{0}” đã được dùng ở {1}"),
        (r"a camera address starts with rtsp:// or rtsps://",
         "địa chỉ camera phải bắt đầu bằng rtsp:// hoặc rtsps://"),
        (r"the host or port of the camera address is missing or malformed",
         "địa chỉ camera thiếu hoặc sai tên máy hay số cổng"),
        (r"\$\{(.+)\} in the camera address is not set",
         "${{{0}}} trong địa chỉ camera chưa có giá trị"),
        (r"\$\{(.*)\} is in neither the secrets file nor the environment",
         "${{{0}}} không có trong tệp mật khẩu lẫn biến môi trường"),
        (r"must look like (.+)", "phải có dạng {0}"),
        (r"has a malformed host or port; .+",
         "sai tên máy hay số cổng; cổng là số từ 0 đến 65535"),
        (r"has only a host and a port; .+",
         "chỉ ghi máy và cổng; tên đăng nhập là tên của phần mềm (agent), mật khẩu có khóa riêng"),
        (r"there is no file (.+)", "không có tệp {0}"),
        (r"(.+) holds no certificate that can be used", "{0} không chứa chứng thư số dùng được"),
        (r"(\S+) can be reached from other machines; use (.+)",
         "máy khác vào được {0}; hãy dùng {1}"),
        (r"cannot be read: (.+)", "không đọc được: {0}"),
        (r"other users can read it; run: (.+)", "người dùng khác đọc được tệp này; chạy: {0}"),
        (r"is not NAME=value", "không có dạng TÊN=giá trị"),
        (r"(\S+) is given twice", "{0} được ghi hai lần"),
        (r"no camera's address is at '(.+)'; .+",
         "không camera nào có địa chỉ “{0}”; hãy ghi đúng như ở các camera"),
        (r"(\S+) can stand in no text", "có ký tự hỏng: {0}"),
        (r"is not UTF-8 text", "không phải văn bản UTF-8"),
        (r"is larger than (.+)", "lớn hơn {0}"),
        (r"'?(.+?)'? is not one that is known", "“{0}” không nằm trong các giá trị được dùng"),
        (r"is (.+) to YAML, but must be text: put it in quotes",
         "YAML hiểu là {0}, nhưng cần chữ: hãy đặt trong dấu ngoặc kép"),
        (r"must be (.+), not (.+)", "phải là {0}, không phải {1}"),
        (r"must be (.+)", "phải là {0}"),
    )
)  # fmt: skip


def in_vietnamese(why: str) -> str:
    """Return a reason in Vietnamese, or as it is if it is not known here."""
    for pattern, vietnamese in _PATTERNS:
        if match := pattern.fullmatch(why):
            return vietnamese.format(*(_typed(group) for group in match.groups()))
    return _ERRORS.get(why, why)


def _typed(group: str) -> str:
    """Return what was found in a sentence, the words for types translated."""
    if group in _ERRORS:
        return _ERRORS[group]
    found = group.split(" or ")
    if not any(part in _TYPES or part.startswith("a number ") for part in found):
        return group
    parts = [_TYPES.get(part, part) for part in found]
    return re.sub(r"^a number (?=[<>])", "số ", " hoặc ".join(parts))
