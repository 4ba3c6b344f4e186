"""A bounded, polite look at the ports of a subnet, for devices that don't answer WS-Discovery.

Connect, ask ``OPTIONS`` over RTSP or the time over ONVIF, hang up. Never a password, never more
than ``AT_ONCE`` connections, never more than ``PER_S`` new ones a second.
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from edge.clock import Clock
from edge.onvif.found import Swept
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

        async def look(job: _Job) -> str | None:
            if job.rtsp:
                return await _rtsp(job.host, job.port)
            return await _onvif(session, job.host, job.port)

        jobs = [
            *(_Job(host, port, rtsp=True) for port in rtsp_ports for host in hosts),
            *(_Job(host, port, rtsp=False) for port in onvif_ports for host in hosts),
        ]
        answers = await _all(jobs, look, clock, on_progress)
    found = (_swept(host, answers) for host in hosts)
    return tuple(one for one in found if one.rtsp_ports or one.service)


@dataclass(frozen=True, slots=True)
class _Job:
    host: str
    port: int
    rtsp: bool = field(kw_only=True)


async def _all(
    jobs: Sequence[_Job],
    look: Callable[[_Job], Awaitable[str | None]],
    clock: Clock,
    on_progress: Progress,
) -> dict[_Job, str]:
    """Do every job, few at a time; return what came of those that gave anything."""
    rooms, answers, done = asyncio.Semaphore(AT_ONCE), dict[_Job, str](), 0

    async def one(job: _Job) -> None:
        nonlocal done
        try:
            found = await look(job)
        finally:
            rooms.release()
        if found is not None:
            answers[job] = found
        done += 1
        on_progress(done, len(jobs))

    async with asyncio.TaskGroup() as group:
        for job in jobs:
            await rooms.acquire()
            group.create_task(one(job))
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
    """Return the ``Server`` of an RTSP answer, "" if it names none, None if it is no RTSP.

    Some web servers answer in whatever protocol they are asked in; they repeat no ``CSeq``.
    """
    status, *lines = answer.decode("latin-1").splitlines() or [""]
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): clean(value) for name, _, value in pairs}
    if not status.startswith("RTSP/1.") or headers.get("cseq") != "1":
        return None
    return headers.get("server", "")


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


def _swept(host: str, answers: dict[_Job, str]) -> Swept:
    """Put one host's answers together, by rising port."""
    here = sorted((job.port, job.rtsp, said) for job, said in answers.items() if job.host == host)
    servers = {port: said for port, rtsp, said in here if rtsp}
    return Swept(
        address=host,
        rtsp_ports=tuple(servers),
        service=next((said for _, rtsp, said in here if not rtsp), None),
        server=next(filter(None, servers.values()), None),
    )
