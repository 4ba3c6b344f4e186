"""Bugs in the agent, and in the disk under it: each undoes one decision of the promise."""

from typing import Final

from tests.simulation.mutant import Mutant

EDGE: Final = (
    Mutant(
        "the spool's commits are not synced",
        "edge.spool.file",
        (("PRAGMA synchronous = FULL", "PRAGMA synchronous = OFF"),),
        seeds=(2,),
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
        (("LONELY_TRIES: Final = 12", "LONELY_TRIES: Final = 1"),),
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
        seeds=(20,),
    ),
    Mutant(
        "what gave way under way is sent",
        "edge.uplink.reports",
        (("kept_from, items = await", "kept_from, _ = await"),),
        seeds=(1030,),
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
        "a revised watermark counts as delivered",
        "edge.spool.boots",
        ((" if watermark(connection, mark.boot) == mark]", "]"),),
        seeds=(3425, 4821),
    ),
)
