"""A camera with a new address is followed, and nobody else is."""

from dataclasses import replace

import pytest

from edge.config import CameraConfig, OnvifConfig
from edge.onvif.answers import Target
from edge.onvif.follow import LOST_S, PROBE_EVERY_S, Follower, Following, is_it
from edge.onvif.probe import Match
from edge.rtsp.url import CameraUrl
from edge.sighting import Sighting, Verdict
from tests.pure.edge.test_onvif_asker import Clock
from wire.vocabulary import Cause

ENDPOINT = "urn:uuid:00000000-0000-4000-8000-000000000001"
MAC = "4c:bd:8f:11:22:33"
URL = CameraUrl.parse("rtsp://viewer:x@10.0.0.5:554/1")
CAMERA = CameraConfig(
    id="gate",
    name="gate",
    url=URL,
    onvif=OnvifConfig(url="http://10.0.0.5:8000/s", endpoint=ENDPOINT, mac=MAC),
)


class World:
    def __init__(self, *cameras: CameraConfig) -> None:
        self.clock = Clock()
        self.network: list[Match] = []
        self.macs: dict[str, str] = {}
        self.probes = 0
        self.follower = Follower(
            cameras or (CAMERA,), clock=self.clock, probe=self.probe, macs=lambda: self.macs
        )

    async def probe(self) -> tuple[Match, ...]:
        self.probes += 1
        return tuple(self.network)

    def see(self, cause: Cause | None, detail: str | None = None) -> Sighting:
        now = self.clock.ms()
        verdict = Verdict(cause=cause, detail=detail)
        return self.follower.see(Sighting(camera="gate", at_ms=now, began_ms=now, verdict=verdict))

    async def lose(self, seconds: float = LOST_S) -> None:
        """The camera is unreachable for so long, seen each second."""
        for _ in range(round(seconds) + 1):
            self.see(Cause.NETWORK_TIMEOUT)
            await self.follower.run_once()
            self.clock.passed_ms += 1000

    @property
    def host(self) -> str:
        return self.follower.camera_url("gate", URL).host


def at(address: str, *, endpoint: str = ENDPOINT, mac: str | None = None) -> Match:
    return Match(address=address, endpoint=endpoint, mac=mac)


async def test_it_is_followed_after_a_minute_and_the_detail_says_so() -> None:
    world = World()
    world.network = [at("10.0.0.77", endpoint="urn:uuid:other"), at("10.0.0.8", mac=MAC)]
    await world.lose(LOST_S - 2)
    assert (world.probes, world.host) == (0, "10.0.0.5")
    await world.lose(5)
    assert (world.probes, world.host) == (1, "10.0.0.8")
    moved = world.follower.camera_url("gate", URL)
    assert moved == replace(URL, host="10.0.0.8")
    assert (
        world.follower.service_url("gate", "http://10.0.0.5:8000/s?a") == "http://10.0.0.8:8000/s?a"
    )
    assert world.follower.service_url("gate", "http://10.0.0.9/s") == "http://10.0.0.9/s"
    seen = world.see(None).verdict
    assert seen.detail == "at its new address 10.0.0.8, formerly 10.0.0.5"
    assert world.see(Cause.RTSP_AUTH, "401").verdict.detail == f"401; {seen.detail}"


async def test_a_login_that_is_refused_or_a_black_picture_is_no_loss() -> None:
    world = World()
    world.network = [at("10.0.0.8", mac=MAC)]
    for _ in range(300):
        world.see(Cause.RTSP_AUTH)
        world.clock.passed_ms += 1000
        await world.follower.run_once()
    assert world.probes == 0


async def test_a_short_loss_is_none() -> None:
    world = World()
    for _ in range(10):
        await world.lose(LOST_S - 5)
        world.see(None)
    assert world.probes == 0


async def test_the_network_is_asked_every_few_minutes_at_most() -> None:
    world = World()
    await world.lose(3600)
    assert world.probes == pytest.approx((3600 - LOST_S) / PROBE_EVERY_S, abs=1)


async def test_it_is_followed_again_and_home_again() -> None:
    world = World()
    for address in ("10.0.0.8", "10.0.0.9"):
        world.network = [at(address)]
        await world.lose(PROBE_EVERY_S + LOST_S)
        assert world.host == address
    world.network = [at("10.0.0.5")]
    await world.lose(PROBE_EVERY_S + LOST_S)
    assert world.host == "10.0.0.5"
    assert world.see(None).verdict.detail is None


@pytest.mark.parametrize(
    "network",
    [
        [],
        [at("10.0.0.8", endpoint="urn:uuid:other")],
        [at("10.0.0.8", mac="4c:bd:8f:99:99:99")],
        [at("10.0.0.8"), at("10.0.0.9")],
        [at("8.8.8.8")],
        [at("10.0.0.5")],
    ],
)
async def test_never_another_device(network: list[Match]) -> None:
    world = World()
    world.network = network
    await world.lose(LOST_S + 10)
    assert (world.probes, world.host) == (1, "10.0.0.5")


def test_the_mac_that_this_machine_knows_counts() -> None:
    target = Target(endpoint=ENDPOINT, mac=MAC)
    assert is_it(target, at("10.0.0.8"), {"10.0.0.8": MAC})
    assert not is_it(target, at("10.0.0.8", mac=MAC), {"10.0.0.8": "4c:bd:8f:99:99:99"})
    assert is_it(Target(mac=MAC), at("10.0.0.8", endpoint=""), {"10.0.0.8": MAC})


async def test_two_cameras_that_changed_places_are_told_apart() -> None:
    other = replace(
        CAMERA,
        id="yard",
        url=replace(URL, host="10.0.0.6"),
        onvif=OnvifConfig(url="http://10.0.0.6/s", mac="4c:bd:8f:11:22:44"),
    )
    world = World(CAMERA, other)
    world.macs = {"10.0.0.5": "4c:bd:8f:11:22:44", "10.0.0.6": MAC}
    world.network = [at("10.0.0.5", endpoint="urn:uuid:b"), at("10.0.0.6")]
    await world.follower.run_once()
    assert world.host == "10.0.0.6"
    assert world.follower.camera_url("yard", other.url).host == "10.0.0.5"


async def test_a_new_camera_in_an_old_one_s_place_is_watched_as_before() -> None:
    world = World()
    world.macs = {"10.0.0.5": "4c:bd:8f:99:99:99"}
    world.network = [at("10.0.0.5", endpoint="urn:uuid:new")]
    for _ in range(4 * 3600 // 15):
        world.clock.passed_ms += 15_000
        await world.follower.run_once()
    assert (world.host, world.see(None).verdict.detail) == ("10.0.0.5", None)
    assert world.probes == 4 * 12


async def test_a_camera_of_which_nothing_is_known_is_not_looked_for() -> None:
    world = World(replace(CAMERA, onvif=None))
    await world.lose(600)
    assert world.probes == 0


async def test_an_opener_goes_where_the_camera_is() -> None:
    world, opened = World(), []

    class Opener:
        async def open(self, url: CameraUrl, *args: object) -> str:
            opened.append((url.host, args))
            return "feed"

    opener = Following(Opener(), world.follower, "gate")
    world.network = [at("10.0.0.8")]
    await opener.open(URL, 1)
    await world.lose(LOST_S + 5)
    assert await opener.open(URL, 2) == "feed"
    assert opened == [("10.0.0.5", (1,)), ("10.0.0.8", (2,))]
    assert world.follower.camera_url("gate", replace(URL, host="nvr")) == replace(URL, host="nvr")
