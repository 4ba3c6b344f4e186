"""Bugs in the centre: each undoes one decision of the promise."""

from typing import Final

from tests.simulation.mutant import Mutant

SERVER: Final = (
    Mutant(
        "the database's commits are not synced",
        "server.storage.commit_sqlite",
        (('"synchronous=FULL"', '"synchronous=OFF"'),),
        seeds=(27,),
    ),
    Mutant(
        "a gap makes numbers received",
        "server.storage.joining",
        (
            (
                "    yield (1, intake.kept_from - 1)\n",
                """    yield (1, intake.kept_from - 1)
    yield from ((i.gap.first_seq, i.gap.last_seq) for i in intake.items if i.gap)
""",
            ),
        ),
        seeds=(1385,),
    ),
    Mutant(
        "ack before commit",
        "server.ingest.intake",
        (
            (
                "        committed = await way(",
                (
                    "        for intake in intakes:\n"
                    "            last = max((item.seq for item in intake.items), default=0)\n"
                    "            ack = _ack(intake, Progress(through=last), self._now_ms())\n"
                    "            self._send_ack(intake.agent, ack)\n"
                    "        committed = await way("
                ),
            ),
        ),
    ),
    Mutant(
        "a server without its database goes on taking reports",
        "server.ingest.intake",
        (("                    self._attend(attends)\n", ""),),
        seeds=(222,),
    ),
    Mutant(
        "skip the dedup",
        "server.storage.commit_rows",
        (
            (
                '"clock_suspect", "folded"),\n    "ON CONFLICT DO NOTHING",\n',
                '"clock_suspect", "folded"),\n',
            ),
        ),
        seeds=(5,),
    ),
    Mutant(
        "open beats closed",
        "server.storage.commit_rows",
        (
            (' WHERE excluded.end_ms IS NOT NULL"', ' WHERE excluded.end_ms IS NULL"'),
            (
                "    return end_ms is not None and (told_ms is None or end_ms < told_ms)",
                "    return end_ms is None",
            ),
        ),
    ),
    Mutant(
        "a watermark counts before its items",
        "server.storage.merging",
        (("[m for m in waiting if m.after_seq <= through]", "list(waiting)"),),
        seeds=(98,),
    ),
    Mutant(
        "the smallest watermark counts",
        "server.storage.merging",
        (("best = max([*ripe,", "best = min([*ripe,"),),
    ),
    Mutant(
        "the offset is applied twice",
        "server.storage.merging",
        (
            (
                "return self.story.origin_utc_ms + (offset",
                "return self.story.origin_utc_ms + 2 * (offset",
            ),
        ),
    ),
    Mutant(
        "progress runs ahead of what is in",
        "server.storage.merging",
        (("        through = merged.pop(0)[1]\n", "        through = merged.pop()[1]\n"),),
        seeds=(10,),
    ),
)
