"""What ``discover`` shows a person."""

from collections.abc import Iterator, Sequence
from typing import Final

from edge.advice import Language
from edge.onvif.answers import StreamAnswer
from edge.onvif.found import NO_ONVIF, Found

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "vi": {
        "none": "Không tìm thấy thiết bị nào. Kiểm tra dây mạng, hoặc thử --subnet 192.168.1.0/24.",
        "count": "Tìm thấy {count} thiết bị:",
        "missing": "Có trong cấu hình nhưng không tìm thấy: {ids}",
        "known": "đã có: {camera}",
        "moved": "đã đổi địa chỉ: {camera}",
        "new": "mới",
        "name": "Tên",
        "serial": "Số sê-ri",
        "firmware": "Phần mềm",
        "mac": "MAC",
        "endpoint": "Mã thiết bị",
        "service": "ONVIF",
        "rtsp": "Cổng RTSP",
        "clock": "Đồng hồ",
        "main": "Luồng chính",
        "sub": "Luồng phụ",
        "streams": "Luồng hình",
        "refused": "camera từ chối mật khẩu; không thử lại",
        "ask": "cần tài khoản: thêm --user",
        "no_onvif": "chưa biết: camera chưa bật ONVIF (vào phần cài đặt mạng của camera để bật)",
        "why": "chưa biết ({why})",
        "right": "đúng",
        "ahead": "nhanh {seconds} giây",
        "behind": "chậm {seconds} giây",
        "fps": "hình/giây",
    },
    "en": {
        "none": "No device was found. Look at the network cable, or try --subnet 192.168.1.0/24.",
        "count": "{count} device(s) found:",
        "missing": "In the configuration, but not found: {ids}",
        "known": "known: {camera}",
        "moved": "has a new address: {camera}",
        "new": "new",
        "name": "Name",
        "serial": "Serial number",
        "firmware": "Firmware",
        "mac": "MAC",
        "endpoint": "Endpoint",
        "service": "ONVIF",
        "rtsp": "RTSP ports",
        "clock": "Clock",
        "main": "Main stream",
        "sub": "Sub-stream",
        "streams": "Streams",
        "refused": "the camera refused the password; it is not tried again",
        "ask": "a login is needed: add --user",
        "no_onvif": "not known: ONVIF is off (switch it on in the camera's network settings)",
        "why": "not known ({why})",
        "right": "right",
        "ahead": "{seconds} s fast",
        "behind": "{seconds} s slow",
        "fps": "frames/s",
    },
}
_LOGIN: Final = "it wants a login"
_RIGHT_MS: Final = 2000


def show(found: Sequence[Found], missing: Sequence[str], language: Language) -> None:
    """Print the devices, and which configured cameras were not among them."""
    words = _WORDS[language]
    print(words["count"].format(count=len(found)) if found else words["none"])
    for number, one in enumerate(found, start=1):
        print(f"\n{number}. {_title(one, words)}")
        lines = list(_lines(one, words))
        width = max((len(label) for label, _ in lines), default=0) + 1
        for label, value in lines:
            print(f"   {label + ':':<{width}} {value}")
    if missing:
        print("\n" + words["missing"].format(ids=", ".join(missing)))


def _title(one: Found, words: dict[str, str]) -> str:
    what = " ".join(filter(None, (one.brand, one.model))) or one.server
    standing = ""
    if one.standing is not None:
        standing = f"[{words[one.standing].format(camera=one.camera)}]"
    return "  ".join(filter(None, (one.address, what, standing)))


def _lines(one: Found, words: dict[str, str]) -> Iterator[tuple[str, str]]:
    facts = {
        "name": one.name,
        "serial": one.serial,
        "firmware": one.firmware,
        "mac": one.mac,
        "endpoint": one.endpoint,
        "service": one.service,
        "rtsp": ", ".join(map(str, one.rtsp_ports)),
        "clock": _clock(one, words),
    }
    yield from ((words[key], value) for key, value in facts.items() if value)
    for number, eye in enumerate(one.eyes, start=1):
        channel = f" {number}" if len(one.eyes) > 1 else ""
        yield words["main"] + channel, _stream(eye.main, words)
        if eye.sub:
            yield words["sub"] + channel, _stream(eye.sub, words)
    if not one.eyes:
        yield words["streams"], _unknown(one, words)


def _unknown(one: Found, words: dict[str, str]) -> str:
    if one.why == _LOGIN:
        return words["ask"]
    if one.why == NO_ONVIF:
        return words["no_onvif"]
    return words["refused"] if one.refused else words["why"].format(why=one.why or "-")


def _clock(one: Found, words: dict[str, str]) -> str:
    if one.clock is None:
        return ""
    off_ms = one.clock.utc_ms
    if abs(off_ms) <= _RIGHT_MS:
        return words["right"]
    return words["ahead" if off_ms > 0 else "behind"].format(seconds=abs(off_ms) // 1000)


def _stream(stream: StreamAnswer, words: dict[str, str]) -> str:
    size = f"{stream.width}x{stream.height}" if stream.width else ""
    fps = f"{stream.fps:g} {words['fps']}" if stream.fps else ""
    figures = ", ".join(filter(None, (" ".join(filter(None, (stream.codec, size))), fps)))
    return f"{stream.url}  ({figures})" if figures else stream.url
