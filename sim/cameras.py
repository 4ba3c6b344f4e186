"""``python -m sim.cameras``: simulated cameras alone, for benches and for trying an agent out.

Prints each camera's address, then reads lines from standard input:

    CAMERA FAULT [SECONDS_OR_SHARE]     e.g.  cam-3 black    cam-1 loss 0.3    cam-2 drop 5
    CAMERA ok                           repairs and unlocks it;  "all" stands for every camera
    CAMERA tries                        counts its wrong passwords, logins and locks
    quit                                or the end of input
"""

import argparse
import asyncio
import json
import ssl
import sys
from pathlib import Path

from sim.clips import ClipCache, ClipSpec, default_folder
from sim.clock import SystemClock
from sim.faults import Fault
from sim.fleet import CameraSpec, Fleet, FleetError, Lockout
from sim.manners import PROPER
from sim.onvif.quirks import Quirk
from sim.onvif.street import Street
from sim.places import PLACES
from sim.rude import RUDE
from sim.rude.specs import begin_faults, rude_specs

_BAD_USAGE = 64


def specs(options: argparse.Namespace) -> list[CameraSpec]:
    """Return the cameras that the options ask for: ``cam-1`` and so on, over all places.

    ``--rude`` makes one of each kind of ``sim.rude`` instead, by its name.
    """
    if options.rude:
        return rude_specs(ClipSpec(width=320, height=180), port_base=options.port_base)
    width, _, height = options.size.partition("x")
    places = sorted(PLACES)
    return [
        CameraSpec(
            id=f"cam-{number}",
            clip=ClipSpec(
                place=places[number % len(places)] if options.places else "gate",
                codec=options.codec,
                width=int(width),
                height=int(height),
                fps=options.fps,
                kbit_s=options.kbit_s,
            ),
            port=options.port_base and options.port_base + number - 1,
            password=options.password,
            tls=_tls(options.tls) if options.tls else None,
            manner=RUDE[options.manner].manner if options.manner else PROPER,
            recorder="recorder" if options.recorder else "",
            lockout=Lockout(status=options.lockout) if options.lockout else None,
        )
        for number in range(1, options.cameras + 1)
    ]


def _tls(files: list[Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files[0], files[1])
    return context


def command(fleet: Fleet, line: str) -> str:
    """Carry one line out, say so; raise ``ValueError`` or ``KeyError`` for a bad one."""
    name, word, *rest = line.split()
    if word == "tries":
        return "\n".join(_tries(fleet, camera) for camera in _named(fleet, name))
    fault = None if word == "ok" else Fault(word)
    figure = float(rest[0]) if rest else None
    for camera in _named(fleet, name):
        match fault, figure:
            case Fault.LOSS, float():
                fleet.set_fault(camera, fault, share=figure)
            case Fault.DROP, float():
                fleet.set_fault(camera, fault, after_s=figure)
            case _:
                fleet.set_fault(camera, fault)
    return f"{name} {word}"


def _named(fleet: Fleet, name: str) -> tuple[str, ...]:
    return fleet.cameras if name == "all" else (name,)


def _tries(fleet: Fleet, camera: str) -> str:
    login = fleet.login(camera)
    figures = f"{login.password_tries} wrong passwords, {login.logins} logins, {login.locks} locks"
    return f"{camera} {figures}{', locked' if fleet.locked(camera) else ''}"


async def _serve(options: argparse.Namespace, cameras: list[CameraSpec]) -> None:
    fleet = Fleet(cameras, cache=ClipCache(options.clips), host=options.host)
    await fleet.start()
    begin_faults(fleet)
    urls = {camera: fleet.url(camera) for camera in fleet.cameras}
    if options.json:
        print(json.dumps(urls), flush=True)
    else:
        print(*(_line(camera, url) for camera, url in urls.items()), sep="\n", flush=True)
    street = Street(
        fleet,
        cameras,
        host=options.host,
        discovery_port=options.discovery_port,
        quirks=options.quirk,
    )
    if options.onvif:
        await street.start()
        _print_street(street, as_json=options.json)
    try:
        await _obey(fleet, forever=options.forever)
    finally:
        await street.stop()
        await fleet.stop()


def _line(camera: str, url: str) -> str:
    """Say where a camera is, and of a rude one what it does and what to make of it."""
    if (rude := RUDE.get(camera)) is None:
        return f"{camera}  {url}"
    return f"{camera}  {url}  {rude.says} ({rude.expect or 'up'})"


def _print_street(street: Street, *, as_json: bool) -> None:
    found = {camera: face.service for camera, face in street.faces.items()}
    found["discovery"] = f"{street.responder.group}:{street.responder.port}"
    if as_json:
        print(json.dumps(found), flush=True)
    else:
        print(*(f"{name}  {place}" for name, place in found.items()), sep="\n", flush=True)


async def _obey(fleet: Fleet, *, forever: bool) -> None:
    clock = SystemClock()
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line.strip() == "quit":
            return
        try:
            if line.strip():
                print(command(fleet, line), flush=True)
        except (ValueError, KeyError) as error:
            print(f"? {error}", file=sys.stderr, flush=True)
    while forever:
        await clock.wait(3600)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sim.cameras", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--cameras", type=int, default=1, metavar="N")
    parser.add_argument("--port-base", type=int, default=0, help="first port; 0 takes free ones")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--codec", choices=("h264", "h265"), default="h264")
    parser.add_argument("--size", default="640x360", metavar="WxH")
    parser.add_argument("--fps", type=int, default=12)
    parser.add_argument("--kbit-s", type=int, default=500)
    parser.add_argument("--password", default="matkhau-123")
    parser.add_argument(
        "--lockout",
        type=int,
        nargs="?",
        const=401,
        choices=(401, 403),
        metavar="STATUS",
        help="lock for 5 min after 5 wrong passwords in 30 s; locked, answer 401 (or 403)",
    )
    parser.add_argument("--rude", action="store_true", help="one camera of each rude kind")
    parser.add_argument(
        "--manner", choices=sorted(RUDE), metavar="KIND", help="behave as this rude kind does"
    )
    parser.add_argument(
        "--tls", type=Path, nargs=2, metavar=("CERT", "KEY"), help="RTSP over TLS only"
    )
    parser.add_argument("--recorder", action="store_true", help="all share one login")
    parser.add_argument("--places", action="store_true", help="not only gates")
    parser.add_argument("--clips", type=Path, default=default_folder(), help="cache folder")
    parser.add_argument("--onvif", action="store_true", help="an ONVIF face for each, too")
    parser.add_argument(
        "--discovery-port", type=int, default=0, help="UDP, for --onvif; 0 takes a free one"
    )
    parser.add_argument(
        "--quirk", type=Quirk, choices=Quirk, action="append", default=[], help="for --onvif"
    )
    parser.add_argument("--json", action="store_true", help="addresses as one JSON object")
    parser.add_argument("--forever", action="store_true", help="go on after the end of input")
    return parser


def _progress(done: int, total: int) -> None:
    print(f"encoding clips {done}/{total}", file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Run until told to quit; return the exit code."""
    options = _parser().parse_args(arguments)
    cameras = specs(options)
    ClipCache(options.clips).prepare({camera.clip for camera in cameras}, _progress)
    try:
        asyncio.run(_serve(options, cameras))
    except FleetError as error:
        print(f"sim.cameras: {error}", file=sys.stderr)
        return _BAD_USAGE
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
