"""What DESCRIBE answers: the video track that we can watch (RFC 4566, RFC 6184 §8, RFC 7798 §7).

Read leniently: cameras leave lines out, repeat them and end them as they like. Only the first video
track with H.264 or H.265 counts; its absence is told with what is offered instead.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Codec: TypeAlias = Literal["h264", "h265"]

_CODECS: Final[dict[str, Codec]] = {"H264": "h264", "H265": "h265", "HEVC": "h265"}
_STATIC_NAMES: Final = {"26": "JPEG", "31": "H261", "32": "MPV", "34": "H263"}
_SPROPS: Final = ("sprop-parameter-sets", "sprop-vps", "sprop-sps", "sprop-pps")
_RTPMAP: Final = re.compile(r"(\S+)\s+([\w.-]+)/(\d{1,9})", re.ASCII)
_VIDEO_HZ: Final = 90_000
_MAX_LINES: Final = 2000
_MAX_FORMATS: Final = 32
_START_CODE: Final = b"\x00\x00\x00\x01"


class SdpError(Exception):
    """A description without a video track that can be watched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A video track.

    Attributes:
        codec: ``h264`` or ``h265``.
        control: The track's ``a=control``, or empty.
        clock_hz: RTP clock, 90000 for all video.
        parameter_sets: SPS, PPS (and VPS) of the description, bare NAL units.
        fps: The frame rate that the camera says it sends, where it says so.
        payload_type: Of its RTP packets.
    """

    codec: Codec
    control: str = ""
    clock_hz: int = _VIDEO_HZ
    parameter_sets: tuple[bytes, ...] = ()
    fps: float | None = None
    payload_type: int = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A session: its aggregate ``a=control`` (or empty) and the track to watch."""

    control: str
    video: Track


@dataclass(frozen=True, slots=True)
class _Media:
    """One ``m=`` section: payload types, attribute lines, whether it is sent by SRTP."""

    kind: str
    formats: list[str]
    attributes: list[tuple[str, str]]
    encrypted: bool = False


def parse(body: bytes) -> Description:
    """Return what ``body`` describes; raise ``SdpError`` if there is nothing to watch."""
    if not body.strip():
        raise SdpError("the camera describes its stream with an empty answer")
    session: list[tuple[str, str]] = []
    media: list[_Media] = []
    for line in body.decode(errors="replace").splitlines()[:_MAX_LINES]:
        name, _, value = line.strip().partition("=")
        if name == "m":
            kind, *rest = value.split() or [""]
            encrypted = "SAVP" in "".join(rest[1:2]).upper()
            media.append(_Media(kind.lower(), rest[2 : 2 + _MAX_FORMATS], [], encrypted))
        elif name == "a":
            key, _, text = value.partition(":")
            attributes = media[-1].attributes if media else session
            attributes.append((key.strip().lower(), text.strip()))
    if not media and not body.lstrip().startswith(b"v="):
        raise SdpError("what the camera sends as its description is no description")
    return Description(control=_first(session, "control"), video=_video(media))


def _video(media: list[_Media]) -> Track:
    offered: list[str] = []
    for one in media:
        if one.kind != "video":
            continue
        known = _rtpmaps(one)
        for payload_type in one.formats:
            name, clock_hz = known.get(payload_type) or _static(payload_type)
            if name not in _CODECS:
                offered.append(name)
            elif one.encrypted:
                offered.append(f"encrypted {name} (SRTP)")
            else:
                return _track(one, payload_type, _CODECS[name], clock_hz)
    if offered:
        raise SdpError(f"the video is {', '.join(offered)[:60]}; plain H.264 or H.265 is needed")
    raise SdpError("the camera describes no video track")


def _track(media: _Media, payload_type: str, codec: Codec, clock_hz: int) -> Track:
    return Track(
        codec=codec,
        control=_first(media.attributes, "control"),
        clock_hz=clock_hz,
        parameter_sets=_parameter_sets(media, payload_type),
        fps=_fps(_first(media.attributes, "framerate")),
        payload_type=_payload_type(payload_type),
    )


def _rtpmaps(media: _Media) -> dict[str, tuple[str, int]]:
    """Return each payload type's encoding, its name in upper case, and its clock."""
    found: dict[str, tuple[str, int]] = {}
    for key, value in media.attributes:
        if key == "rtpmap" and (match := _RTPMAP.match(value)):
            name = match[2].upper().replace("H.", "H")
            found.setdefault(match[1], (name, int(match[3]) or _VIDEO_HZ))
    return found


def _static(payload_type: str) -> tuple[str, int]:
    """Return what a payload type means without an ``a=rtpmap``."""
    shown = ascii(payload_type[:8])[1:-1]
    return _STATIC_NAMES.get(payload_type, f"payload type {shown}"), _VIDEO_HZ


def _parameter_sets(media: _Media, payload_type: str) -> tuple[bytes, ...]:
    found: list[bytes] = []
    for key, value in media.attributes:
        given_type, _, params = value.partition(" ")
        if key == "fmtp" and given_type == payload_type:
            for part in params.split(";"):
                name, _, text = part.strip().partition("=")
                if name.lower() in _SPROPS:
                    found += [_nal(word) for word in text.split(",")]
    return tuple(nal for nal in found if nal)


def _nal(word: str) -> bytes:
    """Return one base64 NAL unit, without the start code that some cameras put in, or nothing."""
    try:
        raw = base64.b64decode(word.strip() + "=" * (-len(word.strip()) % 4))
    except (binascii.Error, ValueError):
        return b""
    return raw.removeprefix(_START_CODE)


def _fps(text: str) -> float | None:
    match = re.match(r"(\d{1,4}(?:\.\d{1,6})?)", text)
    return float(match[1]) or None if match else None


def _payload_type(text: str) -> int:
    return int(text) & 0x7F if text.isascii() and text.isdigit() and len(text) <= 3 else 96  # noqa: PLR2004 (three digits; 96 as most have it)


def _first(attributes: list[tuple[str, str]], name: str) -> str:
    return next((value for key, value in attributes if key == name), "")
