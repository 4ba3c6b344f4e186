"""How fast the long lists of guards and yearly work answer in a province of 3,000 schools.

``python -m tests.bench.lists [--schools 3000]`` seeds two years of papers and evaluations, guards
and their training, and prints how long each page and API answer takes the first time and again.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import aiohttp

from server.app.tuning import tune
from server.domain.commendation import Rules
from server.domain.criteria import EvidenceKind
from server.domain.duties_owed import Deed, HandedIn, Paper, Turn, WorkYear, work_years
from server.domain.evaluation import Answer, Evaluation, Mark, Proof, Stage
from server.domain.guards import Post, Rostered, Training
from server.domain.planbook import PlanBook, PlanVersion
from server.domain.schoolyear import SchoolCalendar, SchoolYear
from server.guards.book import Guard, put_of
from server.storage import Put, Store
from server.yearly.book import evaluation_put, paper_put, rules_put
from tests.system.test_pages_requests import client_of
from tests.system.test_yearly_pages import YEAR, asking
from tests.system.web_district import GATE, NOW, PASSWORD, SIDE, USER, SchoolSeed, plain, serve

KINDS: Final = ("mam_non", "tieu_hoc", "thcs", "thpt")
PAST: Final = SchoolYear(id="2025-2026", first=date(2025, 9, 5), last=date(2026, 5, 31))
PAGES: Final = (
    "/yearly",
    "/yearly?which=late&page=3",
    "/yearly?q=truong+1234",
    "/yearly/late.xlsx",
    "/yearly/results",
    "/yearly/results?page=20",
    "/guards",
    "/guards?page=20",
    "/guards?q=truong+1234",
    "/guards?which=untrained",
    "/api/v1/yearly?which=late",
    "/api/v1/yearly/late",
    "/api/v1/yearly/results",
    "/api/v1/guards",
)
_AT_ONCE: Final = 20_000


def seeds(count: int) -> list[SchoolSeed]:
    """Return schools that never reported: what people wrote is looked at here."""
    return [
        SchoolSeed(
            f"t{i:05d}",
            f"Trường số {i}",
            KINDS[i % len(KINDS)],
            (GATE, SIDE),
            [plain("cong-chinh", "Cổng chính 1")],
            never=True,
        )
        for i in range(count)
    ]


def papers(school: str, year: WorkYear, rng: random.Random) -> Iterator[Put]:
    """Yield two of three papers of a year, one in ten given back."""
    file = Paper(sha256="0" * 64, name="ke-hoach.pdf", media="application/pdf", size=123_456)
    for duty in ("ke_hoach", "so_ket", "dang_ky"):
        if rng.random() < 1 / 3:
            continue
        at = NOW - timedelta(days=rng.randrange(60))
        turns = [Turn(deed=Deed.HANDED_IN, by=school, at=at, paper=file, note="bản chính")]
        if rng.random() < 1 / 2:
            deed = Deed.RETURNED if rng.random() < 1 / 5 else Deed.APPROVED
            turns.append(Turn(deed=deed, by="lan", at=at, note="đã xem"))
        paper = HandedIn(school=school, duty=duty, year=year.id, turns=tuple(turns))
        yield paper_put(paper, year, expected=0)


def evaluation(school: str, year: WorkYear) -> Put:
    """Return a judged year with what the system knew."""
    marks = {
        name: Answer(mark=Mark.MET, text="có đủ theo kế hoạch") for name in ("camera", "ho_so")
    }
    numbers = {"met": 3_000_000, "not_met": 10_000, "cannot_tell": 5_000, "unset_days": 0}
    found = Evaluation(
        school=school,
        year=year.id,
        criteria_set="tt23",
        plan="3",
        stage=Stage.JUDGED,
        answers=marks,
        verdicts=marks,
        result=Mark.MET,
        submitted_by=school,
        proofs=tuple(Proof(kind=kind, numbers=numbers) for kind in EvidenceKind),
    )
    return evaluation_put(found, year, expected=0)


def guards(school: str, rng: random.Random) -> Iterator[Put]:
    """Yield three posts and four guards, each trained twice."""
    first = date(2025, 9, 1)
    for number, start in enumerate((360, 720, 1080)):
        post = Post(
            school=school,
            gate=f"{school}-g1",
            name=f"Ca {number + 1}",
            days=(0, 1, 2, 3, 4),
            start_min=start,
            end_min=start + 360,
            first=first,
        )
        yield put_of(f"{school}-p{number}", post, expected=0)
    for number in range(4):
        name = f"{school}-b{number}"
        guard = Guard(school=school, code=f"BV{number}", name="Nguyễn Văn Gác", since=first)
        yield put_of(name, guard, expected=0)
        shift = Rostered(school=school, post=f"{school}-p{number % 3}", guard=name, first=first)
        yield put_of(f"{name}-s", shift, expected=0)
        for again in range(2):
            day = first + timedelta(days=rng.randrange(200) + 200 * again)
            training = Training(school=school, guard=name, day=day, certificate=f"CC{again}")
            yield put_of(f"{name}-t{again}", training, expected=0)


async def fill(store: Store, schools: Sequence[str], years: Sequence[WorkYear]) -> int:
    """Write everything that people wrote; return how many records."""
    rng = random.Random(5)
    rules = Rules(result=True, least_percent=90, no_late=True, no_open_findings=True, source="QĐ 5")
    puts = [rules_put(rules, expected=0)]
    puts += [put for school in schools for put in guards(school, rng)]
    for year in years:
        puts += [put for school in schools for put in papers(school, year, rng)]
        puts += [evaluation(school, year) for school in schools if rng.random() < 2 / 3]
    for start in range(0, len(puts), _AT_ONCE):
        await store.put_records(puts[start : start + _AT_ONCE], by="truong", now=NOW)
    return len(puts)


async def timed(client: aiohttp.ClientSession, path: str) -> tuple[int, float, float, int]:
    """Return an answer's status, its milliseconds, those of the processor, and its bytes."""
    began, worked = time.perf_counter(), time.process_time()
    async with client.get(path) as answer:
        body = await answer.read()
    took, work = time.perf_counter() - began, time.process_time() - worked
    return answer.status, took * 1000, work * 1000, len(body)


async def main() -> None:
    """Seed and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--schools", type=int, default=3000)
    wanted = seeds(parser.parse_args().schools)
    plan = replace(asking(), calendar=SchoolCalendar(years=(PAST, YEAR)))
    with tempfile.TemporaryDirectory() as folder:
        async with serve(Path(folder), seeds=wanted, trouble=False) as site:
            site.deps.standing.plans = PlanBook(
                (PlanVersion(id=plan.id, plan=plan, confirmed_at=NOW),)
            )
            count = await fill(site.store, [s.id for s in wanted], work_years(plan.calendar))
            tune()  # as a running centre does
            print(f"{len(wanted)} schools, {count} records", flush=True)
            async with await client_of(site, USER, PASSWORD) as client:
                await timed(client, "/faults")  # a first request of any kind sets things up
                for path in PAGES:
                    first, again = await timed(client, path), await timed(client, path)
                    print(
                        f"{path:36} {first[0]} {first[1]:5.0f} ms (work {first[2]:5.0f})"
                        f" {again[1]:5.0f} ms (work {again[2]:5.0f}) {first[3] >> 10:5} KiB",
                        flush=True,
                    )


if __name__ == "__main__":
    asyncio.run(main())
