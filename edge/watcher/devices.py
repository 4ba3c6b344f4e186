"""What all cameras of an agent share: who may show which password, and who has which session."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from edge.config.values import CameraConfig, HostConfig
from edge.rtsp.replies import Trouble
from edge.rtsp.url import CameraUrl
from edge.watcher.budget import Budget
from edge.watcher.guard import Guard, Login, device_of
from edge.watcher.guard_file import LoginBook
from edge.watcher.unseen import unseen_s

NEWS_MS: Final = 25_000
"""So long what one channel was told without a password speaks for the others too."""


@dataclass(frozen=True, slots=True)
class _News:
    at_ms: int
    trouble: Trouble


class Devices:
    """All devices; make one for an agent and give it to each ``watch``."""

    def __init__(
        self,
        book: LoginBook,
        *,
        hosts: Collection[HostConfig] = (),
        sessions_per_host: int | None = None,
    ) -> None:
        self.book = book
        self.guard = Guard(restored=book.restored)
        limits = {host.address: host.sessions or sessions_per_host for host in hosts}
        self.budget = Budget(limits=limits, limit=sessions_per_host)
        self._listed = frozenset(limits)
        self._news: dict[str, _News] = {}

    def device_of(self, url: CameraUrl) -> str:
        """Name the device that an address leads to."""
        return device_of(url.host, url.port, self._listed)

    def expected_unseen_s(self, cameras: Collection[CameraConfig], now_ms: int) -> dict[str, int]:
        """Return for how long nobody will look at each of these cameras, by id.

        They are all that there are; what a device gives without having been asked is not known yet.
        """
        for camera in cameras:
            self.budget.belongs(self.device_of(camera.watch_url), camera.id)
        return {camera.id: self._unseen_s(camera, now_ms) for camera in cameras}

    def _unseen_s(self, camera: CameraConfig, now_ms: int) -> int:
        every_ms = round(camera.watch.visit_every_s * 1000)
        device = self.device_of(camera.watch_url)
        shared_ms = self.budget.unseen_ms(device, now_ms, every_ms=every_ms)
        return unseen_s(camera.watch, shared_ms=shared_ms)

    def login_of(self, camera: str, url: CameraUrl) -> Login | None:
        """Return who wants in, or None if it shows no password."""
        if url.credentials is None:
            return None
        device = self.device_of(url)
        mark = self.book.mark(device, url.credentials)
        return Login(device=device, channel=camera, mark=mark)

    async def keep(self, *, at_least: bool = False) -> None:
        """Write down what must outlive a restart; ``at_least``: unless it says as much already."""
        await self.book.keep(self.guard.snapshot(), at_least=at_least)

    def news_of(self, url: CameraUrl, now_ms: int) -> Trouble | None:
        """Return what another channel of the same address was told without a password of late."""
        news = self._news.get(url.netloc)
        return news.trouble if news and now_ms - news.at_ms < NEWS_MS else None

    def was_told(self, url: CameraUrl, trouble: Trouble | None, now_ms: int) -> None:
        """Note what was told without a password; None: no trouble."""
        if trouble is None:
            self._news.pop(url.netloc, None)
        else:
            self._news[url.netloc] = _News(now_ms, trouble)
