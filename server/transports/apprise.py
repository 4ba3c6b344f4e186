"""Any of the services that Apprise knows, by its URL. Imported only where one is configured.

Apprise says whether it went well, not why, nor for how long to wait; all of its failures are to be
tried again. It blocks, so each message has a thread of its own, few at a time: one that hangs
holds up its channel and nothing else, the server's end neither (Apprise's own pool would, so
Apprise is given no limit). Our limit ends the waiting, not the thread: what that still sends comes
twice.

Apprise and urllib3 log addresses with their tokens. Neither logs anything here.
"""

import asyncio
import logging
import re
import threading
from contextlib import suppress
from typing import Final
from urllib.parse import quote

import apprise

from server.config import ADDRESS_PLACE, AppriseUrl
from server.transports.message import GiveUpError, Message, RetryError, UnusableChannelError

_LIMIT_S: Final = 20.0
_THREADS: Final = 2
_STATUS: Final = re.compile(r"error=([1-5]\d\d)\b")
_LOG_BYTES: Final = 64 * 1024
_TOO_MANY: Final = "429"
_TOO_MANY_WAIT_S: Final = 60.0
_TRIAL_ADDRESS: Final = "0900000000"


class AppriseTransport:
    """Sends by one Apprise URL. Raises ``UnusableChannelError`` if Apprise can't use it."""

    def __init__(self, config: AppriseUrl, *, limit_s: float = _LIMIT_S) -> None:
        _silence()
        self._url = config.url.reveal()
        self._limit_s = limit_s
        self._needs_address = ADDRESS_PLACE in self._url
        self._free = threading.Semaphore(_THREADS)
        if _service(self._address(_TRIAL_ADDRESS)) is None:
            raise UnusableChannelError("Apprise does not know this service, or this form of it")

    async def send(self, message: Message) -> str:
        """Send to each address, or to the URL's own place."""
        if self._needs_address and not message.to:
            raise GiveUpError("the receiver has no address for this channel")
        places = [self._address(to) for to in message.to] if self._needs_address else [self._url]
        for place in places:
            await self._notify(place, message)
        return "taken by Apprise"

    async def close(self) -> None:
        """Nothing is kept open; a thread that hangs is not waited for."""

    def _address(self, to: str) -> str:
        """Return the URL for an address, which can be no other part of it than one word."""
        return self._url.replace(ADDRESS_PLACE, quote(to, safe=""))

    async def _notify(self, url: str, message: Message) -> None:
        if not self._free.acquire(blocking=False):
            raise RetryError("Apprise still hangs in earlier messages")
        done: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        threading.Thread(target=self._work, args=(url, message, done), daemon=True).start()
        try:
            why = await asyncio.wait_for(done, self._limit_s)
        except TimeoutError as error:
            raise RetryError(f"Apprise took longer than {self._limit_s:g} s") from error
        if why is not None:
            wait = _TOO_MANY_WAIT_S if _TOO_MANY in why else None
            raise RetryError(why, after_s=wait)

    def _work(self, url: str, message: Message, done: "asyncio.Future[str | None]") -> None:
        """Send in this thread, and say so to the loop if it still wants to know."""
        try:
            why = _notify(url, message.subject, message.text)
        except Exception as error:  # noqa: BLE001 (a plugin's own; the top of this thread)
            why = f"Apprise failed: {type(error).__name__}"
        finally:
            self._free.release()
        with suppress(RuntimeError):  # the loop has ended
            done.get_loop().call_soon_threadsafe(_settle, done, why)


def _settle(done: "asyncio.Future[str | None]", why: str | None) -> None:
    if not done.done():
        done.set_result(why)


def _notify(url: str, subject: str, text: str) -> str | None:
    """Send in this thread; return why it failed, None if it did not."""
    service = _service(url)
    if service is None:
        return "Apprise does not take this address"
    postman = apprise.Apprise(asset=_ASSET)
    postman.add(service)
    result = postman.notify(body=text, title=subject, body_format=apprise.NotifyFormat.TEXT)
    try:
        if result:
            return None
        statuses = {m[1] for entry in result.logs() for m in _STATUS.finditer(str(entry.message))}
    finally:
        result.close()
    return f"Apprise failed (HTTP {', '.join(sorted(statuses))})" if statuses else "Apprise failed"


def _service(url: str) -> apprise.NotifyBase | None:
    service = apprise.Apprise.instantiate(url, asset=_ASSET, suppress_exceptions=True)
    return service if isinstance(service, apprise.NotifyBase) else None


def _silence() -> None:
    logging.getLogger(apprise.LOGGER_NAME).propagate = False  # it keeps its own for ``result.logs``
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)


_ASSET: Final = apprise.AppriseAsset(
    app_id="VongGac",
    app_desc="Vọng Gác",
    app_url="",
    storage_mode="memory",
    async_mode=False,
    service_timeout=0,
    result_log_memory_size=_LOG_BYTES,
)
