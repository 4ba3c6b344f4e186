"""What the agent keeps of pictures beside the spool, and who may ask for it: built and started.

``late`` is torn down after all else: a disk takes its time for a hundred small files, and the last
watermark must not wait for it, vouching for seconds in which nobody watched any more.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Final

from edge.agent.commands import Commands
from edge.agent.letterbox import EVERY_S as LETTERBOX_EVERY_S
from edge.agent.letterbox import Letterbox
from edge.agent.references import EVERY_S as REFERENCES_EVERY_S
from edge.agent.references import References
from edge.agent.tasks import Tasks
from edge.agent.witness import Witness
from edge.clock import Clock
from edge.config import EdgeConfig
from edge.evidence import EvidenceStore
from edge.spool import Spool
from edge.spool.standing import Standing, tell_standing
from edge.uplink import Uplink
from edge.watcher import Control

log = logging.getLogger(__name__)

_KEEP_HOUSE_S: Final = 3600.0
_TELL_S: Final = 60.0
_MS: Final = 1000


async def start_witness(
    config: EdgeConfig, tasks: Tasks, late: AsyncExitStack, *, clock: Clock, uplink: Uplink
) -> Witness:
    """Return who keeps pictures from before and after a change."""
    limits, folder = config.evidence, config.data_dir / "evidence"
    witness = Witness(
        lambda: EvidenceStore(folder, max_bytes=limits.max_bytes, keep_days=limits.keep_days),
        clock=clock,
        utc_ms=uplink.corrected_utc_ms,
    )
    late.callback(witness.close)
    await witness.open([camera.id for camera in config.cameras])
    late.push_async_callback(witness.keep_house)
    tasks.start_every(_KEEP_HOUSE_S, "evidence", witness.keep_house)
    return witness


def start_telling(config: EdgeConfig, tasks: Tasks, *, spool: Spool, clock: Clock) -> None:
    """Tell each minute, beside the spool, what waits in it (for ``vonggac-edge doctor``)."""

    async def tell() -> None:
        stats = await spool.stats()
        standing = Standing(
            at_utc_ms=int(clock.now().timestamp() * _MS),
            waiting=stats.items,
            set_aside=stats.refused,
        )
        try:
            await asyncio.to_thread(tell_standing, config.data_dir, standing)
        except OSError as error:  # a full disk, of which the spool complains already
            log.debug("what waits can't be told: %s", error)

    tasks.start_every(_TELL_S, "standing", tell)


def start_references(config: EdgeConfig, tasks: Tasks, late: AsyncExitStack) -> References:
    """Return where what the judges learned outlives the agent."""
    references = References(config.data_dir / "references")
    references.prune({camera.id for camera in config.cameras})
    late.push_async_callback(references.save_all)
    tasks.start_every(REFERENCES_EVERY_S, "references", references.save_all)
    return references


def start_obeying(
    config: EdgeConfig,
    tasks: Tasks,
    *,
    controls: Mapping[str, Control],
    uplink: Uplink,
    witness: Witness,
    references: References,
) -> None:
    """Take commands of the centre, and letters of this machine's own command line."""
    commands = Commands(
        controls=controls,
        evidence=witness,
        on_new_view=references.save,
        reply=uplink.reply,
        utc_ms=uplink.corrected_utc_ms,
    )
    uplink.on_command = commands.offer
    tasks.start("commands", commands.run)
    letterbox = Letterbox(config.data_dir, commands.obey)
    letterbox.open()
    tasks.start_every(LETTERBOX_EVERY_S, "letterbox", letterbox.look)
