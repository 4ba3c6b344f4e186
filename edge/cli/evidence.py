"""``vonggac-edge evidence``: the pictures from before and after each change, for the technician."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from edge.advice import Language
from edge.cli.common import (
    UsageError,
    add_language_option,
    language_of,
)
from edge.config import EdgeConfig, load
from edge.evidence import SIDES, EvidenceStore
from wire.messages import Evidence

_MS: Final = 1000
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "vi": {
        "none": "Chưa lưu ảnh nào.",
        "ended": "hết sự cố",
        "exported": "Đã chép {count} ảnh vào {folder}.",
    },
    "en": {
        "none": "No pictures are kept.",
        "ended": "trouble ended",
        "exported": "{count} pictures copied to {folder}.",
    },
}


def add(commands: Any) -> None:
    """Add the command."""
    evidence = commands.add_parser(
        "evidence",
        help="list or copy the pictures from before and after each change",
        description="List what the agent keeps of changes of a camera's picture, the newest first; "
        "it may run meanwhile. Times are this machine's local time. Exit code: 0 done, "
        "64 bad usage.",
    )
    evidence.add_argument("--config", type=Path, required=True, metavar="FILE")
    evidence.add_argument("--camera", metavar="ID", help="only this camera's")
    evidence.add_argument("--export", type=Path, metavar="DIR", help="copy the JPEGs to a folder")
    evidence.add_argument("--json", action="store_true", help="print one JSON array")
    add_language_option(evidence)
    evidence.set_defaults(act=_evidence)


def _evidence(options: argparse.Namespace) -> int:
    config = load(options.config)
    store = EvidenceStore(
        config.data_dir / "evidence",
        max_bytes=config.evidence.max_bytes,
        keep_days=config.evidence.keep_days,
    )
    known = {camera.id for camera in config.cameras} | {e.camera for e in store.pieces()}
    if options.camera is not None and options.camera not in known:
        raise UsageError(f"no camera {options.camera!r} in {options.config}")
    pieces = store.pieces(options.camera)
    if options.json:
        print(json.dumps([_to_json(piece) for piece in pieces], ensure_ascii=False))
    else:
        _print(pieces, config, language_of(options, usual=config.language))
    if options.export is None:
        return 0
    return _export(
        store, pieces, options.export, _WORDS[language_of(options, usual=config.language)]
    )


def _to_json(piece: Evidence) -> dict[str, Any]:
    before = piece.before_utc_ms
    return {
        "id": piece.id,
        "camera": piece.camera,
        "cause": piece.cause,
        "before": _moment(before).isoformat() if before else None,
        "after": _moment(piece.after_utc_ms).isoformat(),
    }


def _print(pieces: tuple[Evidence, ...], config: EdgeConfig, language: Language) -> None:
    words = _WORDS[language]
    names = {camera.id: camera.name for camera in config.cameras}
    for piece in pieces:
        at = _moment(piece.after_utc_ms).astimezone()
        name = names.get(piece.camera, "")
        what = piece.cause or words["ended"]
        print(f"{at:%d/%m/%Y %H:%M:%S}  {piece.camera:<24} {what:<20} {name}")
    if not pieces:
        print(words["none"])


def _export(
    store: EvidenceStore, pieces: tuple[Evidence, ...], folder: Path, words: dict[str, str]
) -> int:
    count = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for piece in pieces:
            for number, side in enumerate(SIDES, start=1):
                if picture := store.picture(piece, side):
                    (folder / _file_name(piece, f"{number}-{side}")).write_bytes(picture)
                    count += 1
    except OSError as error:
        raise UsageError(f"can't write to {folder}: {error.strerror}") from error
    print(words["exported"].format(count=count, folder=folder), file=sys.stderr)
    return 0


def _file_name(piece: Evidence, side: str) -> str:
    """Return a name that sorts by camera and time."""
    at = _moment(piece.after_utc_ms).astimezone()
    return f"{piece.camera}_{at:%Y%m%d-%H%M%S}_{piece.cause or 'end'}_{side}.jpg"


def _moment(utc_ms: int) -> datetime:
    return datetime.fromtimestamp(utc_ms / _MS, UTC)
