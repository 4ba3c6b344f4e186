"""``vonggac-server plan``: ``check`` a file, ``list`` the versions, ``confirm`` one.

``check`` needs no configuration; with one it also tells which places of the register the file would
score otherwise than the version in force.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from server.clock import SystemClock
from server.config import ConfigError, Configuration, load_plan
from server.domain.calendar import local_date
from server.domain.plan import Plan
from server.domain.planbook import PlanBook
from server.domain.planfacts import open_facts
from server.domain.planwarnings import warnings
from server.planning.book import all_papers, confirm, load_planbook, open_paper
from server.planning.impact import Misfit, ZoneChange, misfits, strangers, zone_changes
from server.planning.paper import Filed, PlanningError
from server.storage import Store
from server.texts.plans import fact_label, refusal_text, warning_text
from server.texts.tongue import Tongue, load

Commands = Any
"""What ``ArgumentParser.add_subparsers`` returns: argparse does not name it."""
_CANNOT: Final = 1


def add_command(commands: Commands) -> None:
    """Add ``plan`` with its own three commands."""
    plan = commands.add_parser("plan", help="kế hoạch: kiểm tra, phiên bản / the plan's versions")
    acts = plan.add_subparsers(required=True, metavar="ACTION")
    check = acts.add_parser("check", help="kiểm tra một tệp / read a plan's file")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--json", action="store_true", help="for programs")
    check.add_argument("--lang", choices=("vi", "en"), default="vi")
    check.add_argument("--config", type=Path, metavar="FILE", help="hold it against the register")
    check.set_defaults(act=_check)
    listing = acts.add_parser("list", help="các phiên bản / the versions")
    listing.set_defaults(act=_list)
    confirming = acts.add_parser("confirm", help="xác nhận một phiên bản / confirm a version")
    confirming.add_argument("id", metavar="ID")
    confirming.add_argument("--by", required=True, metavar="NAME", help="the officer who does it")
    confirming.set_defaults(act=_confirm)
    for command in (listing, confirming):
        command.add_argument("--config", type=Path, required=True, metavar="FILE")


def _check(configuration: Configuration | None, options: argparse.Namespace) -> int:
    tongue, today = load(options.lang), local_date(SystemClock().now())
    try:
        plan = load_plan(options.file)
    except ConfigError as mistake:
        return _tell_mistake(mistake, as_json=options.json)
    schools: dict[str, Any] = {}
    if configuration is not None:
        book = asyncio.run(_book(configuration))
        organisation = configuration.register.on(today)
        before = book.on(today) if book.versions else configuration.plan
        schools["changes"] = [_change(c) for c in zone_changes(organisation.schools, before, plan)]
        schools["strangers"] = list(strangers(organisation.schools, plan))
        schools["misfits"] = [_misfit(m) for m in misfits(organisation.schools, plan)]
    told = {"ok": True, **_told(tongue, plan, today), **schools}
    print(
        json.dumps(told, ensure_ascii=False, indent=2) if options.json else "\n".join(_text(told))
    )
    return 0


def _tell_mistake(mistake: ConfigError, *, as_json: bool) -> int:
    if not as_json:
        raise mistake
    error = {
        "file": str(mistake.file),
        "line": mistake.line,
        "key": mistake.key,
        "why": mistake.why,
    }
    print(json.dumps({"ok": False, "errors": [error]}, ensure_ascii=False, indent=2))
    return _CANNOT


def _told(tongue: Tongue, plan: Plan, today: date) -> dict[str, Any]:
    """Return what a check finds, as JSON has it."""
    return {
        "plan": {"id": plan.id, "version": plan.version, "title": plan.title},
        "errors": [],
        "warnings": [
            {"kind": w.kind.value, "text": warning_text(tongue, w), "keys": list(w.keys)}
            for w in warnings(plan, today)
        ],
        "unset": [{"key": f.key, "label": fact_label(tongue, plan, f)} for f in open_facts(plan)],
    }


def _change(change: ZoneChange) -> dict[str, Any]:
    return {
        "school": change.school.id,
        "zone": change.zone.id,
        "name": f"{change.school.name}, {change.zone.name}",
        "before": change.before,
        "after": change.after,
    }


def _misfit(misfit: Misfit) -> dict[str, Any]:
    return {
        "school": misfit.school.id,
        "zone": misfit.zone.id,
        "name": f"{misfit.school.name}, {misfit.zone.name}",
        "why": misfit.why.value,
    }


def _text(told: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a check for a person."""
    head = told["plan"]
    yield f"OK: {head['id']}, phiên bản/version {head['version']}: {head['title']}"
    yield f"Cảnh báo / warnings: {len(told['warnings'])}"
    yield from (f"  {w['text']} [{', '.join(w['keys'])}]" for w in told["warnings"])
    yield f"Cần quy định / to be set: {len(told['unset'])}"
    yield from (f"  {u['label']} [{u['key']}]" for u in told["unset"])
    if "changes" in told:
        yield f"Khu vực đổi cách tính / places scored otherwise: {len(told['changes'])}"
        yield from (
            f"  {c['name']}: {_number(c['before'])} -> {_number(c['after'])}"
            for c in told["changes"]
        )
        yield f"Khu vực không khớp / places that do not fit: {len(told['misfits'])}"
        yield from (f"  {m['name']}: {m['why']}" for m in told["misfits"])
        yield f"Trường không có trong sổ / schools nobody knows: {len(told['strangers'])}"
        yield from (f"  {name}" for name in told["strangers"])


def _number(need: int | None) -> str:
    return "chưa quy định/unset" if need is None else str(need)


def _list(configuration: Configuration, _options: argparse.Namespace) -> int:
    for filed in asyncio.run(_papers(configuration)):
        paper = filed.paper
        parts = (filed.id, paper.state.value, _names(paper.typed_by), paper.confirmed_by or "-")
        print("  ".join((*parts, f"{filed.at:%Y-%m-%d %H:%M}Z")))
    return 0


def _names(names: Sequence[str]) -> str:
    return ", ".join(names) or "-"


def _confirm(configuration: Configuration, options: argparse.Namespace) -> int:
    try:
        said = asyncio.run(_confirmed(configuration, options.id, options.by))
    except PlanningError as error:
        said = str(error.mistake or refusal_text(load("en"), error.why))
    if isinstance(said, Plan):
        print(f"OK: {said.id}, phiên bản/version {said.version}")
        print("Trung tâm đang chạy sẽ đọc khi khởi động lại / a running centre reads it on restart")
        return 0
    print(f"vonggac-server: {options.id}: {said}", file=sys.stderr)
    return _CANNOT


async def _confirmed(configuration: Configuration, name: str, by: str) -> Plan | str:
    """Return the plan that was confirmed, or why it was not."""
    store = await _open(configuration)
    try:
        user = await store.user_by_name(by)
        if user is None or user.disabled or not user.may_act:
            return f"there is no officer {by!r}"
        filed = await open_paper(store, name)
        return await confirm(store, filed, by=by, now=SystemClock().now())
    finally:
        await store.close()


async def _papers(configuration: Configuration) -> list[Filed]:
    store = await _open(configuration)
    try:
        return await all_papers(store)
    finally:
        await store.close()


async def _book(configuration: Configuration) -> PlanBook:
    store = await _open(configuration)
    try:
        return await load_planbook(store)
    finally:
        await store.close()


async def _open(configuration: Configuration) -> Store:
    configuration.server.data_dir.mkdir(parents=True, exist_ok=True)
    return await Store.open(configuration.server.database.reveal())
