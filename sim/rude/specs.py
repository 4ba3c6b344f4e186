"""Rude cameras as cameras of a fleet."""

from sim.camera import CameraSpec
from sim.clips import ClipSpec
from sim.fleet import Fleet
from sim.rude import RUDE


def rude_specs(clip: ClipSpec, *, port_base: int = 0) -> list[CameraSpec]:
    """Return a camera for each kind of rudeness, its name being its id."""
    return [
        CameraSpec(
            id=name,
            clip=clip,
            path=rude.path,
            user=rude.user,
            password=rude.password,
            manner=rude.manner,
            sets_in_band=rude.sets_in_band,
            port=port_base and port_base + number,
        )
        for number, (name, rude) in enumerate(RUDE.items())
    ]


def begin_faults(fleet: Fleet) -> None:
    """Switch on what is wrong with the rude cameras of a running fleet."""
    for camera in fleet.cameras:
        if camera in RUDE and (fault := RUDE[camera].fault) is not None:
            fleet.set_fault(camera, fault)
