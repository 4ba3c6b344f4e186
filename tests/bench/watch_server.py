"""The streams for ``tests.bench.watch``: simulated cameras in a process of their own.

``python -m tests.bench.watch_server FOLDER COUNT`` prints the cameras' addresses as one line of
JSON and serves until its standard input is closed.
"""

import asyncio
import json
import sys
from pathlib import Path

from sim.clips import ClipCache, ClipSpec
from sim.fleet import CameraSpec, Fleet

MAIN_STREAM = ClipSpec(place="bench", width=1920, height=1080, fps=25, gop_s=2, kbit_s=3000)


async def serve(folder: Path, count: int) -> None:
    """Serve ``count`` cameras, all with the clip in ``folder``."""
    cameras = [CameraSpec(id=f"bench-{i:03}", clip=MAIN_STREAM) for i in range(count)]
    fleet = Fleet(cameras, cache=ClipCache(folder))
    await fleet.start()
    print(json.dumps([fleet.url(camera) for camera in fleet.cameras]), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await fleet.stop()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
