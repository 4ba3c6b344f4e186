"""From what pages are made of to the API's types around one camera. Pure."""

from collections.abc import Iterable

from server.storage.rows import CameraFacts
from server.web.api import camera_types as t
from server.web.pages.evidence import Piece
from server.web.pages.recorded import Recorded, recorded


def facts(some: CameraFacts) -> t.FactsOut:
    """Return measurements."""
    return t.FactsOut(
        at=some.at,
        codec=some.codec,
        width=some.width,
        height=some.height,
        fps=some.fps,
        kbit_s=some.kbit_s,
        loss=some.loss,
        jitter_ms=some.jitter_ms,
        unchecked=some.unchecked,
        clock_offset_ms=some.clock_offset_ms,
        recording=_recording(recorded(some.recording)),
        unseen_s=some.unseen_s,
    )


def _recording(some: Recorded | None) -> t.RecordingOut | None:
    if some is None:
        return None
    return t.RecordingOut(
        asked_at=some.asked_at,
        oldest=some.oldest_at,
        newest=some.newest_at,
        gaps=some.gaps,
        disk=some.disk,
    )


def evidence(camera_id: str, pieces: Iterable[Piece], prefix: str) -> t.EvidenceOut:
    """Return what is kept, with the addresses of its pictures under ``prefix``."""
    return t.EvidenceOut(
        camera=camera_id,
        pieces=tuple(
            t.PieceOut(
                agent=piece.agent,
                id=piece.id,
                cause=piece.cause,
                at=piece.after_at,
                before_at=piece.before_at,
                before=_address(camera_id, piece, "before", prefix) if piece.before_at else None,
                after=_address(camera_id, piece, "after", prefix),
            )
            for piece in pieces
        ),
    )


def _address(camera_id: str, piece: Piece, side: str, prefix: str) -> str:
    return f"{prefix}/cameras/{camera_id}/evidence/{piece.agent}/{piece.id}/{side}"
