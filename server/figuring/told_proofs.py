"""Makes of proofs and repairs what programs read: see ``told_types``. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from server.domain.evidence import Proof, worst_first
from server.domain.period import CameraPeriod, ZonePeriod
from server.figuring.proving import Repair
from server.figuring.told import met_told, uptime_told
from server.figuring.told_types import ProofsTold, ProofTold, RepairTold, SaidTold, SideTold

MOST_PROOFS: Final = 1000


def proofs_told(school: str, first: date, last: date, found: Sequence[Proof]) -> ProofsTold:
    """Return what a school's figures rest on."""
    return ProofsTold(
        school=school,
        first=first,
        last=last,
        count=len(found),
        proofs=tuple(_proof(proof) for proof in worst_first(found)[:MOST_PROOFS]),
    )


def repair_told(camera: str, found: Repair) -> RepairTold:
    """Return what a repair has brought."""
    return RepairTold(
        camera=camera, day=found.day, before=_side(found.before), after=_side(found.after)
    )


def _side(found: tuple[ZonePeriod, CameraPeriod] | None) -> SideTold | None:
    if found is None:
        return None
    zone, camera = found
    return SideTold(
        zone=zone.zone.id,
        place=None if zone.seconds is None else met_told(zone.seconds),
        camera=uptime_told(camera.uptime),
    )


def _proof(proof: Proof) -> ProofTold:
    return ProofTold(
        zone=proof.zone,
        need=proof.need,
        start=proof.span.interval.start,
        end=proof.span.interval.end,
        met=proof.span.met,
        certain=proof.span.certain,
        possible=proof.span.possible,
        said=tuple(
            SaidTold(
                camera=camera,
                start=span.interval.start,
                end=span.interval.end,
                state=span.state,
                cause=span.cause,
            )
            for camera, timeline in proof.failing.items()
            for span in timeline
        ),
    )
