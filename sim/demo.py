"""The whole way, once: a district that runs with one command, and whether it told the truth.

Order: clips, stage, login, gate readers, poller, story. At the end of a timed run the readers
finish what they began, the last watermarks are waited for, and what the server says is fetched and
laid beside the record. Whatever happens, the stage is torn down and an unkept folder removed.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import aiohttp

from sim import words
from sim.backstage import Options, Say, data_folder, prepare_clips
from sim.centre import Centre, CentreError, Login
from sim.clips import ClipCache
from sim.clock import Clock
from sim.director import Director
from sim.faults import expected
from sim.gates import Poster, Reader, Tally
from sim.outcome import Json, Window, outcome
from sim.record import Record
from sim.stage import Stage
from sim.story import CALM_S, chapter
from sim.truth import Piece
from wire.vocabulary import State

POLL_S: Final = 0.4
FIRST_PICTURES_S: Final = 30.0
LAST_DATA_S: Final = 40.0
LAST_ANSWERS_S: Final = 20.0


async def run(options: Options, clock: Clock, say: Say) -> Json | None:
    """Run the demo to its end; return the comparison of a timed run. Raises ``DemoError``."""
    async with data_folder(options) as folder, aiohttp.ClientSession() as http:
        stage = Stage(
            district=options.district,
            folder=folder,
            cache=ClipCache(options.clips),
            http_port=options.http_port,
            language=options.language,
            seed=options.seed,
            history_days=options.history_days,
            clock=clock,
            http=http,
        )
        try:
            return await Demo(options, stage, say).run()
        finally:
            say(words.ENDING[options.language])
            await stage.tear_down()
            if options.keep is not None:
                say(words.KEPT[options.language].format(folder=folder))


class Demo:
    """One run."""

    def __init__(self, options: Options, stage: Stage, say: Say) -> None:
        self._options = options
        self._stage = stage
        self._say = say
        self._clock = stage.clock
        self._record = Record()
        self._tally = Tally()
        self._cameras_of = {
            school.agent: [camera.id for camera in school.cameras]
            for school in options.district.schools
        }

    async def run(self) -> Json | None:
        """Tell the story."""
        self._tell(
            words.STARTING,
            agents=len(self._options.district.schools),
            cameras=len(self._options.district.cameras),
        )
        login = await self._stage.build()
        centre = Centre(self._stage.url, login, self._stage.http)
        self._greet(login)
        polling = asyncio.create_task(self._poll(centre), name="poller")
        posters = self._posters()
        reading: list[asyncio.Task[None]] = []
        try:
            await self._first_pictures()
            reading += [
                asyncio.create_task(p.run(self._stage.http), name="gate reader") for p in posters
            ]
            start = self._clock.now().replace(microsecond=0) + timedelta(seconds=1)
            await self._clock.wait((start - self._clock.now()).total_seconds())
            await self._tell_story()
            window = Window(start=start, end=self._clock.now().replace(microsecond=0))
            await self._finish(posters, reading)
            return await self._compare(centre, window)
        finally:
            for task in (*reading, polling):
                task.cancel()
            await asyncio.gather(*reading, polling, return_exceptions=True)

    async def _tell_story(self) -> None:
        director = Director(self._stage, self._record, self._say)
        length_s, seed = self._options.length_s, self._options.seed
        if length_s is not None:
            script = chapter(self._options.district, seed=seed, length_s=length_s)
            await director.play(script, length_s)
            return
        while True:
            script = chapter(self._options.district, seed=seed)
            await asyncio.to_thread(prepare_clips, self._options, self._say, script)
            await director.play(script, max(happening.ends_s for happening in script))
            for camera in self._stage.fleet.cameras:
                self._stage.fleet.set_fault(camera, None)
            await self._clock.wait(CALM_S)
            seed += 1

    def _tell(self, text: words.Text, **values: object) -> None:
        self._say(text[self._options.language].format(**values))

    def _greet(self, login: Login) -> None:
        self._tell(
            words.READY,
            url=self._stage.url,
            user=login.user,
            password=login.password,
            folder=self._stage.folder,
        )

        if self._options.history_days:
            self._tell(words.PAST, days=self._options.history_days)

    async def _first_pictures(self) -> None:
        """Wait until every camera is shown as up: the story begins with a healthy district."""
        waited, dark = 0.0, set(self._stage.fleet.cameras)
        while dark and waited < FIRST_PICTURES_S:
            await self._clock.wait(POLL_S)
            waited += POLL_S
            page = self._record.page
            dark = {c for c in dark if c not in page or page[c].state is not State.UP}
        if dark:
            self._tell(words.NOT_ALL_UP, cameras=", ".join(sorted(dark)))

    async def _poll(self, centre: Centre) -> None:
        """Look at the page as an impatient reader does, and note when it first tells the truth."""
        while True:
            try:
                page = await centre.page()
            except CentreError:  # the server is being restarted, as the story has it
                await self._clock.wait(POLL_S)
                continue
            now = self._clock.now()
            known = set(self._record.unknown_shown)
            for index in self._record.look(page, self._cameras_of, now):
                self._tell_shown(index, now)
            for index in self._record.unknown_shown.keys() - known:
                self._tell_unknown(index, now)
            await self._clock.wait(POLL_S)

    def _tell_shown(self, index: int, now: datetime) -> None:
        trouble = self._record.troubles[index]
        state, cause = expected(trouble.fault)
        seconds = (now - trouble.began_at).total_seconds()
        shown = words.SHOWN[self._options.language]
        self._say(f"{trouble.camera}: " + shown.format(seconds=seconds, state=state, cause=cause))

    def _tell_unknown(self, index: int, now: datetime) -> None:
        absence = self._record.absences[index]
        school = self._stage.gatehouses[absence.agent].school.name
        seconds = (now - absence.began_at).total_seconds()
        self._tell(words.UNKNOWN_SHOWN, agent=school, seconds=seconds)

    def _posters(self) -> list[Poster]:
        return [
            Poster(
                Reader(url=house.gate_url, token=house.token, gates=house.school.gates),
                name=house.school.id.upper(),
                seed=self._options.seed,
                tally=self._tally,
                clock=self._clock,
            )
            for house in self._stage.gatehouses.values()
            if house.school.gates
        ]

    async def _finish(self, posters: list[Poster], reading: list[asyncio.Task[None]]) -> None:
        """Let the readers get the answers that they wait for."""
        self._tell(words.SETTLING)
        for poster in posters:
            poster.stop()
        if reading:
            await asyncio.wait(reading, timeout=LAST_ANSWERS_S)

    async def _compare(self, centre: Centre, window: Window) -> Json:
        """Fetch what the server concluded, as soon as the last data is in."""
        waited = 0.0
        while True:
            timelines = await self._timelines(centre, window)
            stored = await centre.gate_events(
                window.start - timedelta(minutes=5), self._clock.now() + timedelta(seconds=1)
            )
            known = {key for key, _ in stored}
            if waited >= LAST_DATA_S or (
                known >= self._tally.acknowledged.keys() and self._covered(timelines, window)
            ):
                return outcome(
                    self._options.district,
                    self._record,
                    self._tally,
                    stored=stored,
                    timelines=timelines,
                    window=window,
                )
            await self._clock.wait(1.0)
            waited += 1.0

    async def _timelines(self, centre: Centre, window: Window) -> dict[str, tuple[Piece, ...]]:
        return {
            camera: await centre.timeline(camera, window.start, window.end)
            for camera in self._stage.fleet.cameras
        }

    def _covered(self, timelines: Mapping[str, tuple[Piece, ...]], window: Window) -> bool:
        """Tell whether the last second of the window is known of every camera."""
        last = window.end - timedelta(seconds=1)
        return all(
            any(p.began_at <= last < p.ended_at and p.state is not State.UNKNOWN for p in pieces)
            for pieces in timelines.values()
        )
