"""All examinations in order, as much at once as is polite, within a bounded time."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from edge.clock import Clock
from edge.config import CentreConfig, ConfigError, EdgeConfig
from edge.doctor import folder, machine, timekeeping
from edge.doctor.broker import NO_SPOOL, Answer, Question, ask_broker, grade_answer
from edge.doctor.cameras import Round
from edge.doctor.check import Check, Grade, Topic, failed, good, skipped, warning
from edge.doctor.gate import look_at_gate
from edge.doctor.patience import within
from edge.doctor.problems import read
from edge.doctor.transport import Way, grade_way, look_at_way
from edge.doctor.unseen import grade_unseen
from edge.picture.decoder import Decoder
from edge.spool.standing import look_at_standing
from edge.watcher import LOGINS, Devices, LoginBook

WITHIN_S: Final = 20.0
_PER_CAMERA_S: Final = 1.6
"""A look at a camera that is well takes about so long: a key frame comes every two seconds."""
_BEFORE_CAMERAS_S: Final = 4.0
_CONNECT_S: Final = 3.0
_CENTRE_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to examine.

    Attributes:
        cameras: Whether to look at the cameras.
        within_s: How long it may take at most, or None: as long as the cameras need.
        again: Whether to show camera passwords that were refused lately.
    """

    cameras: bool = True
    within_s: float | None = None
    again: bool = False


async def examine(
    path: Path,
    *,
    options: Options,
    clock: Clock,
    decoder: Decoder,
    on_check: Callable[[Check], None],
    environment: Mapping[str, str] | None = None,
) -> tuple[Check, ...]:
    """Examine the agent that ``path`` configures; each check is given out as soon as it is known.

    Returns all of them in that order.
    """
    checks: list[Check] = []

    def tell(check: Check) -> None:
        checks.append(check)
        on_check(check)

    config, problems = read(path, environment)
    visit = _Visit(path, options, clock, decoder, tell)
    if config is None:
        await visit.without_configuration(problems)
    else:
        await visit.whole(config)
    return tuple(checks)


@dataclass(frozen=True, slots=True)
class _Visit:
    """One run of the doctor."""

    path: Path
    options: Options
    clock: Clock
    decoder: Decoder
    tell: Callable[[Check], None]

    async def without_configuration(self, problems: Iterable[ConfigError]) -> None:
        """Tell all mistakes, and look at what needs no configuration."""
        for problem in problems:
            self.tell(_problem(problem))
        self._tell_time(None)
        load = await machine.look_at_load(self.clock)
        self.tell(machine.grade_load(load, 0, running=False))
        self.tell(await machine.look_at_decoder(self.decoder, self.clock))
        for topic in (Topic.FOLDER, Topic.BROKER, Topic.GATE, Topic.CAMERA):
            self.tell(skipped(topic, "skipped.config"))

    async def whole(self, config: EdgeConfig) -> None:
        """Look at everything; the cameras' turn comes while the centre is being asked."""
        began_ms = self.clock.ms()
        seen = await asyncio.to_thread(self._tell_files, config)
        load = await machine.look_at_load(self.clock)  # before we make load of our own
        self.tell(machine.grade_load(load, len(config.cameras), running=seen.running))
        self.tell(await machine.look_at_decoder(self.decoder, self.clock))
        hosts = [config.centre.host, *(camera.watch_url.host for camera in config.cameras)]
        up, used = await asyncio.to_thread(machine.look_at_interfaces, hosts)
        self.tell(machine.grade_network(up, used, len(config.cameras)))
        asking = asyncio.create_task(self._ask_centre(config, seen))
        waiting: list[Check] = []
        looking = asyncio.create_task(self._look_at_cameras(config, seen, began_ms, waiting))
        try:
            checks, offset_ms = await asking
            for check in checks:
                self.tell(check)
            await asyncio.to_thread(self._tell_time, offset_ms)
            self.tell(await look_at_gate(config.gate_input, running=seen.running))
        finally:
            await self._cameras_from_now_on(looking, waiting)

    def _tell_files(self, config: EdgeConfig) -> folder.SpoolSeen:
        for check in (*_grade_config(config), *self._grade_unseen(config)):
            self.tell(check)
        data_dir = config.data_dir.resolve()
        literal = _has_literal_password(self.path)
        self.tell(folder.look_at_secrets(self.path, has_literal_password=literal))
        self.tell(folder.look_at_folder(data_dir, self.clock))
        seen = folder.look_at_spool(data_dir)
        needed = max(config.spool_max_bytes + config.evidence.max_bytes - seen.used_bytes, 0)
        self.tell(folder.look_at_disk(data_dir, needed))
        told = look_at_standing(data_dir, self._utc_ms())
        self.tell(folder.grade_spool(seen, config.agent, told))
        return seen

    def _grade_unseen(self, config: EdgeConfig) -> Iterator[Check]:
        devices = self._devices(config)
        unseen = devices.expected_unseen_s(config.cameras, self.clock.ms())
        return grade_unseen({c.name: unseen[c.id] for c in config.cameras})

    def _devices(self, config: EdgeConfig) -> Devices:
        return Devices(
            LoginBook(config.data_dir / LOGINS, self.clock),
            hosts=config.hosts,
            sessions_per_host=config.sessions_per_host,
        )

    def _tell_time(self, offset_ms: int | None) -> None:
        now = self.clock.now()
        synced = timekeeping.is_synced() if offset_ms is None else None
        self.tell(timekeeping.grade_clock(now, offset_ms=offset_ms, synced=synced))
        self.tell(timekeeping.grade_zone(now.astimezone()))
        slept_s, after_min = timekeeping.slept_s(), timekeeping.sleeps_after_min()
        self.tell(timekeeping.grade_sleep(slept_s, after_min))

    async def _ask_centre(
        self, config: EdgeConfig, seen: folder.SpoolSeen
    ) -> tuple[list[Check], int | None]:
        """Return what was found on the way to the centre, and its clock's offset from ours."""
        way = await self._way(config.centre)
        checks = grade_way(way, config.centre, self.clock.now())
        if way.trouble:
            return checks, None
        spool = None if seen.running else seen.id or NO_SPOOL
        question = Question(agent=config.agent, centre=config.centre, spool=spool)
        try:
            answer = await within(_CENTRE_S, lambda: ask_broker(question, self._utc_ms))
        except TimeoutError:
            answer = Answer(login="silent")
        return [*checks, *grade_answer(answer, question)], answer.offset_ms

    async def _way(self, centre: CentreConfig) -> Way:
        look = partial(look_at_way, centre, within_s=_CONNECT_S, ms=self.clock.ms)
        try:
            return await within(2.5 * _CONNECT_S, look)
        except TimeoutError:  # connecting and TLS have limits of their own
            return Way(trouble="broker.no_name", why="no answer")

    def _utc_ms(self) -> int:
        return int(self.clock.now().timestamp() * 1000)

    # ------------------------------------------------------------ cameras

    async def _look_at_cameras(
        self, config: EdgeConfig, seen: folder.SpoolSeen, began_ms: int, waiting: list[Check]
    ) -> None:
        if not self.options.cameras:
            waiting.append(skipped(Topic.CAMERA, "camera.not_asked"))
            return
        within_s = self.options.within_s or _time_needed_s(config)
        devices = self._devices(config)
        await Round(
            clock=self.clock,
            decoder=self.decoder,
            devices=devices,
            deadline_ms=began_ms + round(within_s * 1000),
            running=seen.running,
            again=self.options.again,
            on_check=waiting.append,
        ).make(config.cameras)
        if config.data_dir.is_dir() and not seen.running:  # an agent has a book of its own open
            await devices.keep()

    async def _cameras_from_now_on(
        self, looking: "asyncio.Task[None]", waiting: list[Check]
    ) -> None:
        """Tell of cameras as they are looked at, those first that are known already."""
        while True:
            while waiting:
                self.tell(waiting.pop(0))
            if looking.done():
                break
            await self.clock.wait(0.1)
        while waiting:
            self.tell(waiting.pop(0))
        looking.result()


def _problem(error: ConfigError) -> Check:
    return Check(
        topic=Topic.CONFIG,
        grade=Grade.FAILED,
        code="config.problem" if error.key else "config.unusable",
        subject=error.key,
        values={"file": str(error.file), "key": error.key, "why": error.why},
    )


def _grade_config(config: EdgeConfig) -> Iterator[Check]:
    count = len(config.cameras)
    if not count:
        yield warning(Topic.CONFIG, "config.no_cameras", agent=config.agent)
    else:
        yield good(Topic.CONFIG, "config.ok", agent=config.agent, cameras=count)
    if config.centre.password is None:
        yield failed(Topic.CONFIG, "config.no_password")


def _has_literal_password(path: Path) -> bool:
    """Tell whether the file itself seems to hold a password: one that is no ``${NAME}``."""
    for line in path.read_text("utf-8-sig").splitlines():
        key, colon, value = line.partition(":")
        given = value.partition(" #")[0].strip().strip("'\"{")
        if colon and key.strip(" -") in {"password", "token"} and given and "${" not in given:
            return True
        if "://" in line and "@" in line and "${" not in line and ":" in _userinfo(line):
            return True
    return False


def _userinfo(line: str) -> str:
    return line.partition("://")[2].rpartition("@")[0]


def _time_needed_s(config: EdgeConfig) -> float:
    """Cameras of one host are looked at one after the other."""
    hosts: dict[str, int] = {}
    for camera in config.cameras:
        host = camera.watch_url.host.lower()
        hosts[host] = hosts.get(host, 0) + 1
    longest = max(hosts.values(), default=0)
    return max(WITHIN_S, _BEFORE_CAMERAS_S + _PER_CAMERA_S * longest)
