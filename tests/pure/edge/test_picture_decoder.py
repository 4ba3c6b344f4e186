"""The decoder against real encoders' key frames, whole and broken."""

from collections.abc import AsyncIterator, Callable
from fractions import Fraction
from typing import TypeAlias

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest
from av.video.codeccontext import VideoCodecContext

from edge.picture.decoder import AvDecoder, Codec, Undecodable, decode_now

Drawing: TypeAlias = Callable[[int, int], npt.NDArray[np.uint8]]
ENCODERS = {"h264": "libx264", "h265": "libx265"}


def drawn(width: int, height: int) -> npt.NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width]
    values = 255 * x / width * (0.6 + 0.4 * (y // (height // 6) % 2))
    return np.asarray(values, np.uint8)


def speckled(width: int, height: int) -> npt.NDArray[np.uint8]:
    """Detail at every place: a mean over other pixels would differ."""
    return np.random.default_rng(1).integers(0, 256, (height, width), np.uint8)


def key_frame(
    codec: Codec, width: int, height: int, pixels: str = "yuv420p", *, draw: Drawing = drawn
) -> bytes:
    context = av.CodecContext.create(ENCODERS[codec], "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, pixels
    context.time_base, context.framerate = Fraction(1, 25), Fraction(25)
    context.options = {"preset": "ultrafast", "crf": "20", "x265-params": "log-level=none:pools=1"}
    frame = av.VideoFrame.from_ndarray(draw(width, height), format="gray")
    packets = [*context.encode(frame.reformat(format=pixels)), *context.encode(None)]
    return b"".join(bytes(packet) for packet in packets)


@pytest.fixture
async def decoder() -> AsyncIterator[AvDecoder]:
    decoder = AvDecoder()
    yield decoder
    decoder.close()


@pytest.mark.parametrize("codec", ["h264", "h265"])
@pytest.mark.parametrize("size", [(1920, 1080), (640, 360), (352, 288), (176, 144)])
async def test_the_luma_is_what_was_drawn(
    decoder: AvDecoder, codec: Codec, size: tuple[int, int]
) -> None:
    width, height = size
    access_unit = key_frame(codec, width, height)
    picture = await decoder.decode(codec, access_unit)
    assert (picture.width, picture.height) == size
    assert picture.compressed_size == len(access_unit)
    assert picture.luma.shape == (round(height * 320 / width), 320)
    wanted = cv2.resize(drawn(width, height), (320, picture.luma.shape[0]))
    assert np.abs(wanted.astype(int) - picture.luma).mean() < 2


@pytest.mark.parametrize(
    "size", [(1280, 720), (1920, 1080), (1920, 1072), (2560, 1440), (2304, 1296)]
)
def test_large_pictures_are_the_mean_of_their_areas(size: tuple[int, int]) -> None:
    access_unit = key_frame("h264", *size, "yuvj420p", draw=speckled)
    context = av.CodecContext.create("h264", "r")
    context.options = {"skip_loop_filter": "all"}
    assert isinstance(context, VideoCodecContext)
    whole = [*context.decode(av.Packet(access_unit)), *context.decode(None)][0].to_ndarray()
    wanted = cv2.resize(
        whole[: size[1]], (320, round(size[1] * 320 / size[0])), interpolation=cv2.INTER_AREA
    )
    luma = decode_now("h264", access_unit).luma
    assert np.abs(wanted.astype(int) - luma).max() <= 1


@pytest.mark.parametrize("pixels", ["yuvj420p", "yuv444p", "yuv420p10le"])
async def test_ranges_and_depths_make_no_difference(decoder: AvDecoder, pixels: str) -> None:
    plain = await decoder.decode("h265", key_frame("h265", 640, 360))
    other = await decoder.decode("h265", key_frame("h265", 640, 360, pixels))
    assert np.abs(plain.luma.astype(int) - other.luma).mean() < 2


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
async def test_what_gives_no_whole_picture_is_undecodable(
    decoder: AvDecoder, codec: Codec, access_unit: bytes
) -> None:
    with pytest.raises(Undecodable):
        await decoder.decode(codec, access_unit)


async def test_a_damaged_key_frame_is_not_judged_as_if_it_were_whole(decoder: AvDecoder) -> None:
    damaged = bytearray(key_frame("h264", 640, 360))
    for i in range(len(damaged) // 3, len(damaged), 97):
        damaged[i] ^= 0x5A
    with pytest.raises(Undecodable, match="damaged"):
        await decoder.decode("h264", bytes(damaged))
