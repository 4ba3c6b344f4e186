"""Everything that the story is played on: folder, cameras, server, lines, agents. Built by hand.

What runs where: cameras, proxies and gate readers in this process (about 2 % of a core for a dozen
cameras), the server and each agent in a process of its own, which can be killed.
"""

import asyncio
import re
import secrets
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import aiohttp
import yaml

from sim import settings, words
from sim.centre import Login
from sim.clips import ClipCache
from sim.clock import Clock
from sim.days import make_past, reports
from sim.district import District, School
from sim.fleet import CameraSpec, Fleet
from sim.ports import free_ports, is_free
from sim.postman import UndeliveredError, deliver
from sim.processes import Child, ProcessError, run_once
from sim.proxy import Proxy

HOST: Final = "127.0.0.1"
START_S: Final = 40.0
LOGIN_S: Final = 10.0
PAST_ENDS_S: Final = 5
CAMERA_PASSWORD: Final = "Cam:2026@gốc/#1"  # noqa: S105 (simulated, and awkward on purpose)
_AT_ONCE: Final = 4
_LOGIN: Final = re.compile(r"(?:password|mật khẩu)[^:\n]*:\s*(?P<password>\S+)", re.IGNORECASE)


class DemoError(Exception):
    """The demo can't go on; the text is for its user."""


async def together(jobs: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all of it at once; the first failure ends the rest and is raised."""
    try:
        async with asyncio.TaskGroup() as tasks:
            for job in jobs:
                tasks.create_task(job)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures


@dataclass(slots=True, kw_only=True)
class Gatehouse:
    """One school's agent, its line to the broker and its gate input."""

    school: School
    agent: Child
    line: Proxy
    gate_url: str
    health_url: str
    token: str
    password: str


@dataclass(slots=True, kw_only=True)
class Stage:
    """All of it; ``build`` raises it, ``tear_down`` ends whatever of it stands."""

    district: District
    folder: Path
    cache: ClipCache
    http_port: int
    language: str
    seed: int
    history_days: int
    clock: Clock
    http: aiohttp.ClientSession
    fleet: Fleet = field(init=False)
    server: Child = field(init=False)
    gatehouses: dict[str, Gatehouse] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The page's address."""
        return f"http://{HOST}:{self.http_port}"

    async def build(self) -> Login:
        """Start everything; return the first login. Raises ``DemoError``."""
        await self._start_fleet()
        ports = free_ports(HOST)  # after the cameras have taken theirs
        broker_port = next(ports)
        self._write_server(broker_port)
        secrets_of = {school.agent: secrets.token_urlsafe(32) for school in self.district.schools}
        await self._give_passwords(secrets_of)
        await self._start_server()
        login = await self._login()
        for school in self.district.schools:
            self._write_agent(school, next(ports), next(ports), broker_port, secrets_of)
        slots = asyncio.Semaphore(_AT_ONCE)
        await together(self._start_agent(house, slots) for house in self.gatehouses.values())
        return login

    async def _start_agent(self, house: Gatehouse, slots: asyncio.Semaphore) -> None:
        """Start one agent, when it is its turn: a hundred at once would all start too slowly."""
        async with slots:
            await house.line.mend()
            if self.history_days:
                await self._bring_past(house)
            await house.agent.start()
            failure = partial(self._text(words.AGENT_FAILED).format, house.school.agent)
            await self.wait_healthy(house.agent, house.health_url, failure)

    async def _bring_past(self, house: Gatehouse) -> None:
        """Let the agent report its scripted days, before it begins to look."""
        now = self.clock.now()
        until = now.replace(microsecond=0) - timedelta(seconds=PAST_ENDS_S)
        past = make_past(house.school, days=self.history_days, until=until, seed=self.seed)
        sent = reports(past, sent_utc_ms=round(now.timestamp() * 1000), seed=self.seed)
        bring = partial(deliver, house.school.agent, house.password, sent)
        try:
            await asyncio.to_thread(bring, host=HOST, port=house.line.port)
        except (UndeliveredError, OSError) as error:
            raise DemoError(self._text(words.SERVER_FAILED).format(error)) from error

    async def tear_down(self) -> None:
        """End everything, children first."""
        children = [house.agent for house in self.gatehouses.values()]
        await asyncio.gather(*(child.end() for child in children))
        if hasattr(self, "server"):
            await self.server.end()
        for house in self.gatehouses.values():
            house.line.cut()
        if hasattr(self, "fleet"):
            await self.fleet.stop()

    async def wait_healthy(
        self, child: Child, url: str, failure: Callable[[str], str] | None = None
    ) -> bool:
        """Wait until ``url`` answers 200; if it doesn't, raise ``failure``, or return False."""
        waited = 0.0
        while waited < START_S and child.running:
            if await self._answers(url):
                return True
            await self.clock.wait(0.1)
            waited += 0.1
        if failure is not None:
            raise DemoError(failure(child.last_words()))
        return False

    async def _answers(self, url: str) -> bool:
        try:
            async with self.http.get(url, timeout=aiohttp.ClientTimeout(total=3)) as answer:
                return answer.status == 200  # noqa: PLR2004 (HTTP's OK)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    def _text(self, text: words.Text) -> str:
        return text[self.language]

    async def _start_fleet(self) -> None:
        specs = [
            CameraSpec(id=c.id, clip=c.clip, title=c.name, password=CAMERA_PASSWORD)
            for c in self.district.cameras
        ]
        self.fleet = Fleet(specs, cache=self.cache, host=HOST, clock=self.clock)
        await self.fleet.start()

    def _write(self, name: str, content: Mapping[str, Any]) -> Path:
        path = self.folder / name
        path.write_text(
            yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
        return path

    def _write_server(self, broker_port: int) -> None:
        self._write("plan.yaml", settings.plan())
        self._write("units.yaml", settings.units(self.district))
        config = self._write(
            "server.yaml",
            settings.server(
                http_port=self.http_port, broker_port=broker_port, language=self.language
            ),
        )
        self.server = Child(
            "server",
            "server.cli",
            ["run", "--config", str(config)],
            log=self.folder / "server.log",
            environment={},
        )

    async def _give_passwords(self, secrets_of: Mapping[str, str]) -> None:
        """Tell the server each agent's password; this makes its database, too."""
        lines = "".join(f"{agent} {secret}\n" for agent, secret in secrets_of.items())
        try:
            await run_once("sim.enrol", [str(self.folder / "server.yaml")], given=lines)
        except ProcessError as error:
            raise DemoError(self._text(words.SERVER_FAILED).format(error)) from error

    async def _start_server(self) -> None:
        if not is_free(HOST, self.http_port):
            other = next(free_ports(HOST))
            raise DemoError(self._text(words.PORT_TAKEN).format(port=self.http_port, other=other))
        await self.server.start()
        text = self._text(words.SERVER_FAILED)
        await self.wait_healthy(self.server, f"{self.url}/health", text.format)

    async def _login(self) -> Login:
        """Read the first login from what the server says once, soon after it answers."""
        waited = 0.0
        while (found := _LOGIN.search(self.server.said())) is None:
            if waited > LOGIN_S or not self.server.running:
                raise DemoError(self._text(words.NO_LOGIN).format(self.server.last_words()))
            await self.clock.wait(0.1)
            waited += 0.1
        return Login(user="admin", password=found["password"])

    def _write_agent(
        self,
        school: School,
        line_port: int,
        gate_port: int,
        broker_port: int,
        secrets_of: Mapping[str, str],
    ) -> None:
        token = secrets.token_urlsafe(24)
        config = self._write(
            f"{school.agent}.yaml",
            settings.edge(
                school,
                ports=settings.AgentPorts(broker=line_port, gate=gate_port),
                folder=self.folder / school.agent,
                urls={c.id: self.fleet.url(c.id) for c in school.cameras},
                language=self.language,
            ),
        )
        agent = Child(
            school.agent,
            "edge.cli",
            ["run", "--config", str(config)],
            log=self.folder / f"{school.agent}.log",
            environment={
                "VONGGAC_AGENT_PASSWORD": secrets_of[school.agent],
                "VONGGAC_GATE_TOKEN": token,
            },
        )
        self.gatehouses[school.agent] = Gatehouse(
            school=school,
            agent=agent,
            line=Proxy(line_port, broker_port, host=HOST),
            gate_url=f"http://{HOST}:{gate_port}/v1/gate-events",
            health_url=f"http://{HOST}:{gate_port}/v1/health",
            token=token,
            password=secrets_of[school.agent],
        )
