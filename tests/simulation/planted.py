"""The planted bugs: each undoes one decision on which the promise rests."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted bug: in ``module`` each old text becomes a new one; ``also``: in others, too."""

    name: str
    module: str
    edits: tuple[tuple[str, str], ...]
    seeds: tuple[int, ...] = ()
    also: tuple[tuple[str, str, str], ...] = ()

    def in_module(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return the edits of one module."""
        own = self.edits if name == self.module else ()
        return (*own, *((old, new) for module, old, new in self.also if module == name))


MUTANTS: Final = (
    Mutant(
        "the spool's commits are not synced",
        "edge.spool.file",
        (("PRAGMA synchronous = FULL", "PRAGMA synchronous = OFF"),),
        seeds=(2,),
    ),
    Mutant(
        "the database's commits are not synced",
        "server.storage.commit_sqlite",
        (('"synchronous=FULL"', '"synchronous=OFF"'),),
        seeds=(27,),
    ),
    Mutant(
        "a disk drops pages of the WAL",
        "tests.simulation.runner",
        (("None if is_durable(self.real) else disk.image()", "disk.image()"),),
        seeds=(2,),
    ),
    Mutant(
        "201 before the sync",
        "edge.spool.spool",
        (
            (
                """            return append_event(connection, running, event)

        return await self._runner.submit(work)""",
                """            return append_event(connection, running, event)

        self._runner.submit(work)
        return Saved(seq=1, accepted_utc_ms=1, is_new=True)""",
            ),
        ),
        seeds=(12,),
    ),
    Mutant(
        "numbers are used again",
        "edge.spool.items",
        (
            (
                "SET last_seq = last_seq + 1,",
                (
                    "SET last_seq = 1 + (SELECT coalesce(max(seq), 0) FROM items"
                    " WHERE items.spool = spools.number),"
                ),
            ),
        ),
    ),
    Mutant(
        "one spool for all boots",
        "edge.uplink.reports",
        (
            (
                "            spool=spool,\n",
                '            spool="0" * 8 + "-0000-4000-8000-" + "0" * 12,\n',
            ),
        ),
    ),
    Mutant(
        "an ack deletes one more",
        "edge.spool.spool",
        (("[(0, through),", "[(0, through + 1),"),),
        seeds=(1,),
    ),
    Mutant(
        "an ack of another spool is taken",
        "edge.uplink.present",
        (("self._spool.ack(ack.spool,", "self._spool.ack(self.lane.spool,"),),
        also=(
            ("edge.uplink.uplink", "if ack.spool == self._present.lane.spool:", "if ack.spool:"),
        ),
    ),
    Mutant(
        "deleted once it is published",
        "edge.uplink.present",
        (
            (
                "            lane.sent(ask, items, token=token, now_ms=now_ms)\n",
                (
                    "            lane.sent(ask, items, token=token, now_ms=now_ms)\n"
                    "            await self._spool.ack(lane.spool, items[-1].seq)\n"
                ),
            ),
        ),
        seeds=(3,),
    ),
    Mutant(
        "nothing is sent again",
        "edge.forwarding.window",
        (
            (
                (
                    "return tuple(r for r in self.under_way if now_ms - r.sent_at_ms"
                    " >= self.resend_after_ms)"
                ),
                "return ()",
            ),
        ),
        seeds=(3,),
    ),
    Mutant(
        "a former boot's watermark is forgotten",
        "edge.uplink.history",
        (("if former.spool == lane.spool and former.watermarks:", "if False:"),),
    ),
    Mutant(
        "a report claims what went before it",
        "edge.uplink.reports",
        (("after=after if items else None", "after=0 if items else None"),),
        seeds=(10,),
    ),
    Mutant(
        "a watermark vouches for cameras in doubt",
        "edge.agent.recorder",
        (
            (
                "return tuple(Hold(camera=camera, last_good_ms=ms) for camera, ms in good.items())",
                "return ()",
            ),
        ),
        seeds=(88,),
    ),
    Mutant(
        "a first boot is never put on the clock",
        "edge.agent.recorder",
        (("            self._unsure.append(former)", "            pass"),),
        seeds=(487,),
    ),
    Mutant(
        "a turn forgets what was in doubt",
        "edge.agent.recorder",
        (("self._with_unsaved(former.boot.id, self._builder.former_holds())", "()"),),
        seeds=(116,),
    ),
    Mutant(
        "a watermark vouches for what was refused",
        "edge.agent.recorder",
        (
            (
                "in self._unsaved.sure_until_ms(boot).items():",
                "in ():",
            ),
        ),
        seeds=(615,),
    ),
    Mutant(
        "what is passed over once is set aside",
        "edge.forwarding.under_way",
        (("LONELY_TRIES: Final = 5", "LONELY_TRIES: Final = 1"),),
        seeds=(31,),
    ),
    Mutant(
        "any segment gives way for room",
        "edge.spool.room",
        (
            (
                " WHERE items.number NOT NULL AND items.is_whole AND items.seq > spools.sent_seq",
                " WHERE items.number NOT NULL",
            ),
        ),
        seeds=(204,),
    ),
    Mutant(
        "what was sent is superseded",
        "edge.spool.tellings",
        (
            (
                "(segment.camera, place.number, segment.number, place.sent_seq)",
                "(segment.camera, place.number, segment.number, 0)",
            ),
        ),
        seeds=(10,),
    ),
    Mutant(
        "what gave way under way is sent",
        "edge.uplink.reports",
        (("kept_from, items = await", "kept_from, _ = await"),),
        seeds=(772, 1030),
    ),
    Mutant(
        "segments give way to nothing",
        "edge.spool.room",
        (("used_bytes(connection) >= max_bytes", "used_bytes(connection) >= 100_000"),),
        seeds=(25,),
    ),
    Mutant(
        "a drop is not told",
        "edge.spool.room",
        (("    append_gap(connection, running, gap)\n", ""),),
        seeds=(204,),
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
        seeds=(2091,),
    ),
    Mutant(
        "ack before commit",
        "server.ingest.intake",
        (
            (
                "        for intake, progress in await commit_by_halves(",
                (
                    "        for intake in intakes:\n"
                    "            last = max((item.seq for item in intake.items), default=0)\n"
                    "            ack = _ack(intake, Progress(through=last), self._now_ms())\n"
                    "            self._send_ack(intake.agent, ack)\n"
                    "        for intake, progress in await commit_by_halves("
                ),
            ),
        ),
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
