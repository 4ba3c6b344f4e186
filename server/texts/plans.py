"""What a plan says, line by line, in words: labels, values, sources, warnings, refusals. Pure."""

from datetime import date
from typing import Final

from server.domain.calendar import MINUTES_PER_DAY, WEEKDAYS, DayWindow, SchoolHours
from server.domain.citation import Citation
from server.domain.duties import DueDay
from server.domain.plan import SCHOOL_KINDS, Plan
from server.domain.planfacts import Fact, Topic
from server.domain.planwarnings import PlanWarning, WarningKind
from server.domain.schoolyear import DayOff
from server.texts.planwords import (
    ENGLISH_KINDS,
    FIELDS,
    FORBIDDEN,
    LABELS,
    LOGS,
    NO_YEAR,
    OFFICES,
    REFUSALS,
    REPLACED,
    REPLACED_ON,
    SECURITY,
    TOPICS,
    WARNINGS,
    WORDS,
)
from server.texts.tongue import N_, TO, Tongue
from server.texts.words import cause_word

UNSET: Final = N_("Not set")
EMPTY: Final = N_("must not be empty")
_WEEK: Final = 7
_MONTHS_PER_YEAR: Final = 12
_MINUTES: Final = 60
_ENGLISH_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def school_kind(tongue: Tongue, kind: str) -> str:
    """Return the name of a kind of school."""
    names = SCHOOL_KINDS if tongue.code == "vi" else ENGLISH_KINDS
    return names.get(kind, kind)


def zone_kind(tongue: Tongue, plan: Plan, kind: str) -> str:
    """Return the plan's name of a kind of place."""
    found = plan.zones.get(kind)
    if found is None:
        return kind
    return found.vi if tongue.code == "vi" or found.en is None else found.en


def office(tongue: Tongue, name: str) -> str:
    """Return who writes or receives a paper; an unknown word stays as the file has it."""
    return tongue.text(OFFICES[name]) if name in OFFICES else name


def forbidden_place(tongue: Tongue, plan: Plan, kind: str) -> str:
    """Return the name of a kind of place where no camera may be."""
    known = FORBIDDEN.get(kind)
    return zone_kind(tongue, plan, kind) if known is None else tongue.text(known)


def fact_label(tongue: Tongue, plan: Plan, fact: Fact) -> str:
    """Return what a line is about: ``Tiểu học, Cổng trường: số camera``."""
    known = LABELS.get(fact.key)
    if known is not None:
        return tongue.text(known)
    if fact.topic is Topic.RETENTION and fact.field in LOGS:
        return tongue.text(LOGS[fact.field])
    subject = ", ".join(_subject(tongue, plan, fact, name) for name in fact.subjects)
    if fact.topic is Topic.SECURITY or fact.key.startswith("calendar.holidays.extra"):
        return subject
    if fact.key.startswith("calendar.sessions"):
        return tongue.text("School hours: %(kind)s", kind=subject)
    word = FIELDS.get(fact.field)
    return f"{subject}: {tongue.text(word)}" if word else subject or fact.key


def _subject(tongue: Tongue, plan: Plan, fact: Fact, name: str) -> str:
    if name in SCHOOL_KINDS:
        return school_kind(tongue, name)
    if fact.topic is Topic.DOCUMENTS:
        return next((d.vi for d in plan.documents if d.id == name), name)
    if fact.topic is Topic.SECURITY:
        own = next((i.vi for i in plan.camera_security if i.id == name), None)
        return own or (tongue.text(SECURITY[name]) if name in SECURITY else name)
    if fact.topic is Topic.CALENDAR and fact.key.startswith("calendar.school_year"):
        return tongue.text("School year %(year)s", year=name)
    return zone_kind(tongue, plan, name)


def fact_value(tongue: Tongue, plan: Plan, fact: Fact | None) -> str:  # noqa: PLR0911 - a table of types
    """Return a line's value in words; what is unset says so."""
    match fact:
        case None | Fact(value=None):
            return tongue.text(UNSET)
        case Fact(value=bool() as truth):
            return tongue.text("yes") if truth else tongue.text("no")
        case Fact(value=int() | float() as number):
            return _number(tongue, fact, number)
        case Fact(value=date() as day):
            return tongue.day(day, year=True)
        case Fact(value=SchoolHours() as hours):
            return hours_text(tongue, hours)
        case Fact(value=DueDay() as due):
            return due_text(tongue, due)
        case Fact(value=DayOff() as entry):
            return day_off_text(tongue, entry)
        case Fact(value=tuple() as several):
            return ", ".join(_word(tongue, plan, fact, word) for word in several)
        case Fact(value=str() as text):
            return _word(tongue, plan, fact, text)
        case _:
            raise TypeError(fact)


def _number(tongue: Tongue, fact: Fact, number: float) -> str:
    match fact.field:
        case "required_percent":
            return tongue.percent(number / 100)
        case "every" | "certificate_valid":
            return months_text(tongue, int(number))
        case "offline_alert_after_s":
            return tongue.duration(number)
        case "min_fps":
            return tongue.number(number, 0 if number == int(number) else 1)
        case _ if fact.topic is Topic.RETENTION or fact.field == "findings_close_after_days":
            return tongue.count("%(num)s day", "%(num)s days", int(number))
        case _:
            return tongue.number(number)


def _word(tongue: Tongue, plan: Plan, fact: Fact, word: str) -> str:
    if fact.key == "counts_degraded.causes":
        return cause_word(tongue, word)
    if fact.key == "active_criteria_set":
        return next((s.vi for s in plan.criteria_sets if s.id == word), word)
    if fact.key == "forbidden_zones":
        return forbidden_place(tongue, plan, word)
    known = WORDS.get(word)
    return tongue.text(known) if known and fact.field in {"measured_over", "school_year"} else word


def hours_text(tongue: Tongue, hours: SchoolHours) -> str:
    """Return ``T2–T6: 06:30–11:30, 13:30–17:00``."""
    return f"{_days_text(tongue, hours.days)}: {windows_text(hours.windows)}"


def windows_text(windows: tuple[DayWindow, ...]) -> str:
    """Return ``06:30–11:30, 13:30–17:00``."""
    return ", ".join(f"{_clock(w.start_min)}{TO}{_clock(w.end_min)}" for w in windows)


def _days_text(tongue: Tongue, days: tuple[int, ...]) -> str:
    names = WEEKDAYS if tongue.code == "vi" else _ENGLISH_DAYS
    if len(days) == _WEEK:
        return tongue.text("every day")
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(
        names[run[0]] if len(run) == 1 else f"{names[run[0]]}{TO}{names[run[-1]]}" for run in runs
    )


def _clock(minute: int) -> str:
    return (
        "24:00" if minute == MINUTES_PER_DAY else f"{minute // _MINUTES:02}:{minute % _MINUTES:02}"
    )


def day_off_text(tongue: Tongue, entry: DayOff) -> str:
    """Return the days of an entry, and the hours that are held on them if there are some."""
    days = tongue.day(entry.first, year=True)
    if entry.last != entry.first:
        days = f"{days}{TO}{tongue.day(entry.last, year=True)}"
    if entry.windows is None:
        return days
    return tongue.text("%(days)s, held %(hours)s", days=days, hours=windows_text(entry.windows))


def due_text(tongue: Tongue, due: DueDay) -> str:
    """Return ``31/05 hằng năm`` or ``31/05/2027``."""
    if due.year is not None:
        return tongue.day(date(due.year, due.month, due.day), year=True)
    return tongue.text("%(day)s every year", day=tongue.day(date(2000, due.month, due.day)))


def months_text(tongue: Tongue, months: int) -> str:
    """Return a span in years where it is whole years, else in months."""
    years, rest = divmod(months, _MONTHS_PER_YEAR)
    if rest:
        return tongue.count("%(num)s month", "%(num)s months", months)
    return tongue.count("%(num)s year", "%(num)s years", years)


def source_text(source: Citation | None) -> str:
    """Return who says so, with the note beside it; empty for nobody."""
    if source is None:
        return ""
    return source.ref if source.note is None else f"{source.ref}, {source.note}"


def warning_text(tongue: Tongue, warning: PlanWarning) -> str:
    """Return a warning as sentences."""
    if warning.kind is WarningKind.CRITERIA:
        return tongue.text("The chosen criteria: %(text)s", text=warning.text or "")
    if warning.kind is WarningKind.CALENDAR_ENDS and warning.day is None:
        return tongue.text(NO_YEAR)
    day = "" if warning.day is None else tongue.day(warning.day, year=True)
    source = "" if warning.source is None else warning.source.ref
    said = tongue.text(WARNINGS[warning.kind], source=source, day=day)
    if warning.successor is None:
        return said
    more = REPLACED_ON if day else REPLACED
    return f"{said} {tongue.text(more, day=day, successor=warning.successor.ref)}"


def topic_words(tongue: Tongue) -> dict[Topic, str]:
    """Return what the parts of a plan are called."""
    return {topic: tongue.text(word) for topic, word in TOPICS.items()}


def refusal_text(tongue: Tongue, why: str) -> str:
    """Return why something may not be done to a version."""
    return tongue.text(REFUSALS[why])
