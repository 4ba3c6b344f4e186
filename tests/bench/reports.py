"""``python -m tests.bench.reports``: the yearly review of a province, from closed days to files.

The database is ``tests.bench.coverage``'s: 3,000 schools of 15 cameras over 365 days. Time and
memory are those of a process that does nothing else: it gathers the facts, writes the paper and
forms it as DOCX and XLSX (``--forms docx,xlsx,pdf``: as PDF, too). Then a few schools are counted
anew from every second that was reported, and held against the report.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from server.figuring import period
from server.reports.asking import Ask
from server.reports.facts import Span
from server.reports.forms import FORMS
from server.reports.gathering import Ground, gather
from server.reports.kinds import KINDS
from server.storage import Store
from tests.bench.coverage import CAMERAS, FIRST, LAST, NOW, SAMPLE, book, fill, register


async def measure(path: Path, schools: int, forms: list[str]) -> dict[str, float]:
    """Make the report once; every step with its time."""
    store, own, plans = await Store.open(f"sqlite:///{path}"), register(schools), book()
    span = Span(name="năm học 2025-2026", first=FIRST, last=LAST)
    ask = Ask(kind="so-ket-don-vi", unit="p", span=span, day=LAST)
    found: dict[str, float] = {"schools": schools, "cameras": schools * CAMERAS}
    began = time.monotonic()
    facts = await gather(Ground(store=store, register=own, plans=plans, now=NOW), ask)
    found["gather_s"] = time.monotonic() - began
    if len(facts.period.schools) != schools:
        raise SystemExit("not every school is in the report")
    step = time.monotonic()
    document = KINDS[ask.kind].write(facts)
    found["write_s"] = time.monotonic() - step
    for form in forms:
        step = time.monotonic()
        data = FORMS[form].write(document)
        found[f"{form}_s"] = time.monotonic() - step
        found[f"{form}_mb"] = len(data) / 1e6
    found["whole_s"] = time.monotonic() - began
    found["cpu_s"] = time.process_time()
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.monotonic()
    names = [f"s{n:04}" for n in range(SAMPLE)]
    exact = await period(
        store, own, plans, schools=names, first=FIRST, last=LAST, now=NOW, rollups=False
    )
    exact_s = (time.monotonic() - began) / SAMPLE
    await store.close()
    told = {s.school.id: s for s in facts.period.schools}
    if any(told[s.school.id] != s for s in exact.schools):
        raise SystemExit("what the report says is not what a fresh count says")
    found["exact_s_per_school"] = exact_s
    found["exact_to_report"] = exact_s * schools / found["gather_s"]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=3000)
    parser.add_argument("--forms", default="docx,xlsx")
    parser.add_argument("--keep", type=Path, help="make, or use, this database")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.measure:
        told = asyncio.run(measure(asked.measure, asked.schools, asked.forms.split(",")))
        print(json.dumps(told))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = asked.keep or Path(folder) / "province.db"
        if not path.exists():
            asyncio.run(fill(path, asked.schools))
        command = [sys.executable, "-m", "tests.bench.reports", "--measure", str(path)]
        command += ["--schools", str(asked.schools), "--forms", asked.forms]
        text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    if asked.json:
        print(text)
        return
    for name, value in json.loads(text).items():
        print(f"{name:20} {value:12.2f}")


if __name__ == "__main__":
    main()
