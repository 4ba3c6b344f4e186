"""One language: its catalogue, and how it writes numbers, times and spans. Pure.

Text is looked up by its English msgid. The rules of writing (decimal comma, thousands dot, no-break
space before the percent sign, ``06:48 hôm nay``) stand in one place, here; a page only says what it
means. Local time exists from here outwards: everything that comes in is aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

LOCALE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
LANGUAGES: Final = ("vi", "en")
CATALOGUES: Final = Path(__file__).resolve().parent.parent / "locale"
NBSP: Final = "\N{NO-BREAK SPACE}"
TO: Final = "\N{WORD JOINER}–\N{WORD JOINER}"
"""An en dash that no line breaks at."""


def N_(msgid: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark a text for the catalogue and return it as it is."""
    return msgid


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language: ``code`` and its catalogue."""

    code: str
    catalogue: NullTranslations

    # ------------------------------------------------------------------ text
    def text(self, msgid: str, /, **values: object) -> str:
        """Return the text of ``msgid`` with ``%(name)s`` filled in."""
        found = self.catalogue.gettext(msgid) if msgid else ""
        return found % values if values else found

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Return the form of a text that suits ``number``; ``%(num)s`` is the number itself."""
        found = self.catalogue.ngettext(one, many, number)
        return found % {"num": self.number(number), **values}

    # --------------------------------------------------------------- numbers
    def number(self, value: float, decimals: int = 0) -> str:
        """Return ``1.234,5`` (Vietnamese) or ``1,234.5``."""
        plain = f"{value:,.{decimals}f}"
        if self.code != "vi":
            return plain
        return plain.translate(str.maketrans(",.", ".,"))

    def percent(self, share: float) -> str:
        """Return a share (0 to 1) as a percentage with one decimal."""
        return self._tenths(_tenths(share)) + self._percent_sign

    def percent_range(self, low: float, high: float) -> str:
        """Return ``96,2–97,8 %``; one number where both ends read the same."""
        first, last = _tenths(low), _tenths(high)
        if first == last:
            return self._tenths(first) + self._percent_sign
        return f"{self._tenths(first)}{TO}{self._tenths(last)}{self._percent_sign}"

    def range(self, low: int, high: int) -> str:
        """Return ``21–23``, or ``21`` where both ends are the same."""
        return self.number(low) if low == high else f"{self.number(low)}{TO}{self.number(high)}"

    def size(self, octets: int) -> str:
        """Return a number of bytes as ``1,2 GB``, in powers of 1000."""
        value, unit = float(octets), "B"
        for larger in ("kB", "MB", "GB", "TB"):
            if value < 1000:  # noqa: PLR2004 - the definition of kilo
                break
            value, unit = value / 1000, larger
        return f"{self.number(value, 0 if unit == 'B' else 1)}{NBSP}{unit}"

    def _tenths(self, tenths: int) -> str:
        return self.number(tenths / 10, 1)

    @property
    def _percent_sign(self) -> str:
        return f"{NBSP}%" if self.code == "vi" else "%"

    # ------------------------------------------------------------------ time
    def clock(self, at: datetime, *, seconds: bool = False) -> str:
        """Return the local time of day."""
        return at.astimezone(LOCALE).strftime("%H:%M:%S" if seconds else "%H:%M")

    def clock_end(self, at: datetime) -> str:
        """Return the local time of day at which something ends: midnight is 24:00."""
        text = self.clock(at)
        return "24:00" if text == "00:00" else text

    def exact(self, at: datetime) -> str:
        """Return date and time with seconds, for hover and lists."""
        return at.astimezone(LOCALE).strftime("%d/%m/%Y %H:%M:%S")

    def day(self, day: date, *, year: bool = False) -> str:
        """Return ``24/11`` or ``24/11/2026``."""
        return day.strftime("%d/%m/%Y" if year else "%d/%m")

    def weekday(self, day: date) -> str:
        """Return the day of the week, in lower case where the language has it so."""
        return self.text(_WEEKDAYS[day.weekday()])

    def moment(self, at: datetime, now: datetime) -> str:
        """Return ``06:48 hôm nay``, ``15:40 hôm qua`` or ``08:05 ngày 20/11``."""
        day, today = local_day(at), local_day(now)
        if day == today:
            return self.text("%(time)s today", time=self.clock(at))
        if day == today - timedelta(days=1):
            return self.text("%(time)s yesterday", time=self.clock(at))
        named = self.day(day, year=day.year != today.year)
        return self.text("%(time)s on %(day)s", time=self.clock(at), day=named)

    def dated(self, at: datetime) -> str:
        """Return ``08:05 ngày 20/11/2026``: a moment that reads the same on any day."""
        named = self.day(local_day(at), year=True)
        return self.text("%(time)s on %(day)s", time=self.clock(at), day=named)

    def brief(self, at: datetime, now: datetime) -> str:
        """Return the time of day alone for today, else what ``moment`` says."""
        return self.clock(at) if local_day(at) == local_day(now) else self.moment(at, now)

    def span(self, start: datetime, end: datetime, now: datetime) -> str:
        """Return ``15:05–15:31 hôm qua``, or both moments in full where the days differ."""
        if local_day(start) == local_day(end):
            if self.clock(start) == self.clock(end):
                return self.moment(end, now)
            return f"{self.clock(start)}{TO}{self.moment(end, now)}"
        return f"{self.moment(start, now)} – {self.moment(end, now)}"

    def duration(self, seconds: float) -> str:
        """Return ``2 giờ 54 phút``: the two largest units, seconds only under a minute."""
        whole = max(0, int(seconds))
        days, rest = divmod(whole, 86400)
        hours, rest = divmod(rest, 3600)
        minutes = rest // 60
        if days:
            return self._units((days, _DAY), (hours, _HOUR))
        if hours:
            return self._units((hours, _HOUR), (minutes, _MINUTE))
        return self._units((minutes, _MINUTE)) if minutes else self._units((whole, _SECOND))

    def _units(self, *parts: tuple[int, tuple[str, str]]) -> str:
        shown = [part for part in parts if part[0]] or [parts[-1]]
        return " ".join(self.count(*words, number) for number, words in shown)

    def units(self) -> Mapping[str, str]:
        """Return the words of duration for the page's script, as ``one|many``."""
        named = {"day": _DAY, "hour": _HOUR, "minute": _MINUTE, "second": _SECOND}
        return {
            name: "|".join(
                self.catalogue.ngettext(*words, n).replace("%(num)s", "#") for n in (1, 2)
            )
            for name, words in named.items()
        }


_DAY: Final = ("%(num)s day", "%(num)s days")
_HOUR: Final = ("%(num)s hour", "%(num)s hours")
_MINUTE: Final = ("%(num)s minute", "%(num)s minutes")
_SECOND: Final = ("%(num)s second", "%(num)s seconds")
_WEEKDAYS: Final = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)


def _tenths(share: float) -> int:
    """Return a share in tenths of a percent; only a whole one is 1000, only nothing is 0."""
    tenths = round(share * 1000)
    if 0 < share < 1:
        return min(999, max(1, tenths))
    return tenths


def local_day(at: datetime) -> date:
    """Return the local date of a moment."""
    return at.astimezone(LOCALE).date()


def load(code: str) -> Tongue:
    """Read the compiled catalogue of one language (a file under ``server/locale``)."""
    path = CATALOGUES / code / "LC_MESSAGES" / "messages.mo"
    if not path.exists():  # before the first compile, the msgids speak for themselves
        return Tongue(code, NullTranslations())
    with path.open("rb") as file:
        return Tongue(code, GNUTranslations(file))
