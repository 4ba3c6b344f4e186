"""What an agent says in English is read in Vietnamese, and no sentence of the agent is forgotten.

The agent's sentences are read from its sources: a new one without a translation fails here.
"""

import ast
import re
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from server.texts import details
from server.texts.details import MSGIDS, Spoken, spoken
from server.texts.tongue import load
from server.web.rendering import Renderer

VI, EN = load("vi"), load("en")
EDGE = Path(__file__).parents[3] / "edge"


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("12 % of the picture is hidden", "12 % khung hình bị che"),
        ("6.5% of the packets are missing", "mất 6,5 % số gói dữ liệu"),
        (
            "1.5 pictures a second of the 25 it announces; 12.5 are asked for",
            "1,5 hình mỗi giây, trong khi camera khai báo 25; yêu cầu là 12,5",
        ),
        ("its clock is 5 min behind", "đồng hồ của camera chạy chậm 5 phút"),
        (
            "its clock is +7 h off, as if local time were called UTC: look at its zone",
            (
                "đồng hồ của camera lệch +7 giờ, như thể giờ địa phương được coi là UTC: "
                "hãy xem múi giờ của camera"
            ),
        ),
        ("no picture in 12345 bytes of h264", "không có hình nào trong 12.345 byte h264"),
        (
            "DESCRIBE was answered 401 'Unauthorized': user name or password is wrong",
            "camera trả lời DESCRIBE bằng mã 401 'Unauthorized': sai tên đăng nhập hoặc mật khẩu",
        ),
        (
            (
                "the second stream (sub_url): redirected to 10.0.0.9:554 (which is not told our "
                "password): PLAY was answered 404 'Not Found': it has no stream at this path; "
                "at its new address 10.0.0.7, formerly 10.0.0.5"
            ),
            (
                "luồng phụ (sub_url): camera chuyển hướng sang 10.0.0.9:554 (không gửi mật khẩu "
                "đến đó): camera trả lời PLAY bằng mã 404 'Not Found': không có luồng hình ở đường "
                "dẫn này; ở địa chỉ mới 10.0.0.7, trước đây là 10.0.0.5"
            ),
        ),
        (
            "the decoder hung (no answer within 2.5 s) on this key frame, and on those before it",
            (
                "bộ giải mã gặp lỗi ở khung chính này và các khung trước đó: bị treo (không trả "
                "lời trong 2,5 giây)"
            ),
        ),
    ],
)
def test_a_detail_is_said_in_vietnamese_and_left_alone_in_english(
    english: str, vietnamese: str
) -> None:
    found = spoken(VI, english)
    assert (found.text.replace("\N{NO-BREAK SPACE}", " "), found.lang) == (vietnamese, "vi")
    assert spoken(EN, english) == Spoken(english, "en")


@pytest.mark.parametrize(
    "detail",
    [
        "",
        "12 % of the pictures are hidden",
        "the second stream (sub_url): what no server has heard of yet",
        "12 % of the picture is hidden\n",
        "PLAY was answered 404 'Not Found': a hint from the future",
        "redirected to a:554: " * 6 + "the stream ended",
        "not RTSP: " + "x" * details.MAX_CHARS,
    ],
)
def test_what_is_not_known_as_a_whole_stays_as_it_came(detail: str) -> None:
    assert spoken(VI, detail) == Spoken(detail, "en")


def test_what_a_camera_said_is_escaped_and_what_is_english_is_marked() -> None:
    page = Renderer("1")._environments["vi"]
    shown = page.from_string("{{ d|detail }}")
    assert shown.render(d="not RTSP: '<b>'") == "không phải RTSP: &#39;&lt;b&gt;&#39;"
    assert shown.render(d="<i> news") == '<span lang="en">&lt;i&gt; news</span>'


def test_a_hostile_detail_takes_no_time() -> None:
    began = time.perf_counter()
    for piece in ("; at its new address a, formerly ", "the decoder can't run: it ", ", but ",
                  "PLAY was answered 404 ", "redirected to a: ", "1", "a picture can't be shrunk: ",
                  "the second stream (sub_url): ", " on this key frame", ": ", "("):  # fmt: skip
        spoken(VI, (piece * details.MAX_CHARS)[: details.MAX_CHARS])
    assert time.perf_counter() - began < 2


# -------------------------------------------------------------- the agent's sources

SPEAKS_OF_NO_CAMERA = {"memory", "messages", "pipe", "stills", "url"}
"""Modules whose errors go to a log or to whoever wrote a setting, never into a detail."""
SOURCES = (
    *(
        f"{package}/{path.stem}"
        for package in ("picture", "rtsp", "watcher")
        for path in sorted((EDGE / package).glob("*.py"))
        if path.stem not in SPEAKS_OF_NO_CAMERA
    ),
    "onvif/follow",
    "onvif/grade",
    "look",
)
ANSWERED = "DESCRIBE was answered 401 'Unauthorized'"
USED_UP = "its sessions are used up, or the account may not view"
CHANGED = "changed, locked, or the sessions are used up"
PLACES = ("", ", left", ", right", *(
    f", {down}{right}" for down in ("upper", "lower") for right in ("", " left", " right")
))  # fmt: skip
FILLED = {
    "_span(off_ms)": ("5 min ahead", "2 days behind"),
    "_long(now - kept.newest)": ("3 h",),
    "_long(now - kept.oldest)": ("3 days",),
    "_login_trouble(response, url)": (
        "user name or password is wrong",
        "it offers 'Digest MD5'; Digest or Basic is needed",
    ),
    "client.phase.value": ("SETUP",),
    "codec": ("h264",),
    "crashed": ("the decoder crashed (stack overflow) on this key frame",),
    "dialogue.method": ("DESCRIBE",),
    "ended": (
        "can't be started: x",
        "did not say hello",
        "gave an answer that is none (x)",
        "hung (no answer within 7 s)",
        "crashed (exit code 1: x)",
    ),
    "hint": ("", "; perhaps it wants TLS (rtsps://)"),
    "lossy.detail": ("6.5% of the packets are missing",),
    "method": ("DESCRIBE",),
    "name": (
        "an HTTP server",
        "a web server",
        "an SSH server",
        "a TLS server (try rtsps://)",
        "a TLS client",
    ),
    "response.status": ("404",),
    "rtsp": ("RTSP still answers", "RTSP no longer answers"),
    "said": ("", " of the 25 it announces"),
    "self._why": ("it did not say hello", "the decoder crashed (SIGSEGV) on this key frame"),
    "sighting.verdict.detail": ("the stream ended",),
    "status": ("404",),
    "towards": ("to the left", "to the right", "upwards", "downwards"),
    "trouble.detail": ("the stream ended",),
    "untold": ("", " (which is not told our password)"),
    "wanted": ("", "; 12 are asked for"),
    "what": ("has no disk", "reports a disk error"),
    "where": ("at its new address a, formerly b",),
    "where(tiles)": PLACES,
}
"""What the agent fills in where "7" would not do, by the expression that stands there."""

SENTENCES = {
    "{said}, but {why}, or the account may not view": (
        f"{ANSWERED}, but the same login was accepted a moment ago: {USED_UP}",
    ),
    "{_without_guess(trouble)}, {why}, or the account may not view this": (
        f"{ANSWERED}, but another session of ours is served with this login: {USED_UP} this",
        f"{ANSWERED}, but 3 other sessions of ours are served with this login: {USED_UP} this",
    ),
    "{_without_guess(trouble)}: the login was {why}": (
        f"{ANSWERED}: the login was accepted 45 s ago: {CHANGED}",
        f"{ANSWERED}: the login was accepted 3 min ago: {CHANGED}",
    ),
    "{said}: {_login_trouble(response, url)}": (
        f"{ANSWERED}: the camera asks for a user name and a password",
    ),
    "{said}: {hint}": (f"{ANSWERED}: an error inside the camera",),
    "{said} to no RTSP address": (
        "redirected (302) to no RTSP address",
        "redirected by a REDIRECT to no RTSP address",
    ),
    "redirected ({response.status})": (),
    "{seconds // size} {name}": ("45 s", "5 min", "3 h", "2 days"),
    "the second stream (sub_url): ": ("the second stream (sub_url): the stream ended",),
    "{sighting.verdict.detail}; {where}": ("the stream ended; at its new address a, formerly b",),
}
"""Sentences put together from others, in full."""

NO_DETAILS = {
    "Not Implemented",
    "Basic {base64.b64encode(_octets(pair)).decode()}",
    "Digest ",
    "{challenge.scheme} {challenge.algorithm} is not supported",
    "Digest with algorithm {algorithm}, qop {qop} is not supported",
    "rates need a span of time",
    # how a process ended and what a camera offers, quoted within a detail
    "access violation",
    "illegal instruction",
    "stack overflow",
    "heap corruption",
    "signal {-code}",
    "exit code {code}",
    "it did not end",
    "payload type {shown}",
    "encrypted {name} (SRTP)",
}
"""Texts with spaces that are not said as details, or not by themselves."""


def texts(source: str) -> Iterator[str]:
    """Yield each text of several words in a module of the agent, ``{expression}`` for values.

    Left out are docstrings, what is logged, and patterns.
    """
    tree = ast.parse((EDGE / f"{source}.py").read_text(encoding="utf-8"))
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        is_logged = isinstance(node, ast.Call) and ast.unparse(node.func).startswith(
            ("log.", "_log.", "re.")
        )
        if is_logged or isinstance(node, ast.JoinedStr):
            skipped |= set(ast.walk(node)) - {node}
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(node.value)
    for node in ast.walk(tree):
        if node not in skipped and (text := _text(node)) is not None:
            yield text


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        words, text = node.value, re.sub(r"\{\d[^}]*\}", "{0}", node.value)
    elif isinstance(node, ast.JoinedStr):
        parts = [
            p.value if isinstance(p, ast.Constant) else f"{{{ast.unparse(p.value)}}}"  # type: ignore[attr-defined]
            for p in node.values
        ]
        words = "".join(str(p.value) for p in node.values if isinstance(p, ast.Constant))
        text = "".join(map(str, parts))
    else:
        return None
    return text if " " in words and re.search("[a-z]{2}", words) else None


def samples(text: str) -> list[str]:
    """Return what the agent may say with a text."""
    if text in SENTENCES:
        return list(SENTENCES[text])
    parts = re.split(r"\{([^{}]*)\}", text)
    choices = [FILLED.get(part, ("7",)) if n % 2 else (part,) for n, part in enumerate(parts)]
    return ["".join(choice) for choice in product(*choices)]


REFUSED = (
    "payload of 300000 bytes is over the limit of 262144",
    "version 'x.y' is not major.minor",
    "version 2.0 is not one that this version 1.4 reads",
    "not a readable message: JSON is malformed: invalid character (byte 0)",
    "not a readable item: Object missing required field `seq`",
    "the gap ends (4) before it starts (9)",
    "a segment can't say unknown: that is what no segment means",
    "the segment ends (-3) before it starts (12000)",
    "the report tells nothing of the boot 0198c5d4",
    "the gate c1-cong is not one of this agent's",
    "the database refuses it: value out of range",
)
"""What ``wire.codec`` and ``server.ingest`` write where they refuse."""

PIECES = [piece for pieces in (*FILLED.values(), *SENTENCES.values()) for piece in pieces]
ALL = [(source, text) for source in SOURCES for text in texts(source)]


def is_a_piece(text: str) -> bool:
    """Tell whether a text is only a part of sentences that are tried in full."""
    words = [part for part in re.split(r"\{[^{}]*\}", text) if part.strip()]
    return any(all(word in piece for word in words) for piece in PIECES)


@pytest.mark.parametrize("source", SOURCES)
def test_no_detail_of_the_agent_is_forgotten(source: str) -> None:
    """Where this fails, add the sentence to ``server/texts/detail_words*`` and its Vietnamese."""
    own = [text for module, text in ALL if module == source]
    asked = [text for text in own if text not in NO_DETAILS and not is_a_piece(text)]
    forgotten = [s for text in asked for s in samples(text) if spoken(VI, s).lang != "vi"]
    assert forgotten == []


@pytest.mark.parametrize("reason", REFUSED)
def test_why_something_was_refused_is_said_in_vietnamese(reason: str) -> None:
    assert spoken(VI, reason).lang == "vi"


def test_the_agents_sources_are_read() -> None:
    assert {"picture/scene", "rtsp/health", "watcher/hold", "onvif/grade"} <= {s for s, _ in ALL}
    assert len(ALL) > len(MSGIDS)


def test_the_sentences_made_of_others_are_known() -> None:
    for sentences in SENTENCES.values():
        for sentence in sentences:
            assert spoken(VI, sentence).lang == "vi", sentence


def test_no_translation_has_lost_its_sentence() -> None:
    whole = [sample for _, text in ALL for sample in samples(text)] + PIECES + list(REFUSED)
    said = whole + [part for one in whole for part in re.split(": |, but ", one, maxsplit=1)]
    for msgid, pattern in details._PATTERNS:
        assert any(pattern.fullmatch(one) for one in said), msgid
