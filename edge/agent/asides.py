"""What the agent learns of cameras beside their pictures: where they are, clocks, recordings."""

import logging
from collections.abc import Callable

from edge.clock import Clock
from edge.config import EdgeConfig
from edge.onvif.asker import Asker
from edge.onvif.follow import Follower
from edge.onvif.interfaces import NoInterface, choose, interfaces
from edge.onvif.memory import Memory
from edge.onvif.multicast import discover
from edge.onvif.neighbours import neighbours
from edge.onvif.probe import Match

log = logging.getLogger(__name__)


def follower(config: EdgeConfig, clock: Clock) -> Follower:
    """Return who follows cameras to new addresses."""

    async def probe() -> tuple[Match, ...]:
        try:
            addresses = choose(interfaces(), None)
        except NoInterface:
            return ()
        return await discover(addresses, clock=clock, on_failed=_cannot_send)

    return Follower(config.cameras, clock=clock, probe=probe, macs=neighbours)


def asker(
    config: EdgeConfig,
    clock: Clock,
    *,
    follower: Follower,
    ours_off_ms: Callable[[], int | None],
) -> Asker:
    """Return who asks cameras and recorders; ``ours_off_ms``: the centre's clock minus ours."""
    return Asker(
        config.cameras,
        clock=clock,
        memory=Memory(config.data_dir),
        ours_off_ms=ours_off_ms,
        moved=follower.service_url,
    )


def _cannot_send(address: str, error: OSError) -> None:
    log.info("cameras can't be looked for from %s: %s", address, error.strerror or error)
