"""The decoder against real encoders' key frames, whole and broken; its process played by fakes."""

import asyncio
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TypeAlias

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest
from av.video.codeccontext import VideoCodecContext

from edge.picture import worker
from edge.picture.decoder import (
    MAX_WAITING,
    AvDecoder,
    Codec,
    Decoder,
    DecoderCrashed,
    Undecodable,
)
from edge.picture.patience import Patience
from edge.picture.picture import Picture
from edge.picture.pipe import (
    Kind,
    PipeError,
    Planes,
    pack_planes,
    pack_reply,
    pack_request,
    read_reply,
    read_request,
    unpack_planes,
)
from edge.picture.process import ProcessEnded
from tests.pure.edge.fake_camera import FakeClock

pytestmark = pytest.mark.long

Drawing: TypeAlias = Callable[[int, int], npt.NDArray[np.uint8]]
ENCODERS = {"h264": "libx264", "h265": "libx265"}


def drawn(width: int, height: int) -> npt.NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width]
    values = 255 * x / width * (0.6 + 0.4 * (y // (height // 6) % 2))
    return np.asarray(values, np.uint8)


def speckled(width: int, height: int) -> npt.NDArray[np.uint8]:
    """Detail at every place: a mean over other pixels would differ."""
    return np.random.default_rng(1).integers(0, 256, (height, width), np.uint8)


def combed(width: int, height: int) -> npt.NDArray[np.uint8]:
    """Two fields that differ, as where something moves."""
    values = drawn(width, height) // 2
    values[1::2] += 100
    return values


def key_frame(
    codec: Codec,
    width: int,
    height: int,
    pixels: str = "yuv420p",
    *,
    draw: Drawing = drawn,
    x264: str = "",
    full: bool = False,
) -> bytes:
    frame = av.VideoFrame.from_ndarray(draw(width, height), format="gray")
    if not full:
        return encoded(codec, frame.reformat(format=pixels), x264=x264)
    frame = frame.reformat(format=pixels, src_color_range=2, dst_color_range=2)
    return encoded(codec, frame, x265="range=full")


def encoded(codec: Codec, frame: av.VideoFrame, *, x264: str = "", x265: str = "") -> bytes:
    context = av.CodecContext.create(ENCODERS[codec], "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = frame.width, frame.height, frame.format.name
    context.time_base, context.framerate = Fraction(1, 25), Fraction(25)
    context.options = {"preset": "ultrafast", "crf": "20", "x264-params": x264} | {
        "x265-params": f"log-level=none:pools=1:{x265}"
    }
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])


class InProcess:
    """The worker without its process."""

    has_ended = False

    def greet(self) -> None:
        pass

    def ask(self, codec: Codec, access_unit: bytes) -> tuple[Kind, bytearray]:
        return read_reply(Pipe(pack_reply(*worker.answer(codec, access_unit))))

    def kill(self) -> None:
        self.has_ended = True

    def close(self) -> None:
        self.has_ended = True


class Pipe:
    """Octets that come in small pieces."""

    def __init__(self, octets: bytes, piece: int = 1 << 16) -> None:
        self._octets, self._piece = octets, piece

    def readinto(self, buffer: memoryview, /) -> int:
        size = min(len(buffer), self._piece, len(self._octets))
        buffer[:size], self._octets = self._octets[:size], self._octets[size:]
        return size


def seen(codec: Codec, access_unit: bytes) -> Picture:
    async def once() -> Picture:
        decoder = AvDecoder(start=InProcess)
        try:
            return await decoder.decode(codec, access_unit)
        finally:
            decoder.close()

    return asyncio.run(once())


# -------------------------------------------------------------------- pixels


@pytest.mark.parametrize("codec", ["h264", "h265"])
@pytest.mark.parametrize("size", [(1920, 1080), (640, 360), (352, 288), (176, 144)])
def test_the_luma_is_what_was_drawn(codec: Codec, size: tuple[int, int]) -> None:
    width, height = size
    access_unit = key_frame(codec, width, height)
    picture = seen(codec, access_unit)
    assert (picture.width, picture.height) == size
    assert picture.compressed_size == len(access_unit)
    assert picture.luma.shape == (round(height * 320 / width), 320)
    wanted = cv2.resize(drawn(width, height), (320, picture.luma.shape[0]))
    assert np.abs(wanted.astype(int) - picture.luma).mean() < 2


@pytest.mark.parametrize(
    "size", [(1280, 720), (1920, 1080), (1920, 1072), (2560, 1440), (2304, 1296), (704, 576)]
)
def test_large_pictures_are_the_mean_of_their_areas(size: tuple[int, int]) -> None:
    access_unit = key_frame("h264", *size, "yuvj420p", draw=speckled)
    luma = seen("h264", access_unit).luma
    assert np.abs(mean_of_areas(access_unit, size) - luma).max() <= 1


def mean_of_areas(access_unit: bytes, size: tuple[int, int]) -> npt.NDArray[np.int_]:
    """Return the luma as OpenCV shrinks it."""
    context = av.CodecContext.create("h264", "r")
    assert isinstance(context, VideoCodecContext)
    context.options = {"skip_loop_filter": "all"}
    whole = [*context.decode(av.Packet(access_unit)), *context.decode(None)][0].to_ndarray()
    rows = round(size[1] * 320 / size[0])
    luma = whole[: size[1]]
    return cv2.resize(luma, (320, rows), interpolation=cv2.INTER_AREA).astype(int)


def test_an_interlaced_picture_is_shrunk_as_a_whole() -> None:
    """Shrunk field by field, rows of one field would stand between rows of the other."""
    access_unit = key_frame("h264", 704, 576, "yuv420p", draw=combed, x264="interlaced=1:tff=1")
    rows = seen("h264", access_unit).luma[:, 40].astype(int)
    assert np.abs(np.diff(rows)).max() < 60


@pytest.mark.parametrize("pixels", ["yuvj420p", "yuv444p", "yuv420p10le"])
def test_ranges_and_depths_make_no_difference(pixels: str) -> None:
    plain = seen("h265", key_frame("h265", 640, 360))
    other = seen("h265", key_frame("h265", 640, 360, pixels))
    assert np.abs(plain.luma.astype(int) - other.luma).mean() < 2


def test_ten_bits_may_have_full_range() -> None:
    plain = seen("h265", key_frame("h265", 640, 360))
    full = seen("h265", key_frame("h265", 640, 360, "yuv420p10le", full=True))
    assert np.abs(plain.luma.astype(int) - full.luma).mean() < 2


@pytest.mark.parametrize("pixels", ["gray", "gray10le"])
def test_grey_alone_has_no_chroma(pixels: str) -> None:
    def limited(width: int, height: int) -> npt.NDArray[np.uint8]:
        return np.asarray(16 + drawn(width, height) * (219 / 255), np.uint8)

    plain = seen("h265", key_frame("h265", 640, 360))
    grey = seen("h265", key_frame("h265", 640, 360, pixels, draw=limited))
    assert np.abs(plain.luma.astype(int) - grey.luma).mean() < 2
    assert plain.chroma is not None
    assert grey.chroma is None


@pytest.mark.parametrize("codec", ["h264", "h265"])
@pytest.mark.parametrize("pixels", ["yuv420p", "yuvj420p", "yuv444p", "yuv422p"])
def test_the_chroma_is_full_range_around_128(codec: Codec, pixels: str) -> None:
    red = np.full((288, 352, 3), (230, 20, 30), np.uint8)
    frame = av.VideoFrame.from_ndarray(red, format="rgb24")
    picture = seen(codec, encoded(codec, frame.reformat(format=pixels)))
    assert picture.luma.shape == (262, 320)
    assert picture.chroma is not None
    assert picture.chroma.shape == (2, 131, 160)
    bgr = np.ascontiguousarray(red[:1, :1, ::-1])
    luma, v, u = (int(value) for value in cv2.cvtColor(bgr, cv2.COLOR_BGR2YCrCb)[0, 0])
    assert picture.luma.mean() == pytest.approx(luma, abs=3)
    assert picture.chroma[0].mean() == pytest.approx(u, abs=3)
    assert picture.chroma[1].mean() == pytest.approx(v, abs=3)


def test_an_odd_number_of_rows_counts_one_more_of_chroma() -> None:
    picture = seen("h264", key_frame("h264", 1920, 1072))
    assert picture.chroma is not None
    assert (picture.luma.shape, picture.chroma.shape) == ((179, 320), (2, 90, 160))


def test_equal_pictures_stay_exactly_equal() -> None:
    """The proof of a freeze: nothing depends on what was decoded before."""
    access_unit = key_frame("h264", 640, 360, draw=speckled)
    before = seen("h264", access_unit)
    seen("h265", key_frame("h265", 352, 288))
    assert (seen("h264", access_unit).luma == before.luma).all()


@pytest.mark.parametrize("codec", ["h264", "h265"])
@pytest.mark.parametrize(
    "access_unit",
    [
        b"",
        b"\x00\x00\x00\x01\x65" + bytes(range(256)) * 8,
        key_frame("h264", 640, 360)[:-200],
        key_frame("h265", 640, 360)[:1500],
        key_frame("h264", 640, 360)[:40],
    ],
    ids=["nothing", "junk", "cut h264", "cut h265", "headers alone"],
)
def test_what_gives_no_whole_picture_is_undecodable(codec: Codec, access_unit: bytes) -> None:
    with pytest.raises(Undecodable):
        seen(codec, access_unit)


def test_a_damaged_key_frame_is_not_judged_as_if_it_were_whole() -> None:
    damaged = bytearray(key_frame("h264", 640, 360))
    for i in range(len(damaged) // 3, len(damaged), 97):
        damaged[i] ^= 0x5A
    with pytest.raises(Undecodable, match="damaged"):
        seen("h264", bytes(damaged))


def test_a_tower_of_pixels_is_no_camera_s() -> None:
    with pytest.raises(Undecodable, match="no camera's"):
        seen("h264", key_frame("h264", 16, 4096))


# -------------------------------------------------------------------- the format of the pipe


def test_requests_and_replies_survive_a_pipe_in_pieces() -> None:
    assert read_request(Pipe(pack_request("h265", b"unit"), 3)) == ("h265", bytearray(b"unit"))
    assert read_reply(Pipe(pack_reply(Kind.UNDECODABLE, b"why"), 2))[1] == bytearray(b"why")


@pytest.mark.parametrize(
    "octets", [b"\x09\x00\x00\x00\x00", b"\x01\xff\xff\xff\xff", b"\x07\x00\x00\x00\x01x"]
)
def test_what_is_no_message_is_refused(octets: bytes) -> None:
    with pytest.raises(PipeError):
        read_reply(Pipe(octets))
    with pytest.raises(PipeError):
        read_request(Pipe(octets))


@pytest.mark.parametrize("rows", [1, 179, 180, 1280])
@pytest.mark.parametrize("colour", [True, False])
def test_planes_survive_the_pipe(rows: int, colour: bool) -> None:
    luma, chroma = b"l" * 320 * rows, b"c" * 320 * ((rows + 1) // 2) if colour else b""
    planes = Planes(width=1920, height=1080, rows=rows, luma=luma, chroma=chroma)
    found = unpack_planes(bytearray(pack_planes(planes)))
    assert (found.width, found.height, found.rows) == (1920, 1080, rows)
    assert (bytes(found.luma), bytes(found.chroma)) == (luma, chroma)


@pytest.mark.parametrize(
    "body", [b"", b"\x00" * 11, b"\x00\x00\x00\x10" * 2 + b"\x00\x01\x01" + b"x" * 319]
)
def test_planes_of_another_size_are_refused(body: bytes) -> None:
    with pytest.raises(PipeError):
        unpack_planes(bytearray(body))


# -------------------------------------------------------------------- crashes


class Fragile(InProcess):
    """Dies of every key frame that says so, and retires after one that says so."""

    is_due = False

    def ask(self, _: Codec, access_unit: bytes, /) -> tuple[Kind, bytearray]:
        if access_unit == b"killer":
            self.has_ended = True
            raise ProcessEnded("crashed (SIGSEGV)")
        if access_unit == b"liar":
            return Kind.PICTURE, bytearray(b"not planes")
        if access_unit == b"last":
            self.is_due = True
        elif self.is_due:
            raise ProcessEnded("crashed (exit code 0)", retired=True)
        planes = Planes(width=320, height=1, rows=1, luma=bytes(320))
        return Kind.PICTURE, bytearray(pack_planes(planes))


class Starter:
    """Starts fragile processes, or none while ``broken``."""

    def __init__(self) -> None:
        self.started: list[Fragile] = []
        self.broken = False
        self.tries = 0

    def __call__(self) -> Fragile:
        self.tries += 1
        if self.broken:
            raise ProcessEnded("crashed (exit code 1: ModuleNotFoundError: No module named 'av')")
        self.started.append(Fragile())
        return self.started[-1]


async def failure(decoder: Decoder, access_unit: bytes = b"killer") -> str:
    with pytest.raises(Undecodable) as refused:
        await decoder.decode("h264", access_unit)
    return str(refused.value)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(10_000_000)


@pytest.fixture
def starter() -> Starter:
    return Starter()


@pytest.fixture
def decoder(starter: Starter, clock: FakeClock) -> Iterator[AvDecoder]:
    made = AvDecoder(start=starter, clock=clock)
    yield made
    made.close()


async def test_a_crash_costs_a_restart_and_one_picture(
    decoder: AvDecoder, starter: Starter
) -> None:
    await decoder.decode("h264", b"good")
    with pytest.raises(DecoderCrashed, match=r"decoder crashed \(SIGSEGV\) on this key frame"):
        await decoder.decode("h264", b"killer")
    await decoder.decode("h264", b"good")
    assert len(starter.started) == 2


async def test_an_answer_that_is_none_ends_the_process(
    decoder: AvDecoder, starter: Starter
) -> None:
    assert "an answer that is none" in await failure(decoder, b"liar")
    assert starter.started[0].has_ended
    await decoder.decode("h264", b"good")


async def test_a_process_that_retires_is_replaced_and_blamed_for_nothing(
    decoder: AvDecoder, starter: Starter
) -> None:
    for _ in range(5):
        await decoder.decode("h264", b"last")
        await decoder.decode("h264", b"good")
    assert len(starter.started) == 6


async def test_a_process_that_ended_meanwhile_is_replaced_without_a_word(
    decoder: AvDecoder, starter: Starter
) -> None:
    await decoder.decode("h264", b"good")
    starter.started[0].has_ended = True
    await decoder.decode("h264", b"good")
    assert len(starter.started) == 2


async def test_a_decoder_that_cannot_start_says_why_and_is_tried_less_often(
    decoder: AvDecoder, starter: Starter, clock: FakeClock
) -> None:
    starter.broken = True
    for _ in range(100):
        why = await failure(decoder)
        assert why.startswith("the decoder can't run: it crashed (exit code 1: ModuleNotFound")
        clock.now_ms += 100
    assert starter.tries == 3 + 3  # at once, then after 1, 2 and 4 seconds of the ten
    starter.broken = False
    clock.now_ms += 60_000
    await decoder.decode("h264", b"good")


async def test_a_camera_that_crashes_the_decoder_is_left_alone_and_the_others_are_not(
    decoder: AvDecoder, starter: Starter, clock: FakeClock
) -> None:
    bad, good = decoder.for_camera("bad"), decoder.for_camera("good")
    for _ in range(600):  # ten minutes, a key frame each second
        await failure(bad)
        await good.decode("h264", b"good")
        clock.now_ms += 1000
    # Three at once, then after 1, 2 and 4 minutes; the next one is due after 8.
    assert len(starter.started) == 1 + 3 + 3
    assert "SIGSEGV" in await failure(bad)


async def test_a_picture_forgives_a_camera(decoder: AvDecoder, clock: FakeClock) -> None:
    camera = decoder.for_camera("c")
    for _ in range(3):
        await failure(camera)
        await failure(camera)
        await camera.decode("h264", b"good")
        clock.now_ms += 5000


async def test_what_waits_is_bounded(decoder: AvDecoder) -> None:
    units = [bytes(16 * 1024 * 1024)] * (MAX_WAITING // 2**24 + 1)
    results = await asyncio.gather(
        *(decoder.decode("h264", unit) for unit in units), return_exceptions=True
    )
    assert [type(result) for result in results].count(Undecodable) == 1
    assert "too slow" in str(results[-1])


def test_patience_doubles_to_its_longest_wait() -> None:
    patience = Patience((1000, 60_000))
    waits = []
    for _ in range(12):
        patience.fail(0)
        waits.append(patience.until_ms)
    assert waits == [0, 0, 1000, 2000, 4000, 8000, 16_000, 32_000, *[60_000] * 4]
    for _ in range(100):
        patience.fail(0)
    assert patience.until_ms == 60_000
