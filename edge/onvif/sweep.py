"""A bounded, polite look at the ports of a subnet, for devices that don't answer WS-Discovery.

Connect, ask ``OPTIONS`` over RTSP or the time over ONVIF, hang up. Never a password, never more
than ``AT_ONCE`` connections, never more than ``PER_S`` new ones a second.
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import aiohttp

from edge.clock import Clock
from edge.onvif.probe import clean
from edge.onvif.soap import AskError, Refused, ask

RTSP_PORTS: Final = (554, 8554, 10554)
ONVIF_PORTS: Final = (80, 8000, 8080, 2020, 8899, 5000)
AT_ONCE: Final = 64
PER_S: Final = 250
_WIDEST: Final = 22
_CONNECT_S: Final = 1.0
_ANSWER_S: Final = 2.0
_MAX_ANSWER: Final = 4096
_OPTIONS: Final = "OPTIONS rtsp://{at}/ RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: vonggac\r\n\r\n"

Progress = Callable[[int, int], None]


class BadSubnet(ValueError):  # noqa: N818 (it is an answer to the user)
    """Not a subnet that is looked at; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What answers at one address: RTSP ports, its device service if it has one, and a name."""

    address: str
    rtsp_ports: tuple[int, ...] = ()
    service: str | None = None
    server: str | None = None


def hosts_of(text: str) -> tuple[str, ...]:
    """Return the addresses of an IPv4 subnet. Raises ``BadSubnet``."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise BadSubnet(f"{text!r} is no subnet; one looks like 192.168.1.0/24") from error
    if network.version != 4:  # noqa: PLR2004
        raise BadSubnet("only IPv4 subnets are looked at")
    if network.prefixlen < _WIDEST:
        count = network.num_addresses
        raise BadSubnet(f"{text} has {count} addresses; /{_WIDEST} (1024) is the most looked at")
    return tuple(str(host) for host in network.hosts())


async def sweep(
    hosts: Sequence[str],
    *,
    clock: Clock,
    on_progress: Progress = lambda _done, _total: None,
    rtsp_ports: Sequence[int] = RTSP_PORTS,
    onvif_ports: Sequence[int] = ONVIF_PORTS,
) -> tuple[Swept, ...]:
    """Return what answers as a camera at ``hosts``, in their order."""
    timeout = aiohttp.ClientTimeout(total=_ANSWER_S, connect=_CONNECT_S)
    connector = aiohttp.TCPConnector(ssl=False, limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

        async def rtsp(host: str, port: int) -> object:
            return await _rtsp(host, port)

        async def onvif(host: str, port: int) -> object:
            return await _onvif(session, host, port)

        jobs: list[tuple[str, int, Callable[[str, int], Awaitable[object]]]] = [
            *((host, port, rtsp) for port in rtsp_ports for host in hosts),
            *((host, port, onvif) for port in onvif_ports for host in hosts),
        ]
        answers = await _all(jobs, clock, on_progress)
    found = (_swept(host, answers, rtsp_ports, onvif_ports) for host in hosts)
    return tuple(one for one in found if one.rtsp_ports or one.service)


async def _all(
    jobs: Sequence[tuple[str, int, Callable[[str, int], Awaitable[object]]]],
    clock: Clock,
    on_progress: Progress,
) -> dict[tuple[str, int], object]:
    """Do every job, few at a time; return what came of those that gave anything."""
    rooms, answers, done = asyncio.Semaphore(AT_ONCE), dict[tuple[str, int], object](), 0

    async def one(host: str, port: int, look: Callable[[str, int], Awaitable[object]]) -> None:
        nonlocal done
        try:
            found = await look(host, port)
        finally:
            rooms.release()
        if found is not None:
            answers[host, port] = found
        done += 1
        on_progress(done, len(jobs))

    async with asyncio.TaskGroup() as group:
        for host, port, look in jobs:
            await rooms.acquire()
            group.create_task(one(host, port, look))
            await clock.wait(1 / PER_S)
    return answers


async def _rtsp(host: str, port: int) -> str | None:
    """Return what an RTSP server calls itself ("" if nothing), None where there is none."""
    try:
        async with asyncio.timeout(_CONNECT_S):
            reader, writer = await asyncio.open_connection(host, port)
    except OSError:  # a timeout is one too
        return None
    try:
        async with asyncio.timeout(_ANSWER_S):
            writer.write(_OPTIONS.format(at=f"{host}:{port}").encode())
            answer = await reader.read(_MAX_ANSWER)
    except OSError:
        return None
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    return server_of(answer)


def server_of(answer: bytes) -> str | None:
    """Return the ``Server`` of an RTSP answer, "" if it names none, None if it is no RTSP."""
    if not answer.startswith(b"RTSP/1."):
        return None
    for line in answer.decode("latin-1").splitlines()[1:]:
        name, _, value = line.partition(":")
        if name.strip().lower() == "server":
            return clean(value)
    return ""


async def _onvif(session: aiohttp.ClientSession, host: str, port: int) -> str | None:
    """Return the device service there, None where there is none."""
    url = f"http://{host}{'' if port == 80 else f':{port}'}/onvif/device_service"  # noqa: PLR2004
    try:
        await ask(session, url, "GetSystemDateAndTime")
    except Refused:
        return url
    except AskError:
        return None
    return url


def _swept(
    host: str,
    answers: dict[tuple[str, int], object],
    rtsp_ports: Sequence[int],
    onvif_ports: Sequence[int],
) -> Swept:
    servers = {p: str(answers[host, p]) for p in rtsp_ports if (host, p) in answers}
    services = [str(answers[host, p]) for p in onvif_ports if (host, p) in answers]
    return Swept(
        address=host,
        rtsp_ports=tuple(servers),
        service=next(iter(services), None),
        server=next(filter(None, servers.values()), None),
    )
