"""Alerts in words: Vietnamese first, English by setting. Pure.

The first line says everything, because that is all that a telephone shows. Times are local
(Asia/Ho_Chi_Minh), ``HH:MM`` and ``dd/MM/yyyy``. A camera that nobody can see is "chưa rõ" and
never called broken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from server.config import Language
from server.domain.alerting import Rule
from server.domain.calendar import LOCAL
from server.domain.units import Organisation
from server.storage import AlertRow, Letter
from server.transports import Message
from wire.vocabulary import Cause

RECOVERED: Final = "recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phrases:
    """One language's sentences; ``{...}`` are filled in."""

    camera_down: str
    agent_silent: str
    other: str
    camera_back: str
    agent_back: str
    other_back: str
    zone: str
    cause: str
    page: str
    silent_note: str
    moment: str
    lasted: tuple[str, str, str]  # minutes, hours and minutes, days and hours


_VI: Final = _Phrases(
    camera_down="[{school}] Camera {name} mất hình từ {began}.",
    agent_silent="[{school}] {name} không gửi tín hiệu từ {began}.",
    other="[{school}] {name}: {rule} từ {began}.",
    camera_back="[{school}] Đã khắc phục: camera {name} hoạt động lại lúc {ended} ({lasted}).",
    agent_back="[{school}] Đã khắc phục: {name} gửi tín hiệu lại lúc {ended} ({lasted}).",
    other_back="[{school}] Đã khắc phục: {name}: {rule} lúc {ended} ({lasted}).",
    zone="Khu vực: {zone}",
    cause="Nguyên nhân: {cause}",
    page="Xem chi tiết: {url}",
    silent_note='Các camera do máy này theo dõi tạm tính là "chưa rõ", không tính là hỏng.',
    moment="%H:%M ngày %d/%m/%Y",
    lasted=("{m} phút", "{h} giờ {m} phút", "{d} ngày {h} giờ"),
)
_EN: Final = _Phrases(
    camera_down="[{school}] Camera {name} has had no picture since {began}.",
    agent_silent="[{school}] {name} has sent no signal since {began}.",
    other="[{school}] {name}: {rule} since {began}.",
    camera_back="[{school}] Resolved: camera {name} works again, {ended} ({lasted}).",
    agent_back="[{school}] Resolved: {name} sends signals again, {ended} ({lasted}).",
    other_back="[{school}] Resolved: {name}: {rule}, {ended} ({lasted}).",
    zone="Zone: {zone}",
    cause="Cause: {cause}",
    page="Details: {url}",
    silent_note='The cameras that this computer watches count as "not known", not as broken.',
    moment="%H:%M on %d/%m/%Y",
    lasted=("{m} min", "{h} h {m} min", "{d} d {h} h"),
)
_PHRASES: Final[Mapping[Language, _Phrases]] = {Language.VI: _VI, Language.EN: _EN}

_CAUSES: Final[Mapping[str, tuple[str, str]]] = {
    Cause.NETWORK_UNREACHABLE: ("mạng không tới được camera", "the network does not reach it"),
    Cause.NETWORK_REFUSED: ("camera từ chối kết nối", "it refuses the connection"),
    Cause.NETWORK_TIMEOUT: ("camera không trả lời", "it does not answer"),
    Cause.RTSP_AUTH: ("camera từ chối mật khẩu", "it refuses the password"),
    Cause.RTSP_NOT_FOUND: ("sai đường dẫn luồng hình", "the stream's path is wrong"),
    Cause.RTSP_BUSY: ("quá nhiều người đang xem", "too many viewers"),
    Cause.RTSP_PROTOCOL: ("camera trả lời không hiểu được", "it answers what is not understood"),
    Cause.STREAM_STALLED: ("luồng hình đã dừng", "the stream has stopped"),
    Cause.STREAM_NO_KEYFRAME: ("luồng không có hình trọn vẹn", "the stream has no whole pictures"),
    Cause.STREAM_UNDECODABLE: ("không đọc được hình", "the pictures cannot be read"),
}
"""The causes that leave no picture; any other is shown as its word."""


def compose(
    letter: Letter,
    organisation: Organisation,
    *,
    language: Language,
    public_url: str | None,
    now: datetime,
) -> Message:
    """Return the message of a letter. Names that are no longer configured show as ids."""
    phrases = _PHRASES[language]
    names = _names(letter.alert, organisation)
    subject = _subject(letter, names, phrases)
    lines = [subject, *_details(letter, names, phrases, language)]
    page = _page(letter.alert, public_url)
    if page is not None:
        lines += ["", phrases.page.format(url=page)]
    return Message(
        id=letter.id,
        subject=subject,
        text="\n".join(lines) + "\n",
        facts=_facts(letter, names, subject, page),
        at=now,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    school: str
    subject: str
    zone: str | None


def _names(alert: AlertRow, organisation: Organisation) -> _Names:
    school = organisation.school(alert.school)
    zones = {z.id: z.name for z in school.zones} if school is not None else {}
    subject = alert.camera or alert.agent or alert.key
    camera = organisation.camera(alert.camera) if alert.camera else None
    agent = organisation.agent(alert.agent) if alert.agent else None
    if camera is not None:
        subject = camera[1].name
    elif agent is not None:
        subject = agent[1].name
    return _Names(
        school=school.name if school is not None else alert.school,
        subject=subject,
        zone=zones.get(alert.zone) if alert.zone else None,
    )


def _subject(letter: Letter, names: _Names, phrases: _Phrases) -> str:
    alert = letter.alert
    over = letter.reason == RECOVERED
    sentence = {
        Rule.GATE_CAMERA_DOWN: phrases.camera_back if over else phrases.camera_down,
        Rule.AGENT_SILENT: phrases.agent_back if over else phrases.agent_silent,
    }.get(Rule(alert.rule) if alert.rule in set(Rule) else None)  # type: ignore[arg-type]
    ended = alert.ended_at or alert.closed_at or alert.began_at
    return (sentence or (phrases.other_back if over else phrases.other)).format(
        school=names.school,
        name=names.subject,
        rule=alert.rule,
        began=_moment(alert.began_at, phrases),
        ended=_moment(ended, phrases),
        lasted=_lasted(ended - alert.began_at, phrases),
    )


def _details(letter: Letter, names: _Names, phrases: _Phrases, language: Language) -> list[str]:
    lines = []
    if names.zone is not None:
        lines.append(phrases.zone.format(zone=names.zone))
    if letter.reason == RECOVERED:
        return lines
    if letter.alert.rule == Rule.AGENT_SILENT:
        lines.append(phrases.silent_note)
    elif letter.alert.cause is not None:
        vi, en = _CAUSES.get(letter.alert.cause, (letter.alert.cause, letter.alert.cause))
        lines.append(phrases.cause.format(cause=en if language is Language.EN else vi))
    return lines


def _page(alert: AlertRow, public_url: str | None) -> str | None:
    if public_url is None:
        return None
    path = f"/cameras/{alert.camera}" if alert.camera else f"/schools/{alert.school}"
    return public_url.rstrip("/") + path


def _moment(moment: datetime, phrases: _Phrases) -> str:
    return moment.astimezone(LOCAL).strftime(phrases.moment)


def _lasted(length: timedelta, phrases: _Phrases) -> str:
    minutes = max(round(length.total_seconds() / 60), 1)
    hours, rest = divmod(minutes, 60)
    days, day_hours = divmod(hours, 24)
    which = 2 if days else 1 if hours else 0
    return phrases.lasted[which].format(m=rest, h=day_hours if days else hours, d=days)


def _facts(letter: Letter, names: _Names, subject: str, page: str | None) -> dict[str, Any]:
    alert = letter.alert
    return {
        "id": letter.id,
        "reason": letter.reason,
        "text": subject,
        "url": page,
        "alert": {
            "id": alert.id,
            "rule": alert.rule,
            "school": alert.school,
            "school_name": names.school,
            "camera": alert.camera,
            "agent": alert.agent,
            "zone": alert.zone,
            "name": names.subject,
            "state": alert.state,
            "cause": alert.cause,
            "began_at": _iso(alert.began_at),
            "opened_at": _iso(alert.opened_at),
            "ended_at": _iso(alert.ended_at),
            "closed_at": _iso(alert.closed_at),
        },
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
