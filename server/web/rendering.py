"""Templates to HTML: one Jinja2 environment per language, so that every filter knows its tongue.

The catalogue is the only source of text, the tongue the only writer of numbers and times; a
template never computes a figure.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from server.texts import deeds, words
from server.texts.details import spoken
from server.texts.outcomes import outcome_told
from server.texts.tongue import LANGUAGES, Tongue, load, local_day
from server.web.charts.days import day_bars
from server.web.charts.passages import passage_bars
from server.web.charts.ribbon import counted_strip, legend_swatch, ribbon
from server.web.charts.shares import range_bar, trend, trend_floor
from server.web.pages.looks import DayMet
from wire.vocabulary import State

_CLASSES: Final = {
    State.UP: "up",
    State.DEGRADED: "deg",
    State.DOWN: "down",
    State.UNKNOWN: "unk",
}
"""The style sheet's short names."""
_HERE: Final = Path(__file__).resolve().parent


class Renderer:
    """Renders a template in one of the languages."""

    def __init__(self, version: str) -> None:
        """Prepare both environments; ``version`` marks the static files, for caches."""
        self.tongues: Final = {code: load(code) for code in LANGUAGES}
        self._environments = {
            code: _environment(tongue, version) for code, tongue in self.tongues.items()
        }

    def render(self, template: str, tongue: Tongue, values: Mapping[str, Any]) -> str:
        """Return the page as text."""
        return self._environments[tongue.code].get_template(template).render(values)


def _environment(tongue: Tongue, version: str) -> Environment:
    env = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_translations(tongue.catalogue, newstyle=True)  # type: ignore[attr-defined]
    env.filters.update(_filters(tongue))
    env.globals.update(
        tongue=tongue,
        outcome_text=partial(deeds.outcome_text, tongue),
        State=State,
        css=_CLASSES,
        swatch=legend_swatch,
        icon=icon,
        static=lambda name: f"/static/{name}?v={version}",
        units=tongue.units(),
        range_bar=range_bar,
        trend=trend,
        trend_floor=trend_floor,
        counted_strip=partial(counted_strip, label=tongue.text("Hours that count")),
        ribbon=partial(ribbon, tongue=tongue),
        day_bars=partial(day_bars, tongue=tongue),
        passage_bars=partial(passage_bars, tongue=tongue),
    )
    return env


def _filters(tongue: Tongue) -> dict[str, Any]:
    return {
        "num": tongue.number,
        "percent": tongue.percent,
        "size": tongue.size,
        "clock": tongue.clock,
        "clock_end": tongue.clock_end,
        "exact": tongue.exact,
        "duration": tongue.duration,
        "moment": partial(_moment, tongue),
        "ago": partial(_ago, tongue),
        "word": partial(words.state_word, tongue),
        "cause": partial(words.cause_word, tongue),
        "detail": partial(_detail, tongue),
        "outcome": partial(outcome_told, tongue),
        "action": partial(deeds.action_word, tongue),
        "capital": capital,
        "localday": local_day,
        "short": short_name,
        "shares": shares,
    }


def _detail(tongue: Tongue, detail: str) -> Markup:
    """Return an agent's short fact in the page's language; marked where it stays in English."""
    said = spoken(tongue, detail)
    if said.lang == tongue.code:
        return escape(said.text)
    return Markup('<span lang="{}">{}</span>').format(said.lang, said.text)


def capital(text: str) -> str:
    """Return the text with its first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def shares(days: Iterable[DayMet]) -> list[tuple[float, float]]:
    """Return the sure and the possible share of each day that has required time."""
    return [
        (float(day.seconds.low), float(day.seconds.high))
        for day in days
        if day.seconds.low is not None and day.seconds.high is not None
    ]


def short_name(name: str) -> str:
    """Return a school's name without the word that every one begins with."""
    rest = name.removeprefix("Trường ")
    return rest[:1].upper() + rest[1:]


def icon(name: str, extra: str = "") -> Markup:
    """Return a symbol of the sprite, hidden from screen readers: words always stand beside it."""
    return Markup('<svg class="i {}" aria-hidden="true"><use href="#i-{}"/></svg>').format(
        extra, name
    )


def _moment(tongue: Tongue, at: datetime, now: datetime) -> Markup:
    """Return the moment as a ``time`` element with the exact time on hover."""
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.isoformat(), tongue.exact(at), tongue.moment(at, now)
    )


def _ago(tongue: Tongue, at: datetime, now: datetime) -> Markup:
    """Return how long ago ``at`` was, as an element that the page's script keeps counting."""
    return Markup('<span class="nw" data-since="{}">{}</span>').format(
        at.isoformat(), escape(tongue.duration((now - at).total_seconds()))
    )
