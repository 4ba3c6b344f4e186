"""``vonggac-server yearly``: papers owed, evaluations, results, commendation."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from server.cli_desk import (
    Commands,
    Desk,
    Run,
    add_by,
    add_choice,
    add_json,
    choice,
    doing,
    form_of,
    page_line,
    show,
)
from server.domain.duties_owed import Deed
from server.domain.units import School
from server.register.cli import CannotError
from server.storage.records import LARGEST_FILE
from server.texts import yearly as words
from server.web import evaluationdeeds, resultdeeds, yearlydeeds
from server.web.api.bodies import body_of
from server.web.api.yearly import answers_form, judgement_form
from server.web.api.yearly_types import AnswersIn, JudgementIn
from server.web.api.yearly_views import evaluation_out, papers_out, results_out, yearly_out
from server.web.evaluationdeeds import shown_of
from server.web.pages.choosing import fitting
from server.web.pages.yearly import ResultState, SchoolState
from server.web.resultdeeds import results_of
from server.web.yearlydeeds import line_of, owed_lines, yearly_of
from server.web.yearlyground import Ground, ground_on
from server.yearly.lists import Line, late

T = TypeVar("T", bound=msgspec.Struct)
_RULES: Final = ("result", "no_late", "no_open_findings", "least_percent", "source", "revision")


def add_command(commands: Commands, run: Run) -> None:
    """Add ``yearly`` with its actions."""
    yearly = commands.add_parser("yearly", help="công việc hằng năm / yearly work")
    acts = yearly.add_subparsers(required=True, metavar="ACTION")
    listing = acts.add_parser("list", help="hồ sơ của các trường / what schools owe, a page")
    add_choice(listing, SchoolState)
    listing.set_defaults(act=doing(run, _list))
    missing = acts.add_parser("late", help="hồ sơ quá hạn / late papers")
    add_choice(missing, None)
    missing.set_defaults(act=doing(run, _late))
    results = acts.add_parser("results", help="kết quả, khen thưởng / results, commendation")
    add_choice(results, ResultState)
    results.set_defaults(act=doing(run, _results))
    papers = acts.add_parser("papers", help="hồ sơ của một trường / a school's papers")
    papers.set_defaults(act=doing(run, _papers))
    evaluation = acts.add_parser("evaluation", help="tự đánh giá / a school's evaluation")
    evaluation.set_defaults(act=doing(run, _evaluation))
    for command in (listing, missing, results, papers, evaluation):
        add_json(command)
    about = (papers, evaluation, *_about_schools(acts, run))
    for command in about:
        command.add_argument("--school", required=True, metavar="ID")
    rules = acts.add_parser("rules", help="quy tắc khen thưởng / set rules of commendation")
    for flag in ("--result", "--no-late", "--no-open-findings"):
        rules.add_argument(flag, action="store_true")
    rules.add_argument("--least-percent", metavar="PERCENT")
    rules.add_argument("--source", default="", metavar="TEXT")
    add_by(rules)
    rules.set_defaults(act=doing(run, _rules))
    for command in (listing, missing, results, rules, *about):
        command.add_argument("--year", default="", metavar="2026-2027")
        command.add_argument("--config", type=Path, required=True, metavar="FILE")


def _about_schools(acts: Commands, run: Run) -> Iterator[argparse.ArgumentParser]:
    """Add what writes of one school."""
    hand = acts.add_parser("hand-in", help="nộp hồ sơ / hand a paper in")
    hand.add_argument("file", type=Path, metavar="FILE")
    hand.set_defaults(act=doing(run, _hand_in))
    review = acts.add_parser("review", help="duyệt, trả lại / approve or give back")
    review.add_argument("deed", choices=(Deed.APPROVED.value, Deed.RETURNED.value))
    review.set_defaults(act=doing(run, _review))
    for command in (hand, review):
        command.add_argument("--paper", required=True, metavar="ID", help="from ``papers``")
        command.add_argument("--note", default="", metavar="TEXT")
    answers = acts.add_parser("evaluate", help="trường tự đánh giá / the school's own marks")
    answers.set_defaults(act=doing(run, _answer))
    judge = acts.add_parser("judge", help="cơ quan đánh giá / the office's word")
    judge.set_defaults(act=doing(run, _judge))
    for command in (answers, judge):
        command.add_argument("file", metavar="FILE", help="JSON như API / as the API takes it; -")
    commend = acts.add_parser("commend", help="đề nghị khen thưởng / propose, strike off")
    commend.add_argument("act_", choices=(resultdeeds.PROPOSE, resultdeeds.STRIKE), metavar="ACT")
    commend.add_argument("--reason", required=True, metavar="TEXT")
    commend.set_defaults(act=doing(run, _commend))
    for command in (hand, review, commend):
        add_by(command)
        yield command
    for command in (answers, judge):
        add_by(command, revision=False)
        yield command


def _ground(options: argparse.Namespace, desk: Desk) -> Ground:
    return ground_on(desk.standing, desk.standing.today, options.year)


def _school(options: argparse.Namespace, on: Ground) -> School:
    found = on.school(options.school)
    if found is None:
        raise CannotError(f"there is no school {options.school!r} in {on.year.id}")
    return found


async def _list(options: argparse.Namespace, desk: Desk) -> None:
    on, chosen = _ground(options, desk), choice(options)
    schools = fitting(on.organisation.schools, on.register, on.day, chosen)
    found = await yearly_of(desk.store, on, chosen, schools)
    lines = [
        f"{r.school.id}  {r.school.name}: {r.handed_in}/{r.owed}, quá hạn/late {r.late}, "
        f"{desk.tongue.text(words.RESULTS[r.result])}"
        for r in found.schools.rows
    ]
    show(yearly_out(found), [*lines, page_line(found.schools)], as_json=options.json)


async def _late(options: argparse.Namespace, desk: Desk) -> None:
    on = _ground(options, desk)
    schools = fitting(on.organisation.schools, on.register, on.day, choice(options))
    found = late(await owed_lines(desk.store, on, schools))
    lines = [f"{line.school.name}: {_paper(desk, line)}" for line in found]
    show(papers_out(on.year.id, found), lines, as_json=options.json)


async def _papers(options: argparse.Namespace, desk: Desk) -> None:
    on = _ground(options, desk)
    found = await owed_lines(desk.store, on, [_school(options, on)])
    lines = [f"{line.id}  {_paper(desk, line)}  [{line.revision}]" for line in found]
    show(papers_out(on.year.id, found), lines, as_json=options.json)


def _paper(desk: Desk, line: Line) -> str:
    due = desk.tongue.day(line.owed.due, year=True) if line.owed.due else "–"
    days = f", +{line.late_days}" if line.late_days else ""
    return f"{line.owed.duty.vi}, {due}{days}: {desk.tongue.text(words.STATUSES[line.status])}"


async def _evaluation(options: argparse.Namespace, desk: Desk) -> None:
    on = _ground(options, desk)
    school = _school(options, on)
    shown = await shown_of(desk.store, desk.standing, on, school, now=desk.now)
    told = evaluation_out(on, school, shown)
    lines = [
        f"{told.criteria_set or '–'}: {told.stage}, {told.result}  [{told.revision}]",
        *(f"  {c.id}: {c.school.mark or '–'} / {c.office.mark or '–'}" for c in told.criteria),
    ]
    show(told, lines, as_json=options.json)


async def _results(options: argparse.Namespace, desk: Desk) -> None:
    found = await results_of(desk.store, _ground(options, desk), choice(options))
    proposed = desk.tongue.text("Proposed for commendation")
    lines = [
        f"{r.school.id}  {r.school.name}: {desk.tongue.text(words.RESULTS[r.result])}"
        + (f", {proposed}" if r.candidate.listed else "")
        for r in found.sheet.rows
    ]
    show(results_out(found), [*lines, page_line(found.sheet)], as_json=options.json)


async def _hand_in(options: argparse.Namespace, desk: Desk) -> None:
    by, on, path = await desk.writer(options.by), _ground(options, desk), options.file
    line = await line_of(desk.store, on, _school(options, on), options.paper)
    data = _read(path)
    form = form_of(options, "note", "revision")
    await yearlydeeds.hand_in(by, on, line, form, data=data, name=path.name)


async def _review(options: argparse.Namespace, desk: Desk) -> None:
    by, on = await desk.writer(options.by), _ground(options, desk)
    line = await line_of(desk.store, on, _school(options, on), options.paper)
    form = form_of(options, "note", "revision")
    await yearlydeeds.review(by, on, line, form, Deed(options.deed))


async def _answer(options: argparse.Namespace, desk: Desk) -> None:
    by, on, body = await desk.writer(options.by), _ground(options, desk), _body(options, AnswersIn)
    await evaluationdeeds.answer(by, on, _school(options, on), answers_form(body))


async def _judge(options: argparse.Namespace, desk: Desk) -> None:
    by, on = await desk.writer(options.by), _ground(options, desk)
    form = judgement_form(_body(options, JudgementIn))
    await evaluationdeeds.review(by, on, _school(options, on), form)


async def _commend(options: argparse.Namespace, desk: Desk) -> None:
    by, on = await desk.writer(options.by), _ground(options, desk)
    form = form_of(options, "reason", "revision") | {"act": options.act_}
    await resultdeeds.propose(by, on, _school(options, on), form)


async def _rules(options: argparse.Namespace, desk: Desk) -> None:
    await resultdeeds.set_rules(await desk.writer(options.by), form_of(options, *_RULES))


def _body(options: argparse.Namespace, kind: type[T]) -> T:
    data = sys.stdin.buffer.read() if options.file == "-" else _read(Path(options.file))
    return body_of(data, kind)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise CannotError(f"{path} is larger than {LARGEST_FILE >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise CannotError(f"can't read {path}: {error.strerror}") from error
