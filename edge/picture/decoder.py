"""Key frames to pictures, in a process of their own.

FFmpeg reads what cameras send, and some of that is damaged and some may be hostile. So a crash, a
hang or a memory bomb costs a restart of the decoder's process (``process``, ``worker``) and one
``Undecodable``, never the agent. One thread of the agent asks one process: two would only make
bursts taller, and a gate PC has other work to do.

The process starts with the first key frame and again after each end. What fails three times in a
row is tried less and less often, so that it can't take the time of the rest: a *camera* whose key
frames crash the decoder waits a minute, doubling to ten (``for_camera``), while its verdict stands;
a *decoder* that ends again and again, whichever camera asks, waits a second, doubling to a minute.
One picture forgives all. A process that ended while nobody asked is nobody's fault.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

import numpy as np

from edge.clock import Clock, SystemClock
from edge.picture.patience import TRIES, Patience
from edge.picture.picture import WIDTH_PX, Picture
from edge.picture.pipe import MAX_UNIT, Codec, Kind, PipeError, unpack_planes
from edge.picture.process import DecoderProcess, ProcessEnded

__all__ = ["AvDecoder", "Codec", "Decoder", "DecoderCrashed", "Undecodable"]

log = logging.getLogger(__name__)

MAX_WAITING: Final = 64 * 1024 * 1024
"""Octets of key frames that wait for the decoder: 640 of a main stream's."""
_SHOWN: Final = 200
_CAMERA_WAIT_MS: Final = (60_000, 600_000)
_DECODER_WAIT_MS: Final = (1_000, 60_000)


class Undecodable(ValueError):  # noqa: N818 (the vocabulary's word: stream.undecodable)
    """A key frame that gives no whole picture; the text says why."""


class DecoderCrashed(Undecodable):
    """A key frame at which the decoder's process crashed or hung."""


class Decoder(Protocol):
    """The seam: whoever turns an access unit into a picture."""

    async def decode(self, codec: Codec, access_unit: bytes) -> Picture:
        """Return the picture of one key frame. Raises ``Undecodable``."""
        ...


class Process(Protocol):
    """The seam to the decoder's process; ``DecoderProcess`` is the real one."""

    @property
    def has_ended(self) -> bool:
        """Whether it runs no more."""
        ...

    def greet(self) -> None:
        """Wait until it can decode. Raises ``ProcessEnded``."""
        ...

    def ask(self, codec: Codec, access_unit: bytes, /) -> tuple[Kind, bytearray]:
        """Return its answer. Raises ``ProcessEnded``."""
        ...

    def kill(self) -> None:
        """End it at once; any thread may call this."""
        ...

    def close(self) -> None:
        """End it and wait until it has ended."""
        ...


class AvDecoder:
    """FFmpeg in a process, behind a queue of one thread; ``close`` ends both."""

    def __init__(
        self, *, start: Callable[[], Process] = DecoderProcess, clock: Clock | None = None
    ) -> None:
        self._start, self._clock = start, clock or SystemClock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="decoder")
        self._process: Process | None = None
        self._patience = Patience(_DECODER_WAIT_MS)
        self._why = ""
        self._waiting = 0
        self._is_closing = False

    async def decode(self, codec: Codec, access_unit: bytes) -> Picture:
        """Return the picture of one key frame (Annex B, parameter sets included).

        Raises ``Undecodable``.
        """
        size = len(access_unit)
        if self._is_closing:
            raise Undecodable("the decoder is closed")
        if size > MAX_UNIT:
            raise Undecodable(f"a key frame of {size} bytes")
        if self._waiting + size > MAX_WAITING:
            raise Undecodable("too many key frames wait for the decoder: this computer is too slow")
        self._waiting += size
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._decode, codec, access_unit)
        finally:
            self._waiting -= size

    def for_camera(self, name: str) -> Decoder:
        """Return this decoder for one camera, which is left alone for a while if it crashes it."""
        return _CameraDecoder(self, name, self._clock)

    def close(self) -> None:
        """Forget the waiting key frames, end process and thread."""
        self._is_closing = True
        if (process := self._process) is not None:
            process.kill()  # the picture under way, too: nobody waits for it any more
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._end_process()

    # ------------------------------------------------------------ in the thread

    def _decode(self, codec: Codec, access_unit: bytes) -> Picture:
        try:
            kind, body = self._ask(codec, access_unit)
            picture = _picture(body, len(access_unit)) if kind is Kind.PICTURE else None
        except ProcessEnded as ended:
            self._end_process()
            why = f"the decoder {ended} on this key frame"
            self._failed(why)
            raise DecoderCrashed(why) from ended
        self._patience.forgive()
        if picture is None:
            raise Undecodable(body.decode(errors="replace")[:_SHOWN])
        return picture

    def _ask(self, codec: Codec, access_unit: bytes) -> tuple[Kind, bytearray]:
        """Return the answer; a process that has just retired is replaced by a fresh one."""
        try:
            return self._running().ask(codec, access_unit)
        except ProcessEnded as ended:
            if not ended.retired:
                raise
            self._end_process()
        return self._running().ask(codec, access_unit)

    def _end_process(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None

    def _running(self) -> Process:
        """Return the process, a new one where there is none. Raises ``Undecodable``."""
        if self._process is not None and self._process.has_ended:
            self._end_process()
        if self._process is not None:
            return self._process
        if self._patience.lasts(self._clock.ms()):
            raise Undecodable(f"the decoder can't run: {self._why}")
        try:
            self._process = self._start()
            if self._is_closing:  # now ``close`` can see it, or we have seen ``close``
                raise Undecodable("the decoder is being closed")
            self._process.greet()
        except ProcessEnded as ended:
            self._end_process()
            self._failed(f"it {ended}")
            raise Undecodable(f"the decoder can't run: {self._why}") from ended
        return self._process

    def _failed(self, why: str) -> None:
        self._why = why
        if not self._is_closing:
            self._patience.fail(self._clock.ms())
            log.warning("no picture, %d times in a row: %s", self._patience.failures, why)


class _CameraDecoder:
    """A decoder that remembers which camera crashed it."""

    def __init__(self, decoder: Decoder, camera: str, clock: Clock) -> None:
        self._decoder, self._camera, self._clock = decoder, camera, clock
        self._patience = Patience(_CAMERA_WAIT_MS)
        self._why = ""

    async def decode(self, codec: Codec, access_unit: bytes) -> Picture:
        if self._patience.lasts(self._clock.ms()):
            raise Undecodable(self._why)
        try:
            picture = await self._decoder.decode(codec, access_unit)
        except DecoderCrashed as crashed:
            self._patience.fail(self._clock.ms())
            if self._patience.failures >= TRIES:
                self._why = f"{crashed}, and on those before it"
                log.warning(
                    "camera %s: its key frames crash the decoder again and again; it is "
                    "tried less often",
                    self._camera,
                )
            raise
        self._patience.forgive()
        return picture


def _picture(body: bytearray, compressed_size: int) -> Picture:
    """Return the picture in a reply, on the reply's own octets.

    Raises ``ProcessEnded`` for what is none: whoever sends that is not to be asked again.
    """
    try:
        planes = unpack_planes(body)
    except PipeError as error:
        raise ProcessEnded(f"gave an answer that is none ({error})") from error
    half = (2, (planes.rows + 1) // 2, WIDTH_PX // 2)
    return Picture(
        luma=np.frombuffer(planes.luma, np.uint8).reshape(planes.rows, WIDTH_PX),
        width=planes.width,
        height=planes.height,
        compressed_size=compressed_size,
        chroma=np.frombuffer(planes.chroma, np.uint8).reshape(half) if planes.chroma else None,
    )
