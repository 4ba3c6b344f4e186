"""Plays the story on the stage and keeps the record of what was really done, and when."""

from collections.abc import Callable, Sequence

from sim import words
from sim.faults import Fault
from sim.record import Record
from sim.stage import Stage, together
from sim.story import Act, Happening
from sim.truth import Absence, Trouble

Say = Callable[[str], None]


class Director:
    """Carries happenings out; one task each, by the monotonic clock."""

    def __init__(self, stage: Stage, record: Record, say: Say) -> None:
        self._stage = stage
        self._record = record
        self._say = say
        self._names = {
            c.id: f"{s.name}, {c.name}" for s in stage.district.schools for c in s.cameras
        }
        self._names |= {school.agent: school.name for school in stage.district.schools}

    async def play(self, happenings: Sequence[Happening], length_s: float) -> None:
        """Play them all and return when ``length_s`` is over."""
        start = self._stage.clock.seconds()
        acts = [self._play_one(happening, start, length_s) for happening in happenings]
        await together([*acts, self._until(start + length_s)])

    async def _until(self, moment: float) -> None:
        await self._stage.clock.wait(max(0.0, moment - self._stage.clock.seconds()))

    async def _play_one(self, happening: Happening, start: float, length_s: float) -> None:
        await self._until(start + happening.begins_s)
        match happening.act:
            case Act.FAULT:
                assert happening.fault is not None
                lasts = happening.ends_s >= length_s
                await self._fault(happening, happening.fault, start, lasts=lasts)
            case Act.KILL_AGENT:
                await self._kill_agent(happening, start)
            case Act.CUT_AGENT:
                await self._cut_agent(happening, start)
            case Act.KILL_SERVER:
                await self._kill_server(happening, start)

    async def _fault(
        self, happening: Happening, fault: Fault, start: float, *, lasts: bool
    ) -> None:
        stage, camera = self._stage, happening.target
        began_at = stage.clock.now()
        stage.fleet.set_fault(camera, fault)
        index = self._record.begin_trouble(Trouble(camera=camera, fault=fault, began_at=began_at))
        self._tell(camera, words.FAULTS[fault][stage.language])
        await self._until(start + happening.ends_s)
        if not lasts:
            stage.fleet.set_fault(camera, None)
            self._record.end_trouble(index, stage.clock.now())
            self._tell(camera, words.REPAIRED[stage.language])

    async def _kill_agent(self, happening: Happening, start: float) -> None:
        stage, house = self._stage, self._stage.gatehouses[happening.target]
        index = self._record.begin_absence(
            Absence(agent=happening.target, began_at=stage.clock.now())
        )
        await house.agent.kill()
        self._announce(words.AGENT_KILLED, happening.target)
        await self._until(start + happening.ends_s)
        await house.agent.start()
        await stage.wait_healthy(house.agent, house.health_url)
        self._record.end_absence(index, stage.clock.now())
        self._announce(words.AGENT_BACK, happening.target)

    async def _cut_agent(self, happening: Happening, start: float) -> None:
        stage, house = self._stage, self._stage.gatehouses[happening.target]
        index = self._record.begin_absence(
            Absence(agent=happening.target, began_at=stage.clock.now(), alive=True)
        )
        house.line.cut()
        self._announce(words.AGENT_CUT, happening.target)
        await self._until(start + happening.ends_s)
        await house.line.mend()
        self._record.end_absence(index, stage.clock.now())
        self._announce(words.AGENT_MENDED, happening.target)

    async def _kill_server(self, happening: Happening, start: float) -> None:
        stage = self._stage
        self._record.server_kills.append(stage.clock.now())
        await stage.server.kill()
        self._announce(words.SERVER_KILLED, "")
        await self._until(start + happening.ends_s)
        await stage.server.start()
        await stage.wait_healthy(stage.server, f"{stage.url}/health")
        self._announce(words.SERVER_BACK, "")

    def _announce(self, text: words.Text, agent: str) -> None:
        self._say(text[self._stage.language].format(agent=self._names.get(agent, agent)))

    def _tell(self, camera: str, what: str) -> None:
        self._say(f"{self._names[camera]}: {what}")
