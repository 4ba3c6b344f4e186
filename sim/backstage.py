"""What a run needs before its curtain rises: options, a folder, clips."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sim import words
from sim.clips import ClipCache
from sim.district import District
from sim.faults import PICTURE_FAULTS
from sim.stage import DemoError
from sim.story import Happening, chapter

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks for. ``length_s`` None: until Ctrl-C."""

    district: District
    http_port: int
    seed: int
    language: str
    length_s: float | None
    history_days: int
    keep: Path | None
    clips: Path


@asynccontextmanager
async def data_folder(options: Options) -> AsyncIterator[Path]:
    """Make the data folder; remove it afterwards unless it is to be kept."""
    if options.keep is None:
        folder = Path(tempfile.mkdtemp(prefix="vonggac-demo-"))
    else:
        folder = _kept_folder(options.keep, options.language)
    try:
        yield folder
    finally:
        if options.keep is None:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _kept_folder(folder: Path, language: str) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        empty = not any(folder.iterdir())
    except OSError as error:
        text = words.FOLDER_BAD[language].format(folder=folder, why=error.strerror)
        raise DemoError(text) from error
    if not empty:
        raise DemoError(words.FOLDER_USED[language].format(folder=folder))
    return folder.resolve()


def prepare_clips(options: Options, say: Say, script: Sequence[Happening] | None = None) -> None:
    """Encode what is missing, with progress; only the first start on a machine takes its time.

    Without a ``script``: what healthy cameras show and what the first chapter needs.
    """
    clips = {camera.id: camera.clip for camera in options.district.cameras}
    if script is None:
        script = chapter(options.district, seed=options.seed)
    wrong = {
        replace(clips[happening.target], variant=str(happening.fault))
        for happening in script
        if happening.fault in PICTURE_FAULTS
    }
    text = words.PREPARING[options.language]
    ClipCache(options.clips).prepare(
        {*clips.values(), *wrong}, lambda done, total: say(text.format(done=done, total=total))
    )
