"""What people decide about a year's results: the rules of commendation, and schools by hand.

One way for pages, the API and commands; each raises one of ``refusals.REFUSALS`` where it is not
done. What people send is a form's fields: texts by name.
"""

from collections.abc import Mapping
from typing import Final

from server.domain.commendation import PERCENT, Proposal, Rules
from server.domain.units import School
from server.storage import Store
from server.texts.tongue import N_
from server.web import forms
from server.web.forms import BadInputError
from server.web.pages.choosing import Choice, fitting
from server.web.pages.yearly import ResultsPage, results_page
from server.web.writer import Writer
from server.web.yearlydeeds import owed_lines
from server.web.yearlyground import Ground
from server.yearly.book import (
    load_evaluations,
    load_outcomes,
    load_proposals,
    load_rules,
    proposal_put,
    rules_put,
)

Form = Mapping[str, str]
PROPOSE: Final = "propose"
STRIKE: Final = "strike"
_LONGEST: Final = 300
_NEEDED: Final = N_("must not be empty")


async def results_of(store: Store, on: Ground, choice: Choice) -> ResultsPage:
    """Return the chosen schools' results of a year. Raises ``StoreError``."""
    schools = fitting(on.organisation.schools, on.register, on.day, choice)
    return results_page(
        schools,
        on.plan,
        {one.school: one for one in await load_evaluations(store, on.year)},
        await load_outcomes(store),
        await load_proposals(store, on.year),
        await load_rules(store),
        await owed_lines(store, on, schools),
        choice=choice,
        year=on.year,
        years=on.years,
    )


async def set_rules(writer: Writer, form: Form) -> None:
    """Set what a school must show to be on the list; ``form``: the rules and ``revision``."""
    rules = _rules(form)
    await writer.put(rules_put(rules, expected=_seen(form)))


async def propose(writer: Writer, on: Ground, school: School, form: Form) -> None:
    """Put a school on the list by hand or strike it off: ``act``, ``reason``, ``revision``."""
    reason = forms.text(form, "reason", longest=_LONGEST)
    if not reason:
        raise BadInputError("reason", _NEEDED)
    act = forms.text(form, "act")
    if act not in {PROPOSE, STRIKE}:
        words = f"{PROPOSE}, {STRIKE}"
        raise BadInputError("act", N_("must be one of: %(words)s"), words=words)
    proposal = Proposal(school=school.id, year=on.year.id, proposed=act == PROPOSE, reason=reason)
    await writer.put(proposal_put(proposal, on.year, expected=_seen(form)))


def _seen(form: Form) -> int:
    return forms.number(form, "revision", default=0, least=0, most=2**31)


def _rules(form: Form) -> Rules:
    percent = forms.text(form, "least_percent", longest=6).replace(",", ".").rstrip("% ")
    try:
        least = float(percent) if percent else None
    except ValueError:
        raise BadInputError("least_percent", N_("must be a number from 0 to 100")) from None
    if least is not None and not 0 <= least <= PERCENT:
        raise BadInputError("least_percent", N_("must be a number from 0 to 100"))
    rules = Rules(
        result="result" in form,
        least_percent=least,
        no_late="no_late" in form,
        no_open_findings="no_open_findings" in form,
        source=forms.text(form, "source", longest=_LONGEST),
    )
    if rules.is_set and not rules.source:
        raise BadInputError("source", N_("a rule needs its source: a decision, a regulation"))
    return rules
