"""Live or frozen, through real encoders: what the freeze check finds, misses and can't tell.

``python -m tests.bench.freeze [--json] [--quick] [--pictures 30] [--jobs 1]``

A frozen camera here is one whose source picture is encoded again and again while its clock ticks,
as when a sensor's driver hangs; a live one sees a scene in which nothing moves. Sources are drawn
places by day, whose light wanders by half a percent, and a dark room of constant light; noise is
given in grey levels before the encoder (0.4: behind a strong noise filter). Every key frame is
judged as if they came 10 s apart: 20 frames lie between them, so rate control works as in life.

For each kind, codec, size and bit rate: of how many runs a freeze was found (of live ones:
falsely), the seconds to it, the share of pictures called "not checkable", and runs that were missed
without saying so. A full run takes some twenty minutes of one core.
"""

import argparse
import itertools
import json
import multiprocessing
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from typing import Any, Final, Literal, cast

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.video.codeccontext import VideoCodecContext

from edge.picture.ffmpeg import decode
from edge.picture.freeze import Freeze
from edge.picture.picture import Picture
from sim.scene import Scene, Size, make_scene, stamp

Codec = Literal["h264", "h265"]
FREEZE_AFTER_MS: Final = 30_000
EVERY_MS: Final = 10_000
GOP: Final = 20
SETTLING: Final = 4
"""Key frames until rate control has settled."""
_FPS: Final = 10
_SMALL_PX: Final = 640
_WANDER: Final = 0.0008
_BEGINS: Final = datetime(2026, 3, 3, 8, tzinfo=timezone(timedelta(hours=7)))
RATES: Final[dict[tuple[int, int], tuple[int, ...]]] = {
    (320, 180): (32, 100),
    (640, 360): (60, 150, 400, 1000),
    (1280, 720): (150, 400),
}
_ENCODERS: Final[dict[Codec, str]] = {"h264": "libx264", "h265": "libx265"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One camera to be encoded and judged."""

    place: str
    is_dark: bool
    is_frozen: bool
    noise: float
    codec: Codec
    width: int
    height: int
    kbit_s: int
    pictures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one case; ``found_s`` is from the first picture on, None for not at all."""

    case: Case
    found_s: float | None
    unchecked: float
    ms_a_picture: float


def cases(*, quick: bool, pictures: int) -> Iterator[Case]:
    """Name every case; ``quick`` leaves out the large and the rich."""
    for (width, height), codec in itertools.product(RATES, _ENCODERS):
        is_large = width > _SMALL_PX
        if quick and is_large:
            continue
        for kbit_s in RATES[width, height][: 2 if quick else None]:
            for place, is_dark, noise, is_frozen in _scenes(few=quick or is_large):
                yield Case(
                    place=place,
                    is_dark=is_dark,
                    is_frozen=is_frozen,
                    noise=noise,
                    codec=codec,
                    width=width,
                    height=height,
                    kbit_s=kbit_s,
                    pictures=pictures,
                )


def _scenes(*, few: bool) -> Iterator[tuple[str, bool, float, bool]]:
    """Give place, darkness, noise, and whether it is frozen."""
    for place, is_dark in (("gate", False), ("kitchen", True)):
        for noise in (1.0,) if few else (0.4, 1.0, 2.2):
            yield place, is_dark, noise, False
            if noise >= 1:
                yield place, is_dark, noise, True


def source(case: Case) -> Iterator[npt.NDArray[np.uint8]]:
    """Draw frame after frame (BGR)."""
    size = Size(width=case.width, height=case.height, fps=_FPS, frames=1)
    scene = make_scene(case.place, "TH A", seed=7, size=size, begins=_BEGINS)
    back = scene.back.astype(np.float32)
    if case.is_dark:
        back = np.repeat(back.mean(axis=2, keepdims=True) * 0.22 + 6, 3, axis=2)
    rng = np.random.default_rng(7)
    pool = rng.standard_normal((case.height * 2, case.width * 2), np.float32) * case.noise
    light, still = 0.0, back + pool[: case.height, : case.width, None]
    for number in range(case.pictures * GOP):
        frame = still
        if not case.is_frozen:
            light = 0.98 * light + (0 if case.is_dark else rng.normal() * _WANDER)
            y, x = rng.integers(0, case.height), rng.integers(0, case.width)
            frame = back * (1 + light) + pool[y : y + case.height, x : x + case.width, None]
        yield _stamped(frame, scene, number)


def _stamped(frame: npt.NDArray[Any], scene: Scene, number: int) -> npt.NDArray[np.uint8]:
    whole: npt.NDArray[np.uint8] = np.clip(np.rint(frame), 0, 255).astype(np.uint8)
    stamp(whole, scene.begins + timedelta(milliseconds=number * EVERY_MS // GOP), scene.name)
    return whole


def key_frames(case: Case) -> Iterator[bytes]:
    """Encode a case; return its key frames, Annex B."""
    context = _encoder(case)
    for number, frame in enumerate(source(case)):
        picture = av.VideoFrame.from_ndarray(frame, format="bgr24").reformat(format="yuv420p")
        picture.pts = number
        yield from (bytes(packet) for packet in context.encode(picture) if packet.is_keyframe)
    yield from (bytes(packet) for packet in context.encode(None) if packet.is_keyframe)


def _encoder(case: Case) -> VideoCodecContext:
    context = cast("VideoCodecContext", av.CodecContext.create(_ENCODERS[case.codec], "w"))
    context.width, context.height, context.pix_fmt = case.width, case.height, "yuv420p"
    context.framerate, context.time_base = Fraction(_FPS), Fraction(1, _FPS)
    context.bit_rate, context.gop_size, context.max_b_frames = case.kbit_s * 1000, GOP, 0
    shared = f"keyint={GOP}:scenecut=0:repeat-headers=1:bframes=0"
    rate = f"vbv-maxrate={case.kbit_s}:vbv-bufsize={2 * case.kbit_s}:threads=1"
    extra = {
        "h264": {"preset": "veryfast", "x264-params": f"{shared}:slices=1:nal-hrd=vbr:{rate}"},
        "h265": {
            "preset": "ultrafast",
            "x265-params": f"{shared}:log-level=none:pools=1:frame-threads=1",
        },
    }
    context.options = {"tune": "zerolatency"} | extra[case.codec]
    return context


def judged(case: Case) -> Outcome:
    """Encode and judge one case."""
    cv2.setNumThreads(1)
    freeze, found_s, unchecked, spent_s, count = Freeze(FREEZE_AFTER_MS), None, 0, 0.0, 0
    for number, unit in enumerate(key_frames(case)):
        if number < SETTLING:
            continue
        planes = decode(case.codec, unit)
        luma = np.frombuffer(planes.luma, np.uint8).reshape(planes.rows, -1)
        picture = Picture(
            luma=luma, width=planes.width, height=planes.height, compressed_size=len(unit)
        )
        began_s = time.process_time()
        since_ms = freeze.step(picture, count * EVERY_MS)
        spent_s += time.process_time() - began_s
        if since_ms is not None and found_s is None:
            found_s = count * EVERY_MS / 1000
        unchecked += not freeze.checkable
        count += 1
    return Outcome(
        case=case,
        found_s=found_s,
        unchecked=unchecked / count,
        ms_a_picture=1000 * spent_s / count,
    )


def row(outcomes: list[Outcome]) -> dict[str, Any]:
    """Sum up outcomes of one kind."""
    found = [each.found_s for each in outcomes if each.found_s is not None]
    return {
        "runs": len(outcomes),
        "found": len(found),
        "seconds": statistics.median(found) if found else None,
        "not_checkable": round(statistics.mean(each.unchecked for each in outcomes), 2),
        "missed_unsaid": sum(
            each.case.is_frozen and each.found_s is None and each.unchecked < 0.5
            for each in outcomes
        ),
    }


def table(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    """Return a row for each kind, codec, size and bit rate."""

    def key(each: Outcome) -> tuple[bool, str, int, int]:
        case = each.case
        return case.is_frozen, case.codec, case.width, case.kbit_s

    names = ("frozen", "codec", "width", "kbit_s")
    return [
        dict(zip(names, group, strict=True)) | row(list(members))
        for group, members in itertools.groupby(sorted(outcomes, key=key), key)
    ]


def figures(outcomes: list[Outcome]) -> dict[str, Any]:
    """Return the table and the sums over everything."""
    live = [each for each in outcomes if not each.case.is_frozen]
    frozen = [each for each in outcomes if each.case.is_frozen]
    checked = [each for each in frozen if each.unchecked < 0.5]
    return {
        "ratios": {
            "live_called_frozen": _share(live),
            "frozen_found": _share(frozen),
            "frozen_found_where_checkable": _share(checked),
            "frozen_found_within_60_s": round(
                sum(each.found_s is not None and each.found_s <= 60 for each in frozen)
                / max(1, len(frozen)),
                3,
            ),
        },
        "ms_a_picture": round(statistics.mean(each.ms_a_picture for each in outcomes), 3),
        "rows": table(outcomes),
    }


def _share(outcomes: list[Outcome]) -> float:
    return round(sum(each.found_s is not None for each in outcomes) / max(1, len(outcomes)), 3)


def main() -> None:
    """Run the bench; see the module's text."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="three minutes instead of twenty")
    parser.add_argument("--pictures", type=int, default=30)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        todo = cases(quick=options.quick, pictures=options.pictures)
        result = figures(list(pool.imap_unordered(judged, todo)))
    if options.json:
        print(json.dumps(result))
        return
    for each in result["rows"]:
        kind = "frozen" if each["frozen"] else "live"
        print(
            f"{kind:6s} {each['codec']} {each['width']:4d} px {each['kbit_s']:4d} kbit/s:"
            f" {each['found']:2d} of {each['runs']} called frozen, after {each['seconds']} s,"
            f" not checkable {each['not_checkable']:.2f}, missed unsaid {each['missed_unsaid']}"
        )
    print(json.dumps(result["ratios"]), f"{result['ms_a_picture']} ms a picture")


if __name__ == "__main__":
    main()
