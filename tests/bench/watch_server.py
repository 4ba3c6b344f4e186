"""Some cameras for ``tests.bench.watch``, in a process of their own.

``python -m tests.bench.watch_server FOLDER KIND COUNT`` prints the cameras' addresses as one line
of JSON and serves until its standard input is closed.
"""

import asyncio
import json
import sys
from pathlib import Path

from sim.clips import ClipCache
from sim.fleet import CameraSpec, Fleet
from tests.bench.watch_streams import KINDS


async def serve(folder: Path, name: str, count: int) -> None:
    """Serve ``count`` cameras, all with the same clip in ``folder``."""
    cameras = [CameraSpec(id=f"bench-{i:03}", clip=KINDS[name].spec) for i in range(count)]
    fleet = Fleet(cameras, cache=ClipCache(folder))
    await fleet.start()
    print(json.dumps([fleet.url(camera) for camera in fleet.cameras]), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await fleet.stop()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
