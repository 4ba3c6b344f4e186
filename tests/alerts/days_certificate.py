"""The certificates that agents and people meet: three weeks before they end somebody hears of it.

They are asked for every six hours, from the server's start on (23:50 before these days).
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from server.domain.incident.model import Kind
from server.domain.paging.people import Occasion
from tests.alerts.script import Day, day

PAGES: Final = "camera.example.vn:443"
BROKER: Final = "mqtt.example.vn:8883"
ROOT: Final = f"certificate:{PAGES}"
NEAR: Final = timedelta(days=21)
ASKED_S: Final = 6 * 3600 + 3600
"""They are asked for every six hours; looks that find nothing are half an hour apart here."""
CALM_S: Final = 3600 + 60
US: Final = ("an",)


def _shows(d: Day, since: str, name: str, near_at: str) -> None:
    """An address shows from ``since`` on a certificate that is near its end from ``near_at`` on."""
    d.truth.certificates.append((d.t(since), name, d.t(near_at) + NEAR))


@day("28 a certificate comes near its end, and is renewed", days=2)
def _renewed(d: Day) -> None:
    _shows(d, "0:00", PAGES, "9:00")
    _shows(d, "0:00", BROKER, "2 23:59")
    _shows(d, "2 9:00", PAGES, "60 0:00")
    d.told(Kind.CERTIFICATE, ROOT, "9:00", ASKED_S, over="2 9:00", over_s=ASKED_S + CALM_S, to=US)


@day("28 a certificate that nobody renews is told once, and to whoever has the turn next", days=24)
def _ends(d: Day) -> None:
    _shows(d, "0:00", PAGES, "9:00")
    d.told(Kind.CERTIFICATE, ROOT, "9:00", ASKED_S, to=US)
    for monday, who in ((7, "binh"), (14, "an"), (21, "binh")):
        at, turn = f"{monday} 7:00", Occasion.HANDOVER
        d.told(Kind.CERTIFICATE, ROOT, "9:00", 60, at=at, to=(who,), occasion=turn)


@day("28 an address that does not answer says nothing of its certificate", days=2)
def _away(d: Day) -> None:
    _shows(d, "0:00", PAGES, "9:00")
    _shows(d, "0:00", BROKER, "9:00")
    d.truth.certificates.append((d.t("8:00"), BROKER, None))
    d.truth.certificates.append((d.t("20:00"), PAGES, None))
    d.told(Kind.CERTIFICATE, ROOT, "9:00", ASKED_S, to=US)


@day("28 a certificate that has ended already is told at the server's next start")
def _ended(d: Day) -> None:
    _shows(d, "0:00", PAGES, "60 0:00")
    d.truth.certificates.append((d.t("8:00"), PAGES, d.t("8:00") - timedelta(days=3)))
    d.truth.restarts += [d.t("8:10"), d.t("9:10")]
    d.told(Kind.CERTIFICATE, ROOT, "8:00", 3600, to=US)


@day("28 two certificates end, and are two troubles")
def _two(d: Day) -> None:
    _shows(d, "0:00", PAGES, "9:00")
    _shows(d, "0:00", BROKER, "9:00")
    d.told(Kind.CERTIFICATE, ROOT, "9:00", ASKED_S, to=US)
    d.told(Kind.CERTIFICATE, f"certificate:{BROKER}", "9:00", ASKED_S, to=US)


@day("28 a certificate is of no place: it is told although every policy names a unit")
def _placed(d: Day) -> None:
    usual = d.town.directory
    placed = tuple(replace(p, units=("h",)) for p in usual.policies)
    d.play.directory = replace(usual, policies=placed)
    _shows(d, "0:00", PAGES, "9:00")
    d.told(Kind.CERTIFICATE, ROOT, "9:00", ASKED_S, to=US)


@day("28 a certificate that comes near its end in the night is told in the morning", days=2)
def _night(d: Day) -> None:
    _shows(d, "0:00", PAGES, "2:00")
    d.told(Kind.CERTIFICATE, ROOT, "2:00", 60, at="7:00", to=US)


@day("28 a certificate that comes near its end on a Saturday is told on Monday", days=7)
def _weekend(d: Day) -> None:
    _shows(d, "0:00", PAGES, "5 9:00")
    d.told(Kind.CERTIFICATE, ROOT, "5 9:00", 60, at="7 7:00", to=("binh",))
