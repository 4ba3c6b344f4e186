"""Versions of the plan in a real database: what the file becomes, and two people at one moment."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.cli import main
from server.domain.calendar import local_date
from server.planning import (
    PaperState,
    PlanningError,
    Refusal,
    Taken,
    all_papers,
    confirm,
    load_planbook,
    open_paper,
    save,
    submit,
    take_in,
    withdraw,
)
from server.storage import ConflictError, Role, Store, hash_password
from tests.system.fixtures_plan import TEXT
from tests.system.fixtures_server import postgres, postgres_url, store

__all__ = ["postgres", "postgres_url", "store"]  # fixtures, found by name
NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
SECOND = TEXT.replace('version: "3"', 'version: "4"').replace("2026-09-01}", "2026-12-01}")


async def test_the_file_is_in_force_at_once_when_the_book_is_empty_and_waits_after_that(
    store: Store,
) -> None:
    assert await take_in(store, TEXT, name="plan.yaml", now=NOW) is Taken.FIRST
    assert await take_in(store, TEXT, name="plan.yaml", now=NOW) is Taken.KNOWN
    assert await take_in(store, SECOND, name="plan.yaml", now=NOW) is Taken.DRAFT
    assert await take_in(store, SECOND, name="plan.yaml", now=NOW) is Taken.KNOWN
    book = await load_planbook(store)
    assert [(v.plan.version, v.confirmed_by) for v in book.versions] == [("3", None)]
    waiting = next(f for f in await all_papers(store) if f.paper.state is PaperState.SUBMITTED)
    await confirm(store, waiting, by="bình", now=NOW)
    book = await load_planbook(store)
    days = [local_date(NOW), local_date(NOW + timedelta(days=30))]
    assert [plan.version for day in days if (plan := book.on(day))] == ["3", "4"]


async def test_two_servers_that_start_at_one_moment_take_the_file_in_once(store: Store) -> None:
    for text, wanted in ((TEXT, Taken.FIRST), (SECOND, Taken.DRAFT)):
        taken = await asyncio.gather(
            *(take_in(store, text, name="plan.yaml", now=NOW) for _ in range(3))
        )
        assert sorted(taken) == sorted([wanted, Taken.KNOWN, Taken.KNOWN])
    assert len(await all_papers(store)) == 2


async def test_a_version_s_name_belongs_to_one_confirmed_text_for_ever(store: Store) -> None:
    await take_in(store, TEXT, name="plan.yaml", now=NOW)
    again = await save(store, TEXT + "# sửa\n", before=None, by="an", now=NOW)
    with pytest.raises(PlanningError) as caught:
        await submit(store, await open_paper(store, again), by="an", now=NOW)
    assert caught.value.why is Refusal.VERSION_TAKEN


async def test_of_two_texts_of_one_name_confirmed_at_one_moment_one_is_refused(
    store: Store,
) -> None:
    texts = [SECOND, SECOND + "# khác\n"]
    names = [await save(store, text, before=None, by="an", now=NOW) for text in texts]
    for name in names:
        await submit(store, await open_paper(store, name), by="an", now=NOW)
    filed = [await open_paper(store, name) for name in names]
    results = await asyncio.gather(
        *(confirm(store, one, by="bình", now=NOW) for one in filed), return_exceptions=True
    )
    refused = [r for r in results if isinstance(r, PlanningError)]
    assert [r.why for r in refused] == [Refusal.VERSION_TAKEN]
    assert len((await load_planbook(store)).versions) == 1


async def test_whoever_writes_second_is_told_and_overwrites_nothing(store: Store) -> None:
    name = await save(store, SECOND, before=None, by="an", now=NOW)
    seen = await open_paper(store, name)
    await save(store, SECOND + "# bình\n", before=seen, by="bình", now=NOW)
    with pytest.raises(ConflictError):
        await save(store, SECOND + "# an\n", before=seen, by="an", now=NOW)
    kept = await open_paper(store, name)
    assert kept.paper.text.endswith("# bình\n")
    assert kept.paper.typed_by == ("an", "bình")


async def test_what_is_withdrawn_is_not_confirmed_by_somebody_who_still_has_it_open(
    store: Store,
) -> None:
    name = await save(store, SECOND, before=None, by="an", now=NOW)
    await submit(store, await open_paper(store, name), by="an", now=NOW)
    seen = await open_paper(store, name)
    await withdraw(store, seen, by="an", now=NOW)
    with pytest.raises(ConflictError):
        await confirm(store, seen, by="bình", now=NOW)
    assert (await load_planbook(store)).versions == ()


# ------------------------------------------------------------------ the command line
def configured(folder: Path) -> Path:
    (folder / "plan.yaml").write_text(TEXT, encoding="utf-8")
    (folder / "units.yaml").write_text(
        "schema: vonggac.units/1\n"
        "units: [{id: xa, name: Xã, level: xa}]\n"
        "schools:\n"
        "  - id: a\n    name: Trường A\n    kind: thcs\n    unit: xa\n"
        "    zones:\n"
        "      - {id: a-c, name: Cổng, kind: cong_truong}\n"
        "      - {id: a-h, name: Hành lang, kind: hanh_lang}\n",
        encoding="utf-8",
    )
    (folder / "server.yaml").write_text(
        "schema: vonggac.server/1\ndata_dir: data\nunits: units.yaml\nplan: plan.yaml\n"
        'http: {listen: "127.0.0.1:0"}\nmqtt: {embedded: {listen: "127.0.0.1:0"}}\n',
        encoding="utf-8",
    )
    return folder / "server.yaml"


def test_a_version_is_checked_listed_and_confirmed_from_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path)
    wanted = SECOND.replace(
        "hanh_lang: {required: unset, min_cameras: unset",
        "hanh_lang: {required: true, min_cameras: 1",
    )
    draft = tmp_path / "draft.yaml"
    draft.write_text(wanted, encoding="utf-8")
    name = asyncio.run(prepared(tmp_path, wanted))
    assert main(["plan", "check", str(draft), "--config", str(config)]) == 0
    told = capsys.readouterr().out
    assert "Trường A, Hành lang: chưa quy định/unset -> 1" in told
    assert "Số văn bản [plan.document_no]" in told
    assert main(["plan", "list", "--config", str(config)]) == 0
    assert f"{name}  submitted  an  -" in capsys.readouterr().out
    for person, code in (("an", 1), ("khách", 1), ("bình", 0)):
        assert main(["plan", "confirm", name, "--by", person, "--config", str(config)]) == code
    said = capsys.readouterr()
    assert "a second person has to confirm it" in said.err
    assert "there is no officer 'khách'" in said.err
    assert "version 4" in said.out


async def prepared(folder: Path, text: str) -> str:
    """Return a submitted version's id in a database where two officers are known."""
    (folder / "data").mkdir()
    store = await Store.open(f"sqlite:///{folder / 'data' / 'vonggac.db'}")
    try:
        await take_in(store, TEXT, name="plan.yaml", now=NOW)
        for person in ("an", "bình"):
            await store.create_user(
                person, hash_password("mật khẩu thử"), now=NOW, role=Role.OFFICER
            )
        name = await save(store, text, before=None, by="an", now=NOW)
        await submit(store, await open_paper(store, name), by="an", now=NOW)
        return name
    finally:
        await store.close()


def test_a_mistake_is_told_with_its_place_to_people_and_to_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(
        TEXT.replace("required_percent: 90", "required_percent: chín mươi"), encoding="utf-8"
    )
    assert main(["plan", "check", str(wrong)]) == 1
    assert "uptime.required_percent: a number is expected" in capsys.readouterr().err
    assert main(["plan", "check", str(wrong), "--json"]) == 1
    told = capsys.readouterr().out
    assert '"key": "uptime.required_percent"' in told
    assert '"ok": false' in told
