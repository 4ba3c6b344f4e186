"""What people do with an evaluation: the school marks and submits, the office judges or returns.

One way for pages, the API and commands; each raises one of ``refusals.REFUSALS`` where it is not
done. What people send is a form's fields: texts by name (``mark.ID`` and ``text.ID`` of the school,
``verdict.ID`` and ``why.ID`` of the office, ``act``, ``revision``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from server.domain.criteria import CriteriaSet, Criterion, EvidenceKind
from server.domain.evaluation import (
    Answer,
    Evaluation,
    Event,
    Fill,
    Judge,
    Mark,
    Proof,
    SendBack,
    Stage,
    Submit,
    WrongStageError,
    kinds_of,
    step,
)
from server.domain.units import School
from server.standing import Standing
from server.storage import Store
from server.texts.tongue import N_
from server.web import forms
from server.web.refusals import NothingThereError
from server.web.writer import Writer
from server.web.yearlyground import Ground
from server.yearly.book import evaluation_put, load_evaluation
from server.yearly.gathering import Asked, proofs

Form = Mapping[str, str]
SUBMIT: Final = "submit"
BACK: Final = "back"
_LONGEST: Final = 2000


class NotDoneError(WrongStageError):
    """An event that can't happen now; ``typed``: the evaluation with what was typed in."""

    def __init__(self, error: WrongStageError, typed: Evaluation) -> None:
        super().__init__(error.why)
        self.typed = typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A school's evaluation as its reader sees it.

    Attributes:
        found: What is written, or was typed in; None: nothing yet. ``revision`` 0: as None.
        chosen: The set that it is made under; None: none is chosen.
        criteria: Those of the set that hold for the school.
        known: What the system knew when it was submitted; before that, what it knows now.
    """

    found: Evaluation | None
    revision: int
    chosen: CriteriaSet | None
    criteria: tuple[Criterion, ...]
    known: Mapping[EvidenceKind, Proof]


async def shown_of(
    store: Store,
    standing: Standing,
    on: Ground,
    school: School,
    *,
    now: datetime,
    typed: Evaluation | None = None,
) -> Shown:
    """Return a school's evaluation; ``typed``: shown in place of what stands."""
    kept = await load_evaluation(store, school.id, on.year.id)
    found = typed or (kept.value if kept else None)
    chosen = _set_of(on, found)
    criteria = () if chosen is None else chosen.of(school.kind)
    if found is not None and found.stage is not Stage.DRAFT:
        known = found.proofs
    else:
        known = await proofs(_asked(store, standing, on, school, now=now), kinds_of(criteria))
    return Shown(
        found=found,
        revision=kept.revision if kept else 0,
        chosen=chosen,
        criteria=criteria,
        known={proof.kind: proof for proof in known},
    )


def _set_of(on: Ground, shown: Evaluation | None) -> CriteriaSet | None:
    """Return the set that a submitted evaluation was made under, else the one that holds."""
    if shown is None or shown.stage is Stage.DRAFT:
        return on.plan.criteria_set()
    return next((s for s in on.plan.criteria_sets if s.id == shown.criteria_set), None)


async def answer(writer: Writer, on: Ground, school: School, form: Form) -> None:
    """Keep the school's marks; ``act`` = ``submit`` hands them to the office."""
    criteria = _criteria(on, school)
    events: list[Event] = [Fill(answers=_answers(form, criteria, "mark", "text"))]
    if form.get("act") == SUBMIT:
        asked = _asked(writer.store, writer.standing, on, school, now=writer.now)
        known = await proofs(asked, kinds_of(criteria))
        ids = tuple(criterion.id for criterion in criteria)
        events.append(Submit(by=writer.by, asked=ids, proofs=known))
    await _happen(writer, on, school, form, events)


async def review(writer: Writer, on: Ground, school: School, form: Form) -> None:
    """Judge what the school has submitted; ``act`` = ``back`` sends it back with a reason."""
    criteria, said = _criteria(on, school), forms.text(form, "words", longest=_LONGEST)
    if form.get("act") == BACK:
        await _happen(writer, on, school, form, [SendBack(by=writer.by, words=said)])
        return
    judged = Judge(
        by=writer.by,
        asked=tuple(criterion.id for criterion in criteria),
        verdicts=_answers(form, criteria, "verdict", "why"),
        result=_mark(form, "result"),
        words=said,
    )
    await _happen(writer, on, school, form, [judged])


def _asked(store: Store, standing: Standing, on: Ground, school: School, *, now: datetime) -> Asked:
    """Return what evidence of a school's year is read from."""
    return Asked(
        store=store,
        register=standing.register,
        plans=standing.plans,
        exceptions=standing.exceptions,
        school=school,
        year=on.year,
        now=now.replace(microsecond=0),
    )


def new_evaluation(on: Ground, school: School) -> Evaluation:
    """Return the evaluation of a school that has written nothing yet."""
    chosen = on.plan.active_criteria_set or ""
    return Evaluation(school=school.id, year=on.year.id, criteria_set=chosen, plan=on.plan.version)


def _criteria(on: Ground, school: School) -> tuple[Criterion, ...]:
    chosen = on.plan.criteria_set()
    found = () if chosen is None else chosen.of(school.kind)
    if not found:
        raise NothingThereError(N_("No criteria hold for this school."))
    return found


def _answers(form: Form, criteria: Sequence[Criterion], mark: str, text: str) -> dict[str, Answer]:
    return {
        one.id: Answer(
            mark=_mark(form, f"{mark}.{one.id}"),
            text=forms.text(form, f"{text}.{one.id}", longest=_LONGEST),
        )
        for one in criteria
    }


def _mark(form: Form, field: str) -> Mark | None:
    return forms.choice(form, field, Mark, default=Mark.MET) if form.get(field) else None


async def _happen(
    writer: Writer, on: Ground, school: School, form: Form, events: Sequence[Event]
) -> None:
    """Let events happen one after the other, all or none, if nobody else was quicker."""
    kept = await load_evaluation(writer.store, school.id, on.year.id)
    found = kept.value if kept else new_evaluation(on, school)
    try:
        for event in events:
            found = step(found, event)
    except WrongStageError as error:
        raise NotDoneError(error, _typed(found, events)) from error
    seen = forms.number(form, "revision", default=0, least=0, most=2**31)
    await writer.put(evaluation_put(found, on.year, expected=seen))


def _typed(found: Evaluation, events: Sequence[Event]) -> Evaluation:
    """Return what people have typed, so that a refusal costs them nothing."""
    judged = next((event for event in events if isinstance(event, Judge)), None)
    if judged is None or found.stage is not Stage.SUBMITTED:
        return found
    return replace(found, verdicts=judged.verdicts, result=judged.result, words=judged.words)
