"""The page of rules: how patient to be and how grave it is, a preview, and its versions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from server.domain.incident.model import Severity
from server.domain.incident.rules import Rules
from server.paging.rules import ALERT_RULES, THE_RULES, KeptRules, load_rules, read_rules
from server.storage import Store
from server.texts.incident_words import KINDS, RULE_WORDS, SEVERITIES
from server.texts.tongue import N_
from server.web import forms
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.forms import BadInputError
from server.web.frame import render
from server.web.pages.rules import Difference, differences, own_figures, rule_rows
from server.web.previewing import DAYS, PREVIEWING, Compared
from server.web.refusals import refusing, why_not
from server.web.ruledeeds import save_rules
from server.web.ruleforms import MOST_FIELDS, NEW, SHARES, rules_of
from server.web.writer import writer

_MOST_VERSIONS: Final = 30
_MOST_SCHOOLS: Final = 40
_HERE: Final = "/alerting/rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A revision of the rules, and what it changed."""

    number: int
    by: str
    at: datetime
    changed: tuple[Difference, ...]


async def get_rules(request: web.Request) -> web.Response:
    """Serve ``/alerting/rules``."""
    kept = await load_rules(request.app[DEPS].store)
    return await _page(request, kept, kept.rules)


async def post_rules(request: web.Request) -> web.Response:
    """Put a rule for an area into the table, preview rules, or save those that were previewed."""
    by, deps = writer(request), request.app[DEPS]
    given = forms.fields(await request.read(), request.content_type, most=MOST_FIELDS)
    kept = await load_rules(deps.store)
    try:
        asked = rules_of(given, kept.rules, deps.plan.zones)
        seen = forms.number(given, "revision", default=0, least=0, most=2**31)
        added = _added(given) if given.get("do") == "add" else ""
    except BadInputError as error:
        shown = _typed(given, kept.rules, deps.plan.zones)
        return await _page(request, kept, shown, mistake=error)
    if added:
        return await _page(request, kept, asked, added=added)
    if given.get("do") != "save":
        found = await request.app[PREVIEWING].compare(asked, kept.rules)
        return await _page(request, kept, asked, found=found)
    with refusing(request):
        await save_rules(by, asked, seen=seen)
    raise web.HTTPSeeOther(_HERE)


def _added(given: Mapping[str, str]) -> str:
    """Return the key of the row that a form puts into the table. Raises ``BadInputError``."""
    if not forms.text(given, "new_kind"):
        raise BadInputError("new_kind", N_("must not be empty"))
    return f"{given['new_kind']}@{given['new_zone']}"


def _typed(given: Mapping[str, str], kept: Rules, zones: Collection[str]) -> Rules:
    """Return what was typed into the table, so that a mistake beside it does not cost it."""
    try:
        return rules_of({k: v for k, v in given.items() if k not in NEW}, kept, zones)
    except BadInputError:
        return kept


async def _page(
    request: web.Request,
    kept: KeptRules,
    shown: Rules,
    *,
    added: str = "",
    found: Compared | None = None,
    mistake: BadInputError | None = None,
) -> web.Response:
    deps, tongue = request.app[DEPS], request[TONGUE]
    response = render(
        request,
        "rules.html",
        rows=rule_rows(shown),
        added=added,
        unsaved=[f"{kind}@{zone}" for kind, zone in shown.zones.keys() - kept.rules.zones.keys()],
        figures=_figures(shown),
        own=own_figures(shown),
        shares=SHARES,
        changed=differences(kept.rules, shown),
        revision=kept.revision,
        found=found,
        schools=_schools(found),
        days=DAYS,
        versions=await versions(deps.store),
        kinds=[(kind, tongue.text(words.label)) for kind, words in KINDS.items()],
        zones=[(zone.id, zone.vi) for zone in deps.plan.zones.values()],
        severities=[(s, tongue.text(word)) for s, word in SEVERITIES.items()],
        setting=lambda name: tongue.text(RULE_WORDS[name]),
        value=lambda name, text: _value(tongue.text, name, text),
        mistake=None if mistake is None else why_not(tongue, mistake),
        may_act=request[SESSION].user.may_act,
        live=False,
    )
    response.set_status(200 if mistake is None else 400)
    return response


def _schools(found: Compared | None) -> list[tuple[str | None, int]]:
    """Return the schools with messages by either rules, those with most first."""
    if found is None:
        return []
    both = found.asked.schools | found.standing.schools
    return sorted(both.items(), key=lambda pair: (-pair[1], pair[0] or ""))[:_MOST_SCHOOLS]


def _figures(rules: Rules) -> Mapping[str, int]:
    """Return the settings that are of no kind as a form says them: shares in percent."""
    found: dict[str, Any] = {name: getattr(rules, name) for name in own_figures(rules)}
    return {n: round(v * 100) if n in SHARES else v for n, v in found.items()}


def _value(text: Any, name: str, value: str | None) -> str:
    """Return a setting's value in words, for the list of what has changed."""
    if value is None:
        return "–"
    if value in set(Severity):
        return str(text(SEVERITIES[Severity(value)]))
    if name in SHARES:
        return f"{round(float(value) * 100)} %"
    return f"{value} s" if name.endswith("_s") else value


async def versions(store: Store) -> list[Version]:
    """Return the revisions of the rules, the newest first."""
    found, before = [], Rules()
    for record in await store.record_history(ALERT_RULES, THE_RULES):
        after = Rules() if record.gone else read_rules(record)
        changed = differences(before, after)
        found.append(Version(number=record.revision, by=record.by, at=record.at, changed=changed))
        before = after
    return found[::-1][:_MOST_VERSIONS]


ROUTES: Final = (web.get(_HERE, get_rules), web.post(_HERE, post_rules))
