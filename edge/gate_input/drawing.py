"""The guards' page as HTML. Pure; whatever was typed in is escaped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from html import escape
from typing import Final

from edge.config.values import GateConfig
from edge.gate_input.shifts import HANDS, TAKES, OnShift, ShiftNote
from edge.gate_input.words import WORDS, Language, Words

ASKS: Final = "ask"
"""What Enter in the code's field means: a card reader types it, and can't know which."""
_VIETNAM: Final = timezone(timedelta(hours=7))  # Windows has no time zones of its own by name
_MS: Final = 1000
_PAGE: Final = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="/shift.css">
<script src="/shift.js" defer></script></head>
<body><header><h1>{title}</h1><span class="where">{where}</span>
<time>{now}</time><a class="lang" href="?{query}">{other}</a></header>
<main>{said}
<form method="post" action="/shift?lang={lang}" class="panel">{fields}</form>
<section class="panel"><h2>{there_title}</h2>{there}</section>
<p class="note">{offline}</p></main></body></html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """Everything on the page.

    Attributes:
        form: An id for what will be sent, so that a repeat is none.
        gate: The gate that is chosen; empty: none yet.
        code: What was typed in and is not recorded; with ``asks``: whose direction is asked for.
        saved: What was recorded just now.
        error: A problem's code; empty: none.
    """

    language: Language
    now: datetime
    gates: Sequence[GateConfig]
    there: Sequence[OnShift]
    form: str
    gate: str = ""
    code: str = ""
    asks: bool = False
    saved: ShiftNote | None = None
    error: str = ""


def draw(view: PageView) -> str:
    """Return the page."""
    words = WORDS[view.language]
    language, name = words.other
    names = {gate.id: gate.name for gate in view.gates}
    return _PAGE.format(
        lang=view.language,
        title=words.title,
        where=escape(view.gates[0].name) if len(view.gates) == 1 else "",
        now=_clock(view.now),
        query=escape(f"gate={view.gate}&lang={language}"),
        other=name,
        said=_said(view, words),
        fields=_question(view, words) if view.asks else _fields(view, words),
        there_title=words.there,
        there=_there(view.there, names, words),
        offline=words.offline,
    )


def _said(view: PageView, words: Words) -> str:
    if view.error:
        what, do = words.errors.get(view.error, words.errors["spool_failed"])
        return f'<div class="said bad" role="alert"><b>{what}</b><p>{do}</p></div>'
    if view.saved is None:
        return ""
    note = view.saved
    time = words.saved.format(time=_clock(datetime.fromtimestamp(note.at_ms / _MS, UTC)))
    deed = (words.takes if note.taking else words.hands).lower()
    return f'<div class="said good" role="status">{time}: <b>{escape(note.code)} {deed}</b></div>'


def _fields(view: PageView, words: Words) -> str:
    code = escape(view.code)
    return "".join(
        (
            _hidden("id", view.form),
            f'<button class="vh" name="direction" value="{ASKS}" tabindex="-1"></button>',
            _gates(view, words),
            f'<label for="code">{words.code}</label>',
            f'<input id="code" name="code" value="{code}" maxlength="32" autocomplete="off"',
            ' autocapitalize="characters" spellcheck="false" autofocus>',
            f"<p>{words.hint}</p>",
            f'<div class="two">{_buttons(words, first=TAKES, focus=False)}</div>',
        )
    )


def _question(view: PageView, words: Words) -> str:
    is_there = any(one.code == view.code for one in view.there)
    likely = HANDS if is_there else TAKES
    return "".join(
        (
            _hidden("id", view.form),
            _hidden("gate", view.gate),
            _hidden("code", view.code),
            f'<p class="which">{escape(words.which.format(code=view.code))}</p>',
            f'<div class="two">{_buttons(words, first=likely, focus=True)}</div>',
            f'<a class="cancel" href="/?{escape(f"gate={view.gate}&lang={view.language}")}">',
            f"{words.cancel}</a>",
        )
    )


def _buttons(words: Words, *, first: str, focus: bool) -> str:
    """Draw both directions; ``first`` is the coloured one."""
    found = []
    for value, text in ((TAKES, words.takes), (HANDS, words.hands)):
        main = ' class="main"' if value == first else ""
        here = " autofocus" if focus and value == first else ""
        found.append(f'<button name="direction" value="{value}"{main}{here}>{text}</button>')
    return "".join(found)


def _gates(view: PageView, words: Words) -> str:
    if len(view.gates) == 1:
        return _hidden("gate", view.gates[0].id)
    choices = (
        f'<label><input type="radio" name="gate" value="{gate.id}"'
        f"{' checked' if gate.id == view.gate else ''}> {escape(gate.name)}</label>"
        for gate in view.gates
    )
    return f"<fieldset><legend>{words.gate}</legend>{''.join(choices)}</fieldset>"


def _there(there: Sequence[OnShift], names: dict[str, str], words: Words) -> str:
    if not there:
        return f"<p>{words.nobody}</p>"
    lines = (
        f"<li><b>{escape(one.code)}</b><span>{escape(names.get(one.gate, one.gate))}</span>"
        f"<span>{_since(one, words)}</span></li>"
        for one in there
    )
    return f"<ul>{''.join(lines)}</ul>"


def _since(one: OnShift, words: Words) -> str:
    return words.since.format(time=_clock(datetime.fromtimestamp(one.since_ms / _MS, UTC)))


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _clock(moment: datetime) -> str:
    return moment.astimezone(_VIETNAM).strftime("%H:%M")
