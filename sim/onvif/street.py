"""The ONVIF faces of a whole fleet, and one responder that answers for all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from sim.clock import SystemClock
from sim.fleet import CameraSpec, Fleet
from sim.onvif.envelopes import Profile
from sim.onvif.face import Face, FaceSpec
from sim.onvif.quirks import Quirk
from sim.onvif.recorder import Track
from sim.onvif.responder import Responder

KEPT_DAYS = 30


class Street:
    """Faces by camera; a face and its camera's RTSP side share one login."""

    def __init__(
        self,
        fleet: Fleet,
        cameras: Sequence[CameraSpec],
        *,
        host: str,
        discovery_port: int,
        quirks: Iterable[Quirk] = (),
    ) -> None:
        self.faces = {
            camera.id: Face(
                replace(face_of(number, camera, fleet), quirks=frozenset(quirks)),
                host=host,
                login=fleet.login(camera.id),
            )
            for number, camera in enumerate(cameras, start=1)
        }
        self.responder = Responder(
            lambda: tuple(self.faces.values()), host=host, port=discovery_port
        )

    async def start(self) -> None:
        """Listen."""
        for face in self.faces.values():
            await face.start()
        await self.responder.start()

    async def stop(self) -> None:
        """Listen no more."""
        self.responder.stop()
        for face in self.faces.values():
            await face.stop()


def face_of(number: int, camera: CameraSpec, fleet: Fleet) -> FaceSpec:
    """Return the face of the camera of that number: a main stream, a sub-stream, 30 days kept."""
    url, now = fleet.url(camera.id, with_password=False), SystemClock().now()
    clip = camera.clip
    main = Profile(
        token="MainStream",  # noqa: S106 (a profile's name)
        url=url,
        codec=clip.codec.upper(),
        width=clip.width,
        height=clip.height,
        fps=clip.fps,
    )
    sub = Profile(
        token="SubStream",  # noqa: S106 (as above)
        url=f"{url}?sub",
        width=clip.width // 2,
        height=clip.height // 2,
        fps=clip.fps,
    )
    kept = ((now - timedelta(days=KEPT_DAYS), now + timedelta(days=1)),)
    return FaceSpec(
        id=camera.id,
        title=camera.title or camera.id,
        user=camera.user,
        password=camera.password,
        serial=f"SIM20261122AA{number:04d}",
        mac=f"02:00:5e:10:{number >> 8:02x}:{number & 255:02x}",
        endpoint=f"urn:uuid:00000000-0000-4000-8000-{number:012d}",
        profiles=(main, sub),
        tracks=(Track(channel=1, name=camera.title or camera.id, spans=kept),),
    )
