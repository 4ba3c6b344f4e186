"""What was measured of one session's stream, as the centre is told. Pure."""

from edge.picture.judge import Finding
from edge.rtsp.rtp import StreamCounter
from edge.rtsp.sdp import Codec
from edge.watcher.window import Window
from wire.messages import CameraFacts


def facts(
    camera: str,
    counter: StreamCounter,
    window: Window,
    *,
    codec: Codec,
    size_px: tuple[int, int] | None,
    finding: Finding | None,
    unseen_s: int | None = None,
) -> CameraFacts | None:
    """Return the last minute's figures, or None while there is too little to measure.

    ``size_px`` is the picture's width and height, once one was decoded; ``unseen_s`` for how long
    nobody looks between two looks.
    """
    found = window.last_minute()
    if found is None:
        return None
    width, height = size_px or (None, None)
    return CameraFacts(
        camera=camera,
        codec=codec,
        width=width,
        height=height,
        fps=round(found.fps, 2),
        kbit_s=round(found.kbit_s, 1),
        loss=round(found.loss, 4),
        jitter_ms=round(counter.jitter_ms, 1),
        unchecked=finding.unchecked if finding else (),
        unseen_s=unseen_s,
    )
