"""How a camera behaves towards its viewers, apart from what is wrong with it. Pure.

A ``Manner`` is knobs and small functions; ``PROPER`` is none of them turned. ``sim.rude`` has the
cameras that turn them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from edge.rtsp.framing import Headers, Interleaved, Message, Request, Response
from sim.door import Asking

REASONS: Final = {
    100: "Continue",
    200: "OK",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    305: "Use Proxy",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    453: "Not Enough Bandwidth",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    457: "Invalid Range",
    459: "Aggregate Operation Not Allowed",
    461: "Unsupported Transport",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    551: "Option not supported",
}

Reword = Callable[[Request, Response], Response]
"""Puts another answer in the place of the proper one."""
Spell = Callable[[bytes], bytes]
"""Changes octets of an answer, or of a description."""
Say = Callable[[Request], Sequence[Message]]
"""Returns what is sent beside the answer to a request."""


def unchanged(request: Request, response: Response) -> Response:
    """Answer properly."""
    del request
    return response


def nothing(request: Request) -> Sequence[Message]:
    """Send nothing beside the answer."""
    del request
    return ()


def same_number(cseq: str) -> str | None:
    """Repeat the request's CSeq."""
    return cseq


def as_it_is(octets: bytes) -> bytes:
    """Spell properly."""
    return octets


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a camera behaves.

    Attributes:
        asking: How it asks for its password.
        reword: Changes answers, after login and path were checked.
        refuse: Changes answers to requests that were refused too.
        spell: Changes the octets of an answer.
        cseq: The CSeq of an answer, from the request's; None leaves it out.
        before: What it sends before an answer.
        after: What it sends after an answer.
        silent_on: Methods that it never answers.
        hangs_up_after: Methods after whose answer it hangs up.
        piece: Octets of an answer that go out at once, one piece each 10 ms; 0: all.
        control: The track's ``a=control``; ``{base}`` is the request's URI.
        content_base: The header; ``{base}`` as above; None leaves it out.
        setup_uri: What SETUP must ask for exactly (``{host}`` is host and port), or None.
        sdp: Changes the description.
        session: The Session header of SETUP; ``{id}`` is its id; empty leaves it out.
        play_session: What the session is called from PLAY on, or empty: as before.
        transport: The Transport header of SETUP; ``{a}``, ``{b}`` are the channels asked for.
        channel: The channel it really sends on, or None for the one asked for.
        rtcp_channel: Where it puts an RTCP packet before every picture, or None.
        sessions: How many sessions it has, or None for as many as are asked for.
        full: What it answers to one more: 453, 503 or 401, at SETUP or (401) from DESCRIBE on.
        timeout_s: Seconds without a request after which it ends a session, or None.
    """

    asking: Asking = field(default_factory=Asking)
    reword: Reword = unchanged
    refuse: Reword = unchanged
    spell: Spell = as_it_is
    cseq: Callable[[str], str | None] = same_number
    before: Say = nothing
    after: Say = nothing
    silent_on: frozenset[str] = frozenset()
    hangs_up_after: frozenset[str] = frozenset({"TEARDOWN"})
    piece: int = 0
    control: str = "trackID=1"
    content_base: str | None = "{base}/"
    setup_uri: str | None = None
    sdp: Spell = as_it_is
    session: str = "{id};timeout=60"
    play_session: str = ""
    transport: str = "RTP/AVP/TCP;unicast;interleaved={a}-{b}"
    channel: int | None = None
    rtcp_channel: int | None = None
    sessions: int | None = None
    full: int = 453
    timeout_s: float | None = None


PROPER: Final = Manner()


def plain(status: int, headers: Sequence[tuple[str, str]] = (), body: bytes = b"") -> Response:
    """Return a response with the usual reason."""
    return Response(status, REASONS[status], Headers(headers), body)


# ------------------------------------------------------------ answers in other words


def answering(status: int, *methods: str, **headers: str) -> Reword:
    """Answer ``methods`` with ``status`` instead; a header ``X_Y`` is written ``X-Y``."""
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]

    def reword(request: Request, response: Response) -> Response:
        return plain(status, named) if request.method in methods else response

    return reword


# ------------------------------------------------------------ answers in other letters


def _heads(change: Callable[[str], str]) -> Callable[[bytes], bytes]:
    """Apply ``change`` to an answer's head, without its blank line."""

    def spell(octets: bytes) -> bytes:
        head, blank, body = octets.partition(b"\r\n\r\n")
        return change(head.decode(errors="surrogateescape")).encode(errors="surrogateescape") + (
            blank + body
        )

    return spell


def _lower_names(head: str) -> str:
    first, *lines = head.split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return "\r\n".join([first, *(f"{name.lower()}:{value.strip()}" for name, _, value in pairs)])


lower_case: Final = _heads(_lower_names)
"""``cseq:2``: names in lower case, no blank after the colon."""
long_head: Final = _heads(lambda head: f"{head}\r\nX-Firmware: {'a' * 15_000}")
"""A head of nearly 16 kB."""
folded: Final = _heads(lambda head: head.replace(": ", ":\r\n\t"))
"""Every value on a line of its own."""
careless: Final = _heads(lambda head: f"{head}\r\nno colon here\r\n: no name")
"""Lines that are no headers."""


def line_feeds(octets: bytes) -> bytes:
    """End lines with LF alone."""
    head, _, body = octets.partition(b"\r\n\r\n")
    return head.replace(b"\r\n", b"\n") + b"\n\n" + body


def no_blank_line(octets: bytes) -> bytes:
    """Leave the blank line out after a head without a body."""
    return octets.removesuffix(b"\r\n") if octets.endswith(b"\r\n\r\n") else octets


# ------------------------------------------------------------ what is sent beside answers


def interim(request: Request) -> Sequence[Message]:
    """Say "100 Continue" first."""
    return [_numbered(Response(100, "Continue"), request)]


def old_answer(request: Request) -> Sequence[Message]:
    """Answer the request before this one again first, unkindly."""
    cseq = request.headers.get("CSeq") or "0"
    number = str(int(cseq) - 1) if cseq.isdigit() else "0"
    return [Response(500, "Too Late", Headers([("CSeq", number)]))]


def asking_back(request: Request) -> Sequence[Message]:
    """After PLAY: ask the viewer whether it lives, three times in different ways."""
    if request.method != "PLAY":
        return ()
    methods = ("OPTIONS", "SET_PARAMETER", "ANNOUNCE")
    return [
        Request(method, request.uri, Headers([("CSeq", str(n))]))
        for n, method in enumerate(methods, 1)
    ]


def early_packets(request: Request) -> Sequence[Message]:
    """Send packets before PLAY is answered: RTCP, and RTP of something else."""
    if request.method != "PLAY":
        return ()
    return [Interleaved(1, bytes.fromhex("80c80006") + bytes(24)), Interleaved(2, bytes(200))]


def _numbered(response: Response, request: Request) -> Response:
    cseq = ("CSeq", request.headers.get("CSeq") or "0")
    return Response(response.status, response.reason, Headers([cseq]), response.body)
