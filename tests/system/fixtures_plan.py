"""A plan in the book of records of a running site, and the people who write in it."""

from pathlib import Path
from typing import Final

from server.planning import Taken, load_planbook, take_in
from server.storage import Role, hash_password
from tests.system.web_district import PASSWORD, SEEDS, Site

TEXT: Final = (Path(__file__).parents[1] / "data" / "plan_book.yaml").read_text(encoding="utf-8")
DRAFT: Final = (
    TEXT.replace('version: "3"', 'version: "4"')
    .replace("from: 2026-09-01", "from: 2026-11-01")
    .replace("bep_an: {required: true, min_cameras: 1", "bep_an: {required: true, min_cameras: 9")
)
FEW: Final = [SEEDS[0], next(seed for seed in SEEDS if seed.kind == "mam_non")]
SECOND: Final = "officer-two"


async def with_book(site: Site) -> None:
    """Put the plan into the site's book of records, and a second officer beside the first."""
    standing, store, now = site.deps.standing, site.store, site.now()
    assert await take_in(store, TEXT, name="plan.yaml", now=now) is Taken.FIRST

    async def reread() -> None:
        standing.plans = await load_planbook(store)

    standing._reader = reread
    await standing.refresh()
    await store.create_user(SECOND, hash_password(PASSWORD), now=now, role=Role.OFFICER)
